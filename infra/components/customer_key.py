"""A key of one's own, in a vault that holds nothing else: for what services encrypt at rest."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import keyvault

from infra.components.vault import Vault, VaultArgs


@dataclass(frozen=True, kw_only=True)
class CustomerKeyArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    tenant_id: str
    vault_name: str  # what its vault is called
    key_name: str  # what the key is called
    soft_delete_days: int
    tags: Mapping[str, str]
    protect: bool = True


class CustomerKey(pulumi.ComponentResource):
    """One RSA key; its vault is closed but to Azure's trusted services, and can never be purged early."""

    id: Output[str]
    identifier: Output[str]  # the address of the key with its version
    name: Output[str]  # what the key is called
    vault_id: Output[str]  # the ARM id of the vault that holds it
    vault_name: Output[str]  # what that vault is called

    def __init__(self, name: str, args: CustomerKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:CustomerKey", name, {}, opts)

        # What is encrypted by a purged key is lost, so that purge protection is no choice here.
        vault = Vault(
            f"{name}-vault",
            VaultArgs(
                resource_group_name=args.resource_group_name,
                location=args.location,
                tenant_id=args.tenant_id,
                name=args.vault_name,
                soft_delete_days=args.soft_delete_days,
                purge_protection=True,
                protect=args.protect,
                tags=args.tags,
            ),
            opts=ResourceOptions(parent=self),
        )
        key = keyvault.Key(
            name,
            resource_group_name=args.resource_group_name,
            vault_name=vault.name,
            key_name=args.key_name,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA",
                key_size=3072,
                key_ops=["wrapKey", "unwrapKey"],
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
            ),
            tags=dict(args.tags),
            # A key goes with its vault: Azure's resource manager cannot delete one.
            opts=ResourceOptions(parent=self, protect=args.protect, deleted_with=vault.resource),
        )

        self.id = key.id
        self.identifier = key.key_uri_with_version
        self.name = Output.from_input(args.key_name)
        self.vault_id = vault.id
        self.vault_name = vault.name
        self.register_outputs({"id": self.id})
