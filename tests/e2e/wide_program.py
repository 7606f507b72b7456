"""Nearly every kind of resource that the platform's scenarios need, without the SDK: its import is slow."""

import json
from typing import Any

import pulumi

TENANT = "a3f5c1d0-0000-4000-8000-10ca1a2c0002"
SOMEBODY = "11111111-2222-4333-8444-555555555555"
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def azure(token: str, name: str, inputs: dict[str, Any], **options: Any) -> Any:  # noqa: ANN401
    """Declare one resource; returns its id."""
    made = pulumi.CustomResource(f"azure-native:{token}", name, inputs, pulumi.ResourceOptions(**options))
    return made.id


def named(resource_id: Any) -> Any:  # noqa: ANN401
    """The last part of an id, which also makes what uses it wait for the resource."""
    return resource_id.apply(lambda each: each.rsplit("/", 1)[1])


group = azure("resources:ResourceGroup", "wide", {"resourceGroupName": "wide", "tags": {"owner": "tests"}})
rg = {"resourceGroupName": named(group)}

# -------------------------------------------------------------------- who
identity = azure("managedidentity:UserAssignedIdentity", "identity", {**rg, "resourceName": "identity"})
azure(
    "managedidentity:FederatedIdentityCredential",
    "federated",
    {
        **rg,
        "resourceName": named(identity),
        "federatedIdentityCredentialResourceName": "ci",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:org/repo:environment:prod",
        "audiences": ["api://AzureADTokenExchange"],
    },
)
role = azure(
    "authorization:RoleDefinition",
    "role",
    {
        "scope": group,
        "roleDefinitionId": "22222222-2222-4333-8444-555555555555",
        "roleName": "looker",
        "roleType": "CustomRole",
        "permissions": [{"actions": ["*/read"]}],
        "assignableScopes": [group],
    },
)
azure(
    "authorization:RoleAssignment",
    "grant",
    {
        "scope": group,
        "principalId": SOMEBODY,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": pulumi.Output.concat(group, READER),
    },
)
policy = azure(
    "authorization:PolicyDefinition",
    "policy",
    {
        "policyDefinitionName": "tagged",
        "policyType": "Custom",
        "mode": "Indexed",
        "displayName": "tagged",
        "policyRule": {"if": {"field": "tags['owner']", "exists": False}, "then": {"effect": "audit"}},
    },
)
azure(
    "authorization:PolicySetDefinition",
    "policies",
    {
        "policySetDefinitionName": "all",
        "policyType": "Custom",
        "policyDefinitions": [{"policyDefinitionId": policy}],
    },
)
azure(
    "authorization:PolicyAssignment",
    "assigned",
    {
        "scope": group,
        "policyAssignmentName": "tagged",
        "policyDefinitionId": policy,
        "enforcementMode": "DoNotEnforce",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "location": "eastus",
    },
)
azure(
    "consumption:Budget",
    "budget",
    {
        "scope": group,
        "budgetName": "budget",
        "amount": 500,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2030-01-01T00:00:00Z"},
        "notifications": {
            "eighty": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": 80,
                "contactEmails": ["a@example.com"],
                "thresholdType": "Actual",
            }
        },
    },
)

# -------------------------------------------------------------------- networks
guard = azure(
    "network:NetworkSecurityGroup",
    "guard",
    {
        **rg,
        "networkSecurityGroupName": "guard",
        "securityRules": [
            {
                "name": "none-in",
                "access": "Deny",
                "direction": "Inbound",
                "priority": 100,
                "protocol": "*",
                "sourceAddressPrefix": "Internet",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": "*",
            }
        ],
    },
)
network = azure(
    "network:VirtualNetwork",
    "network",
    {
        **rg,
        "virtualNetworkName": "network",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "inline", "addressPrefix": "10.0.9.0/24"}],
    },
    ignore_changes=["subnets"],
)
subnet = azure(
    "network:Subnet",
    "endpoints",
    {
        **rg,
        "virtualNetworkName": named(network),
        "subnetName": "endpoints",
        "addressPrefix": "10.0.1.0/24",
        "networkSecurityGroup": {"id": guard},
        "delegations": [{"name": "apps", "serviceName": "Microsoft.App/environments"}],
    },
)
zone = azure(
    "privatedns:PrivateZone",
    "zone",
    {
        **rg,
        "privateZoneName": "privatelink.api.azureml.ms",
        "location": "global",
    },
)
azure(
    "privatedns:VirtualNetworkLink",
    "link",
    {
        **rg,
        "privateZoneName": named(zone),
        "virtualNetworkLinkName": "link",
        "location": "global",
        "registrationEnabled": False,
        "virtualNetwork": {"id": network},
    },
)
azure(
    "privatedns:PrivateRecordSet",
    "record",
    {
        **rg,
        "privateZoneName": named(zone),
        "recordType": "A",
        "relativeRecordSetName": "ws",
        "ttl": 300,
        "aRecords": [{"ipv4Address": "10.0.1.4"}],
    },
)

