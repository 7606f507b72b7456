"""Cases of the rules about endpoints."""

from tests.policies.case import UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
_DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"


def _case(said: str, mode: str, outcome: Outcome, kind: str = "OnlineEndpoint") -> Case:
    resource_type = f"azure-native:machinelearningservices:{kind}"
    return Case(rule="E02", said=said, type=resource_type, props={"properties": {"authMode": mode}}, outcome=outcome)


def _open(said: str, access: object, outcome: Outcome, kind: str = ONLINE) -> Case:
    props = {"properties": {"publicNetworkAccess": access}}
    return Case(rule="E01", said=said, type=kind, props=props, outcome=outcome)


def _as(said: str, identity: object, outcome: Outcome, kind: str = ONLINE) -> Case:
    return Case(rule="E03", said=said, type=kind, props={"identity": identity}, outcome=outcome)


def _split(said: str, outcome: Outcome, *beside: Other, mirror: object = None, traffic: object = None) -> Case:
    props = {"endpointName": "rain", "properties": {"traffic": traffic, "mirrorTraffic": mirror}}
    return Case(rule="E12", said=said, type=ONLINE, props=props, outcome=outcome, beside=beside, alone=True)


def _deployed(name: str, endpoint: str = "rain") -> Other:
    return Other(type=_DEPLOYMENT, name=f"{endpoint} {name}", props={"deploymentName": name, "endpointName": endpoint})


CASES = (
    _open("closed", "Disabled", "pass"),
    _open("open", "Enabled", "fail"),
    _open("unset", None, "fail"),
    _open("unknown", UNKNOWN_TEXT, "cannot tell"),
    _open("a deployment", "Enabled", "not applicable", _DEPLOYMENT),
    _case("a token", "AADToken", "pass"),
    _case("a token, in another case", "aadtoken", "pass"),
    _case("a token, of a batch endpoint", "AADToken", "pass", "BatchEndpoint"),
    _case("a token, of a serverless endpoint", "AAD", "pass", "ServerlessEndpoint"),
    _case("a key", "Key", "fail"),
    _case("a workspace's token", "AMLToken", "fail"),
    _case("a key or a token", "KeyAndAAD", "fail", "ServerlessEndpoint"),
    Case(rule="E02", said="unset", type=ONLINE, props={"properties": {}}, outcome="fail"),
    _case("unknown", UNKNOWN_TEXT, "cannot tell"),
    Case(rule="E02", said="unknown body", type=ONLINE, props={"properties": UNKNOWN_OBJECT}, outcome="cannot tell"),
    _case("a deployment", "Key", "not applicable", "OnlineDeployment"),
    _as("its own", {"type": "UserAssigned", "userAssignedIdentities": ["/id"]}, "pass"),
    _as("its own, as Azure answers", {"type": "UserAssigned", "userAssignedIdentities": {"/id": {}}}, "pass"),
    _as("the system's", {"type": "SystemAssigned"}, "fail"),
    _as("unset", None, "fail"),
    _as("unknown", UNKNOWN_OBJECT, "cannot tell"),
    _as("a deployment", None, "not applicable", _DEPLOYMENT),
    _split("all of it", "pass", _deployed("blue"), _deployed("green"), traffic={"blue": 90, "green": 10}),
    _split("none of it", "pass", _deployed("blue"), traffic={"blue": 0}),
    _split("of deployments made elsewhere", "pass", traffic={"blue": 100}),
    _split("unset shares", "pass", traffic={}),
    _split("half of it", "fail", _deployed("blue"), traffic={"blue": 50}),
    _split("more than all of it", "fail", _deployed("blue"), _deployed("green"), traffic={"blue": 90, "green": 20}),
    _split("less than nothing", "fail", traffic={"blue": 150, "green": -50}),
    _split("to nobody", "fail", _deployed("blue"), traffic={"green": 100}),
    _split("to another endpoint's", "fail", _deployed("blue"), _deployed("green", "snow"), traffic={"green": 100}),
    _split("mirrored, to nobody", "fail", _deployed("blue"), traffic={"blue": 100}, mirror={"green": 10}),
    _split("mirrored, too much", "fail", traffic={"blue": 100}, mirror={"green": 60}),
    _split("a list where a map belongs", "fail", traffic=["blue"]),
    _split("words where numbers belong", "fail", traffic={"blue": "all"}),
    _split("unknown", "cannot tell", traffic=UNKNOWN_OBJECT),
    _split("an unknown share", "cannot tell", traffic={"blue": 90, "green": UNKNOWN_NUMBER}),
    _split("an unknown share beside too much", "fail", traffic={"blue": 110, "green": UNKNOWN_NUMBER}),
    _split("an unknown mirror", "cannot tell", traffic={"blue": 100}, mirror={"green": UNKNOWN_NUMBER}),
    _split("mirrors that are unknown", "cannot tell", traffic={"blue": 100}, mirror=UNKNOWN_OBJECT),
    Case(
        rule="E12",
        said="unknown body",
        type=ONLINE,
        props={"properties": UNKNOWN_OBJECT},
        outcome="cannot tell",
        alone=True,
    ),
    _split("to one whose name is unknown", "cannot tell", _deployed(UNKNOWN_TEXT), traffic={"green": 100}),
    _split("unset", "not applicable"),
)
