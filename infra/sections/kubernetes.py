"""A Kubernetes cluster that jobs and models run on, as a stack file asks for it."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.choice import CREATE, ArmId, CreateOrMine, misfits
from infra.sections.compute import ObjectId, unknown_size
from infra.sections.values import IN_WORDS, ClusterName, Host, Text, Values, near
from infra.vm_sizes import VM_SIZES

KIND = "Microsoft.ContainerService/managedClusters"
SYSTEM = "system"

_POOL = r"^[a-z][a-z0-9]{0,11}$"
_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_CPU = r"^[1-9][0-9]*m?$"
_MEMORY = r"^[1-9][0-9]*(Mi|Gi|Ti)$"
_VERSION = r"^1\.[0-9]{2}(\.[0-9]+)?$"
_RANGE = r"^([0-9]{1,3}\.){3}[0-9]{1,3}/([89]|1[0-9]|2[0-4])$"
_GIT = r"^(https|ssh)://[^@\s:]+(/[^@\s]*)?$"
IN_WORDS |= {
    _POOL: "1 to 12 lower-case letters and digits, first a letter",
    _LABEL: "1 to 63 lower-case letters, digits and dashes, no dash at either end",
    _CPU: "processors, such as `4`, or thousandths, such as `700m`",
    _MEMORY: "an amount such as `8Gi` or `512Mi`",
    _VERSION: "a version such as `1.33` or `1.33.2`",
    _RANGE: "a range of addresses such as `172.31.0.0/16`, from /8 to /24",
    _GIT: "the address of a Git repository, `https://` or `ssh://`, without a user or password in it",
}

PoolName = Annotated[str, StringConstraints(pattern=_POOL)]
Label = Annotated[str, StringConstraints(pattern=_LABEL)]
Cpu = Annotated[str, StringConstraints(pattern=_CPU)]
Memory = Annotated[str, StringConstraints(pattern=_MEMORY)]
Version = Annotated[str, StringConstraints(pattern=_VERSION)]
Range = Annotated[str, StringConstraints(pattern=_RANGE)]
GitAddress = Annotated[str, StringConstraints(pattern=_GIT)]


class Pool(Values):
    """Machines of one size, which scale between two counts."""

    vm_size: str = Field(description="Azure's name of the machine size.")
    max_nodes: int = Field(ge=1, le=100, description="How many machines it may grow to.")
    min_nodes: int = Field(default=0, ge=0, le=100, description="Machines that always run, and always cost.")

    def contradictions(self) -> Iterator[str]:
        """A size that nobody knows, and a least above the most."""
        yield from unknown_size(self.vm_size)
        if self.min_nodes > self.max_nodes:
            yield f"minNodes {self.min_nodes} is more than maxNodes {self.max_nodes}"


class SystemPool(Pool):
    """The machines that the cluster itself runs on; three, so that one may fail."""

    vm_size: str = Field(default="Standard_D4ads_v5", description="Azure's name of the machine size.")
    max_nodes: int = Field(default=5, ge=1, le=100, description="How many machines it may grow to.")
    min_nodes: int = Field(default=3, ge=1, le=100, description="Machines that always run, and always cost.")


class InstanceType(Values):
    """A size of pod that a job asks for by name."""

    cpu: Cpu = Field(description="Processors of one pod.")
    memory: Memory = Field(description="Memory of one pod.")
    gpus: int = Field(default=0, ge=0, le=8, description="NVIDIA GPUs of one pod.")
    pool: PoolName | None = Field(default=None, description="The pool it runs on; any, if none is named.")


class AttachedCompute(Values):
    """A namespace, and the workspace's compute that runs jobs in it."""

    namespace: Label | None = Field(default=None, description="Its namespace, if that is not called as the compute.")
    cpu: Cpu | None = Field(default=None, description="The most processors that all its pods may have together.")
    memory: Memory | None = Field(default=None, description="The most memory that all its pods may have together.")
    gpus: int | None = Field(
        default=None, ge=0, le=1000, description="The most GPUs that all its pods may have together; needs `gitOps`."
    )
    default_instance_type: Label = Field(description="The instance type of jobs that name none.")

    def contradictions(self) -> Iterator[str]:
        """Half a quota."""
        if (self.cpu is None) != (self.memory is None):
            yield "cpu and memory are one quota: say both, or neither for a namespace that stands already"


class Serving(Values):
    """Models that answer on the cluster: by TLS only, behind a load balancer of the virtual network."""

    tls_secret: Label = Field(description="The Kubernetes secret in namespace `azureml` with `cert.pem` and `key.pem`.")
    host: Host = Field(description="The host name that the certificate is for.")
    highly_available: bool = Field(default=True, description="Three routers, which want three machines.")


class GitOps(Values):
    """A Git repository that the cluster keeps its own objects by, with the printed instance types and quotas in it."""

    url: GitAddress = Field(description="The repository, which the cluster must be able to read.")
    branch: Text = Field(default="main", description="The branch that is in force.")
    path: Text = Field(default=".", description="The folder that is in force.")


