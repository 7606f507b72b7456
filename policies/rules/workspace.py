"""Rules about Azure ML workspaces: who reaches them, what they reach, and as whom."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.joins import WORKSPACE, refers
from rules.lists import matches, names, same
from rules.profiles import advised, refused, repaired, where_people_rely_on_it
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, MANDATORY, InStack, Rule, Settings
from rules.stack import Resource, Stack

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


def _is_encrypted_with_our_key(props: Props, _settings: Settings) -> Finding:
    if props.enum("kind") == "project":
        return NotApplicable("a project has its hub's")
    key = "encryption.keyVaultProperties.keyIdentifier"
    match props.text(key):
        case Unknown():
            named: Finding = CannotTell(key)
        case Absent() | "":
            named = Fail(f"Set {key} to a key of a vault of yours.")
        case _:
            named = PASS
    on = expect(props.enum("encryption.status"), "enabled", "encryption.status", "Set encryption.status to 'Enabled'.")
    return worst(on, named)


def _is_of_high_impact_where_confidential(props: Props, settings: Settings) -> Finding:
    if props.enum("kind") == "project":
        return NotApplicable("a project has its hub's")
    if isinstance(props.at("tags"), Unknown):
        return CannotTell("tags")
    path = f"tags.{settings['tag']}"
    match props.text(path):
        case Unknown():
            return CannotTell(path)
        case str() as said if matches(said, settings["classes"]):
            fix = "Set hbiWorkspace to true; a workspace that is there has to be made anew."
            return expect(props.flag("hbiWorkspace"), wanted=True, path="hbiWorkspace", fix=fix)
    return NotApplicable("its data is not confidential")


def _is_of_todays_interface(props: Props, _settings: Settings) -> Finding:
    match props.flag("v1LegacyMode"):
        case Unknown():
            return CannotTell("v1LegacyMode")
        case True:
            return Fail("Set v1LegacyMode to false: nothing of today's interface works in it.")
    return PASS


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
    about = [(one, refers(one, "resourceUri", workspace)) for one in stack.of(_DIAGNOSTIC_SETTING)]
    findings: list[Finding] = [_logs(one) for one, answer in about if answer is True]
    if PASS in findings:
        return PASS
    if any(isinstance(answer, Unknown) for _, answer in about):
        findings.append(CannotTell("resourceUri"))
    unknown = next((one for one in findings if isinstance(one, CannotTell)), None)
    return unknown or Fail(fix)


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
            "alz": ("Deny-MachineLearning-PublicAccessWhenBehindVnet",),
            "mcsb": ("NS-2",),
        },
    ),
    Rule(
        id="W09",
        name="workspace-cmk",
        applies_to=(WORKSPACE,),
        levels=where_people_rely_on_it(ADVISORY) | {"regulated": MANDATORY},
        severity=Severity.MEDIUM,
        why="Whoever holds the key can take it away: with Azure's key that is not us.",
        check=_is_encrypted_with_our_key,
        maps={"azpolicy": ("ba769a63", "7f40cee6"), "mcsb": ("DP-5",)},
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
        id="W12",
        name="workspace-hbi-when-confidential",
        applies_to=(WORKSPACE,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="Otherwise Microsoft collects diagnostics of what is confidential.",
        fix=(
            "Set hbiWorkspace to true where the tag of this rule says that the data is confidential; a workspace "
            "that is there has to be made anew."
        ),
        check=_is_of_high_impact_where_confidential,
        settings={
            "tag": same("the tag that says how sensitive the data is", {"type": "string"}, "data-classification"),
            "classes": names("classes of data that this is about", ("confidential", "restricted")),
        },
        maps={
            "alz": ("Deny-MachineLearning-HbiWorkspace",),
            "checkov": ("CKV2_AZURE_50",),
            "cloudsploit": ("workspace-hbi",),
        },
    ),
    Rule(
        id="W13",
        name="workspace-no-v1-legacy",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.LOW,
        why="The first interface knows neither these rules' endpoints nor their identities.",
        fix="Set v1LegacyMode to false, or leave it out.",
        check=_is_of_todays_interface,
        maps={"azpolicy-opposite": ("e413671a",)},
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
            "cloudsploit": ("workspace-logging",),
        },
    ),
)
