"""Each component: the whole of what it asks Azure for, closed as it is by default and as far open as it goes."""

from typing import Any

import pytest

from infra import names
from infra.components.container_registry import ContainerRegistry, ContainerRegistryArgs, ImagesKey
from infra.components.customer_key import CustomerKey, CustomerKeyArgs
from infra.components.data_life import DataLife, DataLifeArgs
from infra.components.delete_lock import DeleteLock, DeleteLockArgs
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.identity import Identity, IdentityArgs
from infra.components.observability import Observability, ObservabilityArgs
from infra.components.outbound_rules import EndpointRule, OutboundRules, OutboundRulesArgs, ServiceRule
from infra.components.registry import Registry, RegistryArgs
from infra.components.resource_group import ResourceGroup, ResourceGroupArgs
from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.components.storage import Storage, StorageArgs, StorageKey
from infra.components.vault import Vault, VaultArgs
from tests.infra.asking import HERE, PLACED, TAGS, inputs
from tests.infra.asking import asked as asked_of


def test_resource_group() -> None:
    args = ResourceGroupArgs(name="rg", location="eastus", tags=TAGS)

    assert inputs(lambda: ResourceGroup("group", args)) == {"resources:ResourceGroup": PLACED}


@pytest.mark.parametrize(
    ("changed", "access"), [({}, "Disabled"), ({"public": True}, "Enabled")], ids=["defaults", "open"]
)
def test_observability(changed: dict[str, Any], access: str) -> None:
    args = ObservabilityArgs(**HERE, logs_name="log", insights_name="appi", retention_days=183, **changed)

    asked = asked_of(lambda: Observability("watch", args))

    assert {one.token: one.inputs for one in asked} == {
        "operationalinsights:Workspace": {
            **PLACED,
            "workspaceName": "log",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 183,
            "features": {"disableLocalAuth": True},
            "publicNetworkAccessForIngestion": access,
            "publicNetworkAccessForQuery": access,
        },
        "applicationinsights:Component": {
            **PLACED,
            "resourceName": "appi",
            "kind": "web",
            "applicationType": "web",
            "workspaceResourceId": "/id/watch-logs",
            "ingestionMode": "LogAnalytics",
            "disableLocalAuth": True,
            "publicNetworkAccessForIngestion": access,
            "publicNetworkAccessForQuery": access,
            "flowType": "Bluefield",
            "requestSource": "rest",
        },
    }
    (insights,) = [one for one in asked if one.token == "applicationinsights:Component"]
    assert insights.secret_outputs == ("connectionString", "instrumentationKey")


_STORAGE = {
    **PLACED,
    "accountName": "st",
    "kind": "StorageV2",
    "sku": {"name": "Standard_ZRS"},
    "allowSharedKeyAccess": False,
    "defaultToOAuthAuthentication": True,
    "allowBlobPublicAccess": False,
    "allowCrossTenantReplication": False,
    "isLocalUserEnabled": False,
    "enableHttpsTrafficOnly": True,
    "minimumTlsVersion": "TLS1_2",
    "publicNetworkAccess": "Disabled",
    "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Deny"},
}
_STORAGE_OPEN = _STORAGE | {
    "publicNetworkAccess": "Enabled",
    "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Allow"},
}


@pytest.mark.parametrize(
    ("changed", "account"), [({}, _STORAGE), ({"public": True}, _STORAGE_OPEN)], ids=["defaults", "open"]
)
def test_storage(changed: dict[str, Any], account: dict[str, Any]) -> None:
    args = StorageArgs(**HERE, name="st", sku="Standard_ZRS", soft_delete_days=30, **changed)

    assert inputs(lambda: Storage("storage", args)) == {
        "storage:StorageAccount": account,
        "storage:BlobServiceProperties": {
            "resourceGroupName": "rg",
            "accountName": "st",
            "blobServicesName": "default",
            "deleteRetentionPolicy": {"enabled": True, "days": 30},
            "containerDeleteRetentionPolicy": {"enabled": True, "days": 30},
            "isVersioningEnabled": True,
        },
    }