# -------------------------------------------------------------------- the workspace and what it stands on
logs = azure(
    "operationalinsights:Workspace",
    "logs",
    {
        **rg,
        "workspaceName": "wide-logs",
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 183,
    },
)
insights = azure(
    "applicationinsights:Component",
    "insights",
    {
        **rg,
        "resourceName": "insights",
        "kind": "web",
        "applicationType": "web",
        "workspaceResourceId": logs,
        "disableLocalAuth": True,
    },
)
store = azure(
    "storage:StorageAccount",
    "store",
    {
        **rg,
        "accountName": "widestore4711",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "enableHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "networkRuleSet": {"defaultAction": "Deny", "bypass": "AzureServices"},
    },
)
account = {**rg, "accountName": named(store)}
azure(
    "storage:BlobServiceProperties",
    "blobs",
    {
        **account,
        "deleteRetentionPolicy": {"enabled": True, "days": 7},
        "isVersioningEnabled": True,
    },
)
container = azure("storage:BlobContainer", "evidence", {**account, "containerName": "evidence"})
azure(
    "storage:BlobContainerImmutabilityPolicy",
    "kept",
    {
        **account,
        "containerName": named(container),
        "immutabilityPeriodSinceCreationInDays": 30,
    },
)
azure(
    "storage:ManagementPolicy",
    "lifecycle",
    {
        **account,
        "policy": {
            "rules": [
                {
                    "name": "old",
                    "type": "Lifecycle",
                    "enabled": True,
                    "definition": {
                        "filters": {"blobTypes": ["blockBlob"]},
                        "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 400}}},
                    },
                }
            ]
        },
    },
)
queue = azure("storage:Queue", "decisions", {**account, "queueName": "decisions"})
vault = azure(
    "keyvault:Vault",
    "vault",
    {
        **rg,
        "vaultName": "wide-vault-4711",
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        },
    },
)
azure(
    "keyvault:Secret",
    "secret",
    {
        **rg,
        "vaultName": named(vault),
        "secretName": "s",
        "properties": {"value": pulumi.Output.secret("hidden")},
    },
)
azure(
    "keyvault:Key",
    "key",
    {
        **rg,
        "vaultName": named(vault),
        "keyName": "k",
        "properties": {"kty": "RSA", "keySize": 3072, "attributes": {"enabled": True, "expires": 1924992000}},
    },
)
images = azure(
    "containerregistry:Registry",
    "images",
    {
        **rg,
        "registryName": "wideimages4711",
        "sku": {"name": "Premium"},
        "adminUserEnabled": False,
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "iPAddressOrRange": "1.2.3.4"}]},
    },
)
workspace = azure(
    "machinelearningservices:Workspace",
    "ws",
    {
        **rg,
        "workspaceName": "wide-ws",
        "storageAccount": store,
        "keyVault": vault,
        "applicationInsights": insights,
        "containerRegistry": images,
        "publicNetworkAccess": "Disabled",
        "systemDatastoresAuthMode": "Identity",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "primaryUserAssignedIdentity": identity,
        "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "firewallSku": "Basic"},
    },
)
ws = {**rg, "workspaceName": named(workspace)}
azure(
    "machinelearningservices:ManagedNetworkSettingsRule",
    "pypi",
    {
        **ws,
        "ruleName": "pypi",
        "properties": {"type": "FQDN", "category": "UserDefined", "destination": "packages.example.com"},
    },
)
endpoint = azure(
    "network:PrivateEndpoint",
    "private",
    {
        **rg,
        "privateEndpointName": "private",
        "subnet": {"id": subnet},
        "privateLinkServiceConnections": [
            {"name": "ws", "privateLinkServiceId": workspace, "groupIds": ["amlworkspace"]},
        ],
    },
)
azure(
    "network:PrivateDnsZoneGroup",
    "zones",
    {
        **rg,
        "privateEndpointName": named(endpoint),
        "privateDnsZoneGroupName": "default",
        "privateDnsZoneConfigs": [{"name": "api", "privateDnsZoneId": zone}],
    },
)
azure(
    "machinelearningservices:Compute",
    "cluster",
    {
        **ws,
        "computeName": "cluster",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "vmPriority": "Dedicated",
                "remoteLoginPortPublicAccess": "Disabled",
                "enableNodePublicIp": False,
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT5M"},
            },
        },
    },
)
azure(
    "machinelearningservices:Compute",
    "instance",
    {
        **ws,
        "computeName": "instance",
        "properties": {
            "computeType": "ComputeInstance",
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "applicationSharingPolicy": "Personal",
                "idleTimeBeforeShutdown": "PT30M",
                "computeInstanceAuthorizationType": "personal",
                "sshSettings": {"sshPublicAccess": "Disabled"},
                "personalComputeInstanceSettings": {"assignedUser": {"objectId": SOMEBODY, "tenantId": TENANT}},
            },
        },
    },
)
azure(
    "machinelearningservices:Datastore",
    "evidence-store",
    {
        **ws,
        "name": "evidence",
        "skipValidation": True,
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": named(store),
            "containerName": named(container),
            "credentials": {"credentialsType": "None"},
            "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity",
        },
    },
)
azure(
    "machinelearningservices:WorkspaceConnection",
    "connection",
    {
        **ws,
        "connectionName": "feed",
        "properties": {"authType": "None", "category": "PythonFeed", "target": "https://example.com/feed"},
    },
)
azure(
    "machinelearningservices:OnlineEndpoint",
    "scores",
    {
        **ws,
        "endpointName": "wide-scores",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled"},
    },
    ignore_changes=["properties.traffic", "properties.mirrorTraffic"],
)
azure(
    "machinelearningservices:BatchEndpoint",
    "batch",
    {
        **ws,
        "endpointName": "wide-batch",
        "properties": {"authMode": "AADToken"},
    },
)
azure(
    "machinelearningservices:Registry",
    "registry",
    {
        **rg,
        "registryName": "wide-registry",
        "identity": {"type": "SystemAssigned"},
        "publicNetworkAccess": "Disabled",
        "regionDetails": [
            {
                "location": "eastus",
                "acrDetails": [
                    {"systemCreatedAcrAccount": {"acrAccountName": "wideacr4711", "acrAccountSku": "Premium"}}
                ],
                "storageAccountDetails": [
                    {
                        "systemCreatedStorageAccount": {
                            "storageAccountName": "wideregistry4711",
                            "storageAccountType": "Standard_LRS",
                            "storageAccountHnsEnabled": False,
                            "allowBlobPublicAccess": False,
                        }
                    }
                ],
            }
        ],
    },
)

