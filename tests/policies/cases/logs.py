"""Cases of the rules about logs."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_LIST, UNKNOWN_NUMBER, UNKNOWN_TEXT, Case, Other, Outcome, urn

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
SETTING = "azure-native:monitor:DiagnosticSetting"
INSIGHTS = "azure-native:applicationinsights:Component"
LOGS = "azure-native:operationalinsights:Workspace"
_WORKSPACE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"
_ON = [{"categoryGroup": "allLogs", "enabled": True}]
_LOGGED = {"resourceUri": f"{_WORKSPACE_ID}/onlineEndpoints/rain", "workspaceId": "/logs", "logs": _ON}


def _logged(said: str, outcome: Outcome, setting: dict[str, Any], name: str = "rain", **wired: tuple[str, ...]) -> Case:
    beside = (Other(type=SETTING, name="setting", props=setting, wired=wired),)
    return Case(rule="D06", said=said, type=ONLINE, props={"name": name}, outcome=outcome, beside=beside)


def _insights(said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **changed: object) -> Case:
    props = {
        "workspaceResourceId": "/logs",
        "disableLocalAuth": True,
        "publicNetworkAccessForIngestion": "Disabled",
        "publicNetworkAccessForQuery": "Disabled",
    }
    return Case(rule="S10", said=said, type=INSIGHTS, props=props | changed, outcome=outcome, settings=settings or {})


def _kept(said: str, found: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule="S11", said=said, type=LOGS, props={"retentionInDays": found}, outcome=outcome, settings=settings)


CASES = (
    _logged("logged", "pass", _LOGGED),
    _logged(
        "logged, with ids that a preview cannot know",
        "pass",
        _LOGGED | {"resourceUri": UNKNOWN_TEXT},
        resourceUri=(urn(ONLINE, "it"),),
    ),
    _logged("logs of its workspace only", "fail", _LOGGED | {"resourceUri": _WORKSPACE_ID}),
    _logged("logs of another endpoint", "fail", _LOGGED, name="snow"),
    _logged("logs switched off", "fail", _LOGGED | {"logs": [{"enabled": False}]}),
    _logged("unset destination", "fail", {"resourceUri": _LOGGED["resourceUri"], "logs": _ON}),
    _logged("unset subject, as in a state file", "cannot tell", {"workspaceId": "/logs", "logs": _ON}),
    _logged("unknown logs", "cannot tell", _LOGGED | {"logs": UNKNOWN_LIST}),
    _logged("unknown name", "cannot tell", _LOGGED, name=UNKNOWN_TEXT),
    Case(
        rule="D06",
        said="a stack without endpoints",
        type=WORKSPACE,
        props={},
        outcome="not applicable",
        beside=(Other(type=SETTING, name="setting", props=_LOGGED),),
    ),
    _insights("by identity, into a workspace, closed", "pass"),
    _insights("by key", "fail", disableLocalAuth=False),
    _insights("without a workspace", "fail", workspaceResourceId=None),
    _insights("written from anywhere", "fail", publicNetworkAccessForIngestion="Enabled"),
    _insights("read from anywhere", "fail", publicNetworkAccessForQuery="Enabled"),
    _insights("read from anywhere, where that is allowed", "pass", {"closed": False}, publicNetworkAccessForQuery=None),
    Case(rule="S10", said="unset", type=INSIGHTS, props={}, outcome="fail"),
    _insights("a workspace that a preview cannot know", "pass", workspaceResourceId=UNKNOWN_TEXT),
    _insights("unknown key", "cannot tell", disableLocalAuth=UNKNOWN_FLAG),
    _insights("unknown beside a certain failure", "fail", disableLocalAuth=UNKNOWN_FLAG, workspaceResourceId=None),
    Case(
        rule="S10",
        said="by the type's older name",
        type="azure-native:insights/v20200202:Component",
        props={},
        outcome="fail",
    ),
    Case(rule="S10", said="a log workspace", type=LOGS, props={}, outcome="not applicable"),
    _kept("half a year", 183, "pass"),
    _kept("a month", 30, "fail"),
    _kept("a month, where that is enough", 30, "pass", days=30),
    _kept("unset", None, "fail"),
    _kept("unknown", UNKNOWN_NUMBER, "cannot tell"),
    Case(rule="S11", said="an ML workspace", type=WORKSPACE, props={}, outcome="not applicable"),
)
