"""Microsoft.Storage: accounts whose blobs and queues an Azurite holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services import customer_keys
from environments.local.services.identities import with_identity
from environments.local.services.plain import plain, succeeded

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Body, Context, Request, Resource

ACCOUNT = "Microsoft.Storage/storageAccounts"
_CONTAINER = f"{ACCOUNT}/blobServices/containers"
_QUEUE = f"{ACCOUNT}/queueServices/queues"


def account_of(found: ResourceId) -> ResourceId:
    """The account that a container or queue lies in."""
    parent = found.parent
    return found if found.type.lower() == ACCOUNT.lower() or parent is None else account_of(parent)


def _check(context: Context, request: Request) -> None:
    name = request.id.name
    if not re.fullmatch(r"[a-z0-9]{3,24}", name):
        raise ArmError(
            400,
            "AccountNameInvalid",
            f"{name} is not a valid storage account name: 3 to 24 characters, lower-case letters and digits only.",
        )
    for other in context.store.of_type(ACCOUNT):
        if other.id.name.lower() == name and other.id.key != request.id.key:
            raise conflict(f"The storage account named {name} is already taken.", "StorageAccountAlreadyTaken")
    customer_keys.of_storage(context, request)


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    name = request.id.name
    body = with_identity(context, request, existing)
    services = ("blob", "queue", "table", "file", "dfs", "web")
    endpoints = {service: f"https://{name}.{service}.core.windows.net/" for service in services}
    defaults = {
        "accessTier": "Hot",
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
        "primaryLocation": request.body.get("location"),
        "statusOfPrimary": "available",
    }
    properties = {**defaults, **(body.get("properties") or {}), "primaryEndpoints": endpoints}
    return {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, **body, "properties": properties}


def _made(context: Context, resource: Resource) -> None:
    context.accounts.make(resource.id.name)


def _removing(context: Context, resource: Resource) -> None:
    context.accounts.delete(resource.id.name)


def _keys(context: Context, request: Request) -> Reply:
    account = context.accounts.get(request.id.name)
    if account is None:
        raise ArmError(409, "StorageAccountIsNotProvisioned", f"The account {request.id.name} is not ready yet.")
    keys = [{"keyName": name, "value": account.key, "permissions": "FULL"} for name in ("key1", "key2")]
    return Reply(body={"keys": keys})


def _new_key(context: Context, request: Request) -> Reply:
    context.accounts.new_key(request.id.name)
    return _keys(context, request)


def _check_inner(context: Context, request: Request) -> None:
    account = account_of(request.id)
    if context.store.get(account) is None:
        raise ArmError(404, "ParentResourceNotFound", f"The storage account '{account.name}' could not be found.")


def _container_made(context: Context, resource: Resource) -> None:
    context.accounts.make_container(account_of(resource.id).name, resource.id.name)


def _container_removing(context: Context, resource: Resource) -> None:
    name = account_of(resource.id).name
    if context.accounts.get(name) is not None:
        found = context.accounts.client(name).get_container_client(resource.id.name)
        if found.exists():
            found.delete_container()


RESOURCE_TYPES = (
    ResourceType(
        type=ACCOUNT,
        check=_check,
        fill=_fill,
        made=_made,
        removing=_removing,
        long_running=True,
        actions={"listkeys": Action(run=_keys), "regeneratekey": Action(run=_new_key)},
    ),
    # In Azure the services and what is in them can be named without the service having been written first.
    ResourceType(type=f"{ACCOUNT}/blobServices", check=_check_inner, fill=succeeded, parents_checked=False),
    ResourceType(
        type=_CONTAINER,
        check=_check_inner,
        fill=succeeded,
        made=_container_made,
        removing=_container_removing,
        parents_checked=False,
    ),
    *(
        ResourceType(type=f"{ACCOUNT}/{name}", check=_check_inner, fill=succeeded, parents_checked=False)
        for name in (
            "queueServices",
            "queueServices/queues",
            "fileServices",
            "fileServices/shares",
            "tableServices",
            "tableServices/tables",
            "managementPolicies",
            "blobServices/containers/immutabilityPolicies",
            "encryptionScopes",
            "inventoryPolicies",
            "objectReplicationPolicies",
        )
    ),
    *plain(f"{ACCOUNT}/privateEndpointConnections"),
)
