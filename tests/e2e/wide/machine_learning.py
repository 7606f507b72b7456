"""A workspace and what lies in it."""

from tests.e2e.wide.ground import container, images, insights, store, vault
from tests.e2e.wide.group import rg
from tests.e2e.wide.identities import identity
from tests.e2e.wide.networks import subnet, zone
from tests.e2e.wide.resource import SOMEBODY, TENANT, azure, named

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
