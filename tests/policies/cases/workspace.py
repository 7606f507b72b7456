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


def _own_network(said: str, props: dict[str, Any], outcome: Outcome) -> Case:
    return Case(rule="W02", said=said, type=WORKSPACE, props=props, outcome=outcome, settings={"ownNetwork": True})


def _serverless(said: str, outcome: Outcome, **changed: Any) -> Case:  # noqa: ANN401
    return _case("W15", said, {"serverlessComputeSettings": {**_SUBNET, **changed}}, outcome)


_SUBNET = {"serverlessComputeCustomSubnet": "/subnets/s"}
_KEY = {"keyVaultProperties": {"keyIdentifier": "https://kv.example/keys/k/1", "keyVaultArmId": "/vault"}}
_SECRET = {"data-classification": "Confidential"}
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
    _case(
        "W01",
        "unknown whether it is opened behind its network",
        {"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": UNKNOWN_FLAG},
        "cannot tell",
    ),
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
    _case("W10", "unset kind", {"primaryUserAssignedIdentity": "/id"}, "fail"),
    _case(
        "W10",
        "unknown kind",
        {"identity": {"type": UNKNOWN_TEXT}, "primaryUserAssignedIdentity": "/id"},
        "cannot tell",
    ),
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
    _case("W02", "on", {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}, "pass"),
    _case("W02", "off", {"managedNetwork": {"isolationMode": "disabled"}}, "fail"),
    _case("W02", "off, in a subnet", {"serverlessComputeSettings": _SUBNET}, "fail"),
    _case("W02", "unset", {}, "fail"),
    _case("W02", "unknown", {"managedNetwork": {"isolationMode": UNKNOWN_TEXT}}, "cannot tell"),
    _case("W02", "a project", {"kind": "Project"}, "not applicable"),
    _case("W02", "a registry", {}, "not applicable", OTHER_KIND),
    _own_network("off, in a subnet of one's own", {"serverlessComputeSettings": _SUBNET}, "pass"),
    _own_network("off, and no subnet", {}, "fail"),
    _own_network(
        "off, and an unknown subnet",
        {"serverlessComputeSettings": {"serverlessComputeCustomSubnet": UNKNOWN_TEXT}},
        "cannot tell",
    ),
    _case("W03", "a project", {"kind": "project"}, "not applicable"),
    _case("W09", "our key", {"encryption": {"status": "Enabled", **_KEY}}, "pass"),
    _case("W09", "our key, in another case", {"encryption": {"status": "enabled", **_KEY}}, "pass"),
    _case("W09", "Azure's key", {"encryption": {"status": "Disabled", **_KEY}}, "fail"),
    _case("W09", "no key", {"encryption": {"status": "Enabled", "keyVaultProperties": {}}}, "fail"),
    _case("W09", "unset", {}, "fail"),
    _case("W09", "unknown", {"encryption": {**_KEY, "status": UNKNOWN_TEXT}}, "cannot tell"),
    _case(
        "W09", "unknown key", {"encryption": {"status": "Enabled", "keyVaultProperties": UNKNOWN_OBJECT}}, "cannot tell"
    ),
    _case("W09", "a project", {"kind": "Project"}, "not applicable"),
    _case("W09", "a registry", {}, "not applicable", OTHER_KIND),
    _case("W12", "of high impact", {"tags": _SECRET, "hbiWorkspace": True}, "pass"),
    _case("W12", "of no high impact", {"tags": _SECRET, "hbiWorkspace": False}, "fail"),
    _case("W12", "unset", {"tags": _SECRET}, "fail"),
    _case("W12", "unknown", {"tags": _SECRET, "hbiWorkspace": UNKNOWN_FLAG}, "cannot tell"),
    _case("W12", "unknown tags", {"tags": UNKNOWN_OBJECT}, "cannot tell"),
    _case("W12", "an unknown class", {"tags": {"data-classification": UNKNOWN_TEXT}}, "cannot tell"),
    _case("W12", "of no confidential data", {"tags": {"data-classification": "internal"}}, "not applicable"),
    _case("W12", "of data that nobody classed", {}, "not applicable"),
    _case("W12", "a project", {"kind": "Project", "tags": _SECRET}, "not applicable"),
    _case("W13", "off", {"v1LegacyMode": False}, "pass"),
    _case("W13", "unset, which is off", {}, "pass"),
    _case("W13", "on", {"v1LegacyMode": True}, "fail"),
    _case("W13", "on, as a text", {"v1LegacyMode": "True"}, "fail"),
    _case("W13", "unknown", {"v1LegacyMode": UNKNOWN_FLAG}, "cannot tell"),
    _case("W13", "a registry", {}, "not applicable", OTHER_KIND),
    _serverless("none", "pass", serverlessComputeNoPublicIP=True),
    _serverless("one each", "fail", serverlessComputeNoPublicIP=False),
    _serverless("unset", "fail"),
    _serverless("unknown", "cannot tell", serverlessComputeNoPublicIP=UNKNOWN_FLAG),
    _serverless("an unknown subnet", "cannot tell", serverlessComputeCustomSubnet=UNKNOWN_TEXT),
    _case("W15", "no subnet", {"serverlessComputeSettings": {}}, "not applicable"),
    _case("W15", "a registry", {}, "not applicable", OTHER_KIND),
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
        resourceUri=(urn(_LOGS, "logs"),),
    ),
    _logged(
        "about an endpoint of it that a preview cannot know",
        {"resourceUri": UNKNOWN_TEXT, "workspaceId": "/logs", "logs": _ON},
        "cannot tell",
        resourceUri=(*_OURS, urn(_LOGS, "logs")),
    ),
    _logged("unknown resource", {"resourceUri": UNKNOWN_TEXT, "workspaceId": "/logs", "logs": _ON}, "cannot tell"),
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
