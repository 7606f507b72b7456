"""Microsoft.KeyVault: vaults as records; there is no data plane behind them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.resource_types import ResourceType
from environments.local.services.plain import succeeded

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

VAULT = "Microsoft.KeyVault/vaults"
DELETED = "deleted vaults"
"""The kind of document that keeps the name of a vault deleted with purge protection on."""


def _check(context: Context, request: Request) -> None:
    name = request.id.name
    if not re.fullmatch(r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]", name):
        raise ArmError(
            400,
            "VaultNameNotValid",
            f"The vault name '{name}' is invalid: 3 to 24 letters, digits and single dashes, a letter first.",
        )
    for other in context.store.of_type(VAULT):
        if other.id.name.lower() == name.lower() and other.id.key != request.id.key:
            raise conflict(f"The vault name '{name}' is already in use.", "VaultAlreadyExists")
    if context.store.document(DELETED, name.lower()) is not None:
        raise conflict(
            f"A vault with the name '{name}' exists in deleted state and its purge protection is on: use another name.",
        )
    _check_protection(context, request)


def _check_protection(context: Context, request: Request) -> None:
    wanted = (request.body.get("properties") or {}).get("enablePurgeProtection")
    before = context.store.get(request.id)
    if wanted is False and (before is None or before.properties.get("enablePurgeProtection")):
        raise ArmError(
            400,
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling it for a vault is irreversible;'
            " leave it out where it is not wanted.",
        )


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    defaults = {"enableSoftDelete": True, "softDeleteRetentionInDays": 90, "publicNetworkAccess": "Enabled"}
    address = f"https://{request.id.name.lower()}.vault.azure.net/"
    return {**body, "properties": {**defaults, **body["properties"], "vaultUri": address}}


def _removing(context: Context, resource: Resource) -> None:
    """With purge protection the name stays taken; without it, the vault counts as purged at once."""
    if resource.properties.get("enablePurgeProtection"):
        context.store.put_document(DELETED, resource.id.name.lower(), {"id": resource.id.text})


def _secret(context: Context, request: Request, existing: Body | None) -> Body:
    """ARM never returns a secret's value; the local environment does not even keep it."""
    body = succeeded(context, request, existing)
    vault, name = request.id.names[-2].lower(), request.id.name
    kept = {key: value for key, value in body["properties"].items() if key != "value"}
    address = f"https://{vault}.vault.azure.net/{request.id.segments[-2]}/{name}"
    return {**body, "properties": {**kept, "secretUri": address, "secretUriWithVersion": f"{address}/1"}}


def _key(context: Context, request: Request, existing: Body | None) -> Body:
    """A key is made once; a second PUT answers with the version that is there."""
    body = succeeded(context, request, existing)
    defaults = {"kty": "RSA", "keySize": 2048, "attributes": {"enabled": True}}
    address = f"https://{request.id.names[-2].lower()}.vault.azure.net/keys/{request.id.name}"
    version = hashlib.md5(request.id.key.encode(), usedforsecurity=False).hexdigest()
    uris = {"keyUri": address, "keyUriWithVersion": f"{address}/{version}"}
    return {**body, "properties": {**defaults, **body["properties"], **uris}}


def _version(context: Context, resource: Resource) -> None:
    """The version that a key has, as ARM lets it be read."""
    version = resource.properties["keyUriWithVersion"].rsplit("/", 1)[1]
    context.store.put(resource.id.child("versions", version), resource.body)


RESOURCE_TYPES = (
    ResourceType(type=VAULT, check=_check, fill=_fill, removing=_removing),
    ResourceType(type=f"{VAULT}/secrets", fill=_secret),
    ResourceType(type=f"{VAULT}/keys", fill=_key, made=_version),
    ResourceType(type=f"{VAULT}/keys/versions"),
    ResourceType(type=f"{VAULT}/privateEndpointConnections", fill=succeeded),
)
