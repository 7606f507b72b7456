"""Cases of the rules about online deployments."""

from typing import Any

from tests.policies.case import (
    UNKNOWN_FLAG,
    UNKNOWN_NUMBER,
    UNKNOWN_OBJECT,
    UNKNOWN_TEXT,
    Case,
    Other,
    Outcome,
    urn,
)
from tests.policies.cases.compute_network import workspace

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
_SCALING = "azure-native:monitor:AutoscaleSetting"
_ID = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw/onlineEndpoints/rain"
)


def _case(rule: str, said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **body: Any) -> Case:  # noqa: ANN401
    return Case(
        rule=rule, said=said, type=DEPLOYMENT, props={"properties": body}, outcome=outcome, settings=settings or {}
    )


def _elsewhere(rule: str) -> Case:
    return Case(rule=rule, said="an endpoint", type=_ENDPOINT, props={}, outcome="not applicable")


def _outward(said: str, outcome: Outcome, *beside: Other, **body: Any) -> Case:  # noqa: ANN401
    props = {"workspaceName": "mlw", "properties": {"endpointComputeType": "Managed", **body}}
    return Case(rule="E04", said=said, type=DEPLOYMENT, props=props, outcome=outcome, beside=beside, alone=True)


def _many(said: str, machines: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    props = {"sku": {"name": "Default", "capacity": machines}}
    return Case(rule="E05", said=said, type=DEPLOYMENT, props=props, outcome=outcome, settings=settings)


def _scaled(said: str, outcome: Outcome, *targets: object, **wired: tuple[str, ...]) -> Case:
    beside = tuple(
        Other(type=_SCALING, name=f"scaling {index}", props={"targetResourceUri": one}, wired=wired)
        for index, one in enumerate(targets)
    )
    props = {"deploymentName": "blue", "endpointName": "rain"}
    return Case(rule="E08", said=said, type=DEPLOYMENT, props=props, outcome=outcome, beside=beside, alone=True)


_BOTH: dict[str, Any] = {
    "model_inputs": {"dataCollectionMode": "Enabled"},
    "model_outputs": {"dataCollectionMode": "enabled"},
}
_PROBES: dict[str, Any] = {"livenessProbe": {"period": "PT10S"}, "readinessProbe": {"period": "PT10S"}}
_QUICK: dict[str, Any] = {"requestTimeout": "PT30S"}

CASES = (
    _outward("closed", "pass", egressPublicNetworkAccess="Disabled"),
    _outward(
        "open, inside the workspace's network",
        "pass",
        workspace("AllowOnlyApprovedOutbound"),
        egressPublicNetworkAccess="Enabled",
    ),
    _outward("open", "fail", workspace("Disabled"), egressPublicNetworkAccess="Enabled"),
    _outward("unset", "fail", workspace("Disabled")),
    _outward("unset, in a workspace of another stack", "cannot tell"),
    _outward("unknown", "cannot tell", workspace("Disabled"), egressPublicNetworkAccess=UNKNOWN_TEXT),
    _outward("open, of an unknown kind", "cannot tell", workspace("Disabled"), endpointComputeType=UNKNOWN_TEXT),
    _outward("on Kubernetes", "not applicable", workspace("Disabled"), endpointComputeType="Kubernetes"),
    _many("three", 3, "pass"),
    _many("two", 2, "fail"),
    _many("two, where that is allowed", 2, "pass", least=2),
    _many("unset", None, "fail"),
    _many("unknown", UNKNOWN_NUMBER, "cannot tell"),
    _elsewhere("E05"),
    _case("E06", "a listed size", "pass", instanceType="Standard_ds3_v2"),
    _case("E06", "an unlisted size", "fail", instanceType="Standard_M128s"),
    _case("E06", "a size of a list of one's own", "pass", {"allowed": ["*"]}, instanceType="Standard_M128s"),
    _case("E06", "unset", "fail"),
    _case("E06", "unknown", "cannot tell", instanceType=UNKNOWN_TEXT),
    _case("E06", "on Kubernetes", "not applicable", endpointComputeType="Kubernetes"),
    _elsewhere("E06"),
    _case("E07", "watched and collected", "pass", appInsightsEnabled=True, dataCollector={"collections": _BOTH}),
    _case("E07", "not watched", "fail", appInsightsEnabled=False, dataCollector={"collections": _BOTH}),
    _case("E07", "not collected", "fail", appInsightsEnabled=True),
    _case("E07", "not collected, where that will do", "pass", {"collected": []}, appInsightsEnabled=True),
    _case(
        "E07",
        "half collected",
        "fail",
        appInsightsEnabled=True,
        dataCollector={"collections": {"model_inputs": _BOTH["model_inputs"]}},
    ),
    _case(
        "E07",
        "collection switched off",
        "fail",
        appInsightsEnabled=True,
        dataCollector={"collections": {**_BOTH, "model_outputs": {"dataCollectionMode": "Disabled"}}},
    ),
    _case("E07", "unset", "fail"),
    _case("E07", "unknown", "cannot tell", appInsightsEnabled=UNKNOWN_FLAG, dataCollector={"collections": _BOTH}),
    _case(
        "E07",
        "an unknown collection",
        "cannot tell",
        appInsightsEnabled=True,
        dataCollector={"collections": {**_BOTH, "model_outputs": UNKNOWN_OBJECT}},
    ),
    _case("E07", "not watched, unknown collections", "fail", appInsightsEnabled=False, dataCollector=UNKNOWN_OBJECT),
    _case("E07", "unknown collections", "cannot tell", appInsightsEnabled=True, dataCollector=UNKNOWN_OBJECT),
    _elsewhere("E07"),
    _scaled("it grows", "pass", f"{_ID}/deployments/blue"),
    _scaled(
        "it grows, by an id that a preview cannot know",
        "pass",
        UNKNOWN_TEXT,
        targetResourceUri=(urn(DEPLOYMENT, "it"),),
    ),
    _scaled("another grows", "fail", f"{_ID}/deployments/green"),
    _scaled(
        "one of that name behind another endpoint grows", "fail", f"{_ID.replace('rain', 'snow')}/deployments/blue"
    ),
    _scaled("unset", "fail"),
    _scaled("an unknown one grows", "cannot tell", UNKNOWN_TEXT),
    Case(rule="E08", said="an endpoint", type=_ENDPOINT, props={}, outcome="not applicable", alone=True),
    Case(rule="E04", said="an endpoint", type=_ENDPOINT, props={}, outcome="not applicable", alone=True),
    _case("E13", "probed", "pass", **_PROBES, requestSettings=_QUICK),
    _case("E13", "not probed", "fail", requestSettings=_QUICK),
    _case("E13", "slow", "fail", **_PROBES, requestSettings={"requestTimeout": "PT3M"}),
    _case(
        "E13",
        "slow, where that is allowed",
        "pass",
        {"longest": "PT3M"},
        **_PROBES,
        requestSettings={"requestTimeout": "PT3M"},
    ),
    _case("E13", "unset", "fail"),
    _case("E13", "unknown", "cannot tell", **_PROBES, requestSettings=UNKNOWN_OBJECT),
    _case(
        "E13", "an unknown probe", "cannot tell", requestSettings=_QUICK, **{**_PROBES, "livenessProbe": UNKNOWN_OBJECT}
    ),
    _elsewhere("E13"),
)
