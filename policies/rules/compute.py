"""Rules about compute clusters and instances: nobody logs in, nothing faces the internet, nothing runs for nothing."""

from collections.abc import Callable

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect
from rules.profiles import refused, repaired
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, ResourceCheck, Rule, Setting, Settings

COMPUTE = "azure-native:machinelearningservices:Compute"
CLUSTER = ("amlcompute",)
INSTANCE = ("computeinstance",)
MACHINES = ("amlcompute", "computeinstance")


def only(kinds: tuple[str, ...], check: Callable[[Props, Settings], Finding]) -> ResourceCheck:
    """Ask the check only about these kinds of compute."""

    def checked(props: Props, settings: Settings) -> Finding:
        match props.enum("properties.computeType"):
            case Unknown():
                return CannotTell("properties.computeType")
            case str() as kind if kind in kinds:
                return check(props, settings)
        return NotApplicable(f"it is none of {', '.join(kinds)}")

    return checked


def _has_no_local_users(props: Props, _settings: Settings) -> Finding:
    path = "properties.disableLocalAuth"
    return expect(props.flag(path), wanted=True, path=path, fix=f"Set {path} to true.")


def _has_no_public_address(props: Props, _settings: Settings) -> Finding:
    path = "properties.properties.enableNodePublicIp"
    return expect(props.flag(path), wanted=False, path=path, fix=f"Set {path} to false; Azure's default is true.")


_MIN = "properties.properties.scaleSettings.minNodeCount"
_MAX = "properties.properties.scaleSettings.maxNodeCount"


def _idles_at_zero(props: Props, settings: Settings) -> Finding:
    match props.number(_MIN):
        case Unknown():
            return CannotTell(_MIN)
        case float() as nodes if nodes > settings["most"]:
            return Fail(f"Set {_MIN} to {settings['most']:g}.")
    return PASS  # Azure's own default is zero


def _is_capped(props: Props, settings: Settings) -> Finding:
    match props.number(_MAX):
        case Unknown():
            return CannotTell(_MAX)
        case Absent():
            return Fail(f"Set {_MAX}, to {settings['most']:g} at most.")
        case nodes:
            return PASS if nodes <= settings["most"] else Fail(f"Set {_MAX} to {settings['most']:g} at most.")


_NODES = {"type": "integer", "minimum": 0}

RULES = (
    Rule(
        id="C01",
        name="compute-local-auth-disabled",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="A local user on a machine is an identity that nobody manages.",
        check=only(MACHINES, _has_no_local_users),
        repair=lambda _settings: {"properties.disableLocalAuth": True},
        maps={
            "azpolicy": ("e96a9a5f", "a6f9a2d0"),
            "checkov": ("CKV_AZURE_142",),
            "psrule": ("AZR-000404",),
            "mcsb": ("IM-1",),
        },
    ),
    Rule(
        id="C05",
        name="compute-no-public-ip",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="A machine that trains on data needs no address on the internet.",
        check=only(MACHINES, _has_no_public_address),
        repair=lambda _settings: {"properties.properties.enableNodePublicIp": False},
        maps={"waf": ("SE",)},
    ),
    Rule(
        id="C07",
        name="cluster-min-nodes-zero",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.MEDIUM,
        why="A cluster that never scales to zero costs money while nobody uses it.",
        check=only(CLUSTER, _idles_at_zero),
        repair=lambda settings: {_MIN: int(settings["most"])},
        settings={
            "most": Setting(
                meaning="how many machines may always run",
                schema=_NODES,
                defaults=dict.fromkeys(("local", "dev", "staging", "prod", "regulated"), 0),
            )
        },
        maps={"checkov": ("CKV_AZURE_150",), "waf": ("CO",)},
    ),
    Rule(
        id="C08",
        name="cluster-max-nodes-cap",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="The largest size of a cluster is the largest bill a runaway job can make.",
        check=only(CLUSTER, _is_capped),
        settings={
            "most": Setting(
                meaning="how many machines one cluster may grow to",
                schema=_NODES,
                defaults={"local": 4, "dev": 4, "staging": 8, "prod": 16, "regulated": 16},
            )
        },
        maps={"waf": ("CO",)},
    ),
)
