"""Every input of every served type lands where Azure's own JSON Schema has a place for it.

Runs where AML_KIT_ARM_SCHEMAS names a folder of Azure's schemas (`README.md` says where to get them).
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.azure_types import module
from environments.local.provider import resources, wire_names
from environments.local.provider.paths import PATHS
from environments.local.provider.resources import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.azure_types import Shape

_FOLDER = os.environ.get("AML_KIT_ARM_SCHEMAS")
_DEEPEST = 6  # how far `allOf` and its like nest within one object

pytestmark = pytest.mark.skipif(_FOLDER is None, reason="strict checks are off: AML_KIT_ARM_SCHEMAS names no folder")

_READ_ONLY = {"etag", "provisioningState"}
"""The SDK lets a program set these; Azure ignores them."""

_NOT_IN_THE_SCHEMA = {
    "machinelearningservices:CustomKeysArgs.keys",
    "machinelearningservices:MLFlowModelJobInputArgs.description",
    "machinelearningservices:MLTableJobInputArgs.description",
    "network:BackendAddressPoolArgs.location",
    "network:DelegationArgs.actions",
    "network:IpamPoolPrefixAllocationArgs.id",
    "network:NetworkSecurityGroupArgs.defaultSecurityRules",
    "network:NetworkSecurityGroupArgs.resourceGuid",
    "network:SubnetArgs.resourceNavigationLinks",
    "network:SubnetArgs.serviceAssociationLinks",
    "network:SubnetArgs.serviceGateway",
}
"""What the SDK knows and Azure's template schemas do not (or spell in two ways)."""

_NOT_UNDER_PROPERTIES_HERE = "network:LoadBalancerBackendAddressArgs"
"""Reached only through a network interface's own view of a load balancer, which no program writes."""


@dataclass(frozen=True)
class Found:
    """A schema and the document that its references point into."""

    document: Mapping[str, Any]
    schemas: tuple[Mapping[str, Any], ...]

    def properties(self) -> dict[str, Found]:
        collected: dict[str, list[Mapping[str, Any]]] = {}
        for each in self._parts():
            for name, schema in each.get("properties", {}).items():
                collected.setdefault(name, []).append(schema)
        return {name: Found(self.document, tuple(schemas)) for name, schemas in collected.items()}

    def held(self, keyword: str) -> Found:
        """What an array's `items` or an object's `additionalProperties` are."""
        inner = [each[keyword] for each in self._parts() if isinstance(each.get(keyword), dict)]
        return Found(self.document, tuple(inner))

    def _parts(self) -> Iterator[Mapping[str, Any]]:
        left = [(each, 0) for each in self.schemas]
        while left:
            schema, depth = left.pop()
            resolved = self._resolved(schema)
            yield resolved
            if depth < _DEEPEST:
                deeper = [each for word in ("allOf", "anyOf", "oneOf") for each in resolved.get(word, [])]
                left.extend((each, depth + 1) for each in deeper)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            if not schema["$ref"].startswith("#/"):
                return {}
            at: Any = self.document
            for step in schema["$ref"][2:].split("/"):
                at = at[step]
            schema = at
        return schema


@functools.cache
def _definitions() -> dict[tuple[str, str], Found]:
    """Azure's resource definitions by api-version and lower-cased type."""
    found = {}
    for file in Path(_FOLDER or "").glob("*/*.json"):
        document = json.loads(file.read_text())
        for group, definitions in document.items():
            if group.endswith("resourceDefinitions"):
                for each in definitions.values():
                    name = each["properties"]["type"]["enum"][0].lower()
                    found[file.parent.name, name] = Found(document, (each,))
    return found


def _definition(key: str) -> Found | None:
    kind = served(f"azure-native:{key}")
    return _definitions().get((kind.type.api_version, kind.arm_type.lower()))


def test_most_served_types_have_a_schema() -> None:
    assert sum(_definition(key) is not None for key in PATHS) >= 115


def test_every_input_has_a_place_in_azures_schema() -> None:
    lost = {name for key in PATHS for name in _lost_of_type(key, _definition(key))}
    assert sorted(lost - _NOT_IN_THE_SCHEMA) == []


def _lost_of_type(key: str, definition: Found | None) -> list[str]:
    if definition is None:
        return []  # the folder has no such type
    kind = served(f"azure-native:{key}")
    on_top = definition.properties()
    below = on_top["properties"].properties() if "properties" in on_top else {}
    lost = []
    for name, each in kind.type.inputs.items():
        if name in {*kind.path_inputs, *resources.QUERY.get(key, ())}:
            continue
        place = (on_top if wire_names.is_on_top(kind.key, name) else below).get(wire_names.wire_name(key, name))
        lost += [f"{key}.{name}"] if place is None else _lost(kind.type.module, each.shape, place, frozenset())
    return lost


def _lost(of_module: str, shape: Shape, place: Found, seen: frozenset[str]) -> list[str]:
    """The inputs below here that the schema has no place for."""
    if shape.kind in {"list", "map"}:
        return _lost(
            of_module, shape.of[0], place.held("items" if shape.kind == "list" else "additionalProperties"), seen
        )
    if shape.kind == "union":
        return [lost for each in shape.of for lost in _lost(of_module, each, place, seen)]
    known = place.properties()
    owner = f"{of_module}:{shape.name}"
    if shape.kind != "object" or shape.name in seen or not known or owner == _NOT_UNDER_PROPERTIES_HERE:
        return []
    lost = []
    for name, each in module(of_module).objects[shape.name].items():
        found = _place(owner, name, known)
        if found is not None:
            lost += _lost(of_module, each.shape, found, seen | {shape.name})
        elif name not in _READ_ONLY:
            lost.append(f"{owner}.{name}")
    return lost


def _place(owner: str, name: str, known: Mapping[str, Found]) -> Found | None:
    outside = wire_names.inner(owner)
    inside = outside is not None and name not in outside
    within = (known["properties"].properties() if "properties" in known else {}) if inside else known
    return within.get(wire_names.wire_name(owner, name))
