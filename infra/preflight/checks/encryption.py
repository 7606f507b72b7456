"""A key of one's own that is brought along: whether Azure will encrypt with it, before a workspace is bound to it."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.preflight.answers import plain_region
from infra.preflight.check import Check
from infra.preflight.checks.rights import allows
from infra.preflight.findings import Finding, bad, good, unknown
from infra.preflight.plan import ROLE_ASSIGNMENT, Stack
from infra.preflight.port import Azure, Permission
from infra.sections.choice import mine
from infra.sections.encryption import Encryption

_VAULTS, _SUBSCRIPTIONS = "2024-11-01", "2022-12-01"
_SIZES = (2048, 3072, 4096)  # "About keys": what an RSA key of a vault can be
_WRAPS = {"wrapkey", "unwrapkey"}

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The vault and the version of the key, each None if there is none, and who may grant what on it."""

    vault: Json | None = None
    key: Json | None = None
    rights: tuple[Permission, ...] = ()
    tenant: str = ""
    now: float = 0.0


def _brought(stack: Stack) -> tuple[Encryption, str, str] | None:
    """What is asked, the vault's id and the key's, if a key is brought along."""
    asked = stack.settings.encryption
    key = mine(asked.key) if asked is not None else None
    if asked is None or key is None:
        return None
    return asked, re.split("/keys/", key, maxsplit=1, flags=re.IGNORECASE)[0], key


def _look(azure: Azure, stack: Stack) -> Seen:
    brought = _brought(stack)
    if brought is None:
        return Seen()
    asked, vault, key = brought
    found = azure.find(vault, _VAULTS)
    return Seen(
        vault=found,
        key=azure.find(f"{key}/versions/{asked.key_version}", _VAULTS) if found else None,
        rights=azure.permissions(vault) if found else (),
        tenant=str((azure.find(stack.scope, _SUBSCRIPTIONS) or {}).get("tenantId") or ""),
        now=time.time(),
    )


def _judge(stack: Stack, seen: Seen) -> tuple[Finding, ...]:
    brought = _brought(stack)
    if brought is None:
        return (good("encryption", "the stack file brings no key along"),)
    asked, vault, key = brought
    vault_name, key_name = vault.rsplit("/", 1)[1], key.rsplit("/", 1)[1]
    if seen.vault is None:
        return (bad(f"vault {vault_name}", "there is no such vault, or you may not see it", "mend encryption.key"),)
    found = [*_of_vault(f"vault {vault_name}", seen.vault, stack, seen), *_of_rights(f"vault {vault_name}", seen)]
    if seen.key is None:
        told = f"has no version {asked.key_version}, or you may not see it"
        found.append(bad(f"key {key_name}", told, "mend encryption.key and encryption.keyVersion"))
    else:
        found += _of_key(f"key {key_name}", seen.key, seen.now)
    return tuple(found) or (good(f"key {key_name}", f"can be wrapped with, in {vault_name}"),)


def _of_vault(about: str, vault: Json, stack: Stack, seen: Seen) -> Iterator[Finding]:
    told, region = vault.get("properties") or {}, plain_region(str(vault.get("location") or ""))
    if told.get("enableSoftDelete") is False:
        yield bad(about, "has no soft delete", f"az keyvault update {_named(about)} --enable-soft-delete true")
    if not told.get("enablePurgeProtection"):
        yield bad(
            about,
            "has no purge protection: what is encrypted by a purged key is lost, and Azure refuses such a key",
            f"az keyvault update {_named(about)} --enable-purge-protection true (nobody can take that back)",
        )
    if not told.get("enableRbacAuthorization"):
        yield bad(
            about,
            "goes by access policies, and `up` grants the workspace a role on the key",
            f"az keyvault update {_named(about)} --enable-rbac-authorization true, or bring a vault that is role-based",
        )
    if region != stack.settings.location:
        yield bad(
            about, f"is in {region}, the workspace in {stack.settings.location}", "bring a key of a vault in its region"
        )
    if not seen.tenant:
        yield unknown(about, "Azure does not say which tenant the subscription is of", "see that it is the vault's")
    elif str(told.get("tenantId")).lower() != seen.tenant.lower():
        yield bad(about, f"is of tenant {told.get('tenantId')}, not {seen.tenant}", "bring a key of your own tenant")
    if _closed(told):
        yield bad(
            about,
            "lets none of Azure's services in, and they wrap with the key",
            f"az keyvault update {_named(about)} --bypass AzureServices",
        )
    elif stack.settings.encryption and stack.settings.encryption.images and _guarded(told):
        yield bad(
            about,
            "has a firewall, which a container registry does not pass while it is made, not even as one of Azure's",
            "bring a key of a vault without one, or set encryption.images to false",
        )


def _named(about: str) -> str:
    return f"--name {about.rsplit(maxsplit=1)[-1]}"


def _closed(vault: Json) -> bool:
    return _guarded(vault) and (vault.get("networkAcls") or {}).get("bypass") != "AzureServices"


def _guarded(vault: Json) -> bool:
    rules = vault.get("networkAcls") or {}
    return str(vault.get("publicNetworkAccess")).lower() == "disabled" or rules.get("defaultAction") == "Deny"


def _of_rights(about: str, seen: Seen) -> Iterator[Finding]:
    action = f"{ROLE_ASSIGNMENT}/write"
    grants = [each for each in seen.rights if allows(each, action)]
    if not grants:
        yield bad(
            about,
            f"{action} is not allowed on it, and `up` lets the workspace wrap with the key",
            "have the role Role Based Access Control Administrator granted on the vault to whoever runs `up`",
        )
    elif all(each.condition for each in grants):
        yield unknown(
            about,
            f"{action} is allowed on it under a condition, which only Azure evaluates",
            "see that it lets Key Vault Crypto Service Encryption User be granted, then bypass with that reason",
        )


def _of_key(about: str, key: Json, now: float) -> Iterator[Finding]:
    told = key.get("properties") or {}
    kind, size, life = str(told.get("kty")), told.get("keySize"), told.get("attributes") or {}
    other = "bring another version (encryption.keyVersion)"
    if kind not in {"RSA", "RSA-HSM"}:
        yield bad(about, f"is of type {kind}", "bring an RSA key of 2048, 3072 or 4096 bits")
    elif size not in _SIZES:
        yield bad(about, f"has {size} bits", "bring an RSA key of 2048, 3072 or 4096 bits")
    lacks = sorted(_WRAPS - {str(each).lower() for each in told.get("keyOps") or _WRAPS})
    if lacks:
        yield bad(about, f"is not for {', '.join(lacks)}", f"allow it wrapKey and unwrapKey, or {other}")
    if life.get("enabled") is False:
        yield bad(about, "is disabled", f"enable it, or {other}")
    if life.get("exp") and life["exp"] <= now:
        yield bad(about, f"expired on {_day(life['exp'])}", f"give it a later end, or {other}")
    if life.get("nbf") and life["nbf"] > now:
        yield bad(about, f"does not count before {_day(life['nbf'])}", f"give it an earlier beginning, or {other}")


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


CHECK = Check(
    id="encryption",
    finds="a key of one's own that Azure would refuse (no purge protection, another region or tenant, not RSA, "
    "disabled, expired), or on which you cannot grant",
    asks="the vault and the key's version of Microsoft.KeyVault, permissions on the vault, the subscription's tenant",
    look=_look,
    judge=_judge,
)
