"""Rules about a workspace's network: it has one, and lets nothing out that nobody approved."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect
from rules.joins import WORKSPACE
from rules.lists import same
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import Rule, Settings

_OF_THE_HUB = NotApplicable("a project has its hub's")
_SUBNET = "serverlessComputeSettings.serverlessComputeCustomSubnet"


def _has_a_managed_network(props: Props, settings: Settings) -> Finding:
    if props.enum("kind") == "project":
        return _OF_THE_HUB
    path = "managedNetwork.isolationMode"
    fix = f"Set {path} to 'AllowOnlyApprovedOutbound'."
    match props.enum(path):
        case Unknown():
            return CannotTell(path)
        case Absent() | "disabled":
            return _has_a_subnet(props, f"{fix} Or set {_SUBNET}.") if settings["ownNetwork"] else Fail(fix)
    return PASS


def _has_a_subnet(props: Props, fix: str) -> Finding:
    match props.text(_SUBNET):
        case Unknown():
            return CannotTell(_SUBNET)
        case Absent() | "":
            return Fail(fix)
    return PASS


def _reaches_only_what_is_approved(props: Props, _settings: Settings) -> Finding:
    if props.enum("kind") == "project":
        return _OF_THE_HUB
    path = "managedNetwork.isolationMode"
    return expect(props.enum(path), "allowonlyapprovedoutbound", path, f"Set {path} to 'AllowOnlyApprovedOutbound'.")


def _serverless_has_no_public_address(props: Props, _settings: Settings) -> Finding:
    match props.text(_SUBNET):
        case Absent() | "":
            return NotApplicable("its serverless machines stand in no subnet of ours")
        case Unknown():
            return CannotTell(_SUBNET)
    path = "serverlessComputeSettings.serverlessComputeNoPublicIP"
    return expect(props.flag(path), wanted=True, path=path, fix=f"Set {path} to true.")


RULES = (
    Rule(
        id="W02",
        name="workspace-managed-network-on",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Machines that stand in no network reach everything, and nobody sees it.",
        check=_has_a_managed_network,
        settings={
            "ownNetwork": same(
                "whether a subnet of one's own will do instead", {"type": "boolean"}, value=False, dev=True
            )
        },
        maps={"azpolicy": ("6ddb1705",), "waf": ("SE",)},
    ),
    Rule(
        id="W03",
        name="workspace-approved-outbound-only",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Code that runs on data must not be able to send it anywhere.",
        check=_reaches_only_what_is_approved,
        maps={"azpolicy": ("6ddb1705",), "waf": ("SE",)},
    ),
    Rule(
        id="W15",
        name="workspace-serverless-no-public-ip",
        applies_to=(WORKSPACE,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="A machine inside a network needs no address outside it.",
        fix="Set serverlessComputeSettings.serverlessComputeNoPublicIP to true.",
        check=_serverless_has_no_public_address,
    ),
)
