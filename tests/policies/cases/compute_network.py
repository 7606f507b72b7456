"""Cases of the rule about where machines stand."""

from typing import Any

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn
from tests.policies.cases.compute import COMPUTE

WORKSPACE = "azure-native:machinelearningservices:Workspace"


def workspace(mode: object, name: str = "mlw", **props: Any) -> Other:  # noqa: ANN401
    """A workspace with a managed network of some mode."""
    said = {"workspaceName": name, "managedNetwork": {"isolationMode": mode}, **props}
    return Other(type=WORKSPACE, name=f"workspace {name}", props=said)


def _in(said: str, outcome: Outcome, *beside: Other, subnet: object = None, **props: Any) -> Case:  # noqa: ANN401
    wired = props.pop("wired", {})
    body = {"computeType": "AmlCompute", "properties": {"subnet": subnet}, **props.pop("properties", {})}
    asked = {"workspaceName": "mlw", "properties": body, **props}
    return Case(
        rule="C06", said=said, type=COMPUTE, props=asked, outcome=outcome, beside=beside, alone=True, wired=wired
    )


_ON, _OFF = workspace("AllowOnlyApprovedOutbound"), workspace("Disabled")
_WIRED = {"workspaceName": (urn(WORKSPACE, "workspace mlw"),)}

_WHOLE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"
_BELOW: dict[str, Any] = {"workspaceName": None, "id": f"{_WHOLE.upper()}/computes/cpu"}

CASES = (
    _in("in the workspace's network", "pass", _ON),
    _in("in a subnet", "pass", _OFF, subnet={"id": "/subnets/s"}),
    _in("in a subnet, the workspace elsewhere", "pass", subnet={"id": "/subnets/s"}),
    _in("in a workspace that a state does not name", "pass", workspace("AllowInternetOutbound", id=_WHOLE), **_BELOW),
    _in("in a workspace whose id only begins alike", "cannot tell", workspace("Disabled", id=_WHOLE[:-1]), **_BELOW),
    _in("in a workspace without an id", "cannot tell", _ON, **_BELOW),
    _in("in a subnet without an id", "fail", _OFF, subnet={"id": ""}),
    _in("in none", "fail", _OFF),
    _in("in none, beside another workspace's", "fail", _OFF, workspace("AllowInternetOutbound", "another")),
    _in("unset", "fail", Other(type=WORKSPACE, name="workspace", props={"workspaceName": "mlw"})),
    _in(
        "in the network of a workspace of an old token",
        "pass",
        Other(
            type="azure-native:machinelearningservices/v20230401:Workspace",
            name="workspace",
            props={"workspaceName": "MLW", "managedNetwork": {"isolationMode": "allowinternetoutbound"}},
        ),
    ),
    _in("a workspace that a preview cannot name yet", "pass", _ON, workspaceName=UNKNOWN_TEXT, wired=_WIRED),
    _in("an unknown workspace", "cannot tell", _ON, workspaceName=UNKNOWN_TEXT),
    _in("a workspace of another stack", "cannot tell"),
    _in("an unknown mode", "cannot tell", workspace(UNKNOWN_TEXT)),
    _in("an unknown subnet", "cannot tell", _OFF, subnet=UNKNOWN_OBJECT),
    _in("an unknown kind", "cannot tell", _ON, properties={"computeType": UNKNOWN_TEXT}),
    _in("Kubernetes", "not applicable", _OFF, properties={"computeType": "Kubernetes"}),
    Case(rule="C06", said="a workspace", type=WORKSPACE, props={}, outcome="not applicable", alone=True),
)
