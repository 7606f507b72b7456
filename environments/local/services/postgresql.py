"""Microsoft.DBforPostgreSQL: flexible servers, of which only the record is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.resource_types import ResourceType
from environments.local.services.plain import plain, succeeded

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


def _server(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    # A program connects by the name that Azure answers; inside a network it resolves by the server's private zone.
    own = {"fullyQualifiedDomainName": f"{request.id.name.lower()}.postgres.database.azure.com", "state": "Ready"}
    return {**body, "properties": {**body["properties"], **own}}


RESOURCE_TYPES = (
    ResourceType(type=SERVER, fill=_server),
    *plain(
        f"{SERVER}/databases",
        f"{SERVER}/configurations",
        f"{SERVER}/administrators",
        f"{SERVER}/firewallRules",
        f"{SERVER}/privateEndpointConnections",
    ),
)
