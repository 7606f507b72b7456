"""What two or more keys of a stack file cannot say together: one small check each, and all of them are always told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.sections import addresses, compute_checks
from infra.sections.choice import CREATE, NONE, mine
from infra.sections.values import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.sections.values import Values
    from infra.settings import Settings


def contradictions(settings: Settings) -> Iterator[str]:
    """Tell all that contradicts; each finding names its keys and what to do."""
    for check in CHECKS:
        yield from check(settings)


def _closed_images(settings: Settings) -> Iterator[str]:
    if not settings.public_network_access and settings.container_registry_sku != "Premium":
        yield (
            f"containerRegistrySku {settings.container_registry_sku!r} cannot be closed to the internet: "
            "set it to 'Premium', or publicNetworkAccess to true"
        )


def _image_builder(settings: Settings) -> Iterator[str]:
    builder = settings.image_build_cluster
    if builder is not None and builder not in settings.compute_clusters:
        known = tuple(settings.compute_clusters)
        yield f"imageBuildCluster {builder!r} is none of computeClusters{near(builder, known)}"


def _is_chosen(section: Values, field: str) -> bool:
    """Whether something else is said than what holds without a word."""
    return bool(getattr(section, field) != type(section).model_fields[field].default)


def _outbound_hosts(settings: Settings) -> Iterator[str]:
    if settings.outbound_hosts and settings.isolation_mode != "AllowOnlyApprovedOutbound":
        yield (
            f"outboundHosts means nothing with isolationMode {settings.isolation_mode!r}: "
            "take them away, or set it to 'AllowOnlyApprovedOutbound'"
        )
    if len(set(settings.outbound_hosts)) < len(settings.outbound_hosts):
        yield "outboundHosts names a host twice"
    if settings.isolation_mode == "Disabled" and _is_chosen(settings, "firewall_sku"):
        yield (
            "firewallSku means nothing with isolationMode 'Disabled': "
            "take it away, or set isolationMode to 'AllowOnlyApprovedOutbound'"
        )


def _registry_regions(settings: Settings) -> Iterator[str]:
    named = (settings.location, *settings.registry_locations)
    if len(set(named)) < len(named):
        yield "registryLocations names a region twice; 'location' is in it already"


def _refused_projects(settings: Settings) -> Iterator[str]:
    guardrails = settings.guardrails
    refuses = guardrails is not None and (guardrails.effect, guardrails.enforcement) == ("Deny", "Default")
    if (
        guardrails
        and refuses
        and "approved-outbound" in guardrails.built_ins
        and settings.hub
        and settings.hub.projects
    ):
        # Azure's policy asks every workspace for a managed network; a project lives in its hub's and has none.
        yield (
            "'approved-outbound' of guardrails.builtIns would refuse the projects of hub: take it away "
            "(guardrails.initiative 'policies/initiative.json' asks the same of all but projects)"
        )


def _data_life(settings: Settings) -> Iterator[str]:
    life = settings.data_life
    if life and life.restore_days and life.restore_days >= settings.soft_delete_days:
        # "Point-in-time restore for block blobs": its days must be fewer than those of soft delete.
        yield (
            f"dataLife.restoreDays {life.restore_days} needs more softDeleteDays than {settings.soft_delete_days}: "
            "raise softDeleteDays, or lower restoreDays"
        )


def _ways_in(settings: Settings) -> Iterator[str]:
    network = settings.network
    if network is None:
        return
    closed = not (settings.public_network_access and settings.registry_public)
    if closed and network.exists and not network.subnets.endpoints:
        yield (
            "publicNetworkAccess is false, and without network.subnets.endpoints nothing leads in: "
            "add it, or set network.virtualNetwork to 'none' if somebody else makes the private endpoints"
        )
    if closed and network.exists and network.dns_zones == "none":
        yield (
            "publicNetworkAccess is false, and with network.dnsZones 'none' nobody finds what leads in: "
            "set it to 'create', or to the id of the resource group that holds the zones"
        )
    if network.close_logs and not (closed and network.exists):
        yield (
            "network.closeLogs needs a private endpoint: take it away, or set publicNetworkAccess to false "
            "and network.virtualNetwork to 'create' or an id"
        )
    if network.subnets.compute and settings.isolation_mode != "Disabled":
        yield (
            f"network.subnets.compute means nothing with isolationMode {settings.isolation_mode!r} (a network of its "
            "own): take it away, or set isolationMode to 'Disabled'"
        )


def _served(settings: Settings) -> Iterator[str]:
    endpoints = tuple(settings.online_endpoints)
    for name in settings.fixed_models:
        if name not in endpoints:
            yield f"fixedModels.{name} stands behind none of onlineEndpoints{near(name, endpoints)}"
    seen: dict[tuple[str, str], str] = {}
    for name, scale in settings.autoscale.items():
        if scale.endpoint not in endpoints:
            meant = near(scale.endpoint, endpoints)
            yield f"autoscale.{name}.endpoint {scale.endpoint!r} is none of onlineEndpoints{meant}"
        other = seen.setdefault((scale.endpoint, scale.deployment), name)
        if other != name:
            yield f"autoscale.{name} and autoscale.{other} are about the same deployment: take one of them away"


def _told_of_costs(settings: Settings) -> Iterator[str]:
    if settings.budget and not settings.budget.emails and not settings.alerts:
        yield "budget tells nobody: name budget.emails, or set alerts"


def _brought(settings: Settings) -> Iterator[str]:
    chosen = settings.chosen
    if chosen.container_registry == NONE and not settings.public_network_access:
        yield (
            "foundation.containerRegistry 'none' has Azure make an open one, and publicNetworkAccess is false: "
            "set it to 'create' or an id"
        )
    if mine(chosen.storage) and settings.data_life:
        yield ("dataLife is for storage that is made: take it away, or set foundation.storage to 'create'")
    if chosen.registry != CREATE and settings.registry_locations:
        yield "registryLocations need a registry that is made: take them away, or set foundation.registry to 'create'"
    if chosen.registry == NONE and settings.access and settings.access.registry_readers:
        yield "access.registryReaders have nothing to read with foundation.registry 'none': take them away"
    if settings.network and settings.network.close_logs and (mine(chosen.logs) or mine(chosen.insights)):
        yield (
            "network.closeLogs is for logs that are made: take it away, "
            "or set foundation.logs and foundation.insights to 'create'"
        )


def _encryption(settings: Settings) -> Iterator[str]:
    if settings.encryption and settings.encryption.key == CREATE and not settings.purge_protection:
        yield "encryption needs a key that cannot be purged: set purgeProtection to true, or encryption.key to an id"
    if settings.encryption and settings.encryption.storage and settings.chosen.storage != CREATE:
        yield "encryption.storage is for storage that is made: take it away, or set foundation.storage to 'create'"
    if settings.encryption and settings.encryption.images:
        if settings.chosen.container_registry != CREATE:
            yield (
                "encryption.images is for a registry that is made: take it away, "
                "or set foundation.containerRegistry to 'create'"
            )
        if settings.container_registry_sku != "Premium":
            yield (
                f"encryption.images needs more than containerRegistrySku {settings.container_registry_sku!r}: "
                "set it to 'Premium', or take images away"
            )


def _outbound(settings: Settings) -> Iterator[str]:
    asked, mode = settings.outbound, settings.isolation_mode
    if asked and asked.services and mode != "AllowOnlyApprovedOutbound":
        yield (
            f"outbound.services mean nothing with isolationMode {mode!r}: "
            "take them away, or set it to 'AllowOnlyApprovedOutbound'"
        )
    if asked and asked.private and mode == "Disabled":
        yield (
            "outbound.private needs a managed network: take it away, or set isolationMode to "
            "'AllowOnlyApprovedOutbound' or 'AllowInternetOutbound'"
        )


def _controlled(settings: Settings) -> Iterator[str]:
    plane, network = settings.control_plane, settings.network
    if plane is None:
        return
    subnets = network.subnets if network else None
    if subnets is None or subnets.controller is None:
        yield "controlPlane runs in a network: add network.subnets.controller, or take controlPlane away"
    of_a_job = {"schedule": "schedule", "timeout_minutes": "timeoutMinutes"}
    for key in (of_a_job[field] for field in of_a_job if plane.runs == "app" and _is_chosen(plane, field)):
        yield f"controlPlane.{key} means nothing to an app: take it away, or set controlPlane.runs to 'job'"
    if settings.chosen.container_registry == NONE:
        yield "controlPlane.image is pulled from foundation.containerRegistry: set that to 'create' or an id"
    if plane.database and (subnets is None or subnets.database is None):
        yield "controlPlane.database stands in a network: add network.subnets.database, or take the database away"
    if network and network.virtual_network == CREATE and network.egress == "none" and network.hub is None:
        yield "controlPlane has to reach Azure: set network.egress to 'nat', or name network.hub"


CHECKS: tuple[Callable[[Settings], Iterator[str]], ...] = (
    _closed_images,
    _image_builder,
    _outbound_hosts,
    _registry_regions,
    _data_life,
    *compute_checks.CHECKS,
    _ways_in,
    _refused_projects,
    _served,
    _told_of_costs,
    addresses.misfits,
    _brought,
    _encryption,
    _outbound,
    _controlled,
)
