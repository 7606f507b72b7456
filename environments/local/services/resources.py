"""Microsoft.Resources: subscriptions, tenants, resource groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.errors import invalid
from environments.local.arm.ids import ResourceId
from environments.local.arm.resource_types import Context, Request, Resource, ResourceType

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body
    from environments.local.arm.store import Store
    from environments.local.settings import Settings


def seed(store: Store, settings: Settings) -> None:
    """Have the one subscription and the one tenant."""
    subscription = ResourceId(f"/subscriptions/{settings.subscription}")
    if store.get(subscription) is None:
        store.put(
            subscription,
            {
                "subscriptionId": settings.subscription,
                "tenantId": settings.tenant,
                "displayName": "Local environment",
                "state": "Enabled",
                "authorizationSource": "RoleBased",
                "subscriptionPolicies": {
                    "locationPlacementId": "Public_2014-09-01",
                    "quotaId": "PayAsYouGo_2014-09-01",
                    "spendingLimit": "Off",
                },
            },
        )
    tenant = ResourceId(f"/tenants/{settings.tenant}")
    if store.get(tenant) is None:
        store.put(tenant, {"tenantId": settings.tenant, "displayName": "Local tenant", "tenantCategory": "Home"})


def _check_group(_context: Context, request: Request) -> None:
    if not request.body.get("location"):
        raise invalid("The resource group needs a 'location'.")


def _fill_group(_context: Context, request: Request, _existing: Body | None) -> Body:
    properties = {**(request.body.get("properties") or {}), "provisioningState": "Succeeded"}
    return {**request.body, "properties": properties}


def _subscriptions(context: Context, _request: Request) -> list[Resource]:
    return context.store.of_type("Microsoft.Resources/subscriptions")


def _tenants(context: Context, _request: Request) -> list[Resource]:
    return context.store.of_type("Microsoft.Resources/tenants")


RESOURCE_TYPES = (
    ResourceType(type="Microsoft.Resources/subscriptions", listed=_subscriptions, parents_checked=False),
    ResourceType(type="Microsoft.Resources/tenants", listed=_tenants, parents_checked=False),
    ResourceType(
        type="Microsoft.Resources/resourceGroups", check=_check_group, fill=_fill_group, delete_long_running=True
    ),
)