def test_storage_under_a_key_of_ones_own_follows_its_versions() -> None:
    key = StorageKey(vault_uri="https://kv", key_name="k", identity_id="/identity")
    args = StorageArgs(**HERE, name="st", sku="Standard_ZRS", soft_delete_days=30, own_key=key)

    assert inputs(lambda: Storage("storage", args))["storage:StorageAccount"] == {
        **_STORAGE,
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
        "encryption": {
            "keySource": "Microsoft.Keyvault",
            "keyVaultProperties": {"keyName": "k", "keyVaultUri": "https://kv"},
            "encryptionIdentity": {"encryptionUserAssignedIdentity": "/identity"},
            "services": {
                "blob": {"enabled": True, "keyType": "Account"},
                "file": {"enabled": True, "keyType": "Account"},
            },
        },
    }


def test_a_container_can_be_restored_only_with_its_change_feed() -> None:
    args = StorageArgs(**HERE, name="st", sku="Standard_ZRS", soft_delete_days=30, restore_days=29)

    service = inputs(lambda: Storage("storage", args))["storage:BlobServiceProperties"]

    assert {key: service[key] for key in ("restorePolicy", "changeFeed", "isVersioningEnabled")} == {
        "restorePolicy": {"enabled": True, "days": 29},
        "changeFeed": {"enabled": True, "retentionInDays": 30},
        "isVersioningEnabled": True,
    }


_OLD_VERSIONS = {
    "name": "old-versions",
    "type": "Lifecycle",
    "enabled": True,
    "definition": {
        "filters": {"blobTypes": ["blockBlob"]},
        "actions": {"version": {"delete": {"daysAfterCreationGreaterThan": 90}}},
    },
}
_UNCHANGED = {
    "name": "unchanged-blobs",
    "type": "Lifecycle",
    "enabled": True,
    "definition": {
        "filters": {"blobTypes": ["blockBlob"], "prefixMatch": ["logs/"]},
        "actions": {
            "baseBlob": {
                "tierToCool": {"daysAfterModificationGreaterThan": 30},
                "delete": {"daysAfterModificationGreaterThan": 365},
            }
        },
    },
}


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({}, [_OLD_VERSIONS]),
        ({"cool_after_days": 30, "delete_after_days": 365, "prefixes": ("logs/",)}, [_OLD_VERSIONS, _UNCHANGED]),
    ],
    ids=["defaults", "cooled and deleted"],
)
def test_data_life(changed: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    args = DataLifeArgs(resource_group_name="rg", account_name="st", old_versions_days=90, **changed)

    assert inputs(lambda: DataLife("life", args)) == {
        "storage:ManagementPolicy": {
            "resourceGroupName": "rg",
            "accountName": "st",
            "managementPolicyName": "default",
            "policy": {"rules": rules},
        }
    }


_VAULT = {
    "tenantId": "tenant",
    "sku": {"family": "A", "name": "standard"},
    "enableRbacAuthorization": True,
    "enableSoftDelete": True,
    "softDeleteRetentionInDays": 90,
    "enablePurgeProtection": True,
    "enabledForDeployment": False,
    "enabledForDiskEncryption": False,
    "enabledForTemplateDeployment": False,
    "publicNetworkAccess": "disabled",
    "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"},
}
# Azure refuses an explicit false, so that without protection the key is not there at all.
_VAULT_OPEN = {key: value for key, value in _VAULT.items() if key != "enablePurgeProtection"} | {
    "publicNetworkAccess": "enabled",
    "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"},
}


@pytest.mark.parametrize(
    ("changed", "properties"),
    [({}, _VAULT), ({"public": True, "purge_protection": False}, _VAULT_OPEN)],
    ids=["defaults", "open"],
)
def test_vault(changed: dict[str, Any], properties: dict[str, Any]) -> None:
    args = VaultArgs(**HERE, tenant_id="tenant", name="kv", soft_delete_days=90, **changed)

    (one,) = asked_of(lambda: Vault("vault", args))
    assert one.ignore_changes == ("properties.softDeleteRetentionInDays",)  # a wish for more makes no vault anew
    assert inputs(lambda: Vault("vault", args)) == {
        "keyvault:Vault": {**PLACED, "vaultName": "kv", "properties": properties}
    }


