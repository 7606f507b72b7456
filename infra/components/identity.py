"""A user-assigned identity: one for each purpose, so that each can be granted as little as it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import managedidentity


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    location: str
    name: str
    tags: Mapping[str, str]


class Identity(pulumi.ComponentResource):
    """One identity that outlives whatever uses it."""

    id: Output[str]
    name: Output[str]
    client_id: Output[str]  # by which programs sign in as it
    principal_id: Output[str]  # its object id, to which roles are granted

    def __init__(self, name: str, args: IdentityArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Identity", name, {}, opts)

        identity = managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            resource_name_=args.name,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )

        self.id = identity.id
        self.name = identity.name
        self.client_id = identity.client_id
        self.principal_id = identity.principal_id
        self.register_outputs({"id": self.id, "clientId": self.client_id, "principalId": self.principal_id})
