"""Cases of the rules about sizes of machines and kinds of compute."""

from typing import Any

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome
from tests.policies.cases.compute import COMPUTE, OTHER_KIND, case, cluster, elsewhere

_JOB = "azure-native:machinelearningservices:Job"


def _gpu(said: str, outcome: Outcome, tags: object = None, size: str = "Standard_NC24ads_A100_v4") -> Case:
    props = {"tags": tags, "properties": {"computeType": "AmlCompute", "properties": {"vmSize": size}}}
    settings = {"today": "2026-06-01"}
    return Case(rule="C13", said=said, type=COMPUTE, props=props, outcome=outcome, settings=settings)


def _job(said: str, props: dict[str, Any], outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule="C20", said=said, type=_JOB, props={"properties": props}, outcome=outcome, settings=settings)


_GRANT = {"gpu-owner": "vision-team", "gpu-until": "2026-12-31"}

CASES = (
    cluster("C11", "a listed size", "pass", vmSize="Standard_DS3_v2"),
    cluster("C11", "a listed size, in another case", "pass", vmSize="STANDARD_DS3_V2"),
    cluster("C11", "an unlisted size", "fail", vmSize="Standard_M128s"),
    cluster("C11", "a size of a listed family", "pass", {"allowed": ["Standard_M*"]}, vmSize="Standard_M128s"),
    cluster("C11", "unset", "fail"),
    cluster("C11", "unknown", "cannot tell", vmSize=UNKNOWN_TEXT),
    case("C11", "unknown body", {"computeType": "ComputeInstance", "properties": UNKNOWN_OBJECT}, "cannot tell"),
    *elsewhere("C11"),
    cluster("C12", "one that stays", "pass", vmSize="Standard_NC4as_T4_v3"),
    cluster("C12", "an old GPU", "fail", vmSize="Standard_NC6"),
    cluster("C12", "an old GPU, on offer", "fail", vmSize="Standard_NC6_Promo"),
    cluster("C12", "a GPU of the third kind", "fail", vmSize="standard_nc24rs_v3"),
    cluster("C12", "one that goes later", "pass", {"by": "2026-01-01"}, vmSize="Standard_NV12s_v3"),
    cluster(
        "C12", "one of a list of one's own", "fail", {"retires": {"*_DS3_v2": "2026-01-01"}}, vmSize="Standard_DS3_v2"
    ),
    cluster("C12", "unset", "fail"),
    cluster("C12", "unknown", "cannot tell", vmSize=UNKNOWN_TEXT),
    *elsewhere("C12"),
    _gpu("granted", "pass", _GRANT),
    _gpu("granted until today", "pass", {**_GRANT, "gpu-until": "2026-06-01"}),
    _gpu("granted until yesterday", "fail", {**_GRANT, "gpu-until": "2026-05-31"}),
    _gpu("granted until some day", "fail", {**_GRANT, "gpu-until": "some day"}),
    _gpu("granted to nobody", "fail", {"gpu-until": "2026-12-31"}),
    _gpu("unset", "fail"),
    _gpu("tags that are a list", "fail", ["gpu-owner"]),
    _gpu("a small one", "pass", None, "Standard_NC4as_T4_v3"),
    _gpu("unknown tags", "cannot tell", UNKNOWN_OBJECT),
    _gpu("an unknown tag", "cannot tell", {**_GRANT, "gpu-owner": UNKNOWN_TEXT}),
    _gpu("an unknown tag beside a certain failure", "fail", {"gpu-owner": UNKNOWN_TEXT}),
    _gpu("an unknown size", "cannot tell", _GRANT, UNKNOWN_TEXT),
    _gpu("no GPU", "not applicable", None, "Standard_DS3_v2"),
    *elsewhere("C13"),
    case("C18", "a cluster", {"computeType": "AmlCompute"}, "pass"),
    case("C18", "Kubernetes", {"computeType": "Kubernetes"}, "pass"),
    case("C18", "an old way to Kubernetes", {"computeType": "AKS"}, "fail"),
    case("C18", "a machine with a key", {"computeType": "virtualmachine"}, "fail"),
    case("C18", "unset", {}, "fail"),
    case("C18", "unknown", {"computeType": UNKNOWN_TEXT}, "cannot tell"),
    Case(rule="C18", said="a workspace", type=OTHER_KIND, props={}, outcome="not applicable"),
    _job("a command", {"jobType": "Command"}, "pass"),
    _job("Spark", {"jobType": "spark"}, "fail"),
    _job("Spark, where that is allowed", {"jobType": "Spark"}, "pass", refused=[]),
    _job("unset", {}, "fail"),
    _job("unknown", {"jobType": UNKNOWN_TEXT}, "cannot tell"),
    Case(rule="C20", said="a workspace", type=OTHER_KIND, props={}, outcome="not applicable"),
)
