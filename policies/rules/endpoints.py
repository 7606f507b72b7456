"""Rules about endpoints: who may ask a model."""

from pulumi_policy import Severity

from rules.profiles import refused
from rules.props import Props
from rules.rule import MANDATORY, Finding, Rule, Settings, expect

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
BATCH = "azure-native:machinelearningservices:BatchEndpoint"
SERVERLESS = "azure-native:machinelearningservices:ServerlessEndpoint"
_TOKENS = ("aadtoken", "aad")  # serverless endpoints have a word of their own


def _asks_for_an_entra_token(props: Props, _settings: Settings) -> Finding:
    path = "properties.authMode"
    mode = props.enum(path)
    wanted = mode if mode in _TOKENS else _TOKENS[0]
    return expect(mode, wanted, path, f"Set {path} to 'AADToken' ('AAD' for a serverless endpoint).")


RULES = (
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
)
