"""Cases of the rules about endpoints."""

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"


def _case(said: str, mode: str, outcome: Outcome, kind: str = "OnlineEndpoint") -> Case:
    resource_type = f"azure-native:machinelearningservices:{kind}"
    return Case(rule="E02", said=said, type=resource_type, props={"properties": {"authMode": mode}}, outcome=outcome)


CASES = (
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
)
