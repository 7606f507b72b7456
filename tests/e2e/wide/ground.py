"""What a workspace stands on."""

import pulumi

from tests.e2e.wide.group import rg
from tests.e2e.wide.resource import TENANT, azure, named

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
