"""A batch endpoint without deployments: those belong to whoever releases models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class BatchEndpointArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    location: str
    name: str
    identity_id: Input[str]
    tags: Mapping[str, str]
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    description: str = ""
    default_deployment: str | None = None  # Azure wants it to exist: named in a later run than the endpoint's first


class BatchEndpoint(pulumi.ComponentResource):
    """One address for work in bulk that asks its callers for an Entra token, not for a key."""

    name: Output[str]

    def __init__(self, name: str, args: BatchEndpointArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:BatchEndpoint", name, {}, opts)

        named = args.default_deployment
        endpoint = aml.BatchEndpoint(
            f"{name}-batch",  # an online endpoint of the same project may have the bare name
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            endpoint_name=args.name,
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            properties=aml.BatchEndpointPropertiesArgs(
                auth_mode="AADToken",
                description=args.description,
                defaults=aml.BatchEndpointDefaultsArgs(deployment_name=named) if named else None,
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(
                parent=self,
                delete_before_replace=True,
                depends_on=list(args.after),
                # Unless it is named here, whoever releases models owns the default, and only that.
                ignore_changes=[] if named else ["properties.defaults"],
            ),
        )

        self.name = endpoint.name
        self.register_outputs({"name": self.name})
