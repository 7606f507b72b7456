"""Rules about Azure ML workspaces: who reaches them, what they reach, and as whom."""

from pulumi_policy import Severity

from rules.profiles import refused, repaired
from rules.props import Absent, Props, Unknown
from rules.rule import (
    ADVISORY,
    MANDATORY,
    PASS,
    CannotTell,
    Fail,
    Finding,
    InStack,
    Resource,
    Rule,
    Settings,
    Stack,
    expect,
    worst,
)

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_DIAGNOSTIC_SETTING = "azure-native:monitor:DiagnosticSetting"


def _is_private(props: Props, _settings: Settings) -> Finding:
    closed = expect(
        props.enum("publicNetworkAccess"), "disabled", "publicNetworkAccess", "Set publicNetworkAccess to 'Disabled'."
    )
    match props.flag("allowPublicAccessWhenBehindVnet"):
        case Unknown():
            behind: Finding = CannotTell("allowPublicAccessWhenBehindVnet")
        case True:
            behind = Fail("Set allowPublicAccessWhenBehindVnet to false: it opens a private workspace again.")
        case _:
            behind = PASS
    return worst(closed, behind)


def _reaches_only_what_is_approved(props: Props, _settings: Settings) -> Finding:
    path = "managedNetwork.isolationMode"
    return expect(props.enum(path), "allowonlyapprovedoutbound", path, f"Set {path} to 'AllowOnlyApprovedOutbound'.")


def _has_its_own_identity(props: Props, _settings: Settings) -> Finding:
    fix = "Set identity.type to 'UserAssigned' and primaryUserAssignedIdentity to that identity's id."
    match props.enum("identity.type"):
        case Unknown():
            kind: Finding = CannotTell("identity.type")
        case Absent():
            kind = Fail(fix)
        case word:
            kind = PASS if "userassigned" in word.replace(" ", "").split(",") else Fail(fix)
    match props.text("primaryUserAssignedIdentity"):
        case Unknown():
            primary: Finding = CannotTell("primaryUserAssignedIdentity")
        case Absent() | "":
            primary = Fail(fix)
        case _:
            primary = PASS
    return worst(kind, primary)


def _reaches_its_storage_by_identity(props: Props, _settings: Settings) -> Finding:
    path = "systemDatastoresAuthMode"
    return expect(props.enum(path), "identity", path, f"Set {path} to 'Identity'.")


def _is_logged(workspace: Resource, stack: Stack, _settings: Settings) -> Finding:
    fix = "Add a monitor:DiagnosticSetting with this workspace as resourceUri, a workspaceId and logs that are enabled."
    findings = [_logs(one) for one in stack.of(_DIAGNOSTIC_SETTING) if _is_about(one, workspace)]
    if PASS in findings:
        return PASS
    unknown = next((one for one in findings if isinstance(one, CannotTell)), None)
    return unknown or Fail(fix)


def _is_about(setting: Resource, workspace: Resource) -> bool:
    uri = setting.props.text("resourceUri")
    if isinstance(uri, str):
        name = workspace.props.text("name")
        return isinstance(name, str) and uri.lower().endswith(f"/workspaces/{name.lower()}")
    return workspace.urn in setting.wired.get("resourceUri", ())


def _logs(setting: Resource) -> Finding:
    logs = setting.props.items("logs")
    if isinstance(logs, Unknown):
        return CannotTell("logs")
    states = [] if isinstance(logs, Absent) else [_enabled(one) for one in logs]
    if PASS not in states:
        return next((one for one in states if isinstance(one, CannotTell)), Fail("no log is enabled"))
    match setting.props.text("workspaceId"):
        case Absent():
            return Fail("no workspaceId")
        case Unknown() if not setting.wired.get("workspaceId"):
            return CannotTell("workspaceId")
    return PASS  # an id that is wired to a resource is set, even before it is known


def _enabled(log: Props | Unknown) -> Finding:
    if isinstance(log, Unknown):
        return CannotTell("logs")
    return expect(log.flag("enabled"), wanted=True, path="logs.enabled", fix="disabled")


RULES = (
    Rule(
        id="W01",
        name="workspace-public-access-disabled",
        applies_to=(WORKSPACE,),
        levels=repaired(dev=ADVISORY),
        severity=Severity.HIGH,
        why="Training data must not be reachable from the internet.",
        check=_is_private,
        repair=lambda _settings: {"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": False},
        maps={
            "azpolicy": ("438c38d2", "a10ee784"),
            "checkov": ("CKV_AZURE_144", "CKV2_AZURE_49"),
            "psrule": ("AZR-000406",),
            "mcsb": ("NS-2",),
        },
    ),
    Rule(
        id="W03",
        name="workspace-approved-outbound-only",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Code that runs on data must not be able to send it anywhere.",
        check=_reaches_only_what_is_approved,
        maps={"azpolicy": ("6ddb1705",), "waf": ("SE",)},
    ),
    Rule(
        id="W10",
        name="workspace-user-assigned-identity",
        applies_to=(WORKSPACE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="A system identity is granted rights that nobody wrote down, and leaves them behind.",
        check=_has_its_own_identity,
        maps={
            "azpolicy": ("5f0c7d88",),
            "psrule": ("AZR-000407",),
            "mcsb": ("IM-3",),
        },
    ),
    Rule(
        id="W11",
        name="workspace-identity-datastore-auth",
        applies_to=(WORKSPACE,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="A datastore with a key hands that key to every reader of the workspace.",
        check=_reaches_its_storage_by_identity,
        repair=lambda _settings: {"systemDatastoresAuthMode": "Identity"},
    ),
    Rule(
        id="W14",
        name="workspace-diagnostics",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="What happened in a workspace without logs cannot be found out afterwards.",
        check=InStack(_is_logged),
        maps={
            "azpolicy": (
                "afe0c3be",
                "f59276f0",
                "90c90eda",
            ),
            "mcsb": ("LT-3",),
        },
    ),
)