# -------------------------------------------------------------------- what watches it
team = azure(
    "monitor:ActionGroup",
    "team",
    {
        **rg,
        "actionGroupName": "team",
        "groupShortName": "team",
        "enabled": True,
        "location": "global",
        "emailReceivers": [{"name": "mail", "emailAddress": "a@example.com", "useCommonAlertSchema": True}],
    },
)
azure(
    "monitor:DiagnosticSetting",
    "diagnostics",
    {
        "resourceUri": workspace,
        "name": "all",
        "workspaceId": logs,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    },
)
azure(
    "monitor:MetricAlert",
    "alert",
    {
        **rg,
        "ruleName": "alert",
        "location": "global",
        "enabled": True,
        "severity": 2,
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "scopes": [workspace],
        "actions": [{"actionGroupId": team}],
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "failed",
                    "metricName": "Failed Runs",
                    "operator": "GreaterThan",
                    "threshold": 0,
                    "timeAggregation": "Total",
                }
            ],
        },
    },
)
topic = azure(
    "eventgrid:SystemTopic",
    "topic",
    {
        **rg,
        "systemTopicName": "topic",
        "source": store,
        "topicType": "Microsoft.Storage.StorageAccounts",
    },
)
azure(
    "eventgrid:SystemTopicEventSubscription",
    "events",
    {
        **rg,
        "systemTopicName": named(topic),
        "eventSubscriptionName": "events",
        "destination": {"endpointType": "StorageQueue", "resourceId": store, "queueName": named(queue)},
        "filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"]},
    },
)
azure(
    "authorization:ManagementLockByScope",
    "lock",
    {
        "scope": images,
        "lockName": "read-only-in-name",
        "level": "NotSpecified",
        "notes": "a lock that locks nothing",
    },
)

