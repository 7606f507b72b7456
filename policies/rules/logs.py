"""Rules about logs: that they are kept, for how long, and who can read and write them."""

from pulumi_policy import Severity

from rules.diagnostics import logged
from rules.finding import PASS, CannotTell, Fail, Finding, expect, worst
from rules.profiles import refused, unless_disposable
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, MANDATORY, PROFILES, InStack, Rule, Setting, Settings
from rules.stack import Resource, Stack

ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
INSIGHTS = "azure-native:applicationinsights:Component"
LOGS = "azure-native:operationalinsights:Workspace"


def _is_logged(endpoint: Resource, stack: Stack, _settings: Settings) -> Finding:
    return logged(
        endpoint, stack, "Add a monitor:DiagnosticSetting with this endpoint as resourceUri, a workspaceId and logs on."
    )


def _is_kept_by_identity(props: Props, settings: Settings) -> Finding:
    findings = [
        _says(props, "workspaceResourceId"),
        expect(
            props.flag("disableLocalAuth"),
            wanted=True,
            path="disableLocalAuth",
            fix="Set disableLocalAuth to true, so that only identities write.",
        ),
    ]
    if settings["closed"]:
        findings += [
            expect(props.enum(path), "disabled", path, f"Set {path} to 'Disabled'.")
            for path in ("publicNetworkAccessForIngestion", "publicNetworkAccessForQuery")
        ]
    return worst(*findings)


def _says(props: Props, path: str) -> Finding:
    match props.text(path):
        case Absent() | "":
            return Fail(f"Set {path} to a Log Analytics workspace's id.")
        case Unknown():
            return PASS  # an id that is said is set, even before it is known
    return PASS


def _keeps_long_enough(props: Props, settings: Settings) -> Finding:
    path = "retentionInDays"
    days = settings["days"]
    match props.number(path):
        case Unknown():
            return CannotTell(path)
        case float() as found if found >= days:
            return PASS
    return Fail(f"Set {path} to {days:g} at least; Azure's default is 30.")


RULES = (
    Rule(
        id="D06",
        name="endpoint-diagnostics",
        applies_to=(ONLINE,),
        levels=unless_disposable(MANDATORY),
        severity=Severity.MEDIUM,
        why="Who asked a model what, and what went wrong, is what an incident needs to know.",
        check=InStack(_is_logged),
        maps={"azpolicy": ("5cfb9e8a",), "eu-ai-act": ("Art. 12",)},
    ),
    Rule(
        id="S10",
        name="appinsights-entra-and-workspace",
        applies_to=(INSIGHTS,),
        levels=dict.fromkeys(PROFILES, ADVISORY),
        severity=Severity.MEDIUM,
        why="Whoever has an instrumentation key can write what never happened.",
        check=_is_kept_by_identity,
        settings={
            "closed": Setting(
                meaning="whether telemetry is written and read by a private endpoint only",
                schema={"type": "boolean"},
                defaults={"local": False, "dev": False, "staging": False, "prod": True, "regulated": True},
            )
        },
        maps={"azpolicy": ("d550e854", "199d5677", "1bc02227"), "psrule": ("Azure.AppInsights.Workspace",)},
    ),
    Rule(
        id="S11",
        name="log-retention",
        applies_to=(LOGS,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="A fault that is found after months needs the logs of those months.",
        check=_keeps_long_enough,
        settings={
            "days": Setting(
                meaning="for how many days logs are kept",
                schema={"type": "integer", "minimum": 1},
                defaults={"local": 30, "dev": 30, "staging": 183, "prod": 183, "regulated": 365},
            )
        },
        maps={"ai-landing-zones": ("G-R3",), "eu-ai-act": ("Art. 19", "Art. 26(6)")},
    ),
)