@pytest.mark.parametrize(
    ("changed", "access"), [({}, "Disabled"), ({"public": True}, "Enabled")], ids=["defaults", "open"]
)
def test_container_registry(changed: dict[str, Any], access: str) -> None:
    args = ContainerRegistryArgs(**HERE, name="cr", sku="Premium", **changed)

    assert inputs(lambda: ContainerRegistry("images", args)) == {
        "containerregistry:Registry": {
            **PLACED,
            "registryName": "cr",
            "sku": {"name": "Premium"},
            "adminUserEnabled": False,
            "anonymousPullEnabled": False,
            "publicNetworkAccess": access,
            "networkRuleBypassOptions": "AzureServices",
            "zoneRedundancy": "Disabled",
        }
    }


def test_images_under_a_key_of_ones_own_follow_its_versions() -> None:
    key = ImagesKey(identifier="https://kv/keys/k", identity_id="/identity", client_id="client")
    args = ContainerRegistryArgs(**HERE, name="cr", sku="Premium", own_key=key)

    made = inputs(lambda: ContainerRegistry("images", args))["containerregistry:Registry"]

    assert {name: made[name] for name in ("identity", "encryption")} == {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/identity": {}}},
        "encryption": {
            "status": "enabled",
            "keyVaultProperties": {"identity": "client", "keyIdentifier": "https://kv/keys/k"},
        },
    }


@pytest.mark.parametrize(
    ("changed", "access"), [({}, "Disabled"), ({"public": True}, "Enabled")], ids=["defaults", "open"]
)
def test_registry(changed: dict[str, Any], access: str) -> None:
    args = RegistryArgs(
        resource_group_name="rg",
        locations=("eastus", "westus2"),
        name="mlr",
        storage_sku="Standard_ZRS",
        tags=TAGS,
        **changed,
    )

    def region(location: str) -> dict[str, Any]:
        account = {
            "storageAccountType": "Standard_ZRS",
            "storageAccountHnsEnabled": False,
            "allowBlobPublicAccess": False,
        }
        return {
            "location": location,
            "storageAccountDetails": [{"systemCreatedStorageAccount": account}],
            "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
        }

    assert inputs(lambda: Registry("registry", args)) == {
        "machinelearningservices:Registry": {
            **PLACED,
            "registryName": "mlr",
            "identity": {"type": "SystemAssigned"},
            "publicNetworkAccess": access,
            "regionDetails": [region("eastus"), region("westus2")],
        }
    }


def test_outbound_hosts() -> None:
    args = OutboundRulesArgs(
        resource_group_name="rg", workspace_name="mlw", hosts=("packages.example.com", "*.example.org")
    )

    first, second = asked_of(lambda: OutboundRules("outbound", args))

    for asked, host in ((first, "packages.example.com"), (second, "*.example.org")):
        assert (asked.token, asked.inputs) == (
            "machinelearningservices:ManagedNetworkSettingsRule",
            {
                "resourceGroupName": "rg",
                "workspaceName": "mlw",
                "ruleName": names.outbound_rule(host),
                "properties": {"type": "FQDN", "category": "UserDefined", "destination": host},
            },
        )
    assert first.urn in second.depends_on