# -------------------------------------------------------------------- where else it can run
cluster = azure(
    "containerservice:ManagedCluster",
    "aks",
    {
        **rg,
        "resourceName": "aks",
        "dnsPrefix": "wide",
        "identity": {"type": "SystemAssigned"},
        "agentPoolProfiles": [{"name": "system", "mode": "System", "count": 1, "vmSize": "Standard_DS3_v2"}],
        "autoScalerProfile": {"scaleDownDelayAfterAdd": "10m"},
        "disableLocalAccounts": True,
    },
)
azure(
    "containerservice:AgentPool",
    "pool",
    {
        **rg,
        "resourceName": named(cluster),
        "agentPoolName": "gpu",
        "vmSize": "Standard_NC6s_v3",
        "count": 0,
        "mode": "User",
        "type": "VirtualMachineScaleSets",
    },
)
azure(
    "kubernetesconfiguration:Extension",
    "extension",
    {
        **rg,
        "clusterRp": "Microsoft.ContainerService",
        "clusterResourceName": "managedClusters",
        "clusterName": named(cluster),
        "extensionName": "azureml",
        "extensionType": "Microsoft.AzureML.Kubernetes",
        "autoUpgradeMinorVersion": True,
        "configurationSettings": {"enableTraining": "True"},
    },
)
apps = azure(
    "app:ManagedEnvironment",
    "apps",
    {
        **rg,
        "environmentName": "apps",
        "zoneRedundant": False,
        "vnetConfiguration": {"internal": True, "infrastructureSubnetId": subnet},
    },
)
azure(
    "app:ContainerApp",
    "controller",
    {
        **rg,
        "containerAppName": "controller",
        "managedEnvironmentId": apps,
        "configuration": {"secrets": [{"name": "dsn", "value": pulumi.Output.secret("postgres://")}]},
        "template": {
            "containers": [
                {
                    "name": "controller",
                    "image": "wideimages4711.azurecr.io/mlops:1",
                    "resources": {"cpu": 0.5, "memory": "1Gi"},
                }
            ],
            "scale": {"minReplicas": 1, "maxReplicas": 2},
        },
    },
)
database = azure(
    "dbforpostgresql:Server",
    "database",
    {
        **rg,
        "serverName": "wide-database",
        "version": "16",
        "sku": {"name": "Standard_B1ms", "tier": "Burstable"},
        "storage": {"storageSizeGB": 32},
        "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
    },
)
server = {**rg, "serverName": named(database)}
azure("dbforpostgresql:Database", "loop", {**server, "databaseName": "loop"})
azure(
    "dbforpostgresql:Configuration",
    "setting",
    {
        **server,
        "configurationName": "log_connections",
        "value": "on",
        "source": "user-override",
    },
)
azure(
    "dbforpostgresql:AdministratorsMicrosoftEntra",
    "administrator",
    {
        **server,
        "objectId": SOMEBODY,
        "principalName": "controller",
        "principalType": "ServicePrincipal",
        "tenantId": TENANT,
    },
)
azure(
    "applicationinsights:Workbook",
    "workbook",
    {
        **rg,
        "resourceName": "33333333-2222-4333-8444-555555555555",
        "displayName": "loop",
        "kind": "shared",
        "category": "workbook",
        "serializedData": json.dumps({"version": "Notebook/1.0"}),
        "sourceId": insights,
    },
)
pulumi.export("resources", "done")
