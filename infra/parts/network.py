"""The network an environment stands in: made, brought along, or none."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output

from infra import names
from infra.components.virtual_network import VirtualNetwork, VirtualNetworkArgs
from infra.parts.plan import Plan
from infra.sections.choice import mine
from infra.sections.network import Network


@dataclass(frozen=True, kw_only=True)
class Stead:
    """The network, as far as there is one."""

    id: Output[str]
    subnets: Mapping[str, Output[str]]  # purpose -> id


def settled(plan: Plan) -> Stead | None:
    """Make the virtual network, or find the one that was brought along."""
    asked = plan.settings.network
    if asked is None or not asked.exists:
        return None
    brought = mine(asked.virtual_network)
    if brought:
        subnets = {key: Output.from_input(f"{brought}/subnets/{at}") for key, at in asked.subnets.said().items()}
        return Stead(id=Output.from_input(brought), subnets=subnets)
    made = _made(plan, asked)
    return Stead(id=made.id, subnets=made.subnets)


def _made(plan: Plan, asked: Network) -> VirtualNetwork:
    return VirtualNetwork(
        "network",
        VirtualNetworkArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.VIRTUAL_NETWORK),
            address_space=asked.address_space or "",  # the section refuses to go without
            subnets=asked.subnets.said(),
            group_names={purpose: plan.names.of(names.SECURITY_GROUP, purpose) for purpose in asked.subnets.said()},
            dns_servers=asked.dns_servers,
            nat_name=plan.names.of(names.NAT_GATEWAY) if asked.egress == "nat" else None,
            hub_id=asked.hub,
            tags=plan.tags,
        ),
    )