def test_outbound_services_and_private_endpoints() -> None:
    right = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/facts"
    args = OutboundRulesArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        services=(ServiceRule(tag="AzureMonitor", protocol="TCP", ports="443"),),
        endpoints=(EndpointRule(resource_id=right, part="sqlServer", hosts=("facts.example.com",), spark=True),),
    )

    tag, endpoint = asked_of(lambda: OutboundRules("outbound", args))

    assert [one.inputs["properties"] for one in (tag, endpoint)] == [
        {
            "type": "ServiceTag",
            "category": "UserDefined",
            "destination": {"action": "Allow", "serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443"},
        },
        {
            "type": "PrivateEndpoint",
            "category": "UserDefined",
            "destination": {"serviceResourceId": right, "subresourceTarget": "sqlServer", "sparkEnabled": True},
            "fqdns": ["facts.example.com"],
        },
    ]
    args = OutboundRulesArgs(
        resource_group_name="rg", workspace_name="mlw", endpoints=(EndpointRule(resource_id=right, part="sqlServer"),)
    )
    (bare,) = asked_of(lambda: OutboundRules("bare", args))
    assert bare.inputs["properties"] == {
        "type": "PrivateEndpoint",
        "category": "UserDefined",
        "destination": {"serviceResourceId": right, "subresourceTarget": "sqlServer", "sparkEnabled": False},
    }
    assert [one.inputs["ruleName"] for one in (tag, endpoint)] == [
        names.service_rule("AzureMonitor", "TCP", "443"),
        names.endpoint_rule(right, "sqlServer"),
    ]
    assert tag.urn in endpoint.depends_on


def test_delete_lock() -> None:
    assert inputs(lambda: DeleteLock("lock", DeleteLockArgs(resource_id="/storage"))) == {
        "authorization:ManagementLockByScope": {
            "scope": "/storage",
            "lockName": "not-to-be-deleted",
            "level": "CanNotDelete",
            "notes": "Holds what cannot be had back. deleteLocks in the stack file takes this away.",
        }
    }


def test_a_key_of_ones_own_lies_in_a_closed_vault_that_cannot_be_purged() -> None:
    args = CustomerKeyArgs(**HERE, tenant_id="tenant", vault_name="kv", key_name="workspaces", soft_delete_days=90)

    vault, key = asked_of(lambda: CustomerKey("key", args))

    assert (vault.inputs["properties"], vault.protect, key.protect) == (_VAULT, True, True)
    assert key.inputs == {
        "resourceGroupName": "rg",
        "vaultName": "kv",
        "keyName": "workspaces",
        "tags": TAGS,
        "properties": {
            "kty": "RSA",
            "keySize": 3072,
            "keyOps": ["wrapKey", "unwrapKey"],
            "attributes": {"enabled": True, "exportable": False},
        },
    }


def test_logs_that_are_brought_along_are_used_and_not_made() -> None:
    args = ObservabilityArgs(
        **HERE, logs_name="log", insights_name="appi", retention_days=183, own_logs_id="/mine/logs"
    )

    (insights,) = asked_of(lambda: Observability("watch", args))

    assert (insights.token, insights.inputs["workspaceResourceId"]) == ("applicationinsights:Component", "/mine/logs")


def test_identity() -> None:
    assert inputs(lambda: Identity("it", IdentityArgs(**HERE, name="id"))) == {
        "managedidentity:UserAssignedIdentity": {**PLACED, "resourceName": "id"}
    }


def test_role_grant() -> None:
    role = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    args = RoleGrantArgs(scope="/scope", role_id=role, principal_id="who", subscription_id="sub", why="because")

    assert inputs(lambda: RoleGrant("grant", args)) == {
        "authorization:RoleAssignment": {
            "scope": "/scope",
            "roleAssignmentName": names.role_assignment("/scope", role, "who"),
            "roleDefinitionId": f"/subscriptions/sub/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": "who",
            "principalType": "ServicePrincipal",
            "description": "because",
        }
    }


def test_diagnostics() -> None:
    assert inputs(lambda: Diagnostics("logs", DiagnosticsArgs(resource_id="/it", logs_id="/logs"))) == {
        "monitor:DiagnosticSetting": {
            "resourceUri": "/it",
            "name": "to-log-analytics",
            "workspaceId": "/logs",
            "logs": [{"categoryGroup": "allLogs", "enabled": True}],
        }
    }
