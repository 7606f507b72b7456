"""The SDK's one set of models refuses nothing that Azure's schema of an older api-version takes: see `deviations`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.validation import deviations, schemas, sdk
from environments.local.validation.sdk_models import models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.azure_source import Shape

_GIVEN = os.environ.get("AML_KIT_ARM_SCHEMAS")
_KINDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}
_PUTS = {
    "registries": "2022-10-01-preview",
    "registries/models/versions": "2022-10-01-preview",
    "workspaces": "2024-10-01-preview",
    "workspaces/batchendpoints": "2023-10-01",
    "workspaces/batchendpoints/deployments": "2024-01-01-preview",
    "workspaces/codes/versions": "2023-04-01",
    "workspaces/components/versions": "2024-01-01-preview",
    "workspaces/computes": "2023-08-01-preview",
    "workspaces/connections": "2024-04-01-preview",
    "workspaces/data/versions": "2023-04-01-preview",
    "workspaces/datastores": "2024-10-01-preview",
    "workspaces/environments/versions": "2023-04-01-preview",
    "workspaces/featurestoreentities/versions": "2023-10-01",
    "workspaces/jobs": "2024-01-01-preview",
    "workspaces/models/versions": "2023-08-01-preview",
    "workspaces/onlineendpoints": "2022-02-01-preview",
    "workspaces/onlineendpoints/deployments": "2023-04-01-preview",
    "workspaces/schedules": "2023-06-01-preview",
    "workspaces/serverlessendpoints": "2024-01-01-preview",
}
"""With which api-version the SDK puts each type."""
_ALL = (*_PUTS.items(), ("workspaces/jobs", "2025-01-01-preview"), *((kind, "2025-12-01") for kind in _PUTS))
_KNOWN = {
    # Secrets have no union in the schemas: any type beside any other's fields, which the SDK never sends.
    "secretsType has fewer values",
    "jobLimitsType has fewer values",
    "triggerType has fewer values",
}


@pytest.mark.skipif(_GIVEN is None, reason="Azure's schemas are not given: set AML_KIT_ARM_SCHEMAS")
@pytest.mark.parametrize(("kind", "version"), _ALL)
def test_the_models_refuse_nothing_that_the_schema_takes(kind: str, version: str) -> None:
    judge = schemas._judge(Path(str(_GIVEN)), f"{sdk.NAMESPACE}/{kind}", version)
    definitions = judge.schema["$defs"]
    found = set(_objects(sdk._MODEL_OF[kind], definitions[schemas._BODY], definitions, set()))
    assert {each for each in found if not any(known in each for known in _KNOWN)} == set()


def _objects(name: str, node: Any, defs: Mapping[str, Any], seen: set[tuple[str, int]]) -> Iterator[str]:  # noqa: ANN401
    node = _resolved(node, defs)
    if (name, id(node)) in seen:
        return
    seen.add((name, id(node)))
    model = models()[name]
    if model.subtypes:
        only = node.get("properties", {}).get(model.discriminator, {}).get("enum", ())  # or it names one sub-type
        union = node.get("chosen", {"from": dict.fromkeys(only, node), "else": {}})
        yield from _subtypes(name, union, defs, seen)
        return
    for key, each in node.get("properties", {}).items():
        field = model.fields.get(key)
        if field is None:
            yield f"{name}: {key} is missing"
        elif field.read_only and key not in deviations.IGNORED_FIELDS.get(name, ()):
            yield f"{name}: {key} is read-only"
        else:
            yield from _values(f"{name}.{key}", field.shape, _resolved(each, defs), defs, seen)
    for key, field in model.fields.items():
        if field.required and node.get("properties") and key not in node["required"]:
            yield f"{name}: {key} is required"


def _subtypes(name: str, union: Any, defs: Mapping[str, Any], seen: set[tuple[str, int]]) -> Iterator[str]:  # noqa: ANN401
    known = {value.lower(): each for value, each in models()[name].subtypes.items()}
    for value, subtype in {**union["from"], **union["else"]}.items():
        if value.lower() not in known:
            yield f"{name}: no sub-type {value}"
        elif known[value.lower()]:
            yield from _objects(known[value.lower()], subtype, defs, seen)


def _values(
    where: str,
    shape: Shape,
    node: Any,  # noqa: ANN401
    defs: Mapping[str, Any],
    seen: set[tuple[str, int]],
) -> Iterator[str]:
    inner = {"list": "items", "map": "additionalProperties"}.get(shape.kind)
    if shape.kind == "object":
        yield from _objects(shape.name, node, defs, seen)
    elif inner and isinstance(node.get(inner), dict):
        yield from _values(f"{where}*", shape.of[0], _resolved(node[inner], defs), defs, seen)
    elif shape.kind in _KINDS and node.get("type") != _KINDS[shape.kind]:
        yield f"{where} is no {shape.kind}"
    elif shape.values and {each.lower() for each in node.get("enum", ())} - {each.lower() for each in shape.values}:
        yield f"{where} has fewer values"


def _resolved(node: Any, defs: Mapping[str, Any]) -> Any:  # noqa: ANN401
    while "$ref" in node:
        node = defs[node["$ref"].rsplit("/", 1)[-1]]
    return node
