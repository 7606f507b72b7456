"""The ids of Azure's resources, with `{input}` for each part that a program names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUBSCRIPTION = "/subscriptions/{subscriptionId}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{resourceGroupName}"
_IN = _GROUP + "/providers/"
_AUTHORIZATION = "/providers/Microsoft.Authorization/"
_ML = _IN + "Microsoft.MachineLearningServices/"
_WORKSPACE = _ML + "workspaces/{workspaceName}/"
_REGISTRY = _ML + "registries/{registryName}/"
_LOGS = _IN + "Microsoft.OperationalInsights/workspaces/"
_INSIGHTS = _IN + "Microsoft.Insights/"
_STORAGE = _IN + "Microsoft.Storage/storageAccounts/{accountName}"
_VAULT = _IN + "Microsoft.KeyVault/vaults/{vaultName}"
_ACR = _IN + "Microsoft.ContainerRegistry/registries/{registryName}"
_IDENTITY = _IN + "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
_NETWORK = _IN + "Microsoft.Network/"
_ZONE = _NETWORK + "privateDnsZones/{privateZoneName}"
_GRID = _IN + "Microsoft.EventGrid/"
_SUBSCRIBED = "/eventSubscriptions/{eventSubscriptionName}"
_AKS = _IN + "Microsoft.ContainerService/managedClusters/{resourceName}"
_APPS = _IN + "Microsoft.App/"
_POSTGRES = _IN + "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}"
_CONNECTED = _IN + "{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/"
_LINK = "/privateEndpointConnections/{privateEndpointConnectionName}"

PATHS: Mapping[str, str] = {
    "resources:ResourceGroup": _GROUP,
    "resources:TagAtScope": "{scope}/providers/Microsoft.Resources/tags/default",
    # ---------------------------------------------------------------- who may do what, and what is allowed at all
    "authorization:ManagementLockAtResourceGroupLevel": _GROUP + _AUTHORIZATION + "locks/{lockName}",
    "authorization:ManagementLockAtSubscriptionLevel": _SUBSCRIPTION + _AUTHORIZATION + "locks/{lockName}",
    "authorization:ManagementLockByScope": "{scope}" + _AUTHORIZATION + "locks/{lockName}",
    "authorization:PolicyAssignment": "{scope}" + _AUTHORIZATION + "policyAssignments/{policyAssignmentName}",
    "authorization:PolicyDefinition": _SUBSCRIPTION + _AUTHORIZATION + "policyDefinitions/{policyDefinitionName}",
    "authorization:PolicyExemption": "{scope}" + _AUTHORIZATION + "policyExemptions/{policyExemptionName}",
    "authorization:PolicySetDefinition": _SUBSCRIPTION
    + _AUTHORIZATION
    + "policySetDefinitions/{policySetDefinitionName}",
    "authorization:RoleAssignment": "{scope}" + _AUTHORIZATION + "roleAssignments/{roleAssignmentName}",
    "authorization:RoleDefinition": "{scope}" + _AUTHORIZATION + "roleDefinitions/{roleDefinitionId}",
    "consumption:Budget": "{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "managedidentity:FederatedIdentityCredential": _IDENTITY
    + "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    "managedidentity:UserAssignedIdentity": _IDENTITY,
    # ---------------------------------------------------------------- Azure ML
    "machinelearningservices:BatchDeployment": _WORKSPACE
    + "batchEndpoints/{endpointName}/deployments/{deploymentName}",
    "machinelearningservices:BatchEndpoint": _WORKSPACE + "batchEndpoints/{endpointName}",
    "machinelearningservices:CapabilityHost": _WORKSPACE + "capabilityHosts/{name}",
    "machinelearningservices:CodeContainer": _WORKSPACE + "codes/{name}",
    "machinelearningservices:CodeVersion": _WORKSPACE + "codes/{name}/versions/{version}",
    "machinelearningservices:ComponentContainer": _WORKSPACE + "components/{name}",
    "machinelearningservices:ComponentVersion": _WORKSPACE + "components/{name}/versions/{version}",
    "machinelearningservices:Compute": _WORKSPACE + "computes/{computeName}",
    "machinelearningservices:DataContainer": _WORKSPACE + "data/{name}",
    "machinelearningservices:DataVersion": _WORKSPACE + "data/{name}/versions/{version}",
    "machinelearningservices:Datastore": _WORKSPACE + "datastores/{name}",
    "machinelearningservices:EnvironmentContainer": _WORKSPACE + "environments/{name}",
    "machinelearningservices:EnvironmentVersion": _WORKSPACE + "environments/{name}/versions/{version}",
    "machinelearningservices:FeaturesetContainerEntity": _WORKSPACE + "featuresets/{name}",
    "machinelearningservices:FeaturesetVersion": _WORKSPACE + "featuresets/{name}/versions/{version}",
    "machinelearningservices:FeaturestoreEntityContainerEntity": _WORKSPACE + "featurestoreEntities/{name}",
    "machinelearningservices:FeaturestoreEntityVersion": _WORKSPACE + "featurestoreEntities/{name}/versions/{version}",
    "machinelearningservices:Job": _WORKSPACE + "jobs/{id}",
    "machinelearningservices:ManagedNetworkSettingsRule": _WORKSPACE + "outboundRules/{ruleName}",
    "machinelearningservices:MarketplaceSubscription": _WORKSPACE + "marketplaceSubscriptions/{name}",
    "machinelearningservices:ModelContainer": _WORKSPACE + "models/{name}",
    "machinelearningservices:ModelVersion": _WORKSPACE + "models/{name}/versions/{version}",
    "machinelearningservices:OnlineDeployment": _WORKSPACE
    + "onlineEndpoints/{endpointName}/deployments/{deploymentName}",
    "machinelearningservices:OnlineEndpoint": _WORKSPACE + "onlineEndpoints/{endpointName}",
    "machinelearningservices:OutboundRule": _WORKSPACE
    + "managedNetworks/{managedNetworkName}/outboundRules/{ruleName}",
    "machinelearningservices:PrivateEndpointConnection": _WORKSPACE + _LINK[1:],
    "machinelearningservices:Registry": _REGISTRY[:-1],
    "machinelearningservices:RegistryCodeContainer": _REGISTRY + "codes/{codeName}",
    "machinelearningservices:RegistryCodeVersion": _REGISTRY + "codes/{codeName}/versions/{version}",
    "machinelearningservices:RegistryComponentContainer": _REGISTRY + "components/{componentName}",
    "machinelearningservices:RegistryComponentVersion": _REGISTRY + "components/{componentName}/versions/{version}",
    "machinelearningservices:RegistryDataContainer": _REGISTRY + "data/{name}",
    "machinelearningservices:RegistryDataVersion": _REGISTRY + "data/{name}/versions/{version}",
    "machinelearningservices:RegistryEnvironmentContainer": _REGISTRY + "environments/{environmentName}",
    "machinelearningservices:RegistryEnvironmentVersion": _REGISTRY
    + "environments/{environmentName}/versions/{version}",
    "machinelearningservices:RegistryModelContainer": _REGISTRY + "models/{modelName}",
    "machinelearningservices:RegistryModelVersion": _REGISTRY + "models/{modelName}/versions/{version}",
    "machinelearningservices:Schedule": _WORKSPACE + "schedules/{name}",
    "machinelearningservices:ServerlessEndpoint": _WORKSPACE + "serverlessEndpoints/{name}",
    "machinelearningservices:Workspace": _WORKSPACE[:-1],
    "machinelearningservices:WorkspaceConnection": _WORKSPACE + "connections/{connectionName}",
    # ---------------------------------------------------------------- what a workspace stands on
    "containerregistry:CacheRule": _ACR + "/cacheRules/{cacheRuleName}",
    "containerregistry:PrivateEndpointConnection": _ACR + _LINK,
    "containerregistry:Registry": _ACR,
    "containerregistry:Replication": _ACR + "/replications/{replicationName}",
    "containerregistry:ScopeMap": _ACR + "/scopeMaps/{scopeMapName}",
    "containerregistry:Token": _ACR + "/tokens/{tokenName}",
    "containerregistry:Webhook": _ACR + "/webhooks/{webhookName}",
    "keyvault:Key": _VAULT + "/keys/{keyName}",
    "keyvault:PrivateEndpointConnection": _VAULT + _LINK,
    "keyvault:Secret": _VAULT + "/secrets/{secretName}",
    "keyvault:Vault": _VAULT,
    "storage:BlobContainer": _STORAGE + "/blobServices/default/containers/{containerName}",
    "storage:BlobContainerImmutabilityPolicy": _STORAGE
    + "/blobServices/default/containers/{containerName}/immutabilityPolicies/{immutabilityPolicyName}",
    "storage:BlobInventoryPolicy": _STORAGE + "/inventoryPolicies/{blobInventoryPolicyName}",
    "storage:BlobServiceProperties": _STORAGE + "/blobServices/{blobServicesName}",
    "storage:EncryptionScope": _STORAGE + "/encryptionScopes/{encryptionScopeName}",
    "storage:FileServiceProperties": _STORAGE + "/fileServices/{fileServicesName}",
    "storage:FileShare": _STORAGE + "/fileServices/default/shares/{shareName}",
    "storage:ManagementPolicy": _STORAGE + "/managementPolicies/{managementPolicyName}",
    "storage:ObjectReplicationPolicy": _STORAGE + "/objectReplicationPolicies/{objectReplicationPolicyId}",
    "storage:PrivateEndpointConnection": _STORAGE + _LINK,
    "storage:Queue": _STORAGE + "/queueServices/default/queues/{queueName}",
    "storage:QueueServiceProperties": _STORAGE + "/queueServices/{queueServiceName}",
    "storage:StorageAccount": _STORAGE,
    "storage:Table": _STORAGE + "/tableServices/default/tables/{tableName}",
    "storage:TableServiceProperties": _STORAGE + "/tableServices/{tableServiceName}",
    # ---------------------------------------------------------------- what watches it
    "applicationinsights:Component": _INSIGHTS + "components/{resourceName}",
    "applicationinsights:WebTest": _INSIGHTS + "webtests/{webTestName}",
    "applicationinsights:Workbook": _INSIGHTS + "workbooks/{resourceName}",
    "monitor:ActionGroup": _INSIGHTS + "actionGroups/{actionGroupName}",
    "monitor:ActivityLogAlert": _INSIGHTS + "activityLogAlerts/{activityLogAlertName}",
    "monitor:AutoscaleSetting": _INSIGHTS + "autoscaleSettings/{autoscaleSettingName}",
    "monitor:DataCollectionEndpoint": _INSIGHTS + "dataCollectionEndpoints/{dataCollectionEndpointName}",
    "monitor:DataCollectionRule": _INSIGHTS + "dataCollectionRules/{dataCollectionRuleName}",
    "monitor:DataCollectionRuleAssociation": "{resourceUri}/providers/Microsoft.Insights/"
    "dataCollectionRuleAssociations/{associationName}",
    "monitor:DiagnosticSetting": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    "monitor:MetricAlert": _INSIGHTS + "metricAlerts/{ruleName}",
    "monitor:PrivateLinkScope": _INSIGHTS + "privateLinkScopes/{scopeName}",
    "monitor:PrivateLinkScopedResource": _INSIGHTS + "privateLinkScopes/{scopeName}/scopedResources/{name}",
    "monitor:ScheduledQueryRule": _INSIGHTS + "scheduledQueryRules/{ruleName}",
    "monitor:SubscriptionDiagnosticSetting": _SUBSCRIPTION + "/providers/Microsoft.Insights/diagnosticSettings/{name}",
    "operationalinsights:SavedSearch": _LOGS + "{workspaceName}/savedSearches/{savedSearchId}",
    "operationalinsights:Table": _LOGS + "{workspaceName}/tables/{tableName}",
    "operationalinsights:Workspace": _LOGS + "{workspaceName}",
    "eventgrid:EventSubscription": "{scope}/providers/Microsoft.EventGrid" + _SUBSCRIBED,
    "eventgrid:SystemTopic": _GRID + "systemTopics/{systemTopicName}",
    "eventgrid:SystemTopicEventSubscription": _GRID + "systemTopics/{systemTopicName}" + _SUBSCRIBED,
    "eventgrid:Topic": _GRID + "topics/{topicName}",
    "eventgrid:TopicEventSubscription": _GRID + "topics/{topicName}" + _SUBSCRIBED,
    # ---------------------------------------------------------------- networks
    "network:ApplicationSecurityGroup": _NETWORK + "applicationSecurityGroups/{applicationSecurityGroupName}",
    "network:AzureFirewall": _NETWORK + "azureFirewalls/{azureFirewallName}",
    "network:BastionHost": _NETWORK + "bastionHosts/{bastionHostName}",
    "network:FirewallPolicy": _NETWORK + "firewallPolicies/{firewallPolicyName}",
    "network:FirewallPolicyRuleCollectionGroup": _NETWORK
    + "firewallPolicies/{firewallPolicyName}/ruleCollectionGroups/{ruleCollectionGroupName}",
    "network:NatGateway": _NETWORK + "natGateways/{natGatewayName}",
    "network:NetworkInterface": _NETWORK + "networkInterfaces/{networkInterfaceName}",
    "network:NetworkSecurityGroup": _NETWORK + "networkSecurityGroups/{networkSecurityGroupName}",
    "network:PrivateDnsZoneGroup": _NETWORK
    + "privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}",
    "network:PrivateEndpoint": _NETWORK + "privateEndpoints/{privateEndpointName}",
    "network:PublicIPAddress": _NETWORK + "publicIPAddresses/{publicIpAddressName}",
    "network:PublicIPPrefix": _NETWORK + "publicIPPrefixes/{publicIpPrefixName}",
    "network:Route": _NETWORK + "routeTables/{routeTableName}/routes/{routeName}",
    "network:RouteTable": _NETWORK + "routeTables/{routeTableName}",
    "network:SecurityRule": _NETWORK
    + "networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}",
    "network:Subnet": _NETWORK + "virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
    "network:VirtualNetwork": _NETWORK + "virtualNetworks/{virtualNetworkName}",
    "network:VirtualNetworkPeering": _NETWORK
    + "virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}",
    "privatedns:PrivateRecordSet": _ZONE + "/{recordType}/{relativeRecordSetName}",
    "privatedns:PrivateZone": _ZONE,
    "privatedns:VirtualNetworkLink": _ZONE + "/virtualNetworkLinks/{virtualNetworkLinkName}",
    # ---------------------------------------------------------------- where else it can run, and the controller
    "app:ContainerApp": _APPS + "containerApps/{containerAppName}",
    "app:Job": _APPS + "jobs/{jobName}",
    "app:ManagedEnvironment": _APPS + "managedEnvironments/{environmentName}",
    "app:ManagedEnvironmentsStorage": _APPS + "managedEnvironments/{environmentName}/storages/{storageName}",
    "containerservice:AgentPool": _AKS + "/agentPools/{agentPoolName}",
    "containerservice:MaintenanceConfiguration": _AKS + "/maintenanceConfigurations/{configName}",
    "containerservice:ManagedCluster": _AKS,
    "containerservice:ManagedNamespace": _AKS + "/managedNamespaces/{managedNamespaceName}",
    "containerservice:TrustedAccessRoleBinding": _AKS + "/trustedAccessRoleBindings/{trustedAccessRoleBindingName}",
    "dbforpostgresql:AdministratorsMicrosoftEntra": _POSTGRES + "/administrators/{objectId}",
    "dbforpostgresql:Configuration": _POSTGRES + "/configurations/{configurationName}",
    "dbforpostgresql:Database": _POSTGRES + "/databases/{databaseName}",
    "dbforpostgresql:FirewallRule": _POSTGRES + "/firewallRules/{firewallRuleName}",
    "dbforpostgresql:PrivateEndpointConnection": _POSTGRES + _LINK,
    "dbforpostgresql:Server": _POSTGRES,
    "kubernetesconfiguration:Extension": _CONNECTED + "extensions/{extensionName}",
    "kubernetesconfiguration:FluxConfiguration": _CONNECTED + "fluxConfigurations/{fluxConfigurationName}",
}
"""By `module:Name` of the token."""
