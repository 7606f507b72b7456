"""Datastores: where assets and outputs lie; secrets go in, and come out only through `listSecrets`."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services.uris import WORKSPACE

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_TYPE = f"{WORKSPACE}/datastores"
_SYSTEM = frozenset({"workspaceblobstore", "workspaceartifactstore"})


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    properties = dict(request.body.get("properties") or {})
    before = (existing or {}).get("properties") or {}
    credentials = dict(properties.get("credentials") or {"credentialsType": "None"})
    kept = (before.get("credentials") or {}).get("secrets")
    if credentials.get("secrets") is None and kept is not None:
        credentials["secrets"] = kept  # a re-PUT of what was read has no secrets in it
    filled = {
        "endpoint": "core.windows.net",
        "protocol": "https",
        "serviceDataAccessAuthIdentity": "None",
        "subscriptionId": context.settings.subscription,
        "resourceGroup": request.id.resource_group,
        "tags": {},
        "properties": {},
        **{key: value for key, value in properties.items() if value is not None},
        "credentials": credentials,
        "isDefault": bool(properties.get("isDefault", before.get("isDefault", False))),
    }
    return {**request.body, "properties": filled}


def _made(context: Context, resource: Resource) -> None:
    """Only one datastore is the default."""
    if not resource.properties.get("isDefault") or resource.id.parent is None:
        return
    for other in context.store.children(resource.id.parent, _TYPE):
        if other.id.key != resource.id.key and other.properties.get("isDefault"):
            properties = {**other.properties, "isDefault": False}
            context.store.put(other.id, {**other.body, "properties": properties})


def _show(_context: Context, resource: Resource) -> Body:
    body = copy.deepcopy(resource.body)
    (body["properties"].get("credentials") or {}).pop("secrets", None)
    return body


def _removable(_context: Context, resource: Resource) -> None:
    if resource.id.name.lower() in _SYSTEM:
        raise ArmError(400, "UserError", f"The datastore '{resource.id.name}' belongs to the workspace.")
    if resource.properties.get("isDefault"):
        raise conflict("The default datastore cannot be deleted; make another one the default first.")


def _listed(context: Context, request: Request) -> list[Resource]:
    found = context.store.children(request.id, _TYPE)
    wanted = request.query.get("isDefault", "").lower()
    if wanted in {"true", "false"}:
        found = [each for each in found if bool(each.properties.get("isDefault")) == (wanted == "true")]
    return found


def _secrets(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    if found is None:
        raise ArmError(404, "UserError", f"The datastore '{request.id.name}' does not exist.")
    properties = found.properties
    credentials = properties.get("credentials") or {}
    kind = credentials.get("credentialsType")
    secrets = credentials.get("secrets") or {}
    if kind in {None, "None"}:
        raise ArmError(400, "UserError", f"The datastore '{request.id.name}' is identity-based: it has no secrets.")
    account = context.accounts.get(str(properties.get("accountName")))
    if kind == "AccountKey" and not secrets.get("key") and account is not None:
        if request.body.get("expirableSecret") and properties.get("datastoreType") == "AzureBlob":
            token = context.accounts.container_sas(account.name, properties["containerName"], "racwdl")
            return Reply(body={"secretsType": "Sas", "sasToken": token})
        secrets = {"key": account.key}
    return Reply(body={**secrets, "secretsType": kind})


RESOURCE_TYPES = (
    ResourceType(
        type=_TYPE,
        fill=_fill,
        made=_made,
        show=_show,
        listed=_listed,
        removable=_removable,
        actions={"listsecrets": Action(run=_secrets)},
    ),
)
