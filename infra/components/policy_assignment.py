"""One of Azure's policies, or a set of them, in force on a resource group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import authorization


@dataclass(frozen=True, kw_only=True)
class PolicyAssignmentArgs:
    """The decisions a caller makes."""

    scope: Input[str]
    name: str
    title: str  # what people read in the portal
    definition_id: Input[str]  # the policy or set that is in force
    enforced: bool  # `False` reports what would be refused
    message: str  # what Azure says to somebody it refuses
    parameters: Mapping[str, Any] = field(default_factory=dict)  # the definition's own, by name
    acts: bool = False  # whether it changes or builds something, for which it needs an identity
    location: str = ""  # of that identity


class PolicyAssignment(pulumi.ComponentResource):
    """One assignment; where it only looks or refuses, it has no identity."""

    id: Output[str]
    principal_id: Output[str]  # the object id of its own identity, if it has one

    def __init__(self, name: str, args: PolicyAssignmentArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:PolicyAssignment", name, {}, opts)

        assignment = authorization.PolicyAssignment(
            name,
            scope=args.scope,
            policy_assignment_name=args.name,
            display_name=args.title,
            policy_definition_id=args.definition_id,
            enforcement_mode="Default" if args.enforced else "DoNotEnforce",
            parameters={
                key: authorization.ParameterValuesValueArgs(value=value) for key, value in args.parameters.items()
            },
            non_compliance_messages=[authorization.NonComplianceMessageArgs(message=args.message)],
            identity=authorization.IdentityArgs(type=authorization.ResourceIdentityType.SYSTEM_ASSIGNED)
            if args.acts
            else None,
            location=args.location if args.acts else None,
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )

        self.id = assignment.id
        self.principal_id = assignment.identity.apply(lambda identity: (identity and identity.principal_id) or "")
        self.register_outputs({"id": self.id, "principalId": self.principal_id})
