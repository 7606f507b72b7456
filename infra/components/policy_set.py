"""Policies of one's own, and the set that they make together with Azure's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_azure_native import authorization


@dataclass(frozen=True, kw_only=True)
class PolicySetArgs:
    """A set of policies: those of one's own, and which are in it with which parameters."""

    name: str  # definitions lie in the subscription, where other environments may have theirs
    title: str  # what people read in the portal
    definitions: Sequence[Mapping[str, Any]]  # policies of one's own, as their file has them
    members: Sequence[Mapping[str, Any]]  # which policies are in it, with which parameters
    parameters: Mapping[str, Any]  # of the set as a whole
    metadata: Mapping[str, Any]  # version and category


class PolicySet(pulumi.ComponentResource):
    """Definitions of one's own, and the set that holds them beside Azure's."""

    id: Output[str]

    def __init__(self, name: str, args: PolicySetArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:PolicySet", name, {}, opts)

        own = {each["name"]: _definition(self, name, args.name, each) for each in args.definitions}
        found = authorization.PolicySetDefinition(
            name,
            policy_set_definition_name=args.name,
            policy_type="Custom",
            display_name=args.title,
            metadata=dict(args.metadata),
            parameters=_parameters(args.parameters),
            policy_definitions=[
                authorization.PolicyDefinitionReferenceArgs(
                    policy_definition_id=own[member["definition"]].id
                    if "definition" in member
                    else member["policyDefinitionId"],
                    policy_definition_reference_id=member["reference"],
                    parameters={
                        key: authorization.ParameterValuesValueArgs(value=each["value"])
                        for key, each in member["parameters"].items()
                    },
                )
                for member in args.members
            ],
            opts=ResourceOptions(parent=self),
        )

        self.id = found.id
        self.register_outputs({"id": self.id})


def _definition(
    parent: pulumi.Resource, name: str, prefix: str, each: Mapping[str, Any]
) -> "authorization.PolicyDefinition":
    return authorization.PolicyDefinition(
        f"{name}-{each['name']}",
        policy_definition_name=f"{prefix}-{each['name']}",
        policy_type="Custom",
        mode=each["mode"],
        display_name=each["title"],
        description=each["description"],
        metadata=dict(each["metadata"]),
        parameters=_parameters(each["parameters"]),
        policy_rule=each["policyRule"],
        opts=ResourceOptions(parent=parent),
    )


def _parameters(given: Mapping[str, Any]) -> "dict[str, authorization.ParameterDefinitionsValueArgs]":
    return {
        name: authorization.ParameterDefinitionsValueArgs(
            type=each["type"],
            default_value=each.get("defaultValue"),
            allowed_values=each.get("allowedValues"),
        )
        for name, each in given.items()
    }
