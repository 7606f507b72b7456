"""Bodies of types that neither the SDK's entities nor our stacks make, as they travel."""

from __future__ import annotations

from tests.environments.local.validation.valid import Valid

_ID = "/subscriptions/a3f5c1d0-0000-4000-8000-10ca1a2c0001/resourceGroups/rg/providers"

BODIES = (
    Valid("Microsoft.Resources/resourceGroups", "2024-03-01", {"location": "eastus", "tags": {"a": "b"}}),
    Valid(
        "Microsoft.Storage/storageAccounts",
        "2024-01-01",
        {
            "location": "eastus",
            "kind": "StorageV2",
            "sku": {"name": "Standard_ZRS"},
            "identity": {"type": "SystemAssigned"},
            "properties": {
                "accessTier": "Hot",
                "allowBlobPublicAccess": False,
                "minimumTlsVersion": "TLS1_2",
                "networkAcls": {
                    "bypass": "AzureServices",
                    "defaultAction": "Deny",
                    "ipRules": [{"value": "10.0.0.1", "action": "Allow"}],
                },
                "encryption": {"keySource": "Microsoft.Storage", "services": {"blob": {"enabled": True}}},
            },
        },
    ),
    Valid("Microsoft.Storage/storageAccounts/blobServices/containers", "2024-01-01", {"properties": {"metadata": {}}}),
    Valid(
        "Microsoft.Network/virtualNetworks",
        "2024-05-01",
        {
            "location": "eastus",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}],
            },
        },
    ),
    Valid(
        "Microsoft.Network/privateEndpoints",
        "2024-05-01",
        {
            "location": "eastus",
            "properties": {
                "subnet": {"id": f"{_ID}/Microsoft.Network/virtualNetworks/v/subnets/s"},
                "privateLinkServiceConnections": [
                    {
                        "name": "c",
                        "properties": {
                            "privateLinkServiceId": f"{_ID}/Microsoft.Storage/storageAccounts/a",
                            "groupIds": ["blob"],
                        },
                    }
                ],
            },
        },
    ),
    Valid("Microsoft.Network/privateDnsZones", "2024-06-01", {"location": "global", "tags": {}}),
    Valid(
        "Microsoft.MachineLearningServices/workspaces",
        "2024-10-01-preview",
        {
            "location": "eastus",
            "kind": "Default",
            "identity": {"type": "SystemAssigned"},
            "properties": {
                "friendlyName": "w",
                "publicNetworkAccess": "Enabled",
                "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {}},
                "storageAccount": f"{_ID}/Microsoft.Storage/storageAccounts/a",
                "keyVault": f"{_ID}/Microsoft.KeyVault/vaults/v",
                "systemDatastoresAuthMode": "Identity",
            },
        },
    ),
    Valid(
        "Microsoft.MachineLearningServices/workspaces/codes/versions",
        "2023-04-01",
        {
            "properties": {
                "codeUri": "https://a.blob.core.windows.net/c/src",
                "isAnonymous": True,
                "properties": {"hash_sha256": "00", "hash_version": 202208},
            }
        },
    ),
)
