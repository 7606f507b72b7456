"""Rules about private endpoints: what is closed to the internet can still be reached, from inside."""

from collections.abc import Iterator

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.joins import WORKSPACE
from rules.profiles import unless_disposable
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, MANDATORY, InStack, Rule, Setting, Settings, everywhere
from rules.stack import Resource, Stack

PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
_CONNECTIONS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
_PARTS = {"storageAccount": ("blob", "file"), "keyVault": ("vault",), "containerRegistry": ("registry",)}


def _has_private_ways(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    match workspace.props.enum("publicNetworkAccess"):
        case Unknown():
            return CannotTell("publicNetworkAccess")
        case "disabled":
            pass
        case _:
            return NotApplicable("the workspace answers to the internet")
    if settings["elsewhere"]:
        return PASS
    needed = [(key, part) for key, parts in _PARTS.items() if _says(workspace, key) for part in parts]
    return worst(PASS, *(_reached(workspace, key, part, stack) for key, part in needed))


def _says(workspace: Resource, key: str) -> bool:
    return not isinstance(workspace.props.text(key), Absent) or bool(workspace.wired.get(key))


def _reached(workspace: Resource, key: str, part: str, stack: Stack) -> Finding:
    """Look for a private endpoint that leads to the same place as the workspace's own reference."""
    unknown: Finding | None = None
    for endpoint, connection, wired in _connections(stack):
        same = _same(workspace.props.text(key), workspace.wired.get(key, ()), connection, wired)
        groups = connection.texts("groupIds") if isinstance(connection, Props) else connection
        known = isinstance(groups, tuple) and part in [one.lower() for one in groups if isinstance(one, str)]
        if same is True and known:
            return PASS
        maybe = isinstance(groups, Unknown) or (isinstance(groups, tuple) and Unknown() in groups)
        if (isinstance(same, Unknown) and (known or maybe)) or (same is True and maybe):
            unknown = CannotTell(f"{endpoint.urn.rsplit('::', 1)[-1]}: {_CONNECTIONS[0]}")
    return unknown or Fail(f"Add a network:PrivateEndpoint to the workspace's {key}, with groupIds ['{part}'].")


def _connections(stack: Stack) -> Iterator[tuple[Resource, Props | Unknown, tuple[str, ...]]]:
    for endpoint in stack.of(PRIVATE_ENDPOINT):
        for key in _CONNECTIONS:
            found = endpoint.props.items(key)
            if isinstance(found, Absent):
                continue
            for one in (found,) if isinstance(found, Unknown) else found:
                yield endpoint, one, endpoint.wired.get(key, ())


def _same(
    wanted: str | Absent | Unknown, wanted_from: tuple[str, ...], connection: Props | Unknown, wired: tuple[str, ...]
) -> bool | Unknown:
    if set(wanted_from) & set(wired):
        return True
    found = connection.text("privateLinkServiceId") if isinstance(connection, Props) else connection
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted.strip("/").lower() == found.strip("/").lower()
    # An id that is not known yet, and that comes from other resources, is theirs.
    return False if (isinstance(found, Unknown) and wired) or isinstance(found, Absent) else Unknown()


RULES = (
    Rule(
        id="S12",
        name="dependencies-private-endpoints",
        applies_to=(WORKSPACE,),
        levels=unless_disposable(MANDATORY, dev=ADVISORY),
        severity=Severity.HIGH,
        why="A workspace that is closed, and whose storage is reached over the internet, is not closed.",
        fix="Add a network:PrivateEndpoint for each part of the workspace's storage, vault and registry that it needs.",
        check=InStack(_has_private_ways),
        settings={
            "elsewhere": Setting(
                meaning="whether another stack, such as a hub's, makes the private endpoints",
                schema={"type": "boolean"},
                defaults=everywhere(value=False),
            )
        },
        maps={
            "azpolicy": ("6edd7eda", "a6abeaec", "e8eef0a8"),
            "checkov": ("CKV2_AZURE_32", "CKV2_AZURE_33"),
            "mcsb": ("NS-2",),
        },
    ),
)
