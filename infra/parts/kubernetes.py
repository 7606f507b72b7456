"""A Kubernetes cluster, made here or brought along, and the workspace's computes on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi import Input, Resource

from infra import names
from infra.components.attached_kubernetes import AttachedKubernetes, AttachedKubernetesArgs, Quota
from infra.components.cluster_objects import ClusterObjects, ClusterObjectsArgs
from infra.components.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs, NodePool
from infra.components.kubernetes_extension import KubernetesExtension, KubernetesExtensionArgs, Serving
from infra.grants import On, Who
from infra.instance_types import InstanceType, instance_types
from infra.parts.access import granted_on
from infra.parts.ground import Ground
from infra.parts.plan import Declared
from infra.sections import kubernetes


@dataclass(frozen=True, kw_only=True)
class _Where:
    """The cluster, whoever made it, and what must stand before anything is done on it."""

    id: Input[str]
    group: Input[str]
    name: Input[str]
    after: Sequence[Resource]


def orchestrated(ground: Ground) -> Declared:
    """Declare the cluster and the computes on it."""
    asked = ground.plan.settings.kubernetes
    if asked is None:
        return Declared()
    where = _made(ground, asked) if asked.made else _brought(asked.cluster)
    extension = KubernetesExtension(
        "kubernetes-extension",
        KubernetesExtensionArgs(
            resource_group_name=where.group,
            cluster_name=where.name,
            workspace_id=ground.workspace.id,
            serving=_serving(asked.serving),
            gpu_plugin=any(each.gpus for each in asked.instance_types.values()),
            trusted=not asked.local_accounts,
            after=where.after,
        ),
    )
    where = replace(where, after=[*where.after, *extension.resources])
    if asked.git_ops is not None:
        _kept(where, asked.git_ops)
    types = instance_types(asked)
    computes = {name: _attached(ground, where, name, each, types) for name, each in asked.computes.items()}
    told = {
        name: {
            "name": computes[name].name,
            "namespace": each.namespace or name,
            "instanceTypes": list(types),
            "defaultInstanceType": each.default_instance_type,
        }
        for name, each in asked.computes.items()
    }
    return Declared(told={"kubernetesComputes": told})


def _made(ground: Ground, asked: kubernetes.Kubernetes) -> _Where:
    plan = ground.plan
    identity = ground.foundation.identities[Who.CLUSTER]
    subnet = asked.subnet or ground.subnet("kubernetes")
    joined = granted_on(plan, ground.foundation, On.SUBNET, subnet) if subnet else []
    cluster = KubernetesCluster(
        "kubernetes",
        KubernetesClusterArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.KUBERNETES),
            node_group=plan.names.of(names.KUBERNETES_NODES),
            tenant_id=plan.place.tenant_id,
            identity_id=identity.id,
            system=_pool(asked.system_pool),
            pools={name: _pool(each) for name, each in asked.pools.items()},
            admin_groups=asked.admin_groups,
            version=asked.version,
            tier=asked.tier,
            outbound=asked.outbound,
            subnet_id=subnet,
            service_range=asked.service_range,
            pod_range=asked.pod_range,
            private=asked.private,
            local_accounts=asked.local_accounts,
            tags=plan.tags,
            after=joined,
        ),
    )
    allowed = granted_on(plan, ground.foundation, On.CLUSTER, cluster.id)
    return _Where(id=cluster.id, group=plan.group, name=cluster.name, after=[*cluster.resources, *allowed])


def _brought(cluster_id: str) -> _Where:
    parts = cluster_id.split("/")
    return _Where(id=cluster_id, group=parts[4], name=parts[-1], after=())


def _pool(asked: kubernetes.Pool) -> NodePool:
    return NodePool(vm_size=asked.vm_size, min_nodes=asked.min_nodes, max_nodes=asked.max_nodes)


def _serving(asked: kubernetes.Serving | None) -> Serving | None:
    if asked is None:
        return None
    return Serving(tls_secret=asked.tls_secret, host=asked.host, highly_available=asked.highly_available)


def _kept(where: _Where, asked: kubernetes.GitOps) -> None:
    ClusterObjects(
        "kubernetes-objects",
        ClusterObjectsArgs(
            resource_group_name=where.group,
            cluster_name=where.name,
            url=asked.url,
            branch=asked.branch,
            path=asked.path,
            after=where.after,
        ),
    )


def _attached(
    ground: Ground,
    where: _Where,
    name: str,
    asked: kubernetes.AttachedCompute,
    types: Mapping[str, InstanceType],
) -> AttachedKubernetes:
    plan = ground.plan
    return AttachedKubernetes(
        name,
        AttachedKubernetesArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            location=plan.settings.location,
            name=name,
            identity_id=ground.foundation.identities[Who.COMPUTE].id,
            cluster_id=where.id,
            cluster_group=where.group,
            cluster_name=where.name,
            namespace=asked.namespace or name,
            instance_types=types,
            default_instance_type=asked.default_instance_type,
            quota=Quota(cpu=asked.cpu, memory=asked.memory) if asked.cpu and asked.memory else None,
            tags=plan.tags,
            after=where.after,
        ),
    )
