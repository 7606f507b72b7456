"""Rules about which models are deployed: one exact version, from a source we know, approved."""

import re

from pulumi_policy import Severity

from rules.endpoints import DEPLOYMENT, SERVERLESS
from rules.finding import PASS, CannotTell, Fail, Finding, expect, worst
from rules.lists import listed, matches, names, same
from rules.profiles import refused, where_people_rely_on_it
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, Rule, Settings

BATCH_DEPLOYMENT = "azure-native:machinelearningservices:BatchDeployment"
_SUBSCRIPTION = "azure-native:machinelearningservices:MarketplaceSubscription"
_DEPLOYMENTS = (DEPLOYMENT, BATCH_DEPLOYMENT)
_WORD = r"[^/:@\s]+"
_VERSION = rf"(?P<version>{_WORD})"
_IN_REGISTRY = rf"azureml://registries/(?P<registry>{_WORD})/models/{_WORD}/versions/"
_OF_REGISTRY = re.compile(_IN_REGISTRY + _VERSION, re.IGNORECASE)
_IN_WORKSPACE = rf"(?:azureml:)?/subscriptions/\S+/workspaces/{_WORD}/models/{_WORD}/versions/"
_OF_WORKSPACE = re.compile(rf"(?:azureml:{_WORD}:|{_IN_WORKSPACE}){_VERSION}", re.IGNORECASE)
_MODEL = "properties.model"


def _model(props: Props) -> str | Absent | Unknown:
    """Read which model it is: a text, or for a batch deployment a reference to an asset."""
    found = props.at(_MODEL)
    return props.text(f"{_MODEL}.assetId") if not isinstance(found, str | Absent | Unknown) else props.text(_MODEL)


def _is_pinned(props: Props, _settings: Settings) -> Finding:
    match _model(props):
        case Unknown():
            return CannotTell(_MODEL)
        case Absent():
            return Fail(f"Say which registered model it is: {_MODEL}.")
        case asset:
            found = _OF_REGISTRY.fullmatch(asset) or _OF_WORKSPACE.fullmatch(asset)
    if found is None or found["version"].lower() == "latest":
        return Fail(f"Name one version of a registered model in {_MODEL}; no label, no path.")
    return PASS


def _is_from_a_listed_registry(props: Props, settings: Settings) -> Finding:
    match _model(props):
        case Unknown():
            return CannotTell(_MODEL)
        case Absent():
            return Fail(f"Say which registered model it is: {_MODEL}.")
        case asset:
            found = _OF_REGISTRY.fullmatch(asset)
    if found is None:
        ours = settings["ownWorkspace"] and _OF_WORKSPACE.fullmatch(asset) is not None
    else:
        ours = matches(found["registry"], settings["registries"])
    return expect(ours, wanted=True, path=_MODEL, fix=f"Take {_MODEL} from a registry of this rule's list.")


def _is_a_listed_catalog_model(props: Props, settings: Settings) -> Finding:
    endpoint = not isinstance(props.at("properties"), Unknown) and not isinstance(
        props.at("properties.modelSettings"), Absent
    )
    path = "properties.modelSettings.modelId" if endpoint else "properties.modelId"
    model = listed(props, path, settings["allowed"], f"Deploy a model of this rule's list, or have it listed: {path}.")
    if not endpoint:
        return model
    safety = "properties.contentSafety.contentSafetyStatus"
    return worst(model, expect(props.enum(safety), "enabled", safety, f"Set {safety} to 'Enabled'."))


def _is_approved(props: Props, settings: Settings) -> Finding:
    match _model(props):
        case Unknown():
            return CannotTell(_MODEL)
        case Absent():
            return Fail(f"Say which registered model it is: {_MODEL}.")
        case asset:
            approved = [one for one in settings["approved"] if one["model"].lower() == asset.lower()]
    if any(one["expires"] >= settings["today"] for one in approved):
        return PASS
    return Fail("Its approval is over: have the model looked at again." if approved else "Have this model approved.")


_APPROVALS: dict[str, object] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"model": {"type": "string"}, "expires": {"type": "string"}},
        "required": ["model", "expires"],
    },
}

RULES = (
    Rule(
        id="E09",
        name="deployment-model-pinned",
        applies_to=_DEPLOYMENTS,
        levels=refused(dev=MANDATORY),
        severity=Severity.HIGH,
        why="A label answers another model tomorrow, and nobody approved that one.",
        check=_is_pinned,
    ),
    Rule(
        id="E10",
        name="deployment-model-source-allowlist",
        applies_to=_DEPLOYMENTS,
        levels=refused(),
        severity=Severity.HIGH,
        why="A model is code from whoever made it.",
        check=_is_from_a_listed_registry,
        settings={
            "registries": names("registries that models may come from", ("mlr-*",)),
            "ownWorkspace": same(
                "whether a model of the workspace itself will do", {"type": "boolean"}, value=True, regulated=False
            ),
        },
        maps={"azpolicy": ("12e5dd16", "19539b54", "aafe3651"), "ai-landing-zones": ("G-R5",)},
    ),
    Rule(
        id="E11",
        name="model-catalog-allowlist",
        applies_to=(SERVERLESS, _SUBSCRIPTION),
        levels=refused(),
        severity=Severity.HIGH,
        why="A model of the catalogue is somebody else's, with somebody else's terms, and paid by the word.",
        check=_is_a_listed_catalog_model,
        settings={"allowed": names("models of the catalogue that may be used; `*` stands for anything")},
        maps={"ai-landing-zones": ("CO-R5", "G-R4")},
    ),
    Rule(
        id="E14",
        name="prod-deploy-requires-approved-model",
        applies_to=_DEPLOYMENTS,
        levels=where_people_rely_on_it(),
        severity=Severity.CRITICAL,
        why="A model that nobody approved decides about people.",
        check=_is_approved,
        settings={
            "approved": same("models with a valid approval, and the day on which it ends", _APPROVALS, []),
            "today": same("the day to judge by; empty is the day of the run", {"type": "string"}, ""),
        },
    ),
)
