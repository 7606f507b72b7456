"""What machines of a stack file cannot be together with, one small check each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.sections.choice import misfits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.settings import Settings

_SUBNET = "Microsoft.Network/virtualNetworks/subnets"


def _subnets(settings: Settings) -> Iterator[str]:
    serverless = {"serverless": settings.serverless} if settings.serverless else {}
    for key, subnet in {
        **{f"computeClusters.{name}": each.subnet for name, each in settings.compute_clusters.items()},
        **{f"computeInstances.{name}": each.subnet for name, each in settings.compute_instances.items()},
        **{name: each.subnet for name, each in serverless.items()},
    }.items():
        yield from misfits(f"{key}.subnet", subnet, _SUBNET)
        if subnet is not None and settings.isolation_mode != "Disabled":
            yield (
                f"{key}.subnet cannot be with isolationMode {settings.isolation_mode!r}, a network of its own: "
                "take it away, or set isolationMode to 'Disabled'"
            )
    if settings.kubernetes is not None:
        yield from misfits("kubernetes.subnet", settings.kubernetes.subnet, _SUBNET)


def _regions(settings: Settings) -> Iterator[str]:
    own = settings.network is not None and settings.network.subnets.compute is not None
    for name, each in settings.compute_clusters.items():
        if each.location not in (None, settings.location) and own and each.subnet is None:
            yield (
                f"computeClusters.{name}.location {each.location!r} is not where network.subnets.compute is: take it "
                "away, or name a subnet of that region"
            )
        if each.location not in (None, settings.location) and settings.isolation_mode != "Disabled":
            # "Workspace managed virtual network isolation", limitations: computes stand in the workspace's region.
            yield (
                f"computeClusters.{name}.location {each.location!r} cannot be with isolationMode "
                f"{settings.isolation_mode!r}: take it away, or set isolationMode to 'Disabled'"
            )


def _instances(settings: Settings) -> Iterator[str]:
    people = settings.access.people if settings.access else "read"
    for name, each in settings.compute_instances.items():
        if people != "experiment" and not each.anywhere:
            yield (
                f"computeInstances.{name}: people's own machines belong where they experiment: set access.people to "
                f"'experiment' (it is {people!r}), or computeInstances.{name}.anywhere to true"
            )


def _computes(settings: Settings) -> Iterator[str]:
    on_kubernetes = settings.kubernetes.computes if settings.kubernetes else {}
    for name in sorted(set(on_kubernetes) & set(settings.compute_clusters)):
        yield f"kubernetes.computes.{name}: computeClusters has {name!r} too; the names of computes are one list"


def _serverless(settings: Settings) -> Iterator[str]:
    own = settings.network is not None and settings.network.subnets.compute is not None
    if settings.serverless is not None and settings.serverless.subnet is None and not own:
        yield (
            "serverless needs a subnet: set serverless.subnet or network.subnets.compute, or take serverless away; "
            "with a managed network its machines stand there without being told"
        )


CHECKS: tuple[Callable[[Settings], Iterator[str]], ...] = (_subnets, _serverless, _regions, _instances, _computes)
