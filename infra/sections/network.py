"""Where the environment stands in a network, as a stack file asks for it."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.choice import CREATE, NONE, ArmId, Choice, mine, misfits
from infra.sections.values import IN_WORDS, Values

VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"

_BYTE = r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_ADDRESS = rf"{_BYTE}(\.{_BYTE}){{3}}"
_RANGE = rf"{_ADDRESS}/([12][0-9]|[89])"
_CIDR = rf"^{_RANGE}$"
_IP = rf"^{_ADDRESS}$"
_SUBNET = rf"^({_RANGE}|[A-Za-z0-9][A-Za-z0-9_.-]{{0,79}})$"
_GROUP = r"/subscriptions/[^/]+/resourceGroups/[^/]+"
_ZONES = rf"^(create|none|{_GROUP})$"
IN_WORDS |= {
    _CIDR: "a range of addresses, such as `10.40.0.0/20`",
    _IP: "an IPv4 address",
    _SUBNET: "a range of addresses, such as `10.40.0.0/24`, or the name of a subnet",
    _ZONES: "`create`, `none` or the ARM id of the resource group that holds the zones",
}

Cidr = Annotated[str, StringConstraints(pattern=_CIDR)]
Address = Annotated[str, StringConstraints(pattern=_IP)]
SubnetAt = Annotated[str, StringConstraints(pattern=_SUBNET)]
Zones = Annotated[str, StringConstraints(pattern=_ZONES)]


class Subnets(Values):
    """One subnet a purpose: a range in a network that is made, the name of a subnet in one that is brought along."""

    endpoints: SubnetAt | None = Field(default=None, description="Private endpoints: what a closed environment needs.")
    compute: SubnetAt | None = Field(default=None, description="Clusters and instances without a managed network.")
    kubernetes: SubnetAt | None = Field(default=None, description="Nodes of a Kubernetes cluster.")
    controller: SubnetAt | None = Field(default=None, description="What runs the controller (Container Apps).")
    database: SubnetAt | None = Field(default=None, description="The controller's PostgreSQL server.")

    def said(self) -> Mapping[str, str]:
        """The subnets that there are, by purpose."""
        return {key: value for key, value in self.model_dump().items() if value is not None}


class Network(Values):
    """The virtual network that an environment is reached from; closed to the internet, by private endpoints."""

    virtual_network: Choice = Field(
        default=CREATE, description="`none`: somebody else makes private endpoints, or there need not be any."
    )
    address_space: Cidr | None = Field(default=None, description="All addresses of a network that is made.")
    subnets: Subnets = Field(default_factory=Subnets, description="Which subnets there are.")
    dns_zones: Zones = Field(
        default=CREATE, description="Who holds the private DNS zones: this environment, or a hub's resource group."
    )
    dns_servers: tuple[Address, ...] = Field(default=(), description="Resolvers of a network that is made.")
    hub: ArmId | None = Field(default=None, description="A virtual network to peer with, for one that is made.")
    egress: Literal["none", "nat"] = Field(
        default="none", description="How subnets that run something reach the internet: not at all, or by one address."
    )
    close_logs: bool = Field(
        default=False, description="Whether logs and telemetry are written and read by a private endpoint only."
    )

    @property
    def exists(self) -> bool:
        """Whether there is a virtual network at all."""
        return self.virtual_network != NONE

    def contradictions(self) -> Iterator[str]:
        """What a network that is made, brought along or not there cannot be told."""
        yield from misfits("virtualNetwork", self.virtual_network, VIRTUAL_NETWORK)
        yield from misfits("hub", self.hub, VIRTUAL_NETWORK)
        yield from self._only_of_a_made_one()
        ranges = {key: value for key, value in self.subnets.said().items() if _is_range(value)}
        if self.virtual_network == CREATE:
            if self.address_space is None:
                yield "virtualNetwork 'create' needs addressSpace, such as '10.40.0.0/20'"
            for key in sorted(self.subnets.said().keys() - ranges.keys()):
                yield f"subnets.{key} must be a range of addresses in a network that is made, such as '10.40.0.0/24'"
            if self.egress != "none" and not self.subnets.said().keys() - {"endpoints"}:
                yield "egress serves no subnet, and is paid for: add subnets.controller, say, or take it away"
        elif mine(self.virtual_network):
            for key in sorted(ranges):
                yield f"subnets.{key} must be the name of a subnet of the network that is brought along"
        elif self.subnets.said():
            yield "subnets need a network: set virtualNetwork to 'create' or an id, or take them away"
        for key, value in ({"addressSpace": self.address_space} | ranges).items():
            if value and str(ipaddress.ip_network(value, strict=False)) != value:
                yield f"{_at(key)} {value} begins in the middle of its range: it would be {_network(value)}"

    def _only_of_a_made_one(self) -> Iterator[str]:
        said = {
            "addressSpace": self.address_space,
            "dnsServers": self.dns_servers,
            "hub": self.hub,
            "egress": self.egress if self.egress != "none" else None,
        }
        for key in (key for key, value in said.items() if value and self.virtual_network != CREATE):
            yield f"{key} is for a network that is made: take it away, or set virtualNetwork to 'create'"


def _is_range(value: str) -> bool:
    return "/" in value


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value, strict=False))


def _at(key: str) -> str:
    return key if key == "addressSpace" else f"subnets.{key}"
