"""Cases of the rules about money."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_COMPUTE = "azure-native:machinelearningservices:Compute"
_DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_BUDGET = "azure-native:consumption:Budget"
_GROUP = "/subscriptions/s/resourceGroups/rg"
_OTHERS = "/subscriptions/t/resourceGroups/rg"
_IN_S = {"subscriptionId": "S"}
_ID = f"{_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw"
_TWO: dict[str, Any] = {"half": {"enabled": True}, "all": {"enabled": True}}
_PRICED = {"prices": {"Standard_Small": 1, "Standard_Large": 10}, "priced": "2026-05-31", "today": "2026-06-01"}
_RG = Other(type="azure-native:resources:ResourceGroup", name="rg", props={})
_RG2 = Other(type="azure-native:resources:ResourceGroup", name="rg2", props={})


def _paid(said: str, outcome: Outcome, *beside: Other, **more: Any) -> Case:  # noqa: ANN401
    settings, wired, provider = (more.pop(one, {}) for one in ("settings", "wired", "provider"))
    return Case(
        rule="R08",
        said=said,
        type=WORKSPACE,
        props={"name": "mlw", "resourceGroupName": "RG", **more},
        outcome=outcome,
        beside=beside,
        alone=True,
        settings=settings,
        wired=wired,
        provider=provider,
    )


def _budget(scope: object = _GROUP, told: object = None, kind: str = _BUDGET, group: Other | None = None) -> Other:
    props = {"scope": scope, "notifications": _TWO if told is None else told}
    return Other(type=kind, name="budget", props=props, wired={"scope": (group.urn,)} if group else {})


def _costs(said: str, outcome: Outcome, *beside: Other, ceiling: float = 1000, **settings: Any) -> Case:  # noqa: ANN401
    return Case(
        rule="R09",
        said=said,
        type=WORKSPACE,
        props={"workspaceName": "mlw"},
        outcome=outcome,
        beside=beside,
        alone=True,
        settings={"ceiling": ceiling, **_PRICED, **settings},
    )


def _cluster(
    most: object, size: object = "STANDARD_SMALL", workspace: object = "mlw", **wired: tuple[str, ...]
) -> Other:
    body = {"vmSize": size, "scaleSettings": {"maxNodeCount": most}}
    props = {"workspaceName": workspace, "properties": {"computeType": "AmlCompute", "properties": body}}
    return Other(type=_COMPUTE, name=f"cluster of {most}", props=props, wired=wired)


def _instance(size: str) -> Other:
    props = {"workspaceName": "mlw", "properties": {"computeType": "ComputeInstance", "properties": {"vmSize": size}}}
    return Other(type=_COMPUTE, name="instance", props=props)


def _deployed(capacity: object, size: object = "Standard_Small") -> Other:
    props = {"workspaceName": "mlw", "sku": {"capacity": capacity}, "properties": {"instanceType": size}}
    return Other(type=_DEPLOYMENT, name="blue", props=props)


_KUBERNETES = Other(
    type=_COMPUTE, name="aks", props={"workspaceName": "mlw", "properties": {"computeType": "Kubernetes"}}
)
_UNKNOWN_GROUP: dict[str, Any] = {
    "resourceGroupName": UNKNOWN_TEXT, "wired": {"resourceGroupName": (urn(_RG.type, "rg"),)}
}  # fmt: skip

CASES = (
    _paid("a budget of its group", "pass", _budget()),
    _paid("a budget of cost management", "pass", _budget(kind="azure-native:costmanagement:Budget")),
    _paid("a budget of its subscription", "pass", _budget("/subscriptions/S/"), id=_ID),
    _paid(
        "a budget of its group, by the workspace's id", "pass", _budget(_GROUP.lower()), resourceGroupName=None, id=_ID
    ),
    _paid(
        "a budget of a group that a preview cannot know",
        "pass",
        _RG,
        _budget(UNKNOWN_TEXT, group=_RG),
        **_UNKNOWN_GROUP,
    ),
    _paid("a budget of another unknown group", "fail", _RG, _RG2, _budget(UNKNOWN_TEXT, group=_RG2), **_UNKNOWN_GROUP),
    _paid("a budget elsewhere", "pass", settings={"elsewhere": True}),
    _paid(
        "a budget that warns once, where that will do",
        "pass",
        _budget(told={"a": {"enabled": True}}),
        settings={"notifications": 1},
    ),
    _paid("a budget of another group", "fail", _budget(f"{_GROUP}2")),
    _paid("a budget of another group, by the workspace's id", "fail", _budget(f"{_GROUP}2"), id=_ID),
    _paid("a budget of another subscription", "fail", _budget("/subscriptions/other"), id=_ID),
    _paid("a budget of a management group", "fail", _budget("/providers/Microsoft.Management/managementGroups/m")),
    _paid("a budget that warns once", "fail", _budget(told={"a": {"enabled": True}, "b": {"enabled": False}})),
    _paid("a budget that warns nobody", "fail", _budget(told={})),
    _paid("unset", "fail"),
    _paid("unset warnings", "fail", Other(type=_BUDGET, name="budget", props={"scope": _GROUP})),
    _paid("a budget of the subscription that is deployed to", "pass", _budget("/subscriptions/S/"), provider=_IN_S),
    _paid("a budget of another subscription than it deploys to", "fail", _budget("/subscriptions/t"), provider=_IN_S),
    _paid("a budget of another subscription's group of that name", "fail", _budget(_OTHERS), provider=_IN_S),
    _paid("a budget of a subscription that a preview cannot compare", "cannot tell", _budget("/subscriptions/s")),
    _paid(
        "a budget of a subscription, and its own is not known yet",
        "cannot tell",
        _budget("/subscriptions/s"),
        provider={"subscriptionId": UNKNOWN_TEXT},
    ),
    _paid("a budget of an unknown scope", "cannot tell", _budget(UNKNOWN_TEXT)),
    _paid("in an unknown group", "cannot tell", _budget(), resourceGroupName=UNKNOWN_TEXT),
    _paid("unknown warnings", "cannot tell", _budget(told=UNKNOWN_OBJECT)),
    _paid("an unknown warning", "cannot tell", _budget(told={"a": {"enabled": True}, "b": {"enabled": UNKNOWN_FLAG}})),
    _paid("a warning that is unknown", "cannot tell", _budget(told={"a": {"enabled": True}, "b": UNKNOWN_OBJECT})),
    _paid("a project", "not applicable", kind="Project"),
    _costs("a small cluster", "pass", _cluster(1)),
    _costs("a cluster of another workspace", "not applicable", _cluster(9, workspace="other")),
    _costs("a cluster at its largest", "fail", _cluster(2)),
    _costs("a cluster at its largest, where more is meant", "pass", _cluster(2), ceiling=1460),
    _costs("a cluster and a deployment", "fail", _cluster(1), _deployed(1)),
    _costs("a cluster and an instance", "fail", _cluster(1), _instance("Standard_Small")),
    _costs("prices as old as they may be", "pass", _cluster(1), today="2027-05-31"),
    _costs("prices that are older", "fail", _cluster(1), today="2027-06-01"),
    _costs("prices of no day", "fail", _cluster(1), priced=""),
    _costs("unset prices", "fail", _cluster(1), prices={}),
    _costs("unset prices, and an unknown size", "fail", _deployed(1, UNKNOWN_TEXT), prices={}),
    _costs("unset prices, and nothing to pay for", "not applicable", _KUBERNETES, prices={}),
    _costs("a large instance", "fail", _instance("Standard_Large")),
    _costs("a size without a price", "fail", _cluster(1, "Standard_Huge")),
    _costs("unset nodes", "fail", _cluster(None)),
    _costs("unset size", "fail", _deployed(1, None)),
    _costs("unknown nodes", "cannot tell", _cluster(UNKNOWN_NUMBER)),
    _costs("unknown size", "cannot tell", _deployed(1, UNKNOWN_TEXT)),
    _costs("unknown nodes beside too much", "fail", _cluster(UNKNOWN_NUMBER), _cluster(2)),
    _costs(
        "unknown nodes beside a size without a price", "fail", _cluster(UNKNOWN_NUMBER), _cluster(1, "Standard_Huge")
    ),
    _costs("a cluster that may be another workspace's", "fail", _cluster(2, workspace=UNKNOWN_TEXT)),
    _costs("nothing that runs by the hour", "not applicable", _KUBERNETES),
    Case(rule="R08", said="a group", type=_RG.type, props={}, outcome="not applicable", alone=True),
    Case(rule="R09", said="a group", type=_RG.type, props={}, outcome="not applicable", alone=True),
)
