"""The container registry that holds the images of jobs and deployments; pulled from by identity."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import containerregistry


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    sku: str
    tags: Mapping[str, str]
    public: bool = False


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
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )

        self.id = registry.id
        self.name = registry.name
        self.register_outputs({"id": self.id})
