"""The machines that jobs run on, and those that people work on."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import Input, Resource

from infra import names
from infra.components.cluster import Cluster, ClusterArgs
from infra.components.compute_instance import ComputeInstance, ComputeInstanceArgs
from infra.foundation import identified
from infra.grants import Who
from infra.parts.access import granted, granted_as
from infra.parts.ground import Ground
from infra.parts.plan import Declared
from infra.sections import compute

_SHARED, _OWN = "shared", "own"


def computed(ground: Ground) -> Declared:
    """Declare all computes."""
    settings = ground.plan.settings
    shared = granted(ground.plan, ground.foundation, ground.scopes, Who.COMPUTE)
    runs_as = {name: _identity(ground, name, each.identity, shared) for name, each in settings.compute_clusters.items()}
    clusters = {name: _cluster(ground, name, each, runs_as[name]) for name, each in settings.compute_clusters.items()}
    instances = {name: _instance(ground, name, each) for name, each in settings.compute_instances.items()}
    told: dict[str, Any] = {
        "computeClusters": {name: _told(ground, name, cluster) for name, cluster in clusters.items()}
    }
    if instances:
        told["computeInstances"] = {
            name: {"name": instance.name, "vmSize": settings.compute_instances[name].vm_size}
            for name, instance in instances.items()
        }
    allowed = dict.fromkeys((*shared, *(grant for _, after in runs_as.values() for grant in after)))
    return Declared(told=told, held=tuple(allowed))


def _cluster(
    ground: Ground, name: str, asked: compute.Cluster, runs_as: tuple[Input[str], Sequence[Resource]]
) -> Cluster:
    plan = ground.plan
    identity, after = runs_as
    return Cluster(
        name,
        ClusterArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            location=asked.location or plan.settings.location,
            name=name,
            vm_size=asked.vm_size,
            min_nodes=asked.min_nodes,
            max_nodes=asked.max_nodes,
            priority=asked.priority,
            idle_time=asked.idle_time,
            identity_id=identity,
            subnet_id=asked.subnet or ground.subnet("compute"),
            tags=plan.tags,
            after=after,
        ),
    )


def _identity(
    ground: Ground, name: str, choice: str, shared: Sequence[Resource]
) -> tuple[Input[str], Sequence[Resource]]:
    """The identity of a cluster's jobs, and the grants that must stand before them."""
    if choice == _SHARED:
        return ground.foundation.identities[Who.COMPUTE].id, shared
    if choice == _OWN:
        own = identified(ground.plan, f"compute-{name}")
        return own.id, granted_as(ground.plan, ground.foundation, ground.scopes, Who.COMPUTE, (name, own))
    return choice, ()  # one's own identity has been granted what it needs by its owner


def _instance(ground: Ground, name: str, asked: compute.Instance) -> ComputeInstance:
    plan = ground.plan
    return ComputeInstance(
        f"{name}-instance",
        ComputeInstanceArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            location=plan.settings.location,
            name=plan.names.of(names.INSTANCE, name),
            vm_size=asked.vm_size,
            user_id=asked.user,
            tenant_id=plan.place.tenant_id,
            description=asked.description,
            idle_time=asked.idle_time,
            stop_at=None if asked.stop_at == "never" else asked.stop_at,
            start_at=asked.start_at,
            time_zone=asked.time_zone,
            subnet_id=asked.subnet or ground.subnet("compute"),
            tags=plan.tags,
        ),
    )


def _told(ground: Ground, name: str, cluster: Cluster) -> Mapping[str, Any]:
    asked = ground.plan.settings.compute_clusters[name]
    return {
        "name": cluster.name,
        "vmSize": asked.vm_size,
        "family": asked.size.family,
        "tier": asked.priority,
        "maxNodes": asked.max_nodes,
        "gpu": asked.size.gpus > 0,
    }
