"""An online endpoint without deployments, and without traffic unless asked: those belong to whoever releases models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class OnlineEndpointArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    location: str
    name: str
    identity_id: Input[str]
    tags: Mapping[str, str]
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    description: str = ""
    public: bool = False
    traffic: Mapping[str, int] | None = None  # only for deployments that are there; none: somebody else owns it


class OnlineEndpoint(pulumi.ComponentResource):
    """One address that asks its callers for an Entra token, not for a key."""

    resource: Resource
    id: Output[str]
    name: Output[str]
    scoring_uri: Output[str]  # where requests go

    def __init__(self, name: str, args: OnlineEndpointArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:OnlineEndpoint", name, {}, opts)

        owned = args.traffic is not None
        endpoint = aml.OnlineEndpoint(
            name,
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            endpoint_name=args.name,
            kind="Managed",
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            properties=aml.OnlineEndpointPropertiesArgs(
                auth_mode="AADToken",
                public_network_access="Enabled" if args.public else "Disabled",
                description=args.description,
                traffic=dict(args.traffic) if args.traffic is not None else None,
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(
                parent=self,
                delete_before_replace=True,
                depends_on=list(args.after),
                # Whoever releases models owns these two, and only these two.
                ignore_changes=["properties.mirrorTraffic"]
                if owned
                else ["properties.traffic", "properties.mirrorTraffic"],
            ),
        )

        self.resource = endpoint
        self.id = endpoint.id
        self.name = endpoint.name
        self.scoring_uri = endpoint.properties.apply(lambda properties: properties.scoring_uri)
        self.register_outputs({"name": self.name, "scoringUri": self.scoring_uri})
