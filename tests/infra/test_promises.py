"""What is promised of a whole environment, held on whole graphs: closed, keyless, kept, told, the same each time."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.outputs import OUTPUTS
from tests.infra.recorder import Asked, Graph
from tests.infra.stacks import LEAST, ROOT, SCENARIOS, built, config, graph

CLOSED = ("private", "regulated")


def _least() -> Graph:
    return built("dev", LEAST)


def _said(made: Graph, *keys: str) -> dict[str, Any]:
    """What each resource says of a property, at any depth: `name.key` and its value."""
    return {f"{one.name}.{key}": value for one in made.resources for key, value in _at(one.inputs) if key in keys}


def _at(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key, inner
            yield from _at(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _at(inner)


# ---------------------------------------------------------------- private by default


def test_what_is_not_said_answers_to_nobody_on_the_internet() -> None:
    closed = _said(_least(), "publicNetworkAccess", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery")

    assert closed == {
        "storage.publicNetworkAccess": "Disabled",
        "vault.publicNetworkAccess": "disabled",  # Azure's own spelling
        "images.publicNetworkAccess": "Disabled",
        "registry.publicNetworkAccess": "Disabled",
        "workspace.publicNetworkAccess": "Disabled",
        # Logs are written from everywhere, by identity; `network.closeLogs` shuts them.
        "observability-logs.publicNetworkAccessForIngestion": "Enabled",
        "observability-logs.publicNetworkAccessForQuery": "Enabled",
        "observability-insights.publicNetworkAccessForIngestion": "Enabled",
        "observability-insights.publicNetworkAccessForQuery": "Enabled",
    }


@pytest.mark.parametrize("stack", CLOSED)
def test_nothing_of_a_closed_environment_answers_to_the_internet(stack: str) -> None:
    made = graph(stack)

    open_ends = {key: value for key, value in _said(made, "publicNetworkAccess").items() if value.lower() != "disabled"}
    assert open_ends == {}
    addresses = [one.name for one in made.resources if one.token == "network:PublicIPAddress"]
    assert addresses == ["network-egress-address"]  # of the NAT gateway: out, never in
    modes = [one.inputs["managedNetwork"]["isolationMode"] for one in made.resources if "managedNetwork" in one.inputs]
    assert set(modes) == {"AllowOnlyApprovedOutbound"}


def test_no_machine_of_any_scenario_has_a_public_address_or_opens_ssh() -> None:
    for stack in SCENARIOS:
        told = _said(graph(stack), "enableNodePublicIp", "sshPublicAccess", "remoteLoginPortPublicAccess")
        assert {key: value for key, value in told.items() if value not in (False, "Disabled")} == {}


# ---------------------------------------------------------------- keyless


@pytest.mark.parametrize("stack", SCENARIOS)
def test_nothing_of_any_scenario_can_be_entered_by_a_key(stack: str) -> None:
    made = graph(stack)
    keyless: dict[str, dict[str, object]] = {
        "storage:StorageAccount": {"allowSharedKeyAccess": False, "allowBlobPublicAccess": False},
        "containerregistry:Registry": {"adminUserEnabled": False, "anonymousPullEnabled": False},
        "keyvault:Vault": {"enableRbacAuthorization": True},
        "operationalinsights:Workspace": {"disableLocalAuth": True},
        "applicationinsights:Component": {"disableLocalAuth": True},
        "machinelearningservices:OnlineEndpoint": {"authMode": "AADToken"},
        "machinelearningservices:BatchEndpoint": {"authMode": "AADToken"},
        "dbforpostgresql:Server": {"passwordAuth": "Disabled", "activeDirectoryAuth": "Enabled"},
    }

    asked = [one for one in made.resources if one.token in keyless]
    told = {one.name: {key: dict(_at(one.inputs)).get(key) for key in keyless[one.token]} for one in asked}
    assert told == {one.name: keyless[one.token] for one in asked}
    assert {one.token for one in asked} >= set(list(keyless)[:6])
    assert {one.inputs["systemDatastoresAuthMode"] for one in made.resources if _stores(one)} == {"Identity"}
    local = {one.name: dict(_at(one.inputs)).get("disableLocalAuth") for one in made.resources if _machine(one)}
    assert {name: said for name, said in local.items() if said is not True} == {}


def _stores(one: Asked) -> bool:
    return one.token == "machinelearningservices:Workspace" and one.inputs.get("kind") != "Project"


def _machine(one: Asked) -> bool:
    return one.token == "machinelearningservices:Compute" and one.inputs["properties"]["computeType"] == "AmlCompute"


# ---------------------------------------------------------------- delete protection

_KEPT = {"storage", "vault", "registry", "workspace"}
_MEMORY = {"controller-database", "controller-database-data"}


@pytest.mark.parametrize(
    ("stack", "kept"),
    [
        ("minimal", set()),
        ("typical", set()),
        ("private", _KEPT | _MEMORY),
        ("regulated", _KEPT | _MEMORY | {"hub", "forecasts-project", "feature-store", "key", "key-vault"}),
    ],
)
def test_what_holds_data_is_protected_where_deletion_is_not_allowed(stack: str, kept: set[str]) -> None:
    assert {one.name for one in graph(stack).resources if one.protect} == kept


# ---------------------------------------------------------------- the output contract

_ALWAYS = {
    "environment",
    "subscriptionId",
    "tenantId",
    "location",
    "resourceGroupName",
    "workspaceName",
    "workspaceId",
    "registryName",
    "storageAccountName",
    "containers",
    "identities",
    "computeClusters",
    "onlineEndpoints",
}


@pytest.mark.parametrize(
    ("stack", "more"),
    [
        ("minimal", {"computeInstances", "network"}),
        ("typical", {"batchEndpoints", "budget", "network", "queues"}),
        ("private", {"batchEndpoints", "budget", "controlPlane", "kubernetesComputes", "network", "queues"}),
        ("regulated", {"batchEndpoints", "budget", "controlPlane", "featureStore", "hub", "network", "queues"}),
    ],
)
def test_an_environment_tells_what_it_has_and_nothing_else(stack: str, more: set[str]) -> None:
    assert set(graph(stack).outputs) == _ALWAYS | more
    assert set(OUTPUTS) >= _ALWAYS | more


def test_every_output_that_is_written_down_is_told_by_a_scenario() -> None:
    assert {key for stack in SCENARIOS for key in graph(stack).outputs} == set(OUTPUTS)


# ---------------------------------------------------------------- the same each time


_ASKED = """
import sys
from tests.infra.stacks import built, config
from tests.infra.test_promises import digest
print(*(digest(built(stack, config(stack))) for stack in sys.argv[1:]))
"""


def digest(made: Graph) -> str:
    """One number for all that is asked for, whatever the order."""
    told = sorted((one.urn, one.inputs, sorted(one.depends_on), one.protect) for one in made.resources)
    return hashlib.sha256(json.dumps([told, made.outputs], default=str, sort_keys=True).encode()).hexdigest()


def test_another_process_on_another_day_of_another_place_asks_for_the_same() -> None:
    """Nothing of it follows from the time, from chance, or from the order of a set."""
    told = subprocess.run(
        [sys.executable, "-c", _ASKED, *CLOSED],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "2", "PATH": "/usr/bin:/bin", "TZ": "Pacific/Auckland"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert told == [digest(built(stack, config(stack))) for stack in CLOSED]


# ---------------------------------------------------------------- the order of making, which is destroy's turned round


@pytest.mark.parametrize("stack", SCENARIOS)
def test_whatever_names_another_resource_is_made_after_it_and_so_goes_before_it(stack: str) -> None:
    made = graph(stack)
    after = _after(made)
    ids = {one.id: one.urn for one in made.resources if one.id.startswith("/id/")}

    early = [
        (one.name, value)
        for one in made.resources
        for _, value in _at(one.inputs)
        if isinstance(value, str)
        for told, urn in ids.items()
        if (value == told or value.startswith(f"{told}/")) and urn != one.urn and urn not in after[one.urn]
    ]
    assert early == []


# What Azure changes one at a time, by what holds it: two at once, and the second is refused.
_ONE_AT_A_TIME = {
    "network:Subnet": "virtualNetworkName",
    "monitor:PrivateLinkScopedResource": "scopeName",
    "machinelearningservices:ManagedNetworkSettingsRule": "workspaceName",
    "dbforpostgresql:AdministratorsMicrosoftEntra": "serverName",
    "dbforpostgresql:Configuration": "serverName",
    "dbforpostgresql:Database": "serverName",
    "managedidentity:FederatedIdentityCredential": "resourceName",
}


@pytest.mark.parametrize("stack", SCENARIOS)
def test_what_azure_takes_one_at_a_time_is_made_one_after_the_other(stack: str) -> None:
    made = graph(stack)
    after = _after(made)
    held: dict[tuple[str, str], list[Asked]] = {}
    for one in made.resources:
        if key := _ONE_AT_A_TIME.get(one.token):
            held.setdefault((key, one.inputs[key]), []).append(one)

    assert held
    at_once = [
        (one.name, other.name)
        for inside in held.values()
        for index, one in enumerate(inside)
        for other in inside[index + 1 :]
        if one.urn not in after[other.urn] and other.urn not in after[one.urn]
    ]
    assert at_once == []


@pytest.mark.parametrize(
    ("stack", "goes_with"),
    [
        ("typical", {"storage-blobs": "storage", "normals-first": "normals"}),
        (
            "regulated",
            {
                "storage-blobs": "storage",
                "key": "key-vault",
                "controller-database-administrator": "controller-database",
                "controller-database-encrypted": "controller-database",
                "controller-database-data": "controller-database",
            },
        ),
    ],
)
def test_what_azure_does_not_delete_by_itself_goes_with_what_it_is_in(stack: str, goes_with: dict[str, str]) -> None:
    told = {one.name: one.deleted_with.rsplit("::", 1)[1] for one in graph(stack).resources if one.deleted_with}

    assert told == goes_with


def test_what_stands_on_a_cluster_waits_for_all_of_it_and_for_what_it_is_built_with() -> None:
    made = graph("private")
    after = {one.name: {urn.rsplit("::", 1)[1] for urn in one.depends_on} for one in made.resources}
    parts = ("containerservice:ManagedCluster", "containerservice:AgentPool")
    whole = {one.name for one in made.resources if one.token in parts}

    on_it = ("kubernetes-extension", "kubernetes-extension-trust", "kubernetes-objects-flux", "shared-namespace")
    assert len(whole) > 1
    assert {name: whole - after[name] for name in on_it} == {name: set() for name in on_it}
    assert "kubernetes-objects-flux" in after["kubernetes-objects"]


def _after(made: Graph) -> dict[str, set[str]]:
    """All that each resource waits for, near and far; what is inside a component waits for what that waits for."""
    parents = {one.urn: one.parent for one in made.asked}
    direct: dict[str, set[str]] = {}
    for one in made.asked:
        direct[one.urn] = {*one.depends_on, *(urn for urns in one.wired.values() for urn in urns)}
    found: dict[str, set[str]] = {}

    def far(urn: str) -> set[str]:
        if urn not in found:
            found[urn] = set()
            near = direct.get(urn, set()) | ({parents[urn]} if parents.get(urn) else set())
            found[urn] = near.union(*(far(each) for each in near))
        return found[urn]

    return {urn: far(urn) for urn in direct}
