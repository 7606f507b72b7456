"""ARM deployments: the one template that is understood is azure-ai-ml's, which makes a workspace.

It is not evaluated: its parameters say what to make.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.arm import lifecycle
from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Request, ResourceType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Body, Context, Resource

_TYPE = "Microsoft.Resources/deployments"


@dataclass(frozen=True, kw_only=True)
class _Dependency:
    """Something that the template makes beside the workspace."""

    parameter: str
    type: str
    version: str
    prefix: str
    body: Mapping[str, Any]


_DEPENDENCIES = (
    _Dependency(
        parameter="storageAccount",
        type="Microsoft.Storage/storageAccounts",
        version="2024-01-01",
        prefix="sa",
        body={"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"allowBlobPublicAccess": False}},
    ),
    _Dependency(
        parameter="keyVault",
        type="Microsoft.KeyVault/vaults",
        version="2024-11-01",
        prefix="kv",
        body={"properties": {"sku": {"family": "A", "name": "standard"}, "accessPolicies": []}},
    ),
    _Dependency(
        parameter="applicationInsights",
        type="Microsoft.Insights/components",
        version="2020-02-02",
        prefix="ai",
        body={"kind": "web", "properties": {"Application_Type": "web"}},
    ),
    _Dependency(
        parameter="containerRegistry",
        type="Microsoft.ContainerRegistry/registries",
        version="2023-01-01-preview",
        prefix="cr",
        body={"sku": {"name": "Standard"}, "properties": {"adminUserEnabled": True}},
    ),
)


def _check(_context: Context, request: Request) -> None:
    parameters = (request.body.get("properties") or {}).get("parameters") or {}
    if "workspaceName" not in parameters:
        raise ArmError(
            400,
            "InvalidTemplate",
            "The local environment evaluates no ARM templates; it knows azure-ai-ml's template of a workspace only.",
        )


def _fill(_context: Context, request: Request, _existing: Body | None) -> Body:
    asked = request.body["properties"]
    properties = {
        "parameters": asked["parameters"],
        "mode": asked.get("mode", "Incremental"),
        "duration": "PT1.5S",
        "principal": {"object_id": request.principal.object_id},
    }
    return {"properties": properties}


def _made(context: Context, resource: Resource) -> None:
    group = resource.id.parent
    if group is None:
        raise ArmError(400, "InvalidDeployment", "The deployment has no resource group.")
    parameters = {key: each.get("value") for key, each in resource.properties["parameters"].items()}
    location = parameters.get("location") or context.settings.region
    tags = {key: str(value) for key, value in (parameters.get("tagValues") or {}).items()}
    made = {
        each.parameter: _dependency(context, group, each, parameters, {"location": location, "tags": tags})
        for each in _DEPENDENCIES
    }
    base = f"/subscriptions/{group.subscription}/resourceGroups/{group.name}/providers"  # the SDK writes resourcegroups
    workspace = parse(f"{base}/Microsoft.MachineLearningServices/workspaces/{parameters['workspaceName']}")
    body = {"location": location, "tags": tags, **_workspace(parameters, made)}
    _put(context, workspace, "2024-10-01-preview", body)


def _dependency(
    context: Context, group: ResourceId, kind: _Dependency, parameters: Mapping[str, Any], common: Body
) -> str | None:
    """Make it, or take the existing one; None when the caller wants none."""
    option = parameters.get(f"{kind.parameter}Option") or ("none" if kind.prefix == "cr" else "new")
    if option == "none":
        return None
    name = parameters.get(f"{kind.parameter}Name") or _unique(kind.prefix, group, parameters["workspaceName"])
    where = parameters.get(f"{kind.parameter}ResourceGroupName") or group.name
    wanted = parse(f"/subscriptions/{group.subscription}/resourceGroups/{where}/providers/{kind.type}/{name}")
    if option == "existing":
        return lifecycle.existing(context, wanted).id.text
    body = {**common, **json.loads(json.dumps(kind.body))}
    if kind.parameter == "keyVault":
        body["properties"]["tenantId"] = context.settings.tenant
    return _put(context, wanted, kind.version, body).id.text


def _workspace(parameters: Mapping[str, Any], made: Mapping[str, str | None]) -> Body:
    copied = ("friendlyName", "description", "publicNetworkAccess", "managedNetwork", "systemDatastoresAuthMode")
    properties = {name: parameters[name] for name in copied if parameters.get(name)}
    for name, parameter in (
        ("imageBuildCompute", "imageBuildCompute"),
        ("primaryUserAssignedIdentity", "primaryUserAssignedIdentity"),
        ("hubResourceId", "workspace_hub"),
    ):
        if parameters.get(parameter):
            properties[name] = parameters[parameter]
    if str(parameters.get("confidential_data")).lower() == "true":
        properties["hbiWorkspace"] = True
    properties |= {name: value for name, value in made.items() if value}
    kind = parameters.get("kind") or "Default"
    return {"kind": kind[0].upper() + kind[1:], "identity": _identity(parameters), "properties": properties}


def _identity(parameters: Mapping[str, Any]) -> Body:
    asked = parameters.get("identity") or {"type": "SystemAssigned"}
    kind = str(asked.get("type"))
    return {**asked, "type": ",".join(part.strip()[0].upper() + part.strip()[1:] for part in kind.split(","))}


def _put(context: Context, wanted: ResourceId, version: str, body: Body) -> Resource:
    return lifecycle.put_and_wait(
        context,
        Request(id=wanted, api_version=version, body=body, query={}, principal=context.identities.deployer),
    )


def _unique(prefix: str, group: ResourceId, workspace: str) -> str:
    return prefix + hashlib.sha256(f"{group.key}/{workspace}".encode()).hexdigest()[:13]


RESOURCE_TYPES = (
    ResourceType(type=_TYPE, check=_check, fill=_fill, made=_made, long_running=True, references_checked=False),
)
