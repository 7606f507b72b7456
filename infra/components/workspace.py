"""An Azure ML workspace, private unless somebody says otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """A customer-managed key; whoever works by the workspace's identity must have been granted its use."""

    identifier: Input[str]  # the address of the key with its version
    vault_id: Input[str]  # the vault that holds it
    service_side: bool  # whether Azure keeps the encrypted records in its own subscription


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    storage_account_id: Input[str]
    key_vault_id: Input[str]
    application_insights_id: Input[str]
    identity_id: Input[str]
    tags: Mapping[str, str]
    container_registry_id: Input[str] | None = None  # without one, Azure makes one when it has to build an image
    kind: Literal["Default", "Hub", "FeatureStore"] = "Default"  # a workspace by itself, a hub or a feature store
    spark_version: str | None = None  # what a feature store computes with
    own_key: OwnKey | None = None  # for good: Azure lets nobody change it
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    isolation_mode: str = "AllowOnlyApprovedOutbound"
    firewall_sku: str = "Standard"
    image_build_compute: str | None = None
    serverless_subnet_id: Input[str] | None = (
        None  # of machines for jobs that name no cluster; only without a managed network
    )
    serverless_public_addresses: bool = False
    high_business_impact: bool = False
    public: bool = False
    protect: bool = True


class Workspace(pulumi.ComponentResource):
    """One workspace that reaches its storage by identity, never by key."""

    id: Output[str]
    name: Output[str]
    guid: Output[str]

    def __init__(self, name: str, args: WorkspaceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Workspace", name, {}, opts)

        workspace = aml.Workspace(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            workspace_name=args.name,
            kind=args.kind,
            sku=aml.SkuArgs(name="Basic", tier=aml.SkuTier.BASIC),
            storage_account=args.storage_account_id,
            key_vault=args.key_vault_id,
            application_insights=args.application_insights_id,
            container_registry=args.container_registry_id,
            public_network_access="Enabled" if args.public else "Disabled",
            allow_public_access_when_behind_vnet=False,
            managed_network=_managed_network(args),
            # Networks that are made with the first compute make that compute late, and its failure hard to read.
            provision_network_now=args.isolation_mode != "Disabled",
            system_datastores_auth_mode="Identity",
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            primary_user_assigned_identity=args.identity_id,
            image_build_compute=args.image_build_compute,
            serverless_compute_settings=_serverless(args),
            hbi_workspace=args.high_business_impact,
            v1_legacy_mode=False,
            feature_store_settings=_features(args),
            encryption=_encryption(args),
            enable_service_side_cmk_encryption=args.own_key.service_side if args.own_key else None,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, protect=args.protect, depends_on=list(args.after)),
        )

        self.id = workspace.id
        self.name = workspace.name
        self.guid = workspace.workspace_id
        self.register_outputs({"id": self.id, "name": self.name, "guid": self.guid})


def _managed_network(args: WorkspaceArgs) -> "aml.ManagedNetworkSettingsArgs":
    if args.isolation_mode == "AllowOnlyApprovedOutbound":
        return aml.ManagedNetworkSettingsArgs(isolation_mode=args.isolation_mode, firewall_sku=args.firewall_sku)
    return aml.ManagedNetworkSettingsArgs(isolation_mode=args.isolation_mode)  # only the approving mode has a firewall


def _serverless(args: WorkspaceArgs) -> "aml.ServerlessComputeSettingsArgs | None":
    if args.serverless_subnet_id is None:
        return None  # the machines stand in the managed network, which gives them no public address
    return aml.ServerlessComputeSettingsArgs(
        serverless_compute_custom_subnet=args.serverless_subnet_id,
        serverless_compute_no_public_ip=not args.serverless_public_addresses,
    )


def _features(args: WorkspaceArgs) -> "aml.FeatureStoreSettingsArgs | None":
    if args.spark_version is None:
        return None
    runtime = aml.ComputeRuntimeDtoArgs(spark_runtime_version=args.spark_version)
    return aml.FeatureStoreSettingsArgs(compute_runtime=runtime)


def _encryption(args: WorkspaceArgs) -> "aml.EncryptionPropertyArgs | None":
    if args.own_key is None:
        return None
    return aml.EncryptionPropertyArgs(
        status="Enabled",
        identity=aml.IdentityForCmkArgs(user_assigned_identity=args.identity_id),
        key_vault_properties=aml.KeyVaultPropertiesArgs(
            key_identifier=args.own_key.identifier, key_vault_arm_id=args.own_key.vault_id
        ),
    )
