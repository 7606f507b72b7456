"""Where else it can run, and the state of a loop."""

import json

import pulumi

from tests.e2e.wide.ground import insights
from tests.e2e.wide.group import rg
from tests.e2e.wide.networks import subnet
from tests.e2e.wide.resource import SOMEBODY, TENANT, azure, named

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
