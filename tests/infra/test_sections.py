"""Sections of a stack file: each is off until it is said, and on it adds its own and nothing else."""

from typing import Any

import pytest

from infra.grants import grants
from infra.settings import Settings, section
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, built, graph

# What one example of each section adds to the local stack, and which resources that are there anyway it changes.
# A new section gets a line here.
EXAMPLES: dict[str, tuple[Any, set[str], set[str]]] = {
    "dataLife": (
        {"coolAfterDays": 30, "deleteAfterDays": 365, "prefixes": ["logs/"], "restoreDays": 7},
        {"storage-life"},
        {"storage-blobs"},
    ),
}


def _sections() -> set[str]:
    schema = Settings.model_json_schema()
    found = schema["properties"].items()
    return {key for key, value in found if "properties" in section(value, schema["$defs"])}


def test_every_section_is_off_until_it_is_said() -> None:
    least = Settings.model_validate({"location": "eastus", "owner": "team", "costCenter": "42"})

    assert {key: least.model_dump(by_alias=True)[key] for key in _sections()} == dict.fromkeys(_sections())


def test_every_section_has_an_example() -> None:
    assert set(EXAMPLES) == _sections()


def _whole(made: Graph) -> dict[str, Any]:
    return {one.name: (one.type, one.inputs) for one in made.resources}


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_section_adds_its_own_and_touches_nothing_else(key: str) -> None:
    example, adds, changes = EXAMPLES[key]

    off, on = _whole(graph("local")), _whole(graph("local", **{key: example}))

    assert set(on) - set(off) == adds
    assert {name for name in off if off[name] != on.get(name)} == changes


def test_without_any_section_only_this_is_built() -> None:
    made = built("dev", LEAST).resources

    assert {one.name: one.token for one in made if one.token != "authorization:RoleAssignment"} == {
        "group": "resources:ResourceGroup",
        "storage": "storage:StorageAccount",
        "storage-blobs": "storage:BlobServiceProperties",
        "vault": "keyvault:Vault",
        "images": "containerregistry:Registry",
        "observability-logs": "operationalinsights:Workspace",
        "observability-insights": "applicationinsights:Component",
        "registry": "machinelearningservices:Registry",
        "workspace-identity": "managedidentity:UserAssignedIdentity",
        "compute-identity": "managedidentity:UserAssignedIdentity",
        "endpoint-identity": "managedidentity:UserAssignedIdentity",
        "controller-identity": "managedidentity:UserAssignedIdentity",
        "workspace": "machinelearningservices:Workspace",
        "workspace-diagnostics": "monitor:DiagnosticSetting",
    }
    granted = {one.name for one in made if one.token == "authorization:RoleAssignment"}
    assert granted == {grant.name for grant in grants(managed_network=True)}
