"""Azure's JSON into our values; pure.  A shape that is not Azure's raises KeyError, TypeError or ValueError."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from infra.preflight.port import Deleted, Permission, Policy, Servers, Size, Sku, Usage

Json = Mapping[str, Any]
_ON, _OFF = "Enabled", "Disabled"


def size(found: Json) -> Size:
    """One of Azure ML's `vmSizes`."""
    prices = found.get("estimatedVMPrices") or {}
    return Size(
        name=str(found["name"]),
        family=str(found["family"]),
        vcpus=int(found["vCPUs"]),
        gpus=int(found.get("gpus") or 0),
        low_priority=bool(found.get("lowPriorityCapable")),
        for_computes=tuple(found.get("supportedComputeTypes") or ()),
        prices={each["vmTier"]: float(each["retailPrice"]) for each in _hourly(prices)},
        currency=str(prices.get("billingCurrency") or ""),
    )


def _hourly(prices: Json) -> list[Json]:
    if prices.get("unitOfMeasure") != "OneHour":
        return []
    return [each for each in prices.get("values") or () if each.get("osType") == "Linux"]


def sku(found: Json, region: str) -> Sku | None:
    """One of Microsoft.Compute's `skus`, None if it is no machine."""
    if found.get("resourceType") != "virtualMachines":
        return None
    able = {each["name"]: each["value"] for each in found.get("capabilities") or ()}
    return Sku(
        name=str(found["name"]),
        family=str(found.get("family") or ""),
        vcpus=int(able.get("vCPUs") or 0),
        restricted=_restricted(found.get("restrictions") or (), region),
    )


def _restricted(restrictions: Iterable[Json], region: str) -> str:
    # A restriction by zone leaves the other zones.
    for each in restrictions:
        where = {plain_region(value) for value in each.get("values") or ()}
        if each.get("type") == "Location" and plain_region(region) in where:
            return str(each.get("reasonCode") or "Restricted")
    return ""


def usage(found: Json) -> Usage:
    """One of the `usages` of Azure ML or of Microsoft.Compute."""
    used = found.get("currentValue")
    return Usage(
        name=str(found["name"]["value"]),
        used=None if used is None else int(used),
        limit=int(found["limit"]),
        low_priority="lowpriority" in str(found.get("type") or "").lower(),
    )


def servers(found: Sequence[Json]) -> Servers:
    """The `capabilities` of Microsoft.DBforPostgreSQL in one region: a list of one."""
    if not found:
        return Servers(closed="Azure lists no capabilities here")
    able = found[0]
    zones = able.get("zoneRedundantHaSupported") != _OFF
    return Servers(
        tiers={
            str(tier["name"]): {
                str(each["name"]): tuple(
                    mode for mode in each.get("supportedHaMode") or () if zones or mode != "ZoneRedundant"
                )
                for each in tier.get("supportedServerSkus") or ()
            }
            for tier in able.get("supportedServerEditions") or ()
        },
        versions=tuple(str(each["name"]) for each in able.get("supportedServerVersions") or ()),
        geo_backup=able.get("geoBackupSupported") == _ON,
        closed=str(able.get("reason") or "restricted") if able.get("restricted") == _ON else "",
    )


def deleted_vault(found: Json) -> Deleted:
    """One of Key Vault's `deletedVaults`."""
    properties = found["properties"]
    return Deleted(
        kind="Microsoft.KeyVault/vaults",
        name=str(found["name"]),
        id=str(properties.get("vaultId") or ""),
        purge=str(properties.get("scheduledPurgeDate") or ""),
        purgeable=not properties.get("purgeProtectionEnabled"),
    )


def deleted_logs(found: Json) -> Deleted:
    """One of Log Analytics' `deletedWorkspaces`."""
    where = str(found.get("id") or "").replace("/deletedWorkspaces/", "/workspaces/")
    return Deleted(kind="Microsoft.OperationalInsights/workspaces", name=str(found["name"]), id=where)


def permission(found: Json) -> Permission:
    """One of the `permissions` at a scope."""
    return Permission(
        actions=tuple(found.get("actions") or ()),
        not_actions=tuple(found.get("notActions") or ()),
        condition=str(found.get("condition") or ""),
    )


def plain_region(name: str) -> str:
    """`East US` and `eastus` are one."""
    return name.replace(" ", "").lower()


def applies(assignment: Json, scope: str) -> bool:
    """Whether a policy assignment is enforced at a scope."""
    properties = assignment["properties"]
    spared = [str(each).lower() for each in properties.get("notScopes") or ()]
    inside = any(f"{scope.lower()}/".startswith(f"{each}/") for each in spared)
    return str(properties.get("enforcementMode") or "Default").lower() != "donotenforce" and not inside


def policy(assignment: Json, definition: Json, given: Json) -> Policy:
    """A policy as it is in force; `given` are its parameters, already resolved."""
    properties = definition["properties"]
    declared = properties.get("parameters") or {}
    values = {name: each["defaultValue"] for name, each in declared.items() if "defaultValue" in each} | dict(given)
    effect = resolved(properties["policyRule"]["then"]["effect"], values)
    overridden = bool(assignment["properties"].get("overrides"))
    return Policy(
        assignment=str(assignment["properties"].get("displayName") or assignment["name"]),
        definition=str(definition["name"]),
        title=str(properties.get("displayName") or definition["name"]),
        effect=effect.lower() if isinstance(effect, str) and not overridden else "",
        parameters=values,
    )


def given(parameters: Json) -> dict[str, Any]:
    """What an assignment sets."""
    return {name: each["value"] for name, each in parameters.items() if "value" in each}


def members(initiative: Json, given: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    """The definitions of an initiative, by id, each with its parameters."""
    properties = initiative["properties"]
    declared = properties.get("parameters") or {}
    outer = {name: each["defaultValue"] for name, each in declared.items() if "defaultValue" in each} | dict(given)
    for member in properties["policyDefinitions"]:
        inner = {name: resolved(each["value"], outer) for name, each in (member.get("parameters") or {}).items()}
        yield str(member["policyDefinitionId"]), {name: value for name, value in inner.items() if value is not None}


def resolved(value: object, parameters: Json) -> object:
    """A value, or what `[parameters('name')]` stands for; any other expression is None."""
    if not isinstance(value, str) or not value.startswith("["):
        return value
    head, tail = "[parameters('", "')]"
    if value.lower().startswith(head) and value.endswith(tail):
        return parameters.get(value[len(head) : -len(tail)])
    return None
