"""Keys of a customer's own over storage and images: what Azure tries before it makes what they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import parse
from environments.local.services.key_vault import VAULT

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_WRAPS = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
"""Key Vault Crypto Service Encryption User."""
_GRANT = "Microsoft.Authorization/roleAssignments"


def of_storage(context: Context, request: Request) -> None:
    """Raise ArmError where a storage account could not wrap with the key that it names."""
    asked = (request.body.get("properties") or {}).get("encryption") or {}
    if str(asked.get("keySource")).lower() != "microsoft.keyvault":
        return
    key = asked.get("keyvaultproperties") or {}
    identity = str((asked.get("identity") or {}).get("userAssignedIdentity") or "")
    if identity.lower() not in _assigned(request.body):
        raise _refused(f"The identity '{identity}' that is to wrap with the key is not assigned to the account.")
    vault = _vault(context, str(key.get("keyvaulturi") or ""))
    _check(context, vault, str(key.get("keyname") or ""), identity)


def of_images(context: Context, request: Request) -> None:
    """Raise ArmError where a registry could not wrap with the key that it names."""
    asked = (request.body.get("properties") or {}).get("encryption") or {}
    if str(asked.get("status")).lower() != "enabled":
        return
    if (request.body.get("sku") or {}).get("name") != "Premium":
        raise _refused("A key of the customer's is for registries of the tier Premium.")
    key = asked.get("keyVaultProperties") or {}
    client, address = str(key.get("identity") or ""), urlsplit(str(key.get("keyIdentifier") or ""))
    found = [each for each in _assigned(request.body) if _told(context, each).get("clientId") == client]
    if not found:
        raise _refused(f"No identity of the registry has the client id '{client}' that is to wrap with the key.")
    vault = _vault(context, f"{address.scheme}://{address.hostname}")
    if context.store.get(request.id) is None and _guarded(vault):
        raise _refused(f"The vault '{vault.id.name}' has a firewall, which a registry that is made does not pass.")
    _check(context, vault, address.path.removeprefix("/keys/").partition("/")[0], found[0])


def _assigned(body: Body) -> tuple[str, ...]:
    return tuple(each.lower() for each in (body.get("identity") or {}).get("userAssignedIdentities") or {})


def _told(context: Context, identity: str) -> Body:
    found = context.store.get(parse(identity))
    return found.properties if found else {}


def _vault(context: Context, address: str) -> Resource:
    for each in context.store.of_type(VAULT):
        if str(each.properties.get("vaultUri")).rstrip("/").lower() == address.rstrip("/").lower():
            return each
    raise _refused(f"There is no vault at '{address}'.")


def _guarded(vault: Resource) -> bool:
    rules = vault.properties.get("networkAcls") or {}
    return (
        str(vault.properties.get("publicNetworkAccess")).lower() == "disabled" or rules.get("defaultAction") == "Deny"
    )


def _check(context: Context, vault: Resource, key: str, identity: str) -> None:
    if not vault.properties.get("enablePurgeProtection"):
        raise _refused(f"The vault '{vault.id.name}' has no purge protection.")
    named = f"{vault.id.text}/keys/{key}"
    if context.store.get(parse(named)) is None:
        raise _refused(f"The vault '{vault.id.name}' has no key '{key}'.")
    principal = _told(context, identity).get("principalId")
    if not any(_lets(each, principal, named.lower()) for each in context.store.of_type(_GRANT)):
        raise _refused(f"The identity '{identity}' may not wrap with the key '{named}': it lacks the role {_WRAPS}.")


def _lets(grant: Resource, principal: str | None, key: str) -> bool:
    told, scope = grant.properties, str(grant.properties.get("scope") or "").lower()
    right = str(told.get("roleDefinitionId")).lower().endswith(_WRAPS) and told.get("principalId") == principal
    return right and (key == scope or key.startswith(f"{scope}/"))


def _refused(why: str) -> ArmError:
    return ArmError(400, "KeyVaultAuthenticationFailure", why)
