"""Private DNS zones of our own: what makes a service's public name lead to its private endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import privatedns


@dataclass(frozen=True, kw_only=True)
class PrivateZonesArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    zones: Sequence[str]  # domain names that Azure has for private endpoints
    virtual_network_id: Input[str]  # who can look them up
    tags: Mapping[str, str]


class PrivateZones(pulumi.ComponentResource):
    """Each zone once, and each linked to the network that looks names up in it."""

    ids: Mapping[str, Output[str]]  # ARM ids by zone

    def __init__(self, name: str, args: PrivateZonesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:PrivateZones", name, {}, opts)

        self.ids = {}
        for zone in args.zones:
            made = privatedns.PrivateZone(
                f"{name}-{zone}",
                resource_group_name=args.resource_group_name,
                location="global",
                private_zone_name=zone,
                tags=dict(args.tags),
                opts=ResourceOptions(parent=self),
            )
            link = privatedns.VirtualNetworkLink(
                f"{name}-{zone}-link",
                resource_group_name=args.resource_group_name,
                location="global",
                private_zone_name=made.name,
                virtual_network_link_name="environment",
                virtual_network=privatedns.SubResourceArgs(id=args.virtual_network_id),
                registration_enabled=False,
                tags=dict(args.tags),
                opts=ResourceOptions(parent=self),
            )
            # Whoever uses a zone waits for its link, so that the names it puts there can be found at once.
            self.ids[zone] = Output.all(made.id, link.id).apply(lambda known: str(known[0]))
        self.register_outputs({})
