"""A private endpoint: an address inside a network for one service, and the names that lead to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import network


@dataclass(frozen=True, kw_only=True)
class PrivateEndpointArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    location: str
    name: str
    subnet_id: Input[str]  # where its address is
    target_id: Input[str]  # what it leads to
    group: str  # which part of the service: Azure's "group id", such as `blob`
    zone_ids: Mapping[str, Input[str]]  # zone -> id; all names of the service
    tags: Mapping[str, str]
    after: Sequence[Resource] = ()  # a service takes one connection at a time


class PrivateEndpoint(pulumi.ComponentResource):
    """One endpoint and its zone group, without which nobody finds it."""

    last: Resource  # what the next endpoint of the same service waits for

    def __init__(self, name: str, args: PrivateEndpointArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:PrivateEndpoint", name, {}, opts)

        endpoint = network.PrivateEndpoint(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            private_endpoint_name=args.name,
            custom_network_interface_name=f"{args.name}-nic",
            subnet={"id": args.subnet_id},  # the SDK's class would say how that subnet is set as well
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=args.group, private_link_service_id=args.target_id, group_ids=[args.group]
                )
            ],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        network.PrivateDnsZoneGroup(
            f"{name}-names",
            resource_group_name=args.resource_group_name,
            private_endpoint_name=endpoint.name,
            private_dns_zone_group_name="default",
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name=zone.replace(".", "-"), private_dns_zone_id=zone_id)
                for zone, zone_id in args.zone_ids.items()
            ],
            opts=ResourceOptions(parent=self),
        )

        self.last = endpoint
        self.register_outputs({})
