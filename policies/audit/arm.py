"""What Azure's resource manager answers, in the words of azure-native, which are the rules' words; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.subjects import Subject

_ML = "Microsoft.MachineLearningServices"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type: its name for azure-native, the API version to ask with, and what lies below or beside it."""

    type: str
    version: str
    under_properties: bool = False  # whether azure-native keeps `properties`, or lifts what is in it
    names: tuple[str, ...] = ()  # inputs that the address says, from the outermost to the resource itself
    children: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def _ml(name: str, *names: str, children: tuple[str, ...] = ()) -> Kind:
    of_workspace = ("workspaceName", *names)
    return Kind(
        type=f"machinelearningservices:{name}",
        version="2025-06-01",
        under_properties=True,
        names=of_workspace,
        children=children,
    )


_DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"

KINDS: Mapping[str, Kind] = {
    f"{_ML}/workspaces": Kind(
        type="machinelearningservices:Workspace",
        version="2025-06-01",
        names=("workspaceName",),
        children=(
            "computes",
            "onlineEndpoints",
            "batchEndpoints",
            "serverlessEndpoints",
            "datastores",
            "connections",
            "outboundRules",
            "marketplaceSubscriptions",
        ),
    ),
    f"{_ML}/workspaces/computes": _ml("Compute", "computeName"),
    f"{_ML}/workspaces/onlineEndpoints": _ml("OnlineEndpoint", "endpointName", children=("deployments",)),
    f"{_ML}/workspaces/onlineEndpoints/deployments": _ml("OnlineDeployment", "endpointName", "deploymentName"),
    f"{_ML}/workspaces/batchEndpoints": _ml("BatchEndpoint", "endpointName", children=("deployments",)),
    f"{_ML}/workspaces/batchEndpoints/deployments": _ml("BatchDeployment", "endpointName", "deploymentName"),
    f"{_ML}/workspaces/serverlessEndpoints": _ml("ServerlessEndpoint", "name"),
    f"{_ML}/workspaces/datastores": _ml("Datastore", "name"),
    f"{_ML}/workspaces/connections": _ml("WorkspaceConnection", "connectionName"),
    f"{_ML}/workspaces/outboundRules": _ml("ManagedNetworkSettingsRule", "ruleName"),
    f"{_ML}/workspaces/marketplaceSubscriptions": _ml("MarketplaceSubscription", "name"),
    f"{_ML}/registries": Kind(type="machinelearningservices:Registry", version="2025-06-01", names=("registryName",)),
    "Microsoft.Storage/storageAccounts": Kind(
        type="storage:StorageAccount",
        version="2024-01-01",
        names=("accountName",),
        children=("blobServices",),
        renamed={
            "supportsHttpsTrafficOnly": "enableHttpsTrafficOnly",
            "networkAcls": "networkRuleSet",
            "isNfsV3Enabled": "enableNfsV3",
        },
    ),
    "Microsoft.Storage/storageAccounts/blobServices": Kind(
        type="storage:BlobServiceProperties", version="2024-01-01", names=("accountName", "blobServicesName")
    ),
    "Microsoft.KeyVault/vaults": Kind(
        type="keyvault:Vault", version="2023-07-01", under_properties=True, names=("vaultName",)
    ),
    "Microsoft.ContainerRegistry/registries": Kind(
        type="containerregistry:Registry", version="2023-07-01", names=("registryName",)
    ),
    "Microsoft.Insights/components": Kind(
        type="applicationinsights:Component", version="2020-02-02", names=("resourceName",)
    ),
    "Microsoft.OperationalInsights/workspaces": Kind(
        type="operationalinsights:Workspace", version="2023-09-01", names=("workspaceName",)
    ),
    "Microsoft.Insights/autoscaleSettings": Kind(
        type="monitor:AutoscaleSetting", version="2022-10-01", names=("autoscaleSettingName",)
    ),
    "Microsoft.Network/privateEndpoints": Kind(
        type="network:PrivateEndpoint",
        version="2024-05-01",
        names=("privateEndpointName",),
        children=("privateDnsZoneGroups",),
    ),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": Kind(
        type="network:PrivateDnsZoneGroup",
        version="2024-05-01",
        names=("privateEndpointName", "privateDnsZoneGroupName"),
    ),
    "Microsoft.Network/privateDnsZones": Kind(
        type="privatedns:PrivateZone", version="2024-06-01", names=("privateZoneName",)
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities": Kind(
        type="managedidentity:UserAssignedIdentity", version="2023-01-31", names=("resourceName",)
    ),
    "Microsoft.Authorization/roleAssignments": Kind(
        type="authorization:RoleAssignment", version="2022-04-01", names=("roleAssignmentName",)
    ),
    "Microsoft.Authorization/locks": Kind(
        type="authorization:ManagementLockByScope", version="2020-05-01", names=("lockName",)
    ),
    _DIAGNOSTICS: Kind(type="monitor:DiagnosticSetting", version="2021-05-01-preview", names=("name",)),
}
"""What rules look at.  Kinds that none looks at are left out of what is asked."""

