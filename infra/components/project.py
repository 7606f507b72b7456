"""A project of a hub: a workspace that brings nothing of its own, because all it stands on is the hub's."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class ProjectArgs:
    """The decisions a caller makes.  Storage, vault, network and key are the hub's, and cannot be said here."""

    resource_group_name: Input[str]
    location: str
    name: str
    hub_id: Input[str]  # the hub that it stands on
    identity_id: Input[str]
    description: str
    tags: Mapping[str, str]
    public: bool = False
    protect: bool = True


class Project(pulumi.ComponentResource):
    """One project."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: ProjectArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Project", name, {}, opts)

        project = aml.Workspace(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            workspace_name=args.name,
            kind="Project",
            sku=aml.SkuArgs(name="Basic", tier=aml.SkuTier.BASIC),
            hub_resource_id=args.hub_id,
            description=args.description,
            public_network_access="Enabled" if args.public else "Disabled",
            system_datastores_auth_mode="Identity",
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            primary_user_assigned_identity=args.identity_id,
            v1_legacy_mode=False,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, protect=args.protect),
        )

        self.id = project.id
        self.name = project.name
        self.register_outputs({"id": self.id, "name": self.name})
