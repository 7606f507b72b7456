"""What may flow in and out of each subnet: a table, without Pulumi."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

# "Virtual network injection" of Container Apps and of PostgreSQL flexible servers.
DELEGATIONS: Mapping[str, str] = {
    "controller": "Microsoft.App/environments",
    "database": "Microsoft.DBforPostgreSQL/flexibleServers",
}

_LAST = 4096  # the weakest priority that a rule of one's own can have
_ANY = ("*",)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One security rule."""

    name: str
    priority: int
    direction: Literal["Inbound", "Outbound"]
    access: Literal["Allow", "Deny"]
    protocol: Literal["Tcp", "Udp", "*"] = "*"
    source: str = "*"
    destination: str = "*"
    ports: tuple[str, ...] = _ANY


def flows(purpose: str, region: str) -> tuple[Flow, ...]:
    """The rules of a subnet; where there are none of ours, Azure's own hold (nothing comes in from the internet)."""
    match purpose:
        case "endpoints":
            return (_https_from_inside(), _nothing_else("Inbound"))
        case "compute":
            return (_nothing_else("Inbound", source="Internet"), *_machines(region), _nothing_else("Outbound"))
        case "database":
            return (_postgres_from_inside(), _nothing_else("Inbound"))
    return ()


def _https_from_inside() -> Flow:
    return _from_inside("https-from-inside", "443")


def _postgres_from_inside() -> Flow:
    return _from_inside("postgres-from-inside", "5432")


def _from_inside(name: str, port: str) -> Flow:
    return Flow(
        name=name,
        priority=100,
        direction="Inbound",
        access="Allow",
        protocol="Tcp",
        source="VirtualNetwork",
        destination="VirtualNetwork",
        ports=(port,),
    )


def _nothing_else(direction: Literal["Inbound", "Outbound"], source: str = "*") -> Flow:
    name = f"nothing-else-{direction.lower()}"
    return Flow(name=name, priority=_LAST, direction=direction, access="Deny", source=source)


def _machines(region: str) -> Iterator[Flow]:
    """What machines without public addresses must reach ("Configure inbound and outbound network traffic")."""
    wanted: tuple[tuple[str, str, Literal["Tcp", "Udp", "*"], tuple[str, ...]], ...] = (
        ("inside", "VirtualNetwork", "*", _ANY),
        ("entra", "AzureActiveDirectory", "Tcp", ("80", "443")),
        ("azure-ml", "AzureMachineLearning", "Tcp", ("443", "8787", "18881")),
        ("azure-ml-tunnel", "AzureMachineLearning", "Udp", ("5831",)),
        ("batch", f"BatchNodeManagement.{region}", "*", ("443",)),
        ("resource-manager", "AzureResourceManager", "Tcp", ("443",)),
        ("storage", f"Storage.{region}", "Tcp", ("443",)),
        ("images", "MicrosoftContainerRegistry", "Tcp", ("443",)),
        ("image-layers", "AzureFrontDoor.FirstParty", "Tcp", ("443",)),
        ("monitor", "AzureMonitor", "Tcp", ("443",)),
    )
    for step, (name, destination, protocol, ports) in enumerate(wanted):
        yield Flow(
            name=f"to-{name}",
            priority=100 + 10 * step,
            direction="Outbound",
            access="Allow",
            protocol=protocol,
            source="VirtualNetwork",
            destination=destination,
            ports=ports,
        )
