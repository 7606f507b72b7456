"""One change for each setting: within what is allowed, and nothing else with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from environments.local.install import ROOT
from environments.rehearsal.alternatives import alternatives
from tests.infra.stacks import SCENARIOS, document

SCHEMA = json.loads((ROOT / "environments" / "Pulumi.schema.json").read_text())


def _schema(**keys: object) -> dict[str, Any]:
    return {"properties": {"config": {"properties": keys}}, "$defs": {"Cluster": _CLUSTER, "Person": _PERSON}}


_PERSON = {"type": "object", "properties": {"name": {"type": "string"}}}
_CLUSTER = {
    "type": "object",
    "properties": {"size": {"enum": ["S", "L"], "type": "string"}, "most": {"type": "integer", "maximum": 4}},
}


def test_each_value_that_is_set_or_left_to_its_default_is_changed_once() -> None:
    schema = _schema(
        **{
            "k:days": {"type": "integer", "minimum": 7, "maximum": 90, "default": 30},
            "k:open": {"anyOf": [{"type": "boolean", "default": False}, {"type": "string"}]},
            "k:hosts": {"type": "array", "items": {"type": "string"}},
            "k:clusters": {"type": "object", "patternProperties": {"^.*$": {"$ref": "#/$defs/Cluster"}}},
            "k:free": {"type": "string"},
            "k:range": {"type": "string", "pattern": "^[0-9./]+$"},
            "k:size": {"type": "string"},
            "k:people": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
            "k:none": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^[a-z]+$"}], "default": None},
        }
    )
    config = {
        "k:days": 90,
        "k:hosts": ["a"],
        "k:clusters": {"cpu": {"size": "S", "most": 4}},
        "k:free": "other",
        "k:range": "10.0.0.0/8",
        "k:size": "Standard_NC4as_T4_v3",
        "k:people": [{"name": "ann"}, {"name": "bob"}],
    }

    found = {each.key: each.config for each in alternatives(config, schema)}

    cpu = {"size": "S", "most": 4}
    assert found == {
        "k:days": config | {"k:days": 89},
        "k:hosts +": config | {"k:hosts": ["a", "other"]},
        "k:hosts -": config | {"k:hosts": []},
        "k:clusters.cpu.size": config | {"k:clusters": {"cpu": {"size": "L", "most": 4}}},
        "k:clusters.cpu.most": config | {"k:clusters": {"cpu": {"size": "S", "most": 3}}},
        "k:clusters.other +": config | {"k:clusters": {"cpu": cpu, "other": cpu}},
        "k:clusters.cpu -": config | {"k:clusters": {}},
        "k:free": config | {"k:free": "another"},
        "k:range": config | {"k:range": "10.0.0.0/9"},
        "k:size": config | {"k:size": "Standard_DS4_v2"},
        "k:people.0.name": config | {"k:people": [{"name": "other"}, {"name": "bob"}]},
        "k:people -": config | {"k:people": [{"name": "ann"}]},
        "k:open": config | {"k:open": True},
        "k:none": config | {"k:none": "other"},
    }


def test_a_key_that_nobody_describes_is_changed_by_its_kind() -> None:
    found = alternatives({"own:nodes": 3, "own:words": "x", "own:on": True}, _schema())

    assert [each.config for each in found] == [
        {"own:nodes": 4, "own:words": "x", "own:on": True},
        {"own:nodes": 3, "own:words": "other", "own:on": True},
        {"own:nodes": 3, "own:words": "x", "own:on": False},
    ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_setting_of_the_kit_has_an_alternative(scenario: str) -> None:
    config = document(scenario)["config"]
    changed = {each.key.partition(".")[0].partition(" ")[0] for each in alternatives(config, SCHEMA)}

    plain = {
        key
        for key, schema in SCHEMA["properties"]["config"]["properties"].items()
        if key in config or not {"type", "patternProperties", "$ref", "anyOf"}.isdisjoint(schema)
    }
    off = {key for key in plain if key not in config and key not in changed}
    assert changed <= plain
    assert off == {key for key in off if _is_of_parts(SCHEMA["properties"]["config"]["properties"][key])}


def _is_of_parts(schema: dict[str, Any]) -> bool:
    """A map or a section that is not there has no single value to change."""
    options = schema.get("anyOf", [schema])
    return any("$ref" in each or each.get("type") == "object" for each in options)


def test_the_size_of_a_database_becomes_another_size_that_databases_have() -> None:
    schema = _schema(
        **{"k:sku": {"type": "string", "pattern": "^Standard_[A-Za-z0-9_]+$"}, "k:size": {"type": "string"}}
    )

    found = alternatives({"k:sku": "Standard_D2ds_v5", "k:size": "Standard_DS3_v2"}, schema)

    assert {each.key: each.config[each.key] for each in found} == {
        "k:sku": "Standard_D4ds_v5",
        "k:size": "Standard_DS4_v2",
    }
