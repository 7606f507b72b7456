"""Microsoft.DBforPostgreSQL: flexible servers, of which only the record is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.resource_types import Reply, ResourceType
from environments.local.services.plain import plain, succeeded
from environments.local.subscription import table

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


def _server(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    # A program connects by the name that Azure answers; inside a network it resolves by the server's private zone.
    own = {"fullyQualifiedDomainName": f"{request.id.name.lower()}.postgres.database.azure.com", "state": "Ready"}
    return {**body, "properties": {**body["properties"], **own}}


def _capabilities(context: Context, request: Request) -> Reply:
    """What servers may be in one region: the table, changed by the region's own."""
    found = table(context.home, "postgresql")
    found |= (found.get("regions") or {}).get(request.id.name.replace(" ", "").lower()) or {}
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