WATCHED = (
    f"{_ML}/workspaces",
    f"{_ML}/workspaces/onlineEndpoints",
    f"{_ML}/registries",
)
"""Of which kinds the diagnostic settings are asked."""

_BY_CASE = {name.lower(): name for name in KINDS}
_TOP = frozenset({"etag", "extendedLocation", "id", "identity", "kind", "location", "managedBy", "name", "plan", "sku",
                  "tags", "zones"})  # fmt: skip


def kind_of(arm_type: str) -> str | None:
    """Find the type in the table, whatever its case; None for what no rule looks at."""
    return _BY_CASE.get(arm_type.lower())


def type_in(azure_id: str) -> str:
    """Read `Microsoft.A/b/c` from an id; of two providers the last counts."""
    namespace, *rest = re.split(r"/providers/", azure_id, flags=re.IGNORECASE)[-1].split("/")
    return "/".join([namespace, *rest[::2]])


def subject(body: Mapping[str, Any]) -> Subject:
    """Read one resource."""
    azure_id = str(body["id"])
    arm_type = _BY_CASE[type_in(azure_id).lower()]
    kind = KINDS[arm_type]
    under = body.get("properties")
    properties = under if isinstance(under, Mapping) else {}
    found: dict[str, Any] = {name: value for name, value in body.items() if name in _TOP}
    if kind.under_properties:
        found["properties"] = dict(properties)
    else:
        found |= {kind.renamed.get(_camel(name), _camel(name)): _lifted(kind, one) for name, one in properties.items()}
    said = {name: value for name, value in {**_address(azure_id, kind), **found}.items() if value is not None}
    name = str(body.get("name") or azure_id.rsplit("/", 1)[-1])
    return Subject(type=f"azure-native:{kind.type}", name=name, id=azure_id, inputs=said, state=said)


def _address(azure_id: str, kind: Kind) -> dict[str, str]:
    """What an address says: the group, the names, and the resource that a setting or a grant is about."""
    scope, _, last = azure_id.rpartition("/providers/")
    values = last.split("/")[2::2]
    said = dict(zip(kind.names, values, strict=False))
    group = re.match(r"/subscriptions/[^/]+/resourcegroups/([^/]+)", azure_id, re.IGNORECASE)
    if group:
        said["resourceGroupName"] = group[1]
    if kind.type == "monitor:DiagnosticSetting":
        said["resourceUri"] = scope
    if kind.type in ("authorization:RoleAssignment", "authorization:ManagementLockByScope"):
        said["scope"] = scope
    return said


def _lifted(kind: Kind, value: Any) -> Any:  # noqa: ANN401  JSON
    """In networks, azure-native lifts what stands under `properties` of every object in a list, too."""
    if not kind.type.startswith("network:"):
        return value
    if isinstance(value, list):
        return [_lifted(kind, one) for one in value]
    if isinstance(value, dict):
        under = value.get("properties")
        whole = {**{k: v for k, v in value.items() if k != "properties"}, **under} if isinstance(under, dict) else value
        return {name: _lifted(kind, one) for name, one in whole.items()}
    return value


def _camel(name: str) -> str:
    """`Application_Type` and `WorkspaceResourceId` are `applicationType` and `workspaceResourceId`."""
    first, *rest = name.split("_")
    return (first[:1].lower() + first[1:] if first else first) + "".join(one[:1].upper() + one[1:] for one in rest)
