"""Addresses of a virtual network: what overlaps, what lies outside, and what is too small for what stands in it."""

from __future__ import annotations

import ipaddress
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra.settings import Settings

RESERVED = 5
"""Addresses of each subnet that Azure keeps for itself ("Virtual network FAQ")."""
LEAST_BITS = {"controller": 27, "database": 28}
"""The smallest subnet that Azure takes, as a prefix: Container Apps' environments, PostgreSQL's flexible servers."""
_ENDPOINTS, _OF_LOGS = 7, 1
"""Private endpoints of storage (3), vault, container registry, Azure ML registry and workspace; and of logs.  Some take
several addresses, so this is the least."""


def usable(cidr: str) -> int:
    """How many addresses of a subnet can be given out."""
    return max(ipaddress.IPv4Network(cidr, strict=False).num_addresses - RESERVED, 0)


def overlapping(ranges: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of names whose ranges share an address."""
    parsed = {name: ipaddress.IPv4Network(cidr, strict=False) for name, cidr in ranges.items()}
    for (one, first), (other, second) in combinations(parsed.items(), 2):
        if first.overlaps(second):
            yield one, other


def inside(cidr: str, spaces: Iterable[str]) -> bool:
    """Whether a range lies wholly in one of the spaces."""
    wanted = ipaddress.IPv4Network(cidr, strict=False)
    parsed = (ipaddress.IPv4Network(space, strict=False) for space in spaces)
    return any(wanted.subnet_of(space) for space in parsed)


def needed(settings: Settings) -> Mapping[str, int]:
    """How many addresses each purpose takes at its maximum, for the subnets that the stack file names."""
    network = settings.network
    said = network.subnets.said() if network else {}
    return {purpose: count for purpose, count in _counted(settings).items() if purpose in said}


def _counted(settings: Settings) -> Mapping[str, int]:
    network, cluster = settings.network, settings.kubernetes
    here = [each.max_nodes for each in settings.compute_clusters.values() if not (each.subnet or each.location)]
    people = sum(each.subnet is None for each in settings.compute_instances.values())
    nodes = [cluster.system_pool, *cluster.pools.values()] if cluster and cluster.made else []
    closed = 0 if settings.public_network_access else _ENDPOINTS
    return {
        "endpoints": closed + (_OF_LOGS if closed and network and network.close_logs else 0),
        "compute": (sum(here) + people) if settings.isolation_mode == "Disabled" else 0,
        # An upgrade adds a machine to each pool while it lasts; pods have addresses of their own.
        "kubernetes": sum(pool.max_nodes + 1 for pool in nodes),
    }


def misfits(settings: Settings) -> Iterator[str]:
    """Tell what a network that is made cannot be."""
    network = settings.network
    if network is None or network.address_space is None:
        return
    ranges = {f"subnets.{key}": value for key, value in network.subnets.said().items() if "/" in value}
    for name, cidr in ranges.items():
        if not inside(cidr, (network.address_space,)):
            yield (
                f"network.{name} {cidr} lies outside network.addressSpace {network.address_space}: "
                "move it inside, or widen addressSpace"
            )
    for one, other in overlapping(ranges):
        yield f"network.{one} {ranges[one]} and network.{other} {ranges[other]} overlap: move one of them"
    for purpose, count in needed(settings).items():
        yield from too_small(f"network.subnets.{purpose}", network.subnets.said()[purpose], count)
    for purpose, bits in LEAST_BITS.items():
        cidr = network.subnets.said().get(purpose, "")
        if "/" in cidr and ipaddress.IPv4Network(cidr, strict=False).prefixlen > bits:
            yield f"network.subnets.{purpose} {cidr} is smaller than /{bits}, the least that Azure takes for it"


def too_small(about: str, cidr: str, count: int) -> Iterator[str]:
    """Tell if a subnet has fewer addresses than will stand in it at most."""
    if "/" in cidr and count > usable(cidr):
        bits = 32 - (count + RESERVED - 1).bit_length()
        yield (
            f"{about} {cidr} has {usable(cidr)} usable addresses ({RESERVED} are Azure's own), and {count} are needed "
            f"at most: make it a /{bits}, or lower what stands in it"
        )
