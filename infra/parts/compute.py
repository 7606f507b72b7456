"""The machines that jobs run on."""

from collections.abc import Mapping
from typing import Any

from infra.components.cluster import Cluster, ClusterArgs
from infra.grants import Who
from infra.parts.access import granted
from infra.parts.ground import Ground


def computed(ground: Ground) -> dict[str, Any]:
    """Declare all computes, and return what the outside is told of them."""
    plan = ground.plan
    after = granted(plan, ground.foundation, ground.scopes, Who.COMPUTE)
    clusters = {
        name: Cluster(
            name,
            ClusterArgs(
                resource_group_name=plan.group,
                workspace_name=ground.workspace.name,
                location=plan.settings.location,
                name=name,
                vm_size=cluster.vm_size,
                min_nodes=cluster.min_nodes,
                max_nodes=cluster.max_nodes,
                priority=cluster.priority,
                idle_time=cluster.idle_time,
                identity_id=ground.foundation.identities[Who.COMPUTE].id,
                tags=plan.tags,
                after=after,
            ),
        )
        for name, cluster in plan.settings.compute_clusters.items()
    }
    return {"computeClusters": {name: _told(ground, name, cluster) for name, cluster in clusters.items()}}


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
