"""Microsoft.DBforPostgreSQL: flexible servers, of which only the record is kept, where their region has such ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.resource_types import Reply, ResourceType
from environments.local.services.plain import plain, succeeded
from environments.local.subscription import table

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


def _server(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    _check(_able(context, str(body.get("location") or context.settings.region)), body)
    # A program connects by the name that Azure answers; inside a network it resolves by the server's private zone.
    own = {"fullyQualifiedDomainName": f"{request.id.name.lower()}.postgres.database.azure.com", "state": "Ready"}
    return {**body, "properties": {**body["properties"], **own}}


def _able(context: Context, region: str) -> dict[str, Any]:
    """The table, changed by the region's own."""
    found = table(context.home, "postgresql")
    return found | ((found.get("regions") or {}).get(region.replace(" ", "").lower()) or {})


def _check(able: dict[str, Any], body: Body) -> None:
    """Refuse a server that its region does not have.  Raises ArmError."""
    if able["closed"]:
        raise ArmError(400, "LocationIsOfferRestricted", f"Subscriptions are restricted here: {able['closed']}.")
    sku, properties = body.get("sku") or {}, body["properties"]
    sizes = {name.lower(): modes for name, modes in able["tiers"].get(sku.get("tier"), {}).items()}
    if sku and str(sku.get("name")).lower() not in sizes:
        raise ArmError(400, "InvalidParameterValue", f"Invalid value given for parameter sku.name: {sku.get('name')}.")
    if "version" in properties and properties["version"] not in able["versions"]:
        allowed = ",".join(able["versions"])
        raise ArmError(400, "ParameterOutOfRange", f"The value of 'Version' should be in: [{allowed}].")
    standby = (properties.get("highAvailability") or {}).get("mode", "Disabled")
    modes = sizes.get(str(sku.get("name")).lower(), ())
    if standby != "Disabled" and (standby not in modes or (standby == "ZoneRedundant" and not able["zones"])):
        raise ArmError(400, "HANotSupported", f"The size does not support high availability of mode {standby} here.")
    if (properties.get("backup") or {}).get("geoRedundantBackup") == "Enabled" and not able["geoBackup"]:
        raise ArmError(400, "GeoBackupNotSupported", "Geo-redundant backup is not supported in this region.")


def _capabilities(context: Context, request: Request) -> Reply:
    """What servers may be in one region: the table, changed by the region's own."""
    found = _able(context, request.id.name)
    editions = [
        {
            "name": tier,
            "supportedServerSkus": [{"name": name, "supportedHaMode": modes} for name, modes in sizes.items()],
        }
        for tier, sizes in found["tiers"].items()
    ]
    able = {
        "name": "FlexibleServerCapabilities",
        "supportedServerEditions": editions,
        "supportedServerVersions": [{"name": each} for each in found["versions"]],
        "geoBackupSupported": _switch(on=found["geoBackup"]),
        "zoneRedundantHaSupported": _switch(on=found["zones"]),
        "restricted": _switch(on=bool(found["closed"])),
    }
    return Reply(body={"value": [able | ({"reason": found["closed"]} if found["closed"] else {})], "nextLink": None})


def _switch(*, on: bool) -> str:
    return "Enabled" if on else "Disabled"


RESOURCE_TYPES = (
    ResourceType(type=SERVER, fill=_server),
    ResourceType(type=f"{SERVER.partition('/')[0]}/locations/capabilities", answered=_capabilities),
    *plain(
        f"{SERVER}/databases",
        f"{SERVER}/configurations",
        f"{SERVER}/administrators",
        f"{SERVER}/firewallRules",
        f"{SERVER}/privateEndpointConnections",
    ),
)
