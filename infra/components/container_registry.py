"""The container registry that holds the images of jobs and deployments; pulled from by identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import containerregistry


@dataclass(frozen=True, kw_only=True)
class ImagesKey:
    """A key of one's own, always in its newest version, and who may wrap with it; chosen once and for all."""

    identifier: Input[str]  # the key's address without a version
    identity_id: Input[str]  # who wraps with it
    client_id: Input[str]  # and by which id Azure's registries name it
    after: Sequence[Resource] = ()  # what lets the identity wrap: Azure tries while it makes the registry


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    sku: str
    tags: Mapping[str, str]
    public: bool = False
    own_key: ImagesKey | None = None  # none: Azure's own keys encrypt


class ContainerRegistry(pulumi.ComponentResource):
    """One registry without an admin user and without anonymous pulls."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ContainerRegistry", name, {}, opts)

        registry = containerregistry.Registry(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            registry_name=args.name,
            sku=containerregistry.SkuArgs(name=args.sku),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            public_network_access="Enabled" if args.public else "Disabled",
            network_rule_bypass_options="AzureServices",
            **_encrypted(args.own_key),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, depends_on=list(args.own_key.after) if args.own_key else None),
        )

        self.id = registry.id
        self.name = registry.name
        self.register_outputs({"id": self.id})


def _encrypted(key: ImagesKey | None) -> dict[str, Any]:
    if key is None:
        return {}
    return {
        "identity": containerregistry.IdentityPropertiesArgs(
            type=containerregistry.ResourceIdentityType.USER_ASSIGNED,
            user_assigned_identities=Output.from_input(key.identity_id).apply(
                lambda known: {known: containerregistry.UserIdentityPropertiesArgs()}
            ),
        ),
        "encryption": containerregistry.EncryptionPropertyArgs(
            status="enabled",
            key_vault_properties=containerregistry.KeyVaultPropertiesArgs(
                identity=key.client_id, key_identifier=key.identifier
            ),
        ),
    }
