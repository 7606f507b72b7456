"""Cases of the rules about computes."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

COMPUTE = "azure-native:machinelearningservices:Compute"
OTHER_KIND = "azure-native:machinelearningservices:Workspace"


def case(rule: str, said: str, props: dict[str, Any], outcome: Outcome, **more: Any) -> Case:  # noqa: ANN401
    return Case(rule=rule, said=said, type=COMPUTE, props={"properties": props}, outcome=outcome, **more)


def cluster(rule: str, said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **inner: Any) -> Case:  # noqa: ANN401
    return case(rule, said, {"computeType": "AmlCompute", "properties": inner}, outcome, settings=settings or {})


def _scaled(rule: str, said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **scale: Any) -> Case:  # noqa: ANN401
    return cluster(rule, said, outcome, settings, scaleSettings=scale)


def elsewhere(rule: str) -> tuple[Case, ...]:
    return (
        Case(rule=rule, said="a workspace", type=OTHER_KIND, props={}, outcome="not applicable"),
        case(rule, "a Kubernetes cluster", {"computeType": "Kubernetes"}, "not applicable"),
        case(rule, "unknown kind", {"computeType": UNKNOWN_TEXT}, "cannot tell"),
        case(rule, "no kind", {}, "not applicable"),
    )


CASES = (
    case("C01", "off", {"computeType": "AmlCompute", "disableLocalAuth": True}, "pass"),
    case("C01", "off, on an instance", {"computeType": "ComputeInstance", "disableLocalAuth": True}, "pass"),
    case("C01", "on", {"computeType": "AmlCompute", "disableLocalAuth": False}, "fail"),
    case("C01", "on, on an instance", {"computeType": "ComputeInstance", "disableLocalAuth": False}, "fail"),
    case("C01", "unset", {"computeType": "AmlCompute"}, "fail"),
    case("C01", "unknown", {"computeType": "AmlCompute", "disableLocalAuth": UNKNOWN_FLAG}, "cannot tell"),
    *elsewhere("C01"),
    cluster("C05", "none", "pass", enableNodePublicIp=False),
    cluster("C05", "one each", "fail", enableNodePublicIp=True),
    cluster("C05", "unset", "fail"),
    cluster("C05", "unknown", "cannot tell", enableNodePublicIp=UNKNOWN_FLAG),
    case("C05", "unknown body", {"computeType": "AmlCompute", "properties": UNKNOWN_OBJECT}, "cannot tell"),
    *elsewhere("C05"),
    _scaled("C07", "to zero", "pass", minNodeCount=0, maxNodeCount=2),
    _scaled("C07", "to one", "fail", minNodeCount=1, maxNodeCount=2),
    _scaled("C07", "to one, where one is allowed", "pass", {"most": 1}, minNodeCount=1, maxNodeCount=2),
    _scaled("C07", "unset, which is Azure's zero", "pass", maxNodeCount=2),
    _scaled("C07", "unknown", "cannot tell", minNodeCount=UNKNOWN_NUMBER),
    *elsewhere("C07"),
    _scaled("C08", "at the cap", "pass", maxNodeCount=16),
    _scaled("C08", "above the cap", "fail", maxNodeCount=17),
    _scaled("C08", "above a lower cap", "fail", {"most": 3}, maxNodeCount=4),
    _scaled("C08", "unset", "fail"),
    cluster("C08", "unset scale", "fail"),
    _scaled("C08", "unknown", "cannot tell", maxNodeCount=UNKNOWN_NUMBER),
    cluster("C08", "unknown scale", "cannot tell", scaleSettings=UNKNOWN_OBJECT),
    *elsewhere("C08"),
)
