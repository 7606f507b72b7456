"""A rule about who may write to a workspace's own storage: what is written there runs as the workspace."""

from collections.abc import Iterator

from pulumi_policy import Severity

from rules.access import ROLE_ASSIGNMENT, role_of
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable
from rules.joins import WORKSPACE
from rules.profiles import refused
from rules.props import Unknown
from rules.rule import MANDATORY, PROFILES, InStack, Rule, Setting, Settings, everywhere
from rules.stack import Resource, Stack

_WRITERS = (
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",  # Storage Blob Data Contributor
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",  # Storage Blob Data Owner
)
_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
_TRUST = "azure-native:managedidentity:FederatedIdentityCredential"
_ML = "azure-native:machinelearningservices"
_USES = {
    "workspace": (WORKSPACE,),
    "compute": (f"{_ML}:Compute",),
    "events": ("azure-native:eventgrid:SystemTopic",),
    "endpoint": (f"{_ML}:OnlineEndpoint", f"{_ML}:BatchEndpoint", f"{_ML}:ServerlessEndpoint"),
}
_REASON = {"type": "string", "minLength": 10}
_REASONS = {
    "workspace": "keeps uploads and outputs there",
    "compute": "jobs read data and write outputs",
    "endpoint": "the collector files what was asked",
    "events": "puts aside events that nobody took",
    "controller": "reads what was collected, and files what it learned",
    "ci": "uploads code and models that were reviewed",
}


def _writes_as_a_program(grant: Resource, stack: Stack, settings: Settings) -> Finding:
    role = role_of(grant.props)
    if isinstance(role, Unknown):
        return CannotTell("roleDefinitionId")
    if role not in _WRITERS:
        return NotApplicable("the role writes no blobs")
    if (covered := _covers(grant, stack)) is False:
        return NotApplicable("it is about no workspace's own storage")
    allowed, principals = settings["exceptions"], settings["principals"]
    kinds = tuple(_kinds(grant, stack))
    known = grant.props.text("principalId")
    if any(kind in allowed for kind in kinds) or (isinstance(known, str) and known in principals):
        return PASS
    unknown = (
        "scope" if isinstance(covered, Unknown) else "" if kinds or not isinstance(known, Unknown) else "principalId"
    )
    if unknown:
        return CannotTell(unknown)
    return Fail("Let nobody but the identities of workspace, computes and endpoints write there, or give a reason.")


def _covers(grant: Resource, stack: Stack) -> bool | Unknown:
    """Tell whether the scope is, is in, or is around the storage account that a workspace of the stack names."""
    scope, unknown = grant.props.enum("scope"), False
    for workspace in stack.of(WORKSPACE):
        account = workspace.props.enum("storageAccount")
        if set(grant.wired.get("scope", ())) & set(workspace.wired.get("storageAccount", ())):
            return True
        if isinstance(scope, str) and isinstance(account, str):
            if f"{account}/".startswith(f"{scope}/") or f"{scope}/".startswith(f"{account}/"):
                return True
        elif isinstance(scope, str) and "/providers/" not in scope:
            return True  # a group or a subscription, in which the account may well be
        elif isinstance(scope, Unknown) and not grant.wired.get("scope"):
            unknown = True
    return Unknown() if unknown else False


def _kinds(grant: Resource, stack: Stack) -> Iterator[str]:
    """Tell what the principal is to the stack; nothing where that cannot be seen."""
    if grant.props.enum("principalType") in ("user", "group"):
        yield "people"
        return
    sources = set(grant.wired.get("principalId", ()))
    for kind, types in _USES.items():
        users = stack.of(*types)
        if any(one.urn in sources or sources & set(one.wired.get("identity", ())) for one in users):
            yield kind
    identities = {one.urn for one in stack.of(_IDENTITY)} & sources
    trusted = any(identities & set(one.wired.get("resourceName", ())) for one in stack.of(_TRUST))
    if identities:
        yield "ci" if trusted else "controller"


RULES = (
    Rule(
        id="R05",
        name="no-human-write-on-workspace-storage",
        applies_to=(ROLE_ASSIGNMENT,),
        levels=refused(dev=MANDATORY),
        severity=Severity.HIGH,
        why="Code in a workspace's storage runs as the workspace, so whoever may write there is the workspace.",
        fix=(
            "Let nobody but the identities of workspace, computes and endpoints write there, or give a reason in "
            "this rule's exceptions."
        ),
        check=InStack(_writes_as_a_program),
        settings={
            "exceptions": Setting(
                meaning="who may write there, and why: identities by what uses them, and people",
                schema={
                    "type": "object",
                    "properties": dict.fromkeys((*_REASONS, "people"), _REASON),
                    "additionalProperties": False,
                },
                defaults=everywhere(_REASONS) | {"dev": _REASONS | {"people": "try things with code and data"}},
            ),
            "principals": Setting(
                meaning="object ids of programs of other stacks that may write there, and why",
                schema={"type": "object", "additionalProperties": _REASON},
                defaults={profile: {} for profile in PROFILES},
            ),
        },
    ),
)
