"""Where machines stand: in a network of their own, or in the workspace's."""

from pulumi_policy import Severity

from rules.compute import COMPUTE, MACHINES, only
from rules.finding import PASS, CannotTell, Fail, Finding
from rules.joins import workspace_of
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import InStack, Rule, Settings
from rules.stack import Resource, Stack

_SUBNET = "properties.properties.subnet.id"
_ISOLATION = "managedNetwork.isolationMode"


def isolation(workspace: Resource) -> Finding:
    """Check that a workspace has a managed network."""
    match workspace.props.enum(_ISOLATION):
        case Unknown():
            return CannotTell(_ISOLATION)
        case Absent() | "disabled":
            return Fail(f"Set {_ISOLATION} of the workspace.")
    return PASS


def _stands_in_a_network(resource: Resource, stack: Stack, settings: Settings) -> Finding:
    def check(props: Props, _settings: Settings) -> Finding:
        return _in_a_network(resource, props, stack)

    return only(MACHINES, check)(resource.props, settings)


def _in_a_network(resource: Resource, props: Props, stack: Stack) -> Finding:
    match props.text(_SUBNET):
        case str() as said if said:
            return PASS
        case Unknown():
            return CannotTell(_SUBNET)
    match workspace_of(resource, stack):
        case Absent() | Unknown():
            return CannotTell("workspaceName")  # it is in another stack, or made in this very update
        case workspace:
            managed = isolation(workspace)
    if isinstance(managed, Fail):
        return Fail(f"Set {_SUBNET}, or {_ISOLATION} of the workspace.")
    return managed


RULES = (
    Rule(
        id="C06",
        name="compute-network-isolated",
        applies_to=(COMPUTE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A machine outside every network is watched and closed by nobody.",
        fix="Set managedNetwork.isolationMode of the workspace, or properties.properties.subnet.id of the compute.",
        check=InStack(_stands_in_a_network),
        maps={
            "azpolicy": ("7804b5c7",),
            "alz": ("Deny-MachineLearning-Compute-SubnetId",),
            "psrule": ("AZR-000405",),
            "mcsb": ("NS-2",),
        },
    ),
)
