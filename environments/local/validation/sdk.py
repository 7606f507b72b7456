"""What `azure-ai-ml` knows about a body of Azure ML, and the body as Azure would store it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.validation import deviations
from environments.local.validation.problem import Problem, below, quoted
from environments.local.validation.sdk_models import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from environments.local.azure_source import Shape
    from environments.local.validation.sdk_models import Model

NAMESPACE = "microsoft.machinelearningservices"

_ASSETS = {
    "codes": "Code",
    "components": "Component",
    "data": "Data",
    "environments": "Environment",
    "models": "Model",
    "featuresets": "Featureset",
    "featurestoreentities": "FeaturestoreEntity",
}
_MODEL_OF = {
    "registries": "Registry",
    "workspaces": "Workspace",
    "workspaces/batchendpoints": "BatchEndpoint",
    "workspaces/batchendpoints/deployments": "BatchDeployment",
    "workspaces/capabilityhosts": "CapabilityHost",
    "workspaces/computes": "ComputeResource",
    "workspaces/connections": "WorkspaceConnectionPropertiesV2BasicResource",
    "workspaces/datastores": "Datastore",
    "workspaces/jobs": "JobBase",
    "workspaces/marketplacesubscriptions": "MarketplaceSubscription",
    "workspaces/onlineendpoints": "OnlineEndpoint",
    "workspaces/onlineendpoints/deployments": "OnlineDeployment",
    "workspaces/outboundrules": "OutboundRuleBasicResource",
    "workspaces/privateendpointconnections": "PrivateEndpointConnection",
    "workspaces/schedules": "Schedule",
    "workspaces/serverlessendpoints": "ServerlessEndpoint",
    **{
        f"{parent}/{each}": f"{name}Container"
        for parent in ("registries", "workspaces")
        for each, name in _ASSETS.items()
    },
    **{
        f"{parent}/{each}/versions": "DataVersionBase" if each == "data" else f"{name}Version"
        for parent in ("registries", "workspaces")
        for each, name in _ASSETS.items()
    },
}
"""The SDK's model of the body of a PUT, by the type's name in lower case; from the operations of its REST client."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A body as the SDK's models read it."""

    body: dict[str, Any]
    """With enums in Azure's case."""
    sent: dict[str, Any]
    """The same without nulls and without what only Azure says: both are the same as not being there."""
    problems: tuple[Problem, ...]


def judge(arm_type: str, api_version: str, body: Mapping[str, Any]) -> Judged | None:
    """Judge a body; None for a type that the SDK never sends."""
    namespace, _, rest = arm_type.lower().partition("/")
    name = _MODEL_OF.get(rest) if namespace == NAMESPACE else None
    if name is None:
        return None
    look = _Look(found=[], preview=api_version.lower().endswith("preview"))
    stored, sent = _object(look, name, dict(body), "")
    return Judged(body=stored, sent=sent, problems=tuple(look.found))


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look at a body."""

    found: list[Problem]
    preview: bool

    def say(self, path: str, what: str, allowed: Iterable[str] = ()) -> None:
        self.found.append(Problem(path=path, what=what, allowed=tuple(allowed)))


def _object(look: _Look, name: str, value: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The object as it is stored and as it was meant: see `Judged`."""
    model = models()[name]
    if model.subtypes:
        said = _subtype(look, model, value, path)
        if said is None or not model.subtypes[said]:
            return value, value
        return _object(look, model.subtypes[said], {**value, model.discriminator: said}, path)
    stored, sent = {}, {}
    for key, each in value.items():
        field = model.fields.get(key)
        stored[key] = each
        if field is None and (each is None or key in deviations.IGNORED):
            continue
        if field is None or (field.preview and not look.preview):
            known = sorted(name for name, field in model.fields.items() if not (field.read_only or field.preview))
            look.say(below(path, key), "is no known property", known)
        elif each is not None and not field.read_only:
            stored[key], sent[key] = _value(look, field.shape, each, below(path, key))
    for key, field in model.fields.items():
        if field.required and value.get(key) is None:
            look.say(below(path, key), "is required")
    return stored, sent


def _subtype(look: _Look, model: Model, value: Mapping[str, Any], path: str) -> str | None:
    """The discriminator's value in Azure's case."""
    here, said = below(path, model.discriminator), value.get(model.discriminator)
    known = sorted(each for each, name in model.subtypes.items() if name or look.preview)
    if said is None:
        look.say(here, "is required", known)
        return None
    found = next((each for each in known if each.lower() == str(said).lower()), None)
    if found is None:
        look.say(here, f"has the unknown value {quoted(said)}", known)
    return found


def _value(look: _Look, shape: Shape, value: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401
    if shape.kind == "any":
        return value, value
    if not _is(value, shape.kind):
        look.say(path, f"has the wrong type: {quoted(value)}", [_WORDS[shape.kind]])
        return value, value
    if shape.kind == "list":
        pairs = [_item(look, shape.of[0], each, below(path, index)) for index, each in enumerate(value)]
        return [stored for stored, _ in pairs], [sent for _, sent in pairs]
    if shape.kind == "map":
        value = _with_strings(shape.of[0], value)
        held = {key: _item(look, shape.of[0], each, below(path, key)) for key, each in value.items()}
        kept = {key: sent for key, (_, sent) in held.items() if sent is not None}
        return {key: stored for key, (stored, _) in held.items()}, kept
    if shape.kind == "object":
        return _object(look, shape.name, value, path)
    if shape.values:
        value = _in_azures_case(look, shape.values, value, path)
    return value, value


def _with_strings(held: Shape, value: dict[str, Any]) -> dict[str, Any]:
    if held.kind != "string":
        return value
    return {
        key: str(each) if key in deviations.SCALARS_IN_STRING_MAPS and isinstance(each, int) else each
        for key, each in value.items()
    }


def _item(look: _Look, shape: Shape, value: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401
    return (None, None) if value is None else _value(look, shape, value, path)


def _in_azures_case(look: _Look, values: tuple[str, ...], value: str, path: str) -> str:
    for each in values:
        if each.lower() == value.lower():
            return each
    look.say(path, f"has the unknown value {quoted(value)}", values)
    return value


_WORDS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "an object",
    "object": "an object",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "object": (dict,),
}


def _is(value: Any, kind: str) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _TYPES[kind])
