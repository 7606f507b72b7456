"""One role for one identity or group on one resource."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import authorization

from infra import names


@dataclass(frozen=True, kw_only=True)
class RoleGrantArgs:
    """The decisions a caller makes."""

    scope: Input[str]
    role_id: str  # the GUID of a role, built-in or our own
    principal_id: Input[str]  # whom it is granted to
    subscription_id: str  # where Azure's own roles are looked up
    why: str  # stands in the assignment, for auditors
    principal_type: str = "ServicePrincipal"  # or Group; a person is never granted anything by name
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children


class RoleGrant(pulumi.ComponentResource):
    """One role assignment whose name follows from what it grants."""

    def __init__(self, name: str, args: RoleGrantArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:RoleGrant", name, {}, opts)

        role = f"/subscriptions/{args.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{args.role_id}"
        authorization.RoleAssignment(
            name,
            scope=args.scope,
            role_assignment_name=Output.all(args.scope, args.principal_id).apply(
                lambda known: names.role_assignment(known[0], args.role_id, known[1])
            ),
            role_definition_id=role,
            principal_id=args.principal_id,
            principal_type=args.principal_type,  # said, so that Azure does not look for a principal it cannot see yet
            description=args.why,
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})
