"""Azure ML registries: assets shared between workspaces, with storage and a data plane of their own."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from environments.local.arm import lifecycle
from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.ids import ResourceId
from environments.local.arm.resource_types import Action, Reply, Request, ResourceType
from environments.local.services import uris
from environments.local.services.identities import with_identity
from environments.local.services.uris import REGISTRY
from environments.local.settings import api

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Resource

_VERSION = "2021-10-01-dataplanepreview"


def account_of(registry: Resource) -> ResourceId:
    """The storage account that the registry made for itself in its home region."""
    details = registry.properties["regionDetails"][0]["storageAccountDetails"][0]["systemCreatedStorageAccount"]
    return ResourceId(details["armResourceId"]["resourceId"])


def _check(context: Context, request: Request) -> None:
    for other in context.store.of_type(REGISTRY):
        if other.id.name.lower() == request.id.name.lower() and other.id.key != request.id.key:
            raise conflict(f"The registry name '{request.id.name}' is already taken.", "RegistryNameTaken")
    if not (request.body.get("properties") or {}).get("regionDetails"):
        raise ArmError(400, "ValidationError", "The registry needs regionDetails: at least its home region.")


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    body = with_identity(context, request, existing)
    properties = dict(body.get("properties") or {})
    region = str(body.get("location") or context.settings.region)
    group = f"azureml-rg-{request.id.name}_{uuid.uuid5(uuid.NAMESPACE_URL, request.id.key)}"
    managed = f"/subscriptions/{request.id.subscription}/resourceGroups/{group}"
    properties["regionDetails"] = [_region(request.id, managed, each) for each in properties["regionDetails"]]
    own = {
        "discoveryUrl": f"{api(region)}/registrymanagement/v1.0/registries/{request.id.name}/discovery",
        "mlFlowRegistryUri": f"azureml://{region}.api.azureml.ms/mlflow/v1.0{request.id}",
        "managedResourceGroup": {"resourceId": managed},
        "intellectualPropertyPublisher": properties.get("intellectualPropertyPublisher"),
    }
    return {**body, "properties": {"publicNetworkAccess": "Enabled", **properties, **own}}


def _region(registry: ResourceId, managed: str, details: Body) -> Body:
    """Fill in the names and ids of what Azure makes for a registry in each region."""
    name = hashlib.sha256(f"{registry.key}/{details['location']}".encode()).hexdigest()[:20]
    storage = [each.get("systemCreatedStorageAccount") or {} for each in details.get("storageAccountDetails") or [{}]]
    images = [each.get("systemCreatedAcrAccount") or {} for each in details.get("acrDetails") or [{}]]
    account = {
        "storageAccountType": "Standard_LRS",
        "storageAccountHnsEnabled": False,
        **storage[0],
        "storageAccountName": f"reg{name}",
        "armResourceId": {"resourceId": f"{managed}/providers/Microsoft.Storage/storageAccounts/reg{name}"},
    }
    acr = {
        "acrAccountSku": "Premium",
        **images[0],
        "acrAccountName": f"reg{name}",
        "armResourceId": {"resourceId": f"{managed}/providers/Microsoft.ContainerRegistry/registries/reg{name}"},
    }
    return {
        "location": details["location"],
        "storageAccountDetails": [{"systemCreatedStorageAccount": account}],
        "acrDetails": [{"systemCreatedAcrAccount": acr}],
    }


def _made(context: Context, resource: Resource) -> None:
    context.accounts.make(account_of(resource).name)


def _removing(context: Context, resource: Resource) -> None:
    context.accounts.delete(account_of(resource).name)


def discovery(context: Context, name: str) -> Body:
    """What `…/discovery` answers.  Raises ArmError 404."""
    found = uris.registry_named(context, name)
    region = str(found.body.get("location") or context.settings.region)
    return {
        "registryName": found.id.name,
        "primaryRegion": region,
        "primaryRegionResourceProviderUri": f"{api(region)}/",
        "regions": [each["location"] for each in found.properties["regionDetails"]],
        "resourceGroup": found.id.resource_group,
        "subscriptionId": found.id.subscription,
    }


def _check_import(context: Context, request: Request) -> Reply:
    properties = _import_of(request)
    workspace = ResourceId(f"{request.id.parent}/providers/{uris.WORKSPACE}/none")
    uris.find_asset(context, workspace, str(properties.get("sourceAssetId")))
    return Reply(status=202)


def _import_of(request: Request) -> Body:
    """The reference: at the top or under `properties`, as the SDK's versions differ."""
    found: Body = request.body.get("properties") or request.body
    for name in ("sourceAssetId", "destinationName", "destinationVersion"):
        if not found.get(name):
            raise ArmError(400, "ValidationError", f"The import needs '{name}'.")
    return found


