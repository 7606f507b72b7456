"""Rules about compute clusters: nobody logs in, nothing waits for nothing, and jobs work as somebody."""

from pulumi_policy import Severity

from rules.compute import CLUSTER, COMPUTE, only
from rules.durations import between
from rules.finding import PASS, CannotTell, Fail, Finding, expect
from rules.lists import listed, names, same
from rules.profiles import advised, refused, repaired
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, Rule, Settings

_PORT = "properties.properties.remoteLoginPortPublicAccess"
_PASSWORD = "properties.properties.userAccountCredentials.adminUserPassword"  # noqa: S105  a path
_IDLE = "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown"
_PRIORITY = "properties.properties.vmPriority"


def _has_no_open_port(props: Props, _settings: Settings) -> Finding:
    fix = f"Set {_PORT} to 'Disabled'; 'NotSpecified' is open wherever there is no virtual network."
    return expect(props.enum(_PORT), "disabled", _PORT, fix)


def _has_no_password(props: Props, _settings: Settings) -> Finding:
    match props.text(_PASSWORD):
        case Unknown():
            return CannotTell(_PASSWORD)
        case Absent():
            return PASS
    return Fail(f"Leave {_PASSWORD} out: it is kept in the stack's state, and nobody needs to log in.")


def _gives_idle_machines_back(props: Props, settings: Settings) -> Finding:
    return between(props, _IDLE, "PT0S", settings["most"], f"Set {_IDLE} to {settings['most']} at most.")


def _has_the_priority(props: Props, settings: Settings) -> Finding:
    return listed(props, _PRIORITY, settings["allowed"], f"Set {_PRIORITY} to {' or '.join(settings['allowed'])}.")


def has_user_assigned_identity(props: Props, _settings: Settings) -> Finding:
    """Check that a resource works as an identity that somebody made and granted rights."""
    fix = "Set identity.type to 'UserAssigned', and userAssignedIdentities to the identity it works as."
    match props.enum("identity.type"):
        case Unknown():
            return CannotTell("identity.type")
        case Absent():
            return Fail(fix)
        case kind:
            return PASS if "userassigned" in kind.replace(" ", "").split(",") else Fail(fix)


RULES = (
    Rule(
        id="C02",
        name="cluster-ssh-port-closed",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="A port for logging in is a door that jobs do not need.",
        check=only(CLUSTER, _has_no_open_port),
        repair=lambda _settings: {_PORT: "Disabled"},
        maps={"alz": ("Deny-MachineLearning-ComputeCluster-RemoteLoginPortPublicAccess",), "waf": ("SE",)},
    ),
    Rule(
        id="C04",
        name="cluster-no-admin-password",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.HIGH,
        why="A password given to a cluster lies in the stack's state for as long as there is one.",
        fix=(
            "Leave the password out of properties.properties.userAccountCredentials; whoever has to log in has a "
            "key there, adminUserSshPublicKey."
        ),
        check=only(CLUSTER, _has_no_password),
    ),
    Rule(
        id="C09",
        name="cluster-idle-scale-down",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.LOW,
        why="A machine that waits for the next job costs as much as one that works.",
        check=only(CLUSTER, _gives_idle_machines_back),
        repair=lambda settings: {_IDLE: settings["most"]},
        settings={"most": same("how long a machine may idle (ISO 8601)", {"type": "string"}, "PT15M")},
        maps={"alz": ("Deny-MachineLearning-ComputeCluster-Scale",), "waf": ("CO",)},
    ),
    Rule(
        id="C14",
        name="cluster-priority-by-env",
        applies_to=(COMPUTE,),
        levels=advised(),
        severity=Severity.LOW,
        why="Cheap machines that may be taken away suit trying things, not what people wait for.",
        check=only(CLUSTER, _has_the_priority),
        settings={
            "allowed": names("which priorities clusters may have", ("Dedicated",), dev=("LowPriority",)),
        },
        maps={"waf": ("CO", "RE")},
    ),
    Rule(
        id="C15",
        name="compute-identity-assigned",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="A job that works as nobody in particular needs keys to read data.",
        check=only(CLUSTER, has_user_assigned_identity),
        maps={"sonar": ("S6378",)},
    ),
)
