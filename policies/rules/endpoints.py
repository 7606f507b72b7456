"""Rules about endpoints: who may ask a model, from where, and as whom it works."""

from pulumi_policy import Severity

from rules.clusters import has_user_assigned_identity
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.joins import name_of, refers
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, InStack, Rule, Settings
from rules.stack import Resource, Stack

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
BATCH = "azure-native:machinelearningservices:BatchEndpoint"
SERVERLESS = "azure-native:machinelearningservices:ServerlessEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_TOKENS = ("aadtoken", "aad")  # serverless endpoints have a word of their own
_TRAFFIC, _MIRROR = "properties.traffic", "properties.mirrorTraffic"
_ALL, _MOST_MIRRORED = 100, 50  # percent, as Azure has it


def _asks_for_an_entra_token(props: Props, _settings: Settings) -> Finding:
    path = "properties.authMode"
    mode = props.enum(path)
    wanted = mode if mode in _TOKENS else _TOKENS[0]
    return expect(mode, wanted, path, f"Set {path} to 'AADToken' ('AAD' for a serverless endpoint).")


def _is_private(props: Props, _settings: Settings) -> Finding:
    path = "properties.publicNetworkAccess"
    return expect(props.enum(path), "disabled", path, f"Set {path} to 'Disabled'; Azure's default is Enabled.")


def _has_valid_traffic(endpoint: Resource, stack: Stack, _settings: Settings) -> Finding:
    return worst(_shares_add_up(endpoint.props), _mirrors_half_at_most(endpoint.props), _names_exist(endpoint, stack))


def _shares_add_up(props: Props) -> Finding:
    found = props.numbers(_TRAFFIC)
    if isinstance(found, Unknown):
        return CannotTell(_TRAFFIC)
    shares = [] if isinstance(found, Absent) else list(found.values())
    known = [one for one in shares if not isinstance(one, Unknown)]
    if any(not 0 <= one <= _ALL for one in known) or sum(known) > _ALL:
        return Fail(f"Have the shares of {_TRAFFIC} add up to 0 or {_ALL}.")
    if len(known) < len(shares):
        return CannotTell(_TRAFFIC)
    return PASS if sum(known) in (0, _ALL) else Fail(f"Have the shares of {_TRAFFIC} add up to 0 or {_ALL}.")


def _mirrors_half_at_most(props: Props) -> Finding:
    found = props.numbers(_MIRROR)
    if isinstance(found, Unknown):
        return CannotTell(_MIRROR)
    shares = [] if isinstance(found, Absent) else list(found.values())
    known = [one for one in shares if not isinstance(one, Unknown)]
    if sum(known) > _MOST_MIRRORED or any(one < 0 for one in known):
        return Fail(f"Mirror {_MOST_MIRRORED} % at most: {_MIRROR}.")
    return CannotTell(_MIRROR) if len(known) < len(shares) else PASS


def _names_exist(endpoint: Resource, stack: Stack) -> Finding:
    answers = [(one, refers(one, "endpointName", endpoint)) for one in stack.of(DEPLOYMENT)]
    names = [name_of(one) for one, answer in answers if answer is True]
    if not names:
        return PASS  # its deployments are made elsewhere, by a loop that moves the traffic too
    unknown = any(isinstance(answer, Unknown) for _, answer in answers) or any(not isinstance(n, str) for n in names)
    there = {name.lower() for name in names if isinstance(name, str)}
    for path in (_TRAFFIC, _MIRROR):
        shares = endpoint.props.numbers(path)
        if not isinstance(shares, Absent | Unknown) and {name.lower() for name in shares} - there:
            return CannotTell("endpointName") if unknown else Fail(f"Name deployments that are there: {path}.")
    return PASS


def _says_traffic(endpoint: Resource, stack: Stack, settings: Settings) -> Finding:
    if isinstance(endpoint.props.at("properties"), Unknown):
        return CannotTell("properties")
    if all(isinstance(endpoint.props.at(path), Absent) for path in (_TRAFFIC, _MIRROR)):
        return NotApplicable("it says nothing about traffic")
    return _has_valid_traffic(endpoint, stack, settings)


RULES = (
    Rule(
        id="E01",
        name="online-endpoint-private",
        applies_to=(ONLINE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="What a model answers is as confidential as what it learned from.",
        check=_is_private,
        maps={"sonar": ("S6329",)},
    ),
    Rule(
        id="E02",
        name="endpoint-entra-auth",
        applies_to=(ONLINE, BATCH, SERVERLESS),
        levels=refused(dev=MANDATORY),
        severity=Severity.HIGH,
        why="A key lets in whoever holds it; a token says who asks.",
        check=_asks_for_an_entra_token,
        maps={"mcsb": ("IM-1",), "ai-landing-zones": ("I-R6",)},
    ),
    Rule(
        id="E03",
        name="endpoint-identity",
        applies_to=(ONLINE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="A system identity is granted rights after its deployments already ask for them.",
        check=has_user_assigned_identity,
        maps={"sonar": ("S6378",)},
    ),
    Rule(
        id="E12",
        name="endpoint-traffic-valid",
        applies_to=(ONLINE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="A share that leads nowhere is an outage for that share of people.",
        fix=(
            "Have the shares of properties.traffic add up to 100 or 0, mirror 50 % at most, and name only "
            "deployments that are there."
        ),
        check=InStack(_says_traffic),
    ),
)
