"""Regions: whether Azure ML is there at all."""

from collections.abc import Mapping

from infra.preflight import plan
from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Stack
from infra.preflight.port import Azure


def _look(azure: Azure, _stack: Stack) -> Mapping[str, frozenset[str]]:
    return {kind: azure.regions(kind) for kind in (plan.WORKSPACE, plan.REGISTRY)}


def _judge(stack: Stack, seen: Mapping[str, frozenset[str]]) -> tuple[Finding, ...]:
    settings = stack.settings
    wanted = [
        ("location", plan.WORKSPACE, settings.location),
        ("location", plan.REGISTRY, settings.location),
        *(
            (f"computeClusters.{name}.location", plan.WORKSPACE, cluster.location)
            for name, cluster in settings.compute_clusters.items()
            if cluster.location
        ),
        *((f"registryLocations.{i}", plan.REGISTRY, each) for i, each in enumerate(settings.registry_locations)),
    ]
    return tuple(_of_one(key, kind, region, seen[kind]) for key, kind, region in wanted)


def _of_one(key: str, kind: str, region: str, known: frozenset[str]) -> Finding:
    what = kind.rsplit("/", 1)[1]
    if region in known:
        return good(f"{key} {region}", f"has Azure ML {what}")
    return bad(f"{key} {region}", f"has no Azure ML {what}", f"choose one of {', '.join(sorted(known)) or 'none'}")


CHECK = Check(
    id="regions",
    finds="a region without Azure ML workspaces or registries",
    asks="the provider Microsoft.MachineLearningServices, with the locations of its types",
    look=_look,
    judge=_judge,
)