def _import(context: Context, request: Request) -> None:
    """Copy an asset of a workspace into the registry: its bytes first, then its record."""
    asked = _import_of(request)
    nowhere = ResourceId(f"{request.id.parent}/providers/{uris.WORKSPACE}/none")
    source = uris.find_asset(context, nowhere, str(asked["sourceAssetId"]))
    kind = source.id.segments[-4]
    target = request.id.child(kind, str(asked["destinationName"])).child("versions", str(asked["destinationVersion"]))
    properties = {key: value for key, value in source.properties.items() if key != "provisioningState"}
    for name in ("dataUri", "modelUri", "codeUri"):
        if properties.get(name):
            properties[name] = _copied(context, request.id, uris.locate(context, nowhere, source.id.text))
    body = {"properties": properties}
    lifecycle.put_and_wait(
        context, Request(id=target, api_version=_VERSION, body=body, query={}, principal=request.principal)
    )


def _copied(context: Context, registry: ResourceId, source: uris.Place) -> str:
    """Copy a folder or a file into a container of its own; returns the new address."""
    account = account_of(lifecycle.existing(context, registry)).name
    container = f"{registry.name.lower()[:20].strip('-')}-{uuid.uuid4()}"
    context.accounts.make_container(account, container)
    target = uris.Place(account=account, container=container, path=source.path.rstrip("/").rsplit("/", 1)[-1])
    origin = context.accounts.client(source.account).get_container_client(source.container)
    into = context.accounts.client(account).get_container_client(container)
    base = source.path.rstrip("/")
    for blob in origin.list_blobs(name_starts_with=base):
        if blob.name == base or blob.name.startswith(base + "/") or not base:
            path = (target.path + blob.name[len(base) :]).lstrip("/")
            found = origin.get_blob_client(blob.name).download_blob()
            into.upload_blob(path, found.chunks(), metadata=found.properties.metadata, overwrite=True)
    return target.url.rstrip("/")


def reference(context: Context, request: Request) -> Reply:
    """POST `…/datarefs/N/versions/V`: a token to read the container in which an asset's blobs lie."""
    place = uris.locate(context, request.id, str(request.body.get("blobUri")))
    token = context.accounts.container_sas(place.account, place.container, "rl")
    container = replace(place, path="").url.rstrip("/")
    credential = {"credentialType": "SAS", "sasUri": f"{container}?{token}"}
    return Reply(body={"blobReferenceForConsumption": {"blobUri": place.url, "credential": credential}})


def _refuse_changes(context: Context, request: Request) -> None:
    _check(context, request)
    before = context.store.get(request.id)
    if before is not None and before.body.get("location") != request.body.get("location"):
        raise ArmError(400, "InvalidResourceLocation", "The registry's location cannot be changed.")


def at(registry: ResourceId, request: Request) -> Request:
    """The request, about the registry itself."""
    return replace(request, id=registry)


RESOURCE_TYPES = (
    ResourceType(
        type=REGISTRY,
        check=_refuse_changes,
        fill=_fill,
        made=_made,
        removing=_removing,
        long_running=True,
        references_checked=False,
        actions={"import": Action(run=_check_import, later=_import)},
    ),
)
