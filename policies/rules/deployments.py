"""Rules about online deployments: closed, watched, enough of them, and on machines we know."""

from pulumi_policy import Severity

from rules.compute_network import isolation
from rules.durations import between
from rules.endpoints import DEPLOYMENT
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.joins import refers, workspace_of
from rules.lists import listed, names, same
from rules.profiles import advised, refused
from rules.props import Absent, Props, Unknown
from rules.rule import InStack, ResourceCheck, Rule, Settings
from rules.sizes import SIZES
from rules.stack import Resource, Stack

_SCALING = "azure-native:monitor:AutoscaleSetting"
_EGRESS = "properties.egressPublicNetworkAccess"
_SIZE = "properties.instanceType"
_TELEMETRY = "properties.appInsightsEnabled"
_COLLECTED = "properties.dataCollector.collections"
_TIMEOUT = "properties.requestSettings.requestTimeout"


def _managed(check: ResourceCheck) -> ResourceCheck:
    """Ask only about deployments on Azure's machines; those on Kubernetes have the cluster's."""

    def checked(props: Props, settings: Settings) -> Finding:
        match props.enum("properties.endpointComputeType"):
            case Unknown():
                return CannotTell("properties.endpointComputeType")
            case "kubernetes":
                return NotApplicable("it is on Kubernetes")
        return check(props, settings)

    return checked


def _is_closed_outward(deployment: Resource, stack: Stack, settings: Settings) -> Finding:
    def check(props: Props, _settings: Settings) -> Finding:
        found = props.enum(_EGRESS)
        if found == "disabled":
            return PASS
        if isinstance(found, Unknown):
            return CannotTell(_EGRESS)
        match workspace_of(deployment, stack):
            case Absent() | Unknown():
                return CannotTell("workspaceName")
            case workspace:
                managed = isolation(workspace)
        return Fail(f"Set {_EGRESS} to 'Disabled'; Azure's default is Enabled.") if managed != PASS else PASS

    return _managed(check)(deployment.props, settings)


def _has_enough_machines(props: Props, settings: Settings) -> Finding:
    path, least = "sku.capacity", settings["least"]
    match props.number(path):
        case Unknown():
            return CannotTell(path)
        case float() as machines if machines >= least:
            return PASS
    return Fail(f"Set {path} to {least:g} at least, so that one may fail.")


def _is_of_a_listed_size(props: Props, settings: Settings) -> Finding:
    return listed(props, _SIZE, settings["allowed"], f"Set {_SIZE} to a size on this rule's list, or have it listed.")


def _is_watched(props: Props, settings: Settings) -> Finding:
    told = expect(props.flag(_TELEMETRY), wanted=True, path=_TELEMETRY, fix=f"Set {_TELEMETRY} to true.")
    collections = props.entries(_COLLECTED)
    if isinstance(collections, Unknown):
        return worst(told, CannotTell(_COLLECTED))
    known = {} if isinstance(collections, Absent) else {name.lower(): one for name, one in collections.items()}
    return worst(told, *(_collects(known.get(name.lower(), Props({})), name) for name in settings["collected"]))


def _collects(collection: Props | Unknown, name: str) -> Finding:
    if isinstance(collection, Unknown):
        return CannotTell(_COLLECTED)
    mode = collection.enum("dataCollectionMode")
    return expect(mode, "enabled", _COLLECTED, f"Collect {name}: {_COLLECTED}, with dataCollectionMode 'Enabled'.")


def _grows(deployment: Resource, stack: Stack, _settings: Settings) -> Finding:
    answers = [
        refers(one, "targetResourceUri", deployment)
        for one in stack.of(_SCALING)
        if _is_behind_its_endpoint(one, deployment)
    ]
    if True in answers:
        return PASS
    if any(isinstance(answer, Unknown) for answer in answers):
        return CannotTell("targetResourceUri")
    return Fail("Add a monitor:AutoscaleSetting with this deployment as targetResourceUri.")


def _is_behind_its_endpoint(setting: Resource, deployment: Resource) -> bool:
    """Deployments of two endpoints may have one name; their ids name the endpoint."""
    said, endpoint = setting.props.enum("targetResourceUri"), deployment.props.enum("endpointName")
    if not isinstance(said, str) or not isinstance(endpoint, str) or "/onlineendpoints/" not in said:
        return True
    return f"/onlineendpoints/{endpoint}/" in said


def _is_probed(props: Props, settings: Settings) -> Finding:
    fix = f"Set {_TIMEOUT} to {settings['longest']} at most."
    probes = [_said(props, f"properties.{probe}") for probe in ("livenessProbe", "readinessProbe")]
    return worst(*probes, between(props, _TIMEOUT, "PT1S", settings["longest"], fix))


def _said(props: Props, path: str) -> Finding:
    found = props.at(path)
    if isinstance(found, Unknown):
        return CannotTell(path)
    return Fail(f"Say how Azure can tell that it is well: {path}.") if isinstance(found, Absent) else PASS


_COUNT: dict[str, object] = {"type": "integer", "minimum": 0}

RULES = (
    Rule(
        id="E04",
        name="deployment-egress-closed",
        applies_to=(DEPLOYMENT,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A model that may reach the internet can send there what it is asked.",
        fix="Set properties.egressPublicNetworkAccess to 'Disabled', or isolate the workspace's managed network.",
        check=InStack(_is_closed_outward),
    ),
    Rule(
        id="E05",
        name="deployment-min-replicas",
        applies_to=(DEPLOYMENT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="One machine that answers is one machine that may fail.",
        check=_has_enough_machines,
        settings={"least": same("how many machines answer at least", _COUNT, 1, prod=3, regulated=3)},
        maps={"waf": ("RE",)},
    ),
    Rule(
        id="E06",
        name="deployment-instance-type-allowlist",
        applies_to=(DEPLOYMENT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="A deployment costs its machines day and night.",
        check=_managed(_is_of_a_listed_size),
        settings={"allowed": names("sizes that deployments may have; `*` stands for anything", SIZES)},
    ),
    Rule(
        id="E07",
        name="deployment-telemetry",
        applies_to=(DEPLOYMENT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="What a model was asked and answered cannot be collected afterwards.",
        check=_is_watched,
        settings={
            "collected": names("what is collected of each answer", ("model_inputs", "model_outputs"), dev=(), local=())
        },
        maps={"waf": ("OE",), "eu-ai-act": ("Art. 12",)},
    ),
    Rule(
        id="E08",
        name="deployment-autoscale",
        applies_to=(DEPLOYMENT,),
        levels=advised(),
        severity=Severity.LOW,
        why="Load comes when nobody looks, and goes while machines still cost.",
        check=InStack(_grows),
        maps={"waf": ("PE",)},
    ),
    Rule(
        id="E13",
        name="deployment-probes-and-limits",
        applies_to=(DEPLOYMENT,),
        levels=advised(),
        severity=Severity.LOW,
        why="A machine that hangs is taken out only if somebody asks it.",
        check=_is_probed,
        settings={"longest": same("how long an answer may take (ISO 8601)", {"type": "string"}, "PT60S")},
    ),
)
