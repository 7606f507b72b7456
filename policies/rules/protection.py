"""Rules about keeping things apart and alive: prod shares nothing with the rest, and is not deleted by mistake."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable
from rules.joins import WORKSPACE, in_one_group, lies_in, refers
from rules.lists import matches, names, same
from rules.profiles import advised, refused, where_people_rely_on_it
from rules.props import ABSENT, UNKNOWN, Absent, Props, Unknown, WrongTypeError
from rules.rule import ANY, InStack, OfType, Rule, Settings
from rules.stack import Resource, Stack

_REGISTRY = "azure-native:machinelearningservices:Registry"
_STORAGE = "azure-native:storage:StorageAccount"
_VAULT = "azure-native:keyvault:Vault"
_LOCKS = (
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:authorization:ManagementLockAtResourceLevel",
    "azure-native:authorization:ManagementLockAtResourceGroupLevel",
)
_UNREADABLE = object()
_SHARED = ("resourceGroupName", "storageAccount", "keyVault")
_PREVIEW = re.compile(r"\d(?:-?preview|-?beta|-?alpha)|(?:-preview|_v\d+preview)$", re.IGNORECASE)


def _stands_apart(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    standing = stack.once(_standing)
    if _is_project(workspace) or all(one.urn == workspace.urn for one in standing):
        return NotApplicable("there is no other workspace to stand apart from")
    others = [one for one in _that_may_share(workspace, stack) if one.urn != workspace.urn]
    findings = [_apart(workspace, one, settings) for one in others]
    failed = next((one for one in findings if isinstance(one, Fail)), None)
    return failed or next((one for one in findings if isinstance(one, CannotTell)), PASS)


def _standing(stack: Stack) -> tuple[Resource, ...]:
    return tuple(one for one in stack.of(WORKSPACE) if not _is_project(one))


def _that_may_share(workspace: Resource, stack: Stack) -> Iterator[Resource]:
    """Pick the workspaces that may share anything: all others stand apart."""
    standing, found = stack.once(_standing), set[int]()
    for path in _SHARED:
        said, mine = stack.once(_said, path), _told(workspace, path)
        if mine in (_UNREADABLE, UNKNOWN):
            return iter(standing)
        found.update(*(said.get(key, ()) for key in {mine, _UNREADABLE, UNKNOWN} - {ABSENT}))
    return (standing[number] for number in sorted(found))


def _said(stack: Stack, path: str) -> Mapping[object, Sequence[int]]:
    """Tell where each value stands among the workspaces."""
    found: dict[object, list[int]] = {}
    for number, one in enumerate(stack.once(_standing)):
        found.setdefault(_told(one, path), []).append(number)
    return found


def _told(workspace: Resource, path: str) -> object:
    try:
        told = workspace.props.enum(path)
    except WrongTypeError:
        return _UNREADABLE
    return told.strip("/") if isinstance(told, str) else told


def _is_project(workspace: Resource) -> bool:
    return workspace.props.enum("kind") == "project"


def _apart(one: Resource, other: Resource, settings: Settings) -> Finding:
    shares = [_share(one, other, path) for path in _SHARED]
    if not any(shared is True or isinstance(shared, Unknown) for shared in shares):
        return PASS
    kinds = [_is_prod(each, settings) for each in (one, other)]
    if any(isinstance(kind, Unknown) for kind in kinds):
        return CannotTell(f"tags.{settings['tag']}")
    if kinds[0] == kinds[1]:
        return PASS
    shared = [path for path, answer in zip(_SHARED, shares, strict=True) if answer is True]
    if shared:
        return Fail(f"Give each environment its own: {', '.join(shared)}.")
    unknown = next(path for path, answer in zip(_SHARED, shares, strict=True) if isinstance(answer, Unknown))
    return CannotTell(unknown)


def _share(one: Resource, other: Resource, path: str) -> bool | Unknown:
    mine, others = one.props.enum(path), other.props.enum(path)
    if isinstance(mine, str) and isinstance(others, str):
        return mine.strip("/") == others.strip("/")
    if isinstance(mine, Absent) or isinstance(others, Absent):
        return False
    wired = set(one.wired.get(path, ())), set(other.wired.get(path, ()))
    return bool(wired[0] & wired[1]) if all(wired) else Unknown()


def _is_prod(workspace: Resource, settings: Settings) -> bool | Unknown:
    tags = workspace.props.at("tags")
    if isinstance(tags, Unknown):
        return tags
    said = workspace.props.text(f"tags.{settings['tag']}")
    return said if isinstance(said, Unknown) else isinstance(said, str) and matches(said, settings["production"])


def _is_protected(resource: Resource, stack: Stack, _settings: Settings) -> Finding:
    if resource.protect:
        return PASS
    findings = [_locks(lock, resource) for lock in stack.of(*_LOCKS)]
    if PASS in findings:
        return PASS
    fix = "Set the resource option protect, or lock it: authorization:ManagementLockByScope with level CanNotDelete."
    return next((one for one in findings if isinstance(one, CannotTell)), Fail(fix))


def _locks(lock: Resource, resource: Resource) -> Finding:
    match lock.props.enum("level"):
        case Unknown():
            return CannotTell("level")
        case "cannotdelete" | "readonly":
            covers = _covers(lock, resource)
        case _:
            return Fail("no lock")
    if isinstance(covers, Unknown):
        return CannotTell("scope")
    return PASS if covers else Fail("it locks something else")


def _covers(lock: Resource, resource: Resource) -> bool | Unknown:
    if lock.type.endswith("ByScope"):
        return _either(refers(lock, "scope", resource), lies_in(resource, lock, "scope"))
    if lock.type.endswith("AtResourceLevel"):
        return refers(lock, "resourceName", resource)
    mine, its = lock.props.enum("resourceGroupName"), resource.props.enum("resourceGroupName")
    if isinstance(mine, Unknown) or isinstance(its, Unknown):
        return in_one_group(lock, "resourceGroupName", resource)
    return isinstance(mine, str) and mine == its


def _either(*answers: bool | Unknown) -> bool | Unknown:
    if any(answer is True for answer in answers):
        return True
    return Unknown() if any(isinstance(answer, Unknown) for answer in answers) else False


def _is_no_preview(resource_type: str, props: Props, _settings: Settings) -> Finding:
    fix = "Use a stable API version: a preview's may change or end without notice."
    if _PREVIEW.search(resource_type.rsplit(":", 1)[0]):
        return Fail(fix)
    # `resources:Resource` is whatever its own apiVersion says.
    match props.text("apiVersion") if resource_type.endswith(":resources:Resource") else Absent():
        case Unknown():
            return CannotTell("apiVersion")
        case str() as version if _PREVIEW.search(version):
            return Fail(fix)
    return PASS


_PRODUCTION: Sequence[str] = ("prod", "production", "regulated", "private")

RULES = (
    Rule(
        id="W17",
        name="workspace-environment-separation",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="What prod shares with the rest can be broken, read and deleted from there.",
        fix="Give the workspaces of prod a resource group, a storage account and a key vault of their own.",
        check=InStack(_stands_apart),
        settings={
            "tag": same("the tag that says which environment a workspace is of", {"type": "string"}, "environment"),
            "production": names("environments that people rely on", _PRODUCTION),
        },
        maps={"waf": ("RE",)},
    ),
    Rule(
        id="W18",
        name="prod-delete-protection",
        applies_to=(WORKSPACE, _REGISTRY, _STORAGE, _VAULT),
        levels=where_people_rely_on_it(),
        severity=Severity.HIGH,
        why="One mistaken destroy must not take models, data and keys along.",
        check=InStack(_is_protected),
        maps={"azpolicy": ("78460a36",)},
    ),
    Rule(
        id="W19",
        name="no-preview-api-version",
        applies_to=(ANY,),
        levels=advised(),
        severity=Severity.LOW,
        why="A preview of Azure's interface may change or end without notice.",
        fix=(
            "Use a stable API version: machinelearningservices.Workspace instead of "
            "machinelearningservices.v20250101preview.Workspace."
        ),
        check=OfType(_is_no_preview),
        maps={"pulumi": ("disallowPreviewResource",)},
    ),
)
