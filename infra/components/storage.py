"""The workspace's storage account: no keys, no anonymous reads, and deleted blobs can be had back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import storage


@dataclass(frozen=True, kw_only=True)
class StorageKey:
    """A key of one's own, always in its newest version, and who may wrap with it."""

    vault_uri: Input[str]  # the vault's address
    key_name: Input[str]  # what the key is called in it
    identity_id: Input[str]  # who wraps with it
    after: Sequence[Resource] = ()  # what lets the identity wrap: Azure tries while it makes the account


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    sku: str  # how often, and how far apart, data is kept
    soft_delete_days: int  # how long deleted blobs can be had back
    tags: Mapping[str, str]
    restore_days: int = 0  # how far back all containers can be set; fewer days than soft delete
    public: bool = False
    protect: bool = True
    own_key: StorageKey | None = None  # none: Azure's own keys encrypt


class Storage(pulumi.ComponentResource):
    """One storage account that is reached by identity only."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Storage", name, {}, opts)

        account = storage.StorageAccount(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            account_name=args.name,
            kind="StorageV2",
            sku=storage.SkuArgs(name=args.sku),
            allow_shared_key_access=False,
            default_to_o_auth_authentication=True,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            is_local_user_enabled=False,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            public_network_access="Enabled" if args.public else "Disabled",
            network_rule_set=storage.NetworkRuleSetArgs(
                bypass="AzureServices",
                default_action=storage.DefaultAction.ALLOW if args.public else storage.DefaultAction.DENY,
            ),
            **_encrypted(args.own_key),
            tags=dict(args.tags),
            opts=ResourceOptions(
                parent=self, protect=args.protect, depends_on=list(args.own_key.after) if args.own_key else None
            ),
        )
        retention = storage.DeleteRetentionPolicyArgs(enabled=True, days=args.soft_delete_days)
        storage.BlobServiceProperties(
            f"{name}-blobs",
            resource_group_name=args.resource_group_name,
            account_name=account.name,
            blob_services_name="default",
            delete_retention_policy=retention,
            container_delete_retention_policy=retention,
            is_versioning_enabled=True,
            **_restorable(args.restore_days),
            opts=ResourceOptions(parent=self, deleted_with=account),
        )

        self.id = account.id
        self.name = account.name
        self.register_outputs({"id": self.id, "name": self.name})


def _encrypted(key: StorageKey | None) -> dict[str, Any]:
    if key is None:
        return {}
    service = storage.EncryptionServiceArgs(enabled=True, key_type="Account")
    return {
        "identity": storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[key.identity_id]),
        "encryption": storage.EncryptionArgs(
            key_source="Microsoft.Keyvault",
            key_vault_properties=storage.KeyVaultPropertiesArgs(key_name=key.key_name, key_vault_uri=key.vault_uri),
            encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=key.identity_id),
            services=storage.EncryptionServicesArgs(blob=service, file=service),
        ),
    }


def _restorable(days: int) -> dict[str, Any]:
    if not days:
        return {}
    # A restore plays the change feed backwards, so that one does not go without the other.
    return {
        "change_feed": storage.ChangeFeedArgs(enabled=True, retention_in_days=days + 1),
        "restore_policy": storage.RestorePolicyPropertiesArgs(enabled=True, days=days),
    }
