"""A virtual network of our own: subnets that reach nothing by themselves, each behind its own security group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import network

from infra.components.network_rules import DELEGATIONS, Flow, flows


@dataclass(frozen=True, kw_only=True)
class VirtualNetworkArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    address_space: str  # all addresses, in CIDR form
    subnets: Mapping[str, str]  # purpose -> range
    group_names: Mapping[str, str]  # purpose -> name of its security group
    tags: Mapping[str, str]
    dns_servers: Sequence[str] = ()  # resolvers; none is Azure's own
    nat_name: str | None = None  # without a gateway, what runs in it reaches no internet
    hub_id: str | None = None  # a network to peer with


class VirtualNetwork(pulumi.ComponentResource):
    """One network; its subnets are made one after the other, because Azure changes a network once at a time."""

    id: Output[str]
    subnets: Mapping[str, Output[str]]  # ARM ids by purpose

    def __init__(self, name: str, args: VirtualNetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:VirtualNetwork", name, {}, opts)

        made = network.VirtualNetwork(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            virtual_network_name=args.name,
            address_space=network.AddressSpaceArgs(address_prefixes=[args.address_space]),
            dhcp_options=network.DhcpOptionsArgs(dns_servers=list(args.dns_servers)) if args.dns_servers else None,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        inside: dict[str, Any] = {"virtual_network_name": made.name}
        calling_out = inside | ({"nat_gateway": self._gateway(name, args)} if args.nat_name else {})
        before: list[Resource] = []
        self.subnets = {}
        for purpose in args.subnets:
            # What stands in the subnet of endpoints never calls out.
            subnet = self._subnet(name, args, purpose, inside if purpose == "endpoints" else calling_out, before)
            self.subnets[purpose] = subnet.id
            before = [subnet]
        if args.hub_id:
            network.VirtualNetworkPeering(
                f"{name}-to-hub",
                resource_group_name=args.resource_group_name,
                virtual_network_name=made.name,
                virtual_network_peering_name="to-hub",
                remote_virtual_network=network.SubResourceArgs(id=args.hub_id),
                allow_virtual_network_access=True,
                allow_forwarded_traffic=True,
                opts=ResourceOptions(parent=self, depends_on=before),
            )

        self.id = made.id
        self.register_outputs({"id": self.id})

    def _subnet(
        self, name: str, args: VirtualNetworkArgs, purpose: str, wired: Mapping[str, Any], before: Sequence[Resource]
    ) -> "network.Subnet":
        group = network.NetworkSecurityGroup(
            f"{name}-{purpose}-rules",
            resource_group_name=args.resource_group_name,
            location=args.location,
            network_security_group_name=args.group_names[purpose],
            security_rules=[_rule(flow) for flow in flows(purpose, args.location)],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        service = DELEGATIONS.get(purpose)
        return network.Subnet(
            f"{name}-{purpose}",
            resource_group_name=args.resource_group_name,
            subnet_name=purpose,
            address_prefix=args.subnets[purpose],
            network_security_group=network.NetworkSecurityGroupArgs(id=group.id),
            default_outbound_access=False,
            private_endpoint_network_policies="Enabled",
            delegations=[network.DelegationArgs(name=purpose, service_name=service)] if service else None,
            **wired,
            opts=ResourceOptions(parent=self, depends_on=list(before)),
        )

    def _gateway(self, name: str, args: VirtualNetworkArgs) -> "network.SubResourceArgs":
        address = network.PublicIPAddress(
            f"{name}-egress-address",
            resource_group_name=args.resource_group_name,
            location=args.location,
            public_ip_address_name=f"{args.nat_name}-ip",
            sku=network.PublicIPAddressSkuArgs(name="Standard"),
            public_ip_allocation_method="Static",
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        gateway = network.NatGateway(
            f"{name}-egress",
            resource_group_name=args.resource_group_name,
            location=args.location,
            nat_gateway_name=args.nat_name,
            sku=network.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[network.SubResourceArgs(id=address.id)],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        return network.SubResourceArgs(id=gateway.id)


def _rule(flow: Flow) -> "network.SecurityRuleArgs":
    return network.SecurityRuleArgs(
        name=flow.name,
        priority=flow.priority,
        direction=flow.direction,
        access=flow.access,
        protocol=flow.protocol,
        source_address_prefix=flow.source,
        source_port_range="*",
        destination_address_prefix=flow.destination,
        destination_port_ranges=list(flow.ports),
    )
