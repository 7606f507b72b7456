"""How many vCPUs a stack may come to use, by quota: each machine at its maximum, and what Azure adds for upgrades."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infra import names
from infra.preflight.plan import COMPUTE, Stack
from infra.vm_sizes import VM_SIZES, VmSize

_SURGE_FIFTHS = 6
"""Managed online deployments need quota for ceil(1.2 x instances): Azure keeps a fifth for its own upgrades
("Manage resources and quotas", virtual machine quota allocation for deployment).  Fifths, because 1.2 is no float."""
_LOWERED = {"AmlCompute": ".maxNodes", "Kubernetes": ".maxNodes", "OnlineDeployment": ".instances"}


@dataclass(frozen=True, kw_only=True)
class Machines:
    """Machines of one size that the stack file asks for."""

    key: str
    """Where the stack file says so."""
    size_name: str
    size: VmSize
    most: int
    """How many there can be, surge included."""
    surge: int = 0
    """How many of them only stand there while Azure upgrades."""
    region: str
    low_priority: bool = False
    compute: str = "AmlCompute"
    """Azure's name of what they are: `AmlCompute`, `ComputeInstance`, `OnlineDeployment`."""
    id: str = ""
    """What they belong to in Azure."""

    @property
    def lowered(self) -> str:
        """The key to lower for fewer of them; an instance is one machine."""
        return f"{self.key}{_LOWERED.get(self.compute, '')}"

    @property
    def vcpus(self) -> int:
        """What they take from their quota at most."""
        return self.most * self.size.vcpus

    @property
    def pool(self) -> "Pool":
        """The quota that they draw on."""
        return Pool(region=self.region, family=self.size.family, low_priority=self.low_priority)


@dataclass(frozen=True, kw_only=True, order=True)
class Pool:
    """A quota: of one region, by family of machines; low priority is counted apart."""

    region: str
    family: str
    low_priority: bool


def with_surge(instances: int) -> int:
    """How many instances of an online deployment the quota must hold, in whole numbers."""
    return -(-instances * _SURGE_FIFTHS // 5)


def machines(stack: Stack) -> tuple[Machines, ...]:
    """List all machines of Azure ML that the stack file fixes; deployments of `mlops` it does not know."""
    settings, below = stack.settings, f"{stack.workspace}/{COMPUTE.rsplit('/', 1)[1]}"
    clusters = (
        Machines(
            key=f"computeClusters.{name}",
            size_name=cluster.vm_size,
            size=cluster.size,
            most=cluster.max_nodes,
            region=cluster.location or settings.location,
            low_priority=cluster.priority == "LowPriority",
            id=f"{below}/{name}",
        )
        for name, cluster in settings.compute_clusters.items()
    )
    instances = (
        Machines(
            key=f"computeInstances.{name}",
            size_name=instance.vm_size,
            size=VM_SIZES[instance.vm_size],
            most=1,
            region=settings.location,
            compute="ComputeInstance",
            id=f"{below}/{stack.names.of(names.INSTANCE, name)}",
        )
        for name, instance in settings.compute_instances.items()
    )
    return (*clusters, *instances, *_deployments(stack))


def _deployments(stack: Stack) -> Iterator[Machines]:
    """Fixed models: as many machines as they are made with, or as autoscale may give them, and the surge."""
    grown = {(each.endpoint, each.deployment): each.maximum for each in stack.settings.autoscale.values()}
    for endpoint, model in stack.settings.fixed_models.items():
        for name, asked in model.deployments.items():
            most = max(asked.instances, grown.get((endpoint, name), 0))
            where = f"{stack.workspace}/onlineEndpoints/{stack.names.of(names.ENDPOINT, endpoint)}"
            yield Machines(
                key=f"fixedModels.{endpoint}.deployments.{name}",
                size_name=asked.instance_type,
                size=VM_SIZES[asked.instance_type],
                most=with_surge(most),
                surge=with_surge(most) - most,
                region=stack.settings.location,
                compute="OnlineDeployment",
                id=f"{where}/deployments/{name}",
            )


def pools(stack: Stack) -> tuple[Machines, ...]:
    """List the machines of a Kubernetes cluster that is made: they draw on the quota of virtual machines."""
    asked = stack.settings.kubernetes
    if asked is None or not asked.made:
        return ()
    found = {"systemPool": asked.system_pool, **{f"pools.{name}": pool for name, pool in asked.pools.items()}}
    return tuple(
        Machines(
            key=f"kubernetes.{key}",
            size_name=pool.vm_size,
            size=VM_SIZES[pool.vm_size],
            # An upgrade adds a machine to each pool while it lasts, unless the pool says more ("maxSurge").
            most=pool.max_nodes + 1,
            surge=1,
            region=stack.settings.location,
            compute="Kubernetes",
        )
        for key, pool in found.items()
    )


def by_pool(asked: Iterable[Machines]) -> Mapping[Pool, int]:
    """Add up vCPUs by quota."""
    total: Counter[Pool] = Counter()
    for one in asked:
        total[one.pool] += one.vcpus
    return dict(sorted(total.items()))


def by_tier(asked: Iterable[Machines]) -> Mapping[tuple[str, bool], int]:
    """Add up vCPUs of all families by region, dedicated (False) and low priority (True) apart."""
    total: Counter[tuple[str, bool]] = Counter()
    for one in asked:
        total[one.region, one.low_priority] += one.vcpus
    return dict(sorted(total.items()))
