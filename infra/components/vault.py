"""The workspace's key vault: opened by role, never by access policy, and hard to lose."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import keyvault


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    tenant_id: str
    name: str
    soft_delete_days: int
    tags: Mapping[str, str]
    public: bool = False
    purge_protection: bool = True
    protect: bool = True


class Vault(pulumi.ComponentResource):
    """One vault in role-based mode."""

    id: Output[str]
    name: Output[str]
    resource: Resource  # what goes with the vault when it goes

    def __init__(self, name: str, args: VaultArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Vault", name, {}, opts)

        vault = keyvault.Vault(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            vault_name=args.name,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args.tenant_id,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=args.soft_delete_days,
                # Azure refuses an explicit false: protection is either on or not mentioned.
                enable_purge_protection=True if args.purge_protection else None,
                enabled_for_deployment=False,
                enabled_for_disk_encryption=False,
                enabled_for_template_deployment=False,
                public_network_access="enabled" if args.public else "disabled",
                network_acls=keyvault.NetworkRuleSetArgs(
                    bypass="AzureServices", default_action="Allow" if args.public else "Deny"
                ),
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(
                parent=self,
                protect=args.protect,
                # Azure lets it be chosen once; a later wish is for what can follow it, and none to make the vault anew.
                ignore_changes=["properties.softDeleteRetentionInDays"],
            ),
        )

        self.id = vault.id
        self.name = vault.name
        self.resource = vault
        self.register_outputs({"id": self.id})