class Kubernetes(Values):
    """A Kubernetes cluster with Azure ML's extension, and the computes that the workspace has on it."""

    cluster: CreateOrMine = Field(default=CREATE, description="An AKS cluster: one made for this, or your own.")
    version: Version | None = Field(default=None, description="Kubernetes' version; none is the one Azure proposes.")
    tier: Literal["Free", "Standard", "Premium"] = Field(
        default="Standard", description="`Free` has no promise of being there; `Premium` has support for years."
    )
    private: bool = Field(default=True, description="Whether its API answers in its virtual network only.")
    local_accounts: bool = Field(
        default=False,
        description="Whether certificates let people in besides Entra. Azure ML gets in without them by the cluster's "
        "trust in the workspace, which a subscription may have to ask for.",
    )
    admin_groups: tuple[ObjectId, ...] = Field(
        default=(), description="Entra groups that administer the cluster; none is nobody but Azure's own roles."
    )
    outbound: Literal["loadBalancer", "managedNATGateway", "userAssignedNATGateway", "userDefinedRouting"] = Field(
        default="loadBalancer", description="How its machines reach what is outside."
    )
    subnet: ArmId | None = Field(
        default=None,
        description="The subnet of its machines, if not `network.subnets.kubernetes`; without either, a network of its "
        "own.",
    )
    service_range: Range = Field(
        default="172.31.0.0/16", description="Addresses of its services, which nothing near the subnet may have."
    )
    pod_range: Range = Field(
        default="192.168.0.0/16", description="Addresses of its pods, which nothing near the subnet may have."
    )
    system_pool: SystemPool = Field(default=SystemPool(), description="The machines the cluster itself runs on.")
    pools: dict[PoolName, Pool] = Field(
        default_factory=dict, description="Machines for machine learning only, with GPUs or without."
    )
    instance_types: dict[Label, InstanceType] = Field(description="Sizes of pods by name.")
    computes: dict[ClusterName, AttachedCompute] = Field(description="The workspace's computes on it by name.")
    serving: Serving | None = Field(default=None, description="Models that answer on the cluster.")
    git_ops: GitOps | None = Field(default=None, description="What keeps the cluster's own objects.")

    @property
    def made(self) -> bool:
        """Whether the cluster is made here."""
        return self.cluster == CREATE

    def contradictions(self) -> Iterator[str]:
        """Names that nothing bears, machines for somebody else's cluster, and quotas that nothing keeps."""
        yield from misfits("cluster", self.cluster, KIND)
        if not self.made:
            yield from (
                f"{key} means nothing for a cluster of your own: take it away, or set cluster to 'create'"
                for key, said in (("pools", self.pools), ("adminGroups", self.admin_groups), ("subnet", self.subnet))
                if said
            )
        if SYSTEM in self.pools:
            yield "pools: 'system' is the name of systemPool; choose another"
        if not self.computes:
            yield "computes is empty: a cluster without one is of no use to the workspace; name one"
        yield from self._unknown_names()
        yield from self._quotas()
        yield from self._ranges()

    def _unknown_names(self) -> Iterator[str]:
        pools = (SYSTEM, *self.pools)
        for name, kind in sorted(self.instance_types.items()):  # as Pulumi gives them
            if self.made and kind.pool is not None and kind.pool not in pools:
                yield f"instanceTypes.{name}.pool {kind.pool!r} is none of pools{near(kind.pool, pools)}"
            if self.made and kind.gpus and not self._has_gpus(kind.pool):
                yield f"instanceTypes.{name}.gpus: no machine of its pool has one; name a pool of a size with GPUs"
        for name, compute in self.computes.items():
            wanted = compute.default_instance_type
            if wanted not in self.instance_types:
                yield (
                    f"computes.{name}.defaultInstanceType {wanted!r} is none of instanceTypes"
                    f"{near(wanted, self.instance_types)}"
                )

    def _has_gpus(self, pool: str | None) -> bool:
        pools: dict[str, Pool] = {SYSTEM: self.system_pool, **self.pools}
        chosen = pools.values() if pool is None else (pools[pool],) if pool in pools else ()
        return any(each.vm_size in VM_SIZES and VM_SIZES[each.vm_size].gpus > 0 for each in chosen)

    def _quotas(self) -> Iterator[str]:
        names = [compute.namespace or name for name, compute in self.computes.items()]
        if len(set(names)) < len(names):
            yield "computes: two have one namespace; a quota is a namespace's, so give each its own"
        for name, compute in self.computes.items():
            if compute.gpus is not None and self.git_ops is None:
                yield f"computes.{name}.gpus: Azure's own quota has no GPUs; set gitOps, or take it away"

    def _ranges(self) -> Iterator[str]:
        found = {}
        for key, text in (("serviceRange", self.service_range), ("podRange", self.pod_range)):
            try:
                found[key] = ipaddress.ip_network(text)
            except ValueError as error:
                yield f"{key}: {error}"
        if len(found) == len({"serviceRange", "podRange"}) and found["serviceRange"].overlaps(found["podRange"]):
            yield "serviceRange and podRange overlap: give services and pods addresses of their own"
