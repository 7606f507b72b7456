"""The way in: whether there is one to what is closed, and whether networks brought along are there and have room."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra import names
from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import VIRTUAL_NETWORK, Stack
from infra.preflight.port import Azure
from infra.sections.addresses import needed, overlapping, usable
from infra.sections.choice import mine
from infra.settings import Settings

_VERSION = "2024-05-01"
DELEGATED = {"controller": "Microsoft.App/environments", "database": "Microsoft.DBforPostgreSQL/flexibleServers"}
"""What a subnet has to be delegated to."""

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The networks that the stack file names, by their key; None: there is no such thing."""

    own: Json | None = None
    hub: Json | None = None


def _look(azure: Azure, stack: Stack) -> Seen:
    network = stack.settings.network
    if network is None:
        return Seen()
    brought = mine(network.virtual_network)
    return Seen(
        own=azure.find(brought, _VERSION) if brought else None,
        hub=azure.find(network.hub, _VERSION) if network.hub else None,
    )


def _judge(stack: Stack, seen: Seen) -> tuple[Finding, ...]:
    network = stack.settings.network
    if network is None:
        return (_without(stack.settings),)
    if not (mine(network.virtual_network) or network.hub):
        return (good("networks", "the stack file brings none along"),)
    found: list[Finding] = []
    if brought := mine(network.virtual_network):
        found += _subnets(stack, seen.own) if seen.own else [_missing("network.virtualNetwork", brought)]
    if network.hub:
        found += [
            _peered(stack, network.address_space or "", seen.hub) if seen.hub else _missing("network.hub", network.hub)
        ]
    return tuple(found)


def _without(settings: Settings) -> Finding:
    if settings.public_network_access and settings.registry_public:
        return good("network", "what is open needs no way in")
    return bad(
        "network",
        "is not said, and what is closed to the internet would have no way in",
        "add network with addressSpace and subnets.endpoints, or the id of one that is there; if somebody else makes "
        "the private endpoints, set network.virtualNetwork to 'none'; or set publicNetworkAccess to true",
    )


def _missing(key: str, wanted: str) -> Finding:
    return bad(f"{key} {wanted.rsplit('/', 1)[1]}", "there is no such network, or you may not see it", f"mend {key}")


def _subnets(stack: Stack, network: Json) -> Iterator[Finding]:
    said = stack.settings.network.subnets.said() if stack.settings.network else {}
    there = {each["name"].lower(): each.get("properties") or {} for each in network["properties"].get("subnets") or ()}
    for purpose, name in said.items():
        about = f"network.subnets.{purpose} {name}"
        subnet = there.get(name.lower())
        if subnet is None:
            known = ", ".join(sorted(there)) or "none"
            yield bad(about, f"the network has no such subnet; it has {known}", "name one of them, or have it made")
        else:
            yield from _fits(about, purpose, subnet, needed(stack.settings).get(purpose, 0))


def _fits(about: str, purpose: str, subnet: Json, wanted: int) -> Iterator[Finding]:
    prefixes = subnet.get("addressPrefixes") or [subnet["addressPrefix"]]
    free = sum(usable(prefix) for prefix in prefixes if ":" not in prefix) - len(subnet.get("ipConfigurations") or ())
    delegated = {each["properties"]["serviceName"].lower() for each in subnet.get("delegations") or ()}
    service = DELEGATED.get(purpose)
    if service is not None and service.lower() not in delegated:
        yield bad(about, f"is not delegated to {service}", f"have it delegated to {service}")
    elif service is None and delegated:
        yield bad(about, f"is delegated to {', '.join(sorted(delegated))}", "name a subnet that is not delegated")
    elif wanted > free:
        yield bad(about, f"has {free} free addresses, and {wanted} are needed at most", "name a larger subnet")
    else:
        yield good(about, f"is there, with {free} free addresses for {wanted} at most")


def _peered(stack: Stack, space: str, hub: Json) -> Finding:
    ours = f"{stack.group}/providers/{VIRTUAL_NETWORK}/{stack.names.of(names.VIRTUAL_NETWORK)}".lower()
    spokes = [
        prefix
        for peering in hub["properties"].get("virtualNetworkPeerings") or ()
        # What an earlier `up` peered is this very network.
        if str((peering["properties"].get("remoteVirtualNetwork") or {}).get("id")).lower() != ours
        for prefix in (peering["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes") or ()
    ]
    theirs = [
        prefix for prefix in (*hub["properties"]["addressSpace"]["addressPrefixes"], *spokes) if ":" not in prefix
    ]
    clashes = [prefix for prefix in theirs if any(overlapping({"ours": space, "theirs": prefix}))]
    if clashes:
        return bad(
            f"network.addressSpace {space}",
            f"overlaps with {', '.join(clashes)} of the hub and its other networks: Azure refuses to peer them",
            "choose another addressSpace, and subnets in it",
        )
    return good(f"network.addressSpace {space}", "overlaps with nothing that the hub leads to")


CHECK = Check(
    id="network",
    finds="a closed environment without a way in; a network brought along that is not there, has no such subnet or no "
    "room, or overlaps with the hub's",
    asks="the virtual networks that the stack file names",
    look=_look,
    judge=_judge,
)
