"""Cases of the rules about workspaces."""

from typing import Any

from tests.policies.case import (
    UNKNOWN_FLAG,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    UNKNOWN_TEXT,
    Case,
    Other,
    Outcome,
    urn,
)

WORKSPACE = "azure-native:machinelearningservices:Workspace"
OTHER_KIND = "azure-native:machinelearningservices:Registry"
_LOGS = "azure-native:operationalinsights:Workspace"
SETTING = "azure-native:monitor:DiagnosticSetting"
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"


def _case(rule: str, said: str, props: dict[str, Any], outcome: Outcome, resource_type: str = WORKSPACE) -> Case:
    return Case(rule=rule, said=said, type=resource_type, props=props, outcome=outcome)


def _logged(said: str, setting: dict[str, Any], outcome: Outcome, **wired: tuple[str, ...]) -> Case:
    other = Other(type=SETTING, name="setting", props=setting, wired=wired)
    beside = (Other(type=_LOGS, name="logs", props={}), other)
    return Case(rule="W14", said=said, type=WORKSPACE, props={"name": "mlw"}, outcome=outcome, beside=beside)


_ON = [{"categoryGroup": "allLogs", "enabled": True}]
_OFF = [{"categoryGroup": "allLogs", "enabled": False}]
_OURS = (urn(WORKSPACE, "it"),)

CASES = (
    _case("W01", "closed", {"publicNetworkAccess": "Disabled"}, "pass"),
    _case("W01", "closed, in another case", {"publicNetworkAccess": "disabled"}, "pass"),
    _case("W01", "open", {"publicNetworkAccess": "Enabled"}, "fail"),
    _case("W01", "unset", {}, "fail"),
    _case("W01", "null", {"publicNetworkAccess": None}, "fail"),
    _case(
        "W01",
        "closed, with a null",
        {"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": None},
        "pass",
    ),
    _case("W01", "unknown", {"publicNetworkAccess": UNKNOWN_TEXT}, "cannot tell"),
    _case("W01", "a registry", {"publicNetworkAccess": "Enabled"}, "not applicable", OTHER_KIND),
    _case(
        "W01",
        "closed, and opened behind its network",
        {"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": True},
        "fail",
    ),
    _case(
        "W01",
        "unknown beside a certain failure",
        {"publicNetworkAccess": "Enabled", "allowPublicAccessWhenBehindVnet": UNKNOWN_FLAG},
        "fail",
    ),
    _case(
        "W01",
        "open, by a dated API",
        {"publicNetworkAccess": "Enabled"},
        "fail",
        "azure-native:machinelearningservices/v20240401preview:Workspace",
    ),
    _case(
        "W01",
        "open, by a local package",
        {"publicNetworkAccess": "Enabled"},
        "fail",
        "azure-native_machinelearningservices_v20240401:machinelearningservices:Workspace",
    ),
    _case("W01", "of a type nobody can read", {"publicNetworkAccess": {"a": 1}}, "fail"),
    _case("W03", "approved", {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}}, "pass"),
    _case("W03", "all the internet", {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}, "fail"),
    _case("W03", "off", {"managedNetwork": {"isolationMode": "Disabled"}}, "fail"),
    _case("W03", "unset", {}, "fail"),
    _case("W03", "unset mode", {"managedNetwork": {}}, "fail"),
    _case("W03", "unknown", {"managedNetwork": {"isolationMode": UNKNOWN_TEXT}}, "cannot tell"),
    _case("W03", "unknown network", {"managedNetwork": UNKNOWN_OBJECT}, "cannot tell"),
    _case("W03", "a registry", {}, "not applicable", OTHER_KIND),
    _case("W10", "its own", {"identity": {"type": "UserAssigned"}, "primaryUserAssignedIdentity": "/id"}, "pass"),
    _case(
        "W10",
        "both kinds",
        {"identity": {"type": "SystemAssigned, UserAssigned"}, "primaryUserAssignedIdentity": "/id"},
        "pass",
    ),
    _case("W10", "the system's", {"identity": {"type": "SystemAssigned"}}, "fail"),
    _case("W10", "its own, not primary", {"identity": {"type": "UserAssigned"}}, "fail"),
    _case("W10", "unset", {}, "fail"),
    _case(
        "W10",
        "unknown primary",
        {"identity": {"type": "UserAssigned"}, "primaryUserAssignedIdentity": UNKNOWN_TEXT},
        "cannot tell",
    ),
    _case(
        "W10",
        "unknown beside a certain failure",
        {"identity": {"type": "SystemAssigned"}, "primaryUserAssignedIdentity": UNKNOWN_TEXT},
        "fail",
    ),
    _case("W10", "a registry", {}, "not applicable", OTHER_KIND),
    _case("W11", "by identity", {"systemDatastoresAuthMode": "Identity"}, "pass"),
    _case("W11", "by key", {"systemDatastoresAuthMode": "AccessKey"}, "fail"),
    _case("W11", "unset", {}, "fail"),
    _case("W11", "unknown", {"systemDatastoresAuthMode": UNKNOWN_TEXT}, "cannot tell"),
    _case("W11", "a registry", {}, "not applicable", OTHER_KIND),
    _logged("logged", {"resourceUri": ID, "workspaceId": "/logs", "logs": _ON}, "pass"),
    _logged("logged, in another case", {"resourceUri": ID.upper(), "workspaceId": "/logs", "logs": _ON}, "pass"),
    _logged(
        "logged, with ids that a preview cannot know",
        {"resourceUri": UNKNOWN_TEXT, "workspaceId": UNKNOWN_TEXT, "logs": _ON},
        "pass",
        resourceUri=_OURS,
        workspaceId=(urn(_LOGS, "logs"),),
    ),
    _logged("logs switched off", {"resourceUri": ID, "workspaceId": "/logs", "logs": _OFF}, "fail"),
    _logged("unset logs", {"resourceUri": ID, "workspaceId": "/logs"}, "fail"),
    _logged("sent nowhere", {"resourceUri": ID, "logs": _ON}, "fail"),
    _logged("about another workspace", {"resourceUri": f"{ID}2", "workspaceId": "/logs", "logs": _ON}, "fail"),
    _logged(
        "about another workspace that a preview cannot know",
        {"resourceUri": UNKNOWN_TEXT, "workspaceId": "/logs", "logs": _ON},
        "fail",
        resourceUri=("urn:another",),
    ),
    _logged("unknown logs", {"resourceUri": ID, "workspaceId": "/logs", "logs": UNKNOWN_LIST}, "cannot tell"),
    _logged("an unknown log", {"resourceUri": ID, "workspaceId": "/logs", "logs": [UNKNOWN_OBJECT]}, "cannot tell"),
    _logged(
        "an unknown log before a certain one",
        {"resourceUri": ID, "workspaceId": "/logs", "logs": [UNKNOWN_OBJECT, *_ON]},
        "pass",
    ),
    _logged("unknown destination", {"resourceUri": ID, "workspaceId": UNKNOWN_TEXT, "logs": _ON}, "cannot tell"),
    Case(
        rule="W14",
        said="a stack without workspaces",
        type=OTHER_KIND,
        props={},
        outcome="not applicable",
        beside=(Other(type=SETTING, name="logs", props={"resourceUri": ID}),),
    ),
)
