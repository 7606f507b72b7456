"""Rules about machine sizes and kinds of compute: known, alive, and paid for by somebody."""

import re
from collections.abc import Mapping

from pulumi_policy import Severity

from rules.compute import COMPUTE, MACHINES, only
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.lists import listed, matches, names, same
from rules.profiles import advised, refused
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, Rule, Settings

JOB = "azure-native:machinelearningservices:Job"
_SIZE = "properties.properties.vmSize"
_KIND = "properties.computeType"
_GPU = ("Standard_N*", "N*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

SIZES = (
    "Standard_DS3_v2",
    "Standard_DS4_v2",
    "Standard_D2ds_v5",
    "Standard_D4ds_v5",
    "Standard_D8ds_v5",
    "Standard_D16ds_v5",
    "Standard_E4ds_v5",
    "Standard_E8ds_v5",
    "Standard_E16ds_v5",
    "Standard_F4s_v2",
    "Standard_F8s_v2",
    "Standard_NC4as_T4_v3",
    "Standard_NC8as_T4_v3",
    "Standard_NC24ads_A100_v4",
)

# Azure's page "Retired Azure VM sizes"; the earliest day of the patterns that a size matches counts.
RETIRES = {
    "Standard_NC[0-9]*_v2": "2023-09-06",
    "Standard_NC[0-9]*s_v3": "2025-09-30",
    "Standard_NC6": "2023-09-06",
    "Standard_NC12": "2023-09-06",
    "Standard_NC24": "2023-09-06",
    "Standard_NC24r": "2023-09-06",
    "Standard_NC*_Promo": "2023-09-06",
    "Standard_ND6s": "2023-09-06",
    "Standard_ND12s": "2023-09-06",
    "Standard_ND24s": "2023-09-06",
    "Standard_ND24rs": "2023-09-06",
    "Standard_NV6": "2023-09-06",
    "Standard_NV12": "2023-09-06",
    "Standard_NV24": "2023-09-06",
    "Standard_NV*_Promo": "2023-09-06",
    "Standard_NV*s_v3": "2026-09-30",
    "Standard_NV*as_v4": "2026-09-30",
}


def _is_listed(props: Props, settings: Settings) -> Finding:
    return listed(props, _SIZE, settings["allowed"], f"Set {_SIZE} to a size on this rule's list, or have it listed.")


def _is_alive(props: Props, settings: Settings) -> Finding:
    match props.text(_SIZE):
        case Unknown():
            return CannotTell(_SIZE)
        case Absent():
            return Fail(f"Say which size it is: {_SIZE}.")
        case size:
            retires: Mapping[str, str] = settings["retires"]
            date = min((day for one, day in retires.items() if matches(size, (one,))), default=None)
    if date is None or date > settings["by"]:
        return PASS
    return Fail(f"Set {_SIZE} to a size that lasts: Azure retires this one on {date}.")


def _is_granted(props: Props, settings: Settings) -> Finding:
    match props.text(_SIZE):
        case Unknown():
            return CannotTell(_SIZE)
        case str() as size if matches(size, _GPU):
            return PASS if matches(size, settings["free"]) else _is_tagged(props, settings)
    return NotApplicable("it has no GPU")


def _is_tagged(props: Props, settings: Settings) -> Finding:
    if isinstance(props.at("tags"), Unknown):
        return CannotTell("tags")
    who, until = settings["owner"], settings["until"]
    tags = props.at("tags")
    said = Props(tags) if isinstance(tags, Mapping) else Props({})
    return worst(
        _tag(said, who, f"Add a tag {who}: who answers for the cost of this GPU."),
        _tag(
            said, until, f"Add a tag {until}: the day on which the grant ends, such as 2030-12-31.", settings["today"]
        ),
    )


def _tag(tags: Props, name: str, fix: str, today: str | None = None) -> Finding:
    match tags.text(name):
        case Unknown():
            return CannotTell(f"tags.{name}")
        case Absent() | "":
            return Fail(fix)
        case str() as said if today is not None and not (_DATE.fullmatch(said) and said >= today):
            return Fail(f"{fix} It is over, or no date.")
    return PASS


def _is_of_todays_kinds(props: Props, settings: Settings) -> Finding:
    match props.enum(_KIND):
        case Unknown():
            return CannotTell(_KIND)
        case Absent():
            return Fail(f"Say which kind of compute it is: {_KIND}.")
        case kind:
            return PASS if not matches(kind, settings["refused"]) else Fail(f"{_KIND} is a kind that Azure ML leaves.")


def _is_an_allowed_job(props: Props, settings: Settings) -> Finding:
    path = "properties.jobType"
    match props.enum(path):
        case Unknown():
            return CannotTell(path)
        case Absent():
            return Fail(f"Say which kind of job it is: {path}.")
        case kind:
            return (
                PASS if not matches(kind, settings["refused"]) else Fail(f"This profile takes no job of this {path}.")
            )


_LEGACY = ("AKS", "HDInsight", "DataLakeAnalytics", "DataFactory", "VirtualMachine")
_TEXT: dict[str, object] = {"type": "string"}

RULES = (
    Rule(
        id="C11",
        name="compute-vm-size-allowlist",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="The size of a machine is its price, and where its quota comes from.",
        check=only(MACHINES, _is_listed),
        settings={"allowed": names("sizes that machines may have; `*` stands for anything", SIZES)},
        maps={"alz": ("Deny-MachineLearning-Compute-VmSize",), "waf": ("CO",)},
    ),
    Rule(
        id="C12",
        name="compute-no-retired-sku",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="Azure takes retired machines away on a day of its own choosing.",
        check=only(MACHINES, _is_alive),
        settings={
            "retires": same("the day on which Azure retires sizes", {"type": "object"}, RETIRES),
            "by": same("sizes that are retired by this day are refused", _TEXT, "2026-12-31"),
        },
        maps={"aprl": ("cf2569bb", "6e2af91f"), "waf": ("RE",)},
    ),
    Rule(
        id="C13",
        name="gpu-needs-grant",
        applies_to=(COMPUTE,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="GPUs are most of the bill: somebody answers for each, for a while.",
        fix=(
            "Add the tags that this rule's settings name: who answers for the cost of the GPU, and the day on "
            "which the grant ends."
        ),
        check=only(MACHINES, _is_granted),
        settings={
            "free": names("GPU sizes so small that nobody has to ask", ("Standard_NC4as_T4_v3",)),
            "owner": same("the tag that says who answers for it", _TEXT, "gpu-owner"),
            "until": same("the tag that says on which day the grant ends", _TEXT, "gpu-until"),
            "today": same("the day to judge by; empty is the day of the run", _TEXT, ""),
        },
        maps={"waf": ("CO",)},
    ),
    Rule(
        id="C18",
        name="no-legacy-compute-targets",
        applies_to=(COMPUTE,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="Old kinds of compute are keyed, unmanaged, and on their way out.",
        check=_is_of_todays_kinds,
        settings={"refused": names("kinds of compute that nobody may attach", _LEGACY)},
        maps={"alz": ("Deny-MachineLearning-Aks",)},
    ),
    Rule(
        id="C20",
        name="serverless-spark-denied",
        applies_to=(JOB,),
        levels=advised(),
        severity=Severity.LOW,
        why="A kind of job that nobody has looked at runs outside what the other rules look at.",
        check=_is_an_allowed_job,
        settings={"refused": names("kinds of job that this profile does not take", ("Spark",), dev=())},
    ),
)
