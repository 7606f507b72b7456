"""The private endpoints of all that is closed to the internet, and the zones that lead to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi import Output, Resource

from infra import names
from infra.components.monitor_scope import MonitorScope, MonitorScopeArgs
from infra.components.private_endpoint import PrivateEndpoint, PrivateEndpointArgs
from infra.components.private_zones import PrivateZones, PrivateZonesArgs
from infra.parts.ground import Ground
from infra.parts.network import Stead
from infra.parts.plan import Declared, Plan
from infra.parts.ways import WAYS, Way
from infra.sections.choice import CREATE
from infra.sections.network import Network


@dataclass(frozen=True, kw_only=True)
class _Target:
    """What an endpoint leads to."""

    id: Output[str]
    after: Sequence[Resource] = ()


def joined(ground: Ground) -> Declared:
    """Lead a way to each service; `publicNetworkAccess` closes the service and opens the way, both at once."""
    plan, stead, asked = ground.plan, ground.foundation.stead, ground.plan.settings.network
    if asked is None or stead is None:
        return Declared()
    targets = _targets(ground, asked)
    made: list[PrivateEndpoint] = []
    if targets:
        ways = [way for way in WAYS if way.service in targets]
        zones = _zones(plan, asked, stead, ways)
        for way in ways:
            made.append(_endpoint(plan, stead, way, targets[way.service], zones))
            targets[way.service] = replace(targets[way.service], after=(made[-1].last,))
    return Declared(told={"network": {"id": stead.id, "subnets": dict(stead.subnets)}}, held=tuple(made))


def _targets(ground: Ground, asked: Network) -> dict[str, _Target]:
    foundation, settings = ground.foundation, ground.plan.settings
    targets: dict[str, _Target] = {}
    if not settings.public_network_access:
        targets |= {
            "storage": _Target(id=foundation.storage.id),
            "vault": _Target(id=foundation.vault.id),
            "workspace": _Target(id=ground.workspace.id),
        }
        targets |= {name: _Target(id=workspace.id) for name, workspace in ground.others.items()}
        if foundation.images:
            targets["images"] = _Target(id=foundation.images.id)
    if foundation.registry and not settings.registry_public:
        targets["registry"] = _Target(id=foundation.registry.id)
    if asked.close_logs:
        scope = _monitor_scope(ground, asked)
        targets["logs"] = _Target(id=scope.id, after=(scope.last,))
    return targets


def _monitor_scope(ground: Ground, asked: Network) -> MonitorScope:
    observability = ground.foundation.observability
    return MonitorScope(
        "logs-scope",
        MonitorScopeArgs(
            resource_group_name=ground.plan.group,
            name=ground.plan.names.of(names.MONITOR_SCOPE),
            members={"logs": observability.logs_id, "insights": observability.insights_id},
            access_mode="PrivateOnly" if asked.dns_zones == CREATE else "Open",
            tags=ground.plan.tags,
        ),
    )


def _zones(plan: Plan, asked: Network, stead: Stead, ways: Sequence[Way]) -> Mapping[str, Output[str]]:
    zones = tuple(dict.fromkeys(zone for way in ways for zone in way.zones))
    if asked.dns_zones != CREATE:
        path = f"{asked.dns_zones}/providers/Microsoft.Network/privateDnsZones"
        return {zone: Output.from_input(f"{path}/{zone}") for zone in zones}
    return PrivateZones(
        "zones",
        PrivateZonesArgs(resource_group_name=plan.group, zones=zones, virtual_network_id=stead.id, tags=plan.tags),
    ).ids


def _endpoint(plan: Plan, stead: Stead, way: Way, target: _Target, zones: Mapping[str, Output[str]]) -> PrivateEndpoint:
    return PrivateEndpoint(
        f"{way.name}-endpoint",
        PrivateEndpointArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.PRIVATE_ENDPOINT, way.name),
            subnet_id=stead.subnets["endpoints"],  # settings are refused without it
            target_id=target.id,
            group=way.group,
            zone_ids={zone: zones[zone] for zone in way.zones},
            tags=plan.tags,
            after=target.after,
        ),
    )
