"""Microsoft.ContainerRegistry: registries as records; no images are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services import customer_keys
from environments.local.services.plain import plain, succeeded

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

REGISTRY = "Microsoft.ContainerRegistry/registries"


def _check(context: Context, request: Request) -> None:
    name = request.id.name
    if not re.fullmatch(r"[A-Za-z0-9]{5,50}", name):
        raise ArmError(
            400, "InvalidResourceName", f"The registry name '{name}' is invalid: 5 to 50 letters and digits."
        )
    for other in context.store.of_type(REGISTRY):
        if other.id.name.lower() == name.lower() and other.id.key != request.id.key:
            raise conflict(f"The registry DNS name {name.lower()}.azurecr.io is already in use.", "AlreadyInUse")
    customer_keys.of_images(context, request)


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    defaults = {"adminUserEnabled": False, "loginServer": f"{request.id.name.lower()}.azurecr.io"}
    return {**body, "properties": {**defaults, **body["properties"]}}


def _credentials(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    if found is None or not found.properties.get("adminUserEnabled"):
        raise ArmError(400, "UnAuthorizedForCredentialOperations", "The registry's admin user is disabled.")
    passwords = [{"name": name, "value": f"local-{request.id.name}"} for name in ("password", "password2")]
    return Reply(body={"username": request.id.name, "passwords": passwords})


RESOURCE_TYPES = (
    ResourceType(type=REGISTRY, check=_check, fill=_fill, actions={"listcredentials": Action(run=_credentials)}),
    *plain(
        f"{REGISTRY}/replications",
        f"{REGISTRY}/webhooks",
        f"{REGISTRY}/cacheRules",
        f"{REGISTRY}/scopeMaps",
        f"{REGISTRY}/tokens",
        f"{REGISTRY}/privateEndpointConnections",
    ),
)
