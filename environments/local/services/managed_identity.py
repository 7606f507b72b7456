"""Microsoft.ManagedIdentity: identities that resources and processes speak for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm.resource_types import ResourceType
from environments.local.services.identities import TYPE

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    before = (existing or {}).get("properties") or {}
    properties = {
        "tenantId": context.settings.tenant,
        "principalId": before.get("principalId") or str(uuid.uuid4()),
        "clientId": before.get("clientId") or str(uuid.uuid4()),
    }
    return {**request.body, "properties": properties}


RESOURCE_TYPES = (
    ResourceType(type=TYPE, fill=_fill),
    ResourceType(type=f"{TYPE}/federatedIdentityCredentials"),
)
