"""Azure ML workspaces: what Azure fills in, their system datastores, their keys and network."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services.identities import with_identity
from environments.local.services.uris import WORKSPACE
from environments.local.settings import api

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_NEEDED = ("storageAccount", "keyVault", "applicationInsights")


def _check(context: Context, request: Request) -> None:
    properties = request.body.get("properties") or {}
    if not request.body.get("location"):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if not request.body.get("identity"):
        raise ArmError(400, "ValidationError", "The workspace needs an identity.")
    kind = str(request.body.get("kind") or "Default").lower()
    missing = [name for name in _NEEDED if not properties.get(name)]
    if kind in {"default", "featurestore"} and missing:
        raise ArmError(400, "ValidationError", f"Missing dependent resources in workspace json: {', '.join(missing)}.")
    before = context.store.get(request.id)
    was, wanted = _isolation(before.body if before else {}), _isolation(request.body)
    if wanted == "Disabled" and was not in {"Disabled", ""}:
        raise ArmError(400, "ValidationError", f"A managed network of {was} cannot be disabled once it is there.")


def _isolation(body: Body) -> str:
    network = (body.get("properties") or {}).get("managedNetwork") or {}
    return str(network.get("isolationMode") or "")


def _fill(context: Context, request: Request, existing: Body | None) -> Body:
    body = with_identity(context, request, existing)
    before = (existing or {}).get("properties") or {}
    region = api(body["location"].replace(" ", "").lower())
    guid = before.get("workspaceId") or str(uuid.uuid4())
    defaults = {
        "friendlyName": request.id.name,
        "publicNetworkAccess": "Enabled",
        "hbiWorkspace": False,
        "v1LegacyMode": False,
        "allowPublicAccessWhenBehindVnet": False,
        "enableDataIsolation": False,
        "systemDatastoresAuthMode": "AccessKey",
        "managedNetwork": {"isolationMode": "Disabled"},
    }
    own = {
        "workspaceId": guid,
        "tenantId": context.settings.tenant,
        "discoveryUrl": f"{region}/discovery",
        "mlFlowTrackingUri": f"azureml://{region.removeprefix('https://')}/mlflow/v1.0{request.id}",
        "privateLinkCount": 0,
        "storageHnsEnabled": False,
    }
    sku = {"name": "Basic", "tier": "Basic"}
    return {"kind": "Default", "sku": sku, **body, "properties": {**defaults, **(body.get("properties") or {}), **own}}


def _made(context: Context, resource: Resource) -> None:
    """Make the system datastores and their containers."""
    account = parse(resource.properties.get("storageAccount") or "")
    if not account.segments:
        return
    guid = resource.properties["workspaceId"]
    by_identity = str(resource.properties.get("systemDatastoresAuthMode")).lower() == "identity"
    containers = {"workspaceblobstore": f"azureml-blobstore-{guid}", "workspaceartifactstore": "azureml"}
    for name, container in containers.items():
        context.accounts.make_container(account.name, container)
        datastore = resource.id.child("datastores", name)
        if context.store.get(datastore) is None:
            context.store.put(datastore, _datastore(account, container, by_identity=by_identity))


def _datastore(account: ResourceId, container: str, *, by_identity: bool) -> Body:
    return {
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": account.name,
            "containerName": container,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "credentials": {"credentialsType": "None" if by_identity else "AccountKey"},
            "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity" if by_identity else "None",
            "isDefault": container != "azureml",
            "subscriptionId": account.subscription,
            "resourceGroup": account.resource_group,
            "tags": {},
            "properties": {},
        }
    }


def _keys(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The workspace '{request.id.name}' does not exist.")
    storage = parse(found.properties.get("storageAccount") or "")
    account = context.accounts.get(storage.name) if storage.segments else None
    insights = context.store.get(parse(found.properties.get("applicationInsights") or ""))
    body: Body = {
        "userStorageKey": account.key if account else None,
        "userStorageResourceId": storage.text,
        "appInsightsInstrumentationKey": insights.properties["InstrumentationKey"] if insights else None,
        "containerRegistryCredentials": {},
        "notebookAccessKeys": {},
    }
    return Reply(body=body)


def _ignore(_context: Context, _request: Request) -> None:
    """Nothing more to be done: keys are read live, networks are not built here."""


def _diagnose(_context: Context, _request: Request) -> Reply:
    kinds = (
        "userDefinedRouteResults networkSecurityRuleResults resourceLockResults dnsResolutionResults"
        " storageAccountResults keyVaultResults containerRegistryResults applicationInsightsResults otherResults"
    )
    return Reply(body={"value": {kind: [] for kind in kinds.split()}})


def _rule_allowed(context: Context, request: Request) -> None:
    above = request.id.parent
    found = context.store.get(above) if above else None
    network = ((found.properties if found else {}).get("managedNetwork") or {}).get("isolationMode", "Disabled")
    if network == "Disabled":
        raise ArmError(400, "ValidationError", "Outbound rules need a workspace with a managed network.")


def _provision(_context: Context, _request: Request) -> Reply:
    return Reply(body={"status": {"status": "Active", "sparkReady": False}})


RESOURCE_TYPES = (
    ResourceType(
        type=WORKSPACE,
        check=_check,
        fill=_fill,
        made=_made,
        long_running=True,
        put_status=200,
        actions={
            "listkeys": Action(run=_keys),
            "resynckeys": Action(run=_keys, later=_ignore),
            "diagnose": Action(run=_diagnose),
            "provisionmanagednetwork": Action(run=_provision),
        },
    ),
    ResourceType(type=f"{WORKSPACE}/outboundRules", check=_rule_allowed, long_running=True, put_status=200),
    ResourceType(type=f"{WORKSPACE}/managedNetworks/outboundRules", long_running=True, parents_checked=False),
    ResourceType(type=f"{WORKSPACE}/capabilityHosts", long_running=True),
    ResourceType(type=f"{WORKSPACE}/privateEndpointConnections", put_status=200),
)
