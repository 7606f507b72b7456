"""Vaults, registries, roles, identities: what a platform stands on."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.provider import resources as provider_resources
from tests.environments.local.services.platform import make_group

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

VAULTS, ROLES, IDENTITIES, REGISTRIES = "2024-11-01", "2022-04-01", "2023-01-31", "2023-01-01-preview"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def refused(azure: LocalAzure, path: str, version: str, body: dict[str, Any]) -> tuple[int, str]:
    reply = azure.arm("PUT", path, version, body)
    return reply.status_code, reply.json().get("error", {}).get("code", "")


def vault_body(azure: LocalAzure, **more: object) -> dict[str, Any]:
    sku = {"family": "A", "name": "standard"}
    return {"location": "eastus", "properties": {"tenantId": azure.context.settings.tenant, "sku": sku, **more}}


def test_a_protected_vault_keeps_its_name_and_an_unprotected_one_frees_it(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "vaults")
    for name, more, again in (("open-vault", {}, 201), ("kept-vault", {"enablePurgeProtection": True}, 409)):
        path = f"{group}/providers/Microsoft.KeyVault/vaults/{name}"
        assert local_azure.arm("PUT", path, VAULTS, vault_body(local_azure, **more)).status_code == 201
        assert local_azure.arm("DELETE", path, VAULTS).status_code == 200
        assert local_azure.arm("PUT", path, VAULTS, vault_body(local_azure)).status_code == again


def test_purge_protection_is_never_taken_back(local_azure: LocalAzure) -> None:
    path = f"{make_group(local_azure, 'vaults')}/providers/Microsoft.KeyVault/vaults/no-way-back"
    local_azure.arm("PUT", path, VAULTS, vault_body(local_azure, enablePurgeProtection=True))
    body = vault_body(local_azure, enablePurgeProtection=False)
    assert refused(local_azure, path, VAULTS, body) == (400, "BadRequest")


def test_a_secret_is_never_given_back(local_azure: LocalAzure) -> None:
    vault = f"{make_group(local_azure, 'vaults')}/providers/Microsoft.KeyVault/vaults/with-secrets"
    local_azure.arm("PUT", vault, VAULTS, vault_body(local_azure))
    local_azure.arm("PUT", f"{vault}/secrets/s", VAULTS, {"properties": {"value": "hunter2"}})
    assert "hunter2" not in local_azure.arm("GET", f"{vault}/secrets/s", VAULTS).text
    assert "hunter2" not in str(
        local_azure.context.store.below(local_azure.context.store.of_type("Microsoft.Resources/subscriptions")[0].id)
    )


def test_the_same_role_is_not_assigned_twice_and_an_assignment_never_changes(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "roles")
    somebody, role = str(uuid.uuid4()), f"{local_azure.subscription}/providers/Microsoft.Authorization/roleDefinitions/"
    at = f"{group}/providers/Microsoft.Authorization/roleAssignments"
    body = {"properties": {"principalId": somebody, "roleDefinitionId": role + READER}}
    name = str(uuid.uuid4())
    found = local_azure.put(f"{at}/{name}", ROLES, body)
    assert found["properties"] == {
        "principalId": somebody,
        "roleDefinitionId": role + READER,
        "principalType": "ServicePrincipal",
        "scope": group,
    }
    assert refused(local_azure, f"{at}/{uuid.uuid4()}", ROLES, body) == (409, "RoleAssignmentExists")
    other = {"properties": {"principalId": str(uuid.uuid4()), "roleDefinitionId": role + READER}}
    assert refused(local_azure, f"{at}/{name}", ROLES, other) == (400, "RoleAssignmentUpdateNotPermitted")
    assert refused(local_azure, f"{at}/not-a-guid", ROLES, other) == (400, "InvalidRoleAssignmentId")
    listed = local_azure.arm("GET", f"{at}?$filter=principalId eq '{somebody}'", ROLES).json()["value"]
    assert [each["name"] for each in listed] == [name]


def test_an_identity_keeps_its_ids_and_an_unknown_one_is_assigned_to_nothing(local_azure: LocalAzure) -> None:
    group = make_group(local_azure, "identities")
    path = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/kept"
    first = local_azure.put(path, IDENTITIES, {"location": "eastus"})["properties"]
    assert local_azure.put(path, IDENTITIES, {"location": "eastus", "tags": {"a": "b"}})["properties"] == first
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/unknownidentity"
    body = {
        "location": "eastus",
        "sku": {"name": "Basic"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {path.replace("/kept", "/none"): {}}},
    }
    status, code = refused(local_azure, registry, REGISTRIES, body)
    assert (status, code) in {(400, "FailedIdentityOperation"), (400, "InvalidResourceReference")}


def test_a_database_server_says_by_which_name_it_is_reached(local_azure: LocalAzure) -> None:
    path = f"{make_group(local_azure, 'servers')}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-memory"

    answered = local_azure.put(path, "2024-08-01", {"location": "eastus", "properties": {"version": "16"}})

    assert answered["properties"] == {
        "version": "16",
        "provisioningState": "Succeeded",
        "state": "Ready",
        "fullyQualifiedDomainName": "psql-memory.postgres.database.azure.com",
    }


@pytest.mark.parametrize("namespace", ["Microsoft.Storage", "microsoft.machinelearningservices"])
def test_a_served_provider_is_registered(local_azure: LocalAzure, namespace: str) -> None:
    path = f"{local_azure.subscription}/providers/{namespace}"
    assert local_azure.arm("GET", path, "2021-04-01").json()["registrationState"] == "Registered"
    assert local_azure.arm("POST", f"{path}/register", "2021-04-01").status_code == 200
    unknown = local_azure.arm("GET", f"{local_azure.subscription}/providers/Microsoft.Quantum", "2021-04-01")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "InvalidResourceNamespace")


def test_every_type_that_the_stand_in_provider_writes_is_served(local_azure: LocalAzure) -> None:
    assert set(provider_resources.by_arm_type()) - set(local_azure.context.types) == set()


def test_the_az_command_lines_first_questions_are_answered(local_azure: LocalAzure) -> None:
    subscriptions = local_azure.arm("GET", "/subscriptions", "2022-12-01").json()["value"]
    assert [each["subscriptionId"] for each in subscriptions] == [local_azure.context.settings.subscription]
    assert [each["tenantId"] for each in local_azure.arm("GET", "/tenants", "2022-12-01").json()["value"]] == [
        local_azure.context.settings.tenant
    ]
    cloud = local_azure.arm("GET", "/metadata/endpoints", "2022-09-01").json()
    assert (cloud["name"], cloud["resourceManager"]) == ("AzureCloud", "https://management.azure.com/")
    assert local_azure.arm("GET", "/metadata/endpoints", "2019-05-01").json() == [cloud]
