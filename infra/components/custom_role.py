"""A role of our own, where every built-in one could do more than is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import authorization


@dataclass(frozen=True, kw_only=True)
class CustomRoleArgs:
    """The decisions a caller makes."""

    group_id: Input[str]  # the resource group: the only place where the role can be granted
    role_id: str  # a GUID
    name: str  # unique in the tenant
    description: str
    actions: Sequence[str]  # what it may do
    not_actions: Sequence[str] = ()  # what of that it may not
    data_actions: Sequence[str] = ()  # what it may do with data


class CustomRole(pulumi.ComponentResource):
    """One role definition that can be granted in one resource group only."""

    resource: Resource

    def __init__(self, name: str, args: CustomRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:CustomRole", name, {}, opts)

        self.resource = authorization.RoleDefinition(
            name,
            scope=args.group_id,
            role_definition_id=args.role_id,
            role_name=args.name,
            role_type="CustomRole",
            description=args.description,
            permissions=[
                authorization.PermissionArgs(
                    actions=list(args.actions),
                    not_actions=list(args.not_actions),
                    data_actions=list(args.data_actions),
                    not_data_actions=[],
                )
            ],
            assignable_scopes=[args.group_id],
            opts=ResourceOptions(parent=self),
        )

        self.register_outputs({})
