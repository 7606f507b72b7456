"""A key of a customer's own over storage and images is refused unless it can be wrapped with."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import parse
from environments.local.arm.resource_types import Request
from environments.local.services import container_registry, customer_keys, key_vault, managed_identity
from tests.environments.local.arm.manager import GROUP, Manager, manager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WRAPS = "/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6"
_READS = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
_IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/wraps"
_VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-keys"
_STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/store"
_IMAGES = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/images"
_OPEN = {"enablePurgeProtection": True, "enableRbacAuthorization": True}
_SHUT = {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Manager]:
    types = (*container_registry.RESOURCE_TYPES, *key_vault.RESOURCE_TYPES, *managed_identity.RESOURCE_TYPES)
    with manager(tmp_path, *types) as found:
        found.ask("PUT", _IDENTITY, {"location": "eastus"})
        yield found


def _ready(arm: Manager, vault: dict[str, Any] | None = None, role: str = _WRAPS, on: str = "/keys/k") -> str:
    """Make vault, key and grant; returns the identity's client id."""
    arm.ask("PUT", _VAULT, {"location": "eastus", "properties": vault or _OPEN})
    arm.ask("PUT", f"{_VAULT}/keys/k", {"properties": {"kty": "RSA"}})
    who = arm.ask("GET", _IDENTITY).body["properties"]
    grant = f"{_VAULT}{on}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    arm.ask("PUT", grant, {"properties": {"roleDefinitionId": role, "principalId": who["principalId"]}})
    return str(who["clientId"])


def _store(arm: Manager, identity: str = _IDENTITY, vault: str = "kv-keys", key: str = "k") -> None:
    asked = {
        "keySource": "Microsoft.Keyvault",
        "identity": {"userAssignedIdentity": identity},
        "keyvaultproperties": {"keyvaulturi": f"https://{vault}.vault.azure.net", "keyname": key},
    }
    body = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {_IDENTITY: {}}},
        "properties": {"encryption": asked},
    }
    who = arm.context.identities.deployer
    customer_keys.of_storage(
        arm.context, Request(id=parse(_STORE), api_version="2024-01-01", body=body, query={}, principal=who)
    )


def _images(arm: Manager, client: str, sku: str = "Premium", key: str = "k") -> None:
    told = {"identity": client, "keyIdentifier": f"https://kv-keys.vault.azure.net/keys/{key}"}
    body = {
        "location": "eastus",
        "sku": {"name": sku},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {_IDENTITY: {}}},
        "properties": {"encryption": {"status": "enabled", "keyVaultProperties": told}},
    }
    arm.ask("PUT", _IMAGES, body)


def _said(run: Callable[[], None]) -> str:
    with pytest.raises(ArmError) as caught:
        run()
    assert (caught.value.status, caught.value.code) == (400, "KeyVaultAuthenticationFailure")
    return str(caught.value)


@pytest.mark.parametrize("on", ["/keys/k", ""], ids=["on the key", "on its vault"])
def test_storage_and_images_are_wrapped_by_whoever_may(arm: Manager, on: str) -> None:
    client = _ready(arm, on=on)

    _store(arm)
    _images(arm, client)


def test_storage_passes_the_firewall_of_a_vault_and_a_registry_does_not_while_it_is_made(arm: Manager) -> None:
    client = _ready(arm)
    _images(arm, client)
    arm.ask("PUT", _VAULT, {"location": "eastus", "properties": _OPEN | _SHUT})

    _store(arm)
    _images(arm, client)
    arm.ask("DELETE", _IMAGES)
    assert "has a firewall" in _said(lambda: _images(arm, client))


@pytest.mark.parametrize(
    ("vault", "role", "on", "told"),
    [
        ({"enableRbacAuthorization": True}, _WRAPS, "/keys/k", "has no purge protection"),
        (_OPEN, _READS, "/keys/k", "may not wrap"),
        (_OPEN, _WRAPS, "/keys/other", "may not wrap"),
    ],
    ids=["purge", "role", "another key"],
)
def test_a_key_that_could_be_lost_or_may_not_be_used_is_refused(
    arm: Manager, vault: dict[str, Any], role: str, on: str, told: str
) -> None:
    arm.ask("PUT", _VAULT, {"location": "eastus", "properties": vault})
    arm.ask("PUT", f"{_VAULT}/keys/other", {"properties": {"kty": "RSA"}})
    client = _ready(arm, vault, role, on)

    assert told in _said(lambda: _store(arm))
    assert told in _said(lambda: _images(arm, client))


def test_what_is_not_there_or_not_assigned_is_refused(arm: Manager) -> None:
    client = _ready(arm)

    assert "no vault at" in _said(lambda: _store(arm, vault="kv-none"))
    assert "has no key 'x'" in _said(lambda: _store(arm, key="x"))
    assert "is not assigned" in _said(lambda: _store(arm, identity=f"{_IDENTITY}2"))
    assert "has no key 'x'" in _said(lambda: _images(arm, client, key="x"))
    assert "client id" in _said(lambda: _images(arm, "another"))
    assert "Premium" in _said(lambda: _images(arm, client, sku="Standard"))
