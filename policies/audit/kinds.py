"""Which of Azure's types are read, how they are asked for, and what azure-native calls them: a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


GROUPS = "Microsoft.Resources/resourceGroups"
SCOPED = (
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Consumption/budgets",
)
"""What is said about a scope, and stands in no list of resources."""

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
            "environments",
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
    f"{_ML}/workspaces/environments": _ml("EnvironmentContainer", "name", children=("versions",)),
    f"{_ML}/workspaces/environments/versions": _ml("EnvironmentVersion", "name", "version"),
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
    "Microsoft.Network/virtualNetworks": Kind(
        type="network:VirtualNetwork", version="2024-05-01", names=("virtualNetworkName",)
    ),
    "Microsoft.Network/networkSecurityGroups": Kind(
        type="network:NetworkSecurityGroup", version="2024-05-01", names=("networkSecurityGroupName",)
    ),
    "Microsoft.ContainerService/managedClusters": Kind(
        type="containerservice:ManagedCluster", version="2025-02-01", names=("resourceName",)
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers": Kind(
        type="dbforpostgresql:Server", version="2024-08-01", names=("serverName",)
    ),
    "Microsoft.EventGrid/systemTopics": Kind(
        type="eventgrid:SystemTopic", version="2025-02-15", names=("systemTopicName",)
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities": Kind(
        type="managedidentity:UserAssignedIdentity",
        version="2023-01-31",
        names=("resourceName",),
        children=("federatedIdentityCredentials",),
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": Kind(
        type="managedidentity:FederatedIdentityCredential",
        version="2023-01-31",
        names=("resourceName", "federatedIdentityCredentialResourceName"),
    ),
    "Microsoft.Authorization/roleAssignments": Kind(
        type="authorization:RoleAssignment", version="2022-04-01", names=("roleAssignmentName",)
    ),
    "Microsoft.Authorization/locks": Kind(
        type="authorization:ManagementLockByScope", version="2020-05-01", names=("lockName",)
    ),
    "Microsoft.Authorization/policyAssignments": Kind(
        type="authorization:PolicyAssignment", version="2022-06-01", names=("policyAssignmentName",)
    ),
    "Microsoft.Authorization/policySetDefinitions": Kind(
        type="authorization:PolicySetDefinition", version="2021-06-01", names=("policySetDefinitionName",)
    ),
    "Microsoft.Consumption/budgets": Kind(type="consumption:Budget", version="2023-11-01", names=("budgetName",)),
    GROUPS: Kind(type="resources:ResourceGroup", version="2021-04-01", names=("resourceGroupName",)),
    _DIAGNOSTICS: Kind(type="monitor:DiagnosticSetting", version="2021-05-01-preview", names=("name",)),
}
"""What rules look at, or join with it.  Of other kinds, the list of resources tells the place and the tags."""

NOT_ASKED = {
    "machinelearningservices:Job": "runs are no part of a platform, and there are thousands",
    "authorization:ManagementLockAtResourceGroupLevel": "Azure calls every lock the same; it is read by its scope",
    "authorization:ManagementLockAtResourceLevel": "as above",
    "costmanagement:Budget": "another name of Microsoft.Consumption/budgets, which is what is read",
}
"""What rules look at in a program, and why what is deployed is not asked for it."""

WATCHED = (
    f"{_ML}/workspaces",
    f"{_ML}/workspaces/onlineEndpoints",
    f"{_ML}/registries",
)
"""Of which kinds the diagnostic settings are asked."""
