"""How many vCPUs a stack may come to use, by quota: each machine at its maximum, and what Azure adds for upgrades."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.preflight.plan import COMPUTE, Stack
from infra.vm_sizes import VmSize

_SURGE_FIFTHS = 6
"""Managed online deployments need quota for ceil(1.2 x instances): Azure keeps a fifth for its own upgrades
("Manage resources and quotas", virtual machine quota allocation for deployment).  Fifths, because 1.2 is no float."""


@dataclass(frozen=True, kw_only=True)
class Machines:
    """Machines of one size that the stack file asks for."""

    key: str
    """Where the stack file says so."""
    size_name: str
    size: VmSize
    most: int
    """How many there can be, surge included."""
    low_priority: bool = False
    compute: str = "AmlCompute"
    """Azure's name of what they are: `AmlCompute`, `ComputeInstance`, `OnlineDeployment`."""
    id: str = ""
    """What they belong to in Azure."""

    @property
    def vcpus(self) -> int:
        """What they take from their quota at most."""
        return self.most * self.size.vcpus

    @property
    def pool(self) -> "Pool":
        """The quota that they draw on."""
        return Pool(family=self.size.family, low_priority=self.low_priority)


@dataclass(frozen=True, kw_only=True, order=True)
class Pool:
    """A quota by family of machines; low priority is counted apart."""

    family: str
    low_priority: bool


def with_surge(instances: int) -> int:
    """How many instances of an online deployment the quota must hold, in whole numbers."""
    return -(-instances * _SURGE_FIFTHS // 5)


def machines(stack: Stack) -> tuple[Machines, ...]:
    """List all machines of Azure ML that the stack file fixes; deployments of `mlops` it does not know."""
    return tuple(
        Machines(
            key=f"computeClusters.{name}",
            size_name=cluster.vm_size,
            size=cluster.size,
            most=cluster.max_nodes,
            low_priority=cluster.priority == "LowPriority",
            id=f"{stack.workspace}/{COMPUTE.rsplit('/', 1)[1]}/{name}",
        )
        for name, cluster in stack.settings.compute_clusters.items()
    )


def by_pool(asked: Iterable[Machines]) -> Mapping[Pool, int]:
    """Add up vCPUs by quota."""
    total: Counter[Pool] = Counter()
    for one in asked:
        total[one.pool] += one.vcpus
    return dict(sorted(total.items()))


def by_tier(asked: Iterable[Machines]) -> Mapping[bool, int]:
    """Add up vCPUs of all families, dedicated (False) and low priority (True)."""
    total: Counter[bool] = Counter()
    for one in asked:
        total[one.low_priority] += one.vcpus
    return dict(sorted(total.items()))
