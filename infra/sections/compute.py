"""Machines for jobs, as a stack file asks for them."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from infra.sections.values import IdleTime, Values, near
from infra.vm_sizes import VM_SIZES, VmSize


class Cluster(Values):
    """A pool of machines that scales to zero when nothing runs on it."""

    vm_size: str = Field(description="Azure's name of the machine size, such as `Standard_DS3_v2`.")
    max_nodes: int = Field(ge=1, le=100, description="How many machines it may grow to; the policy pack caps it.")
    min_nodes: int = Field(default=0, ge=0, le=100, description="Machines that always run, and always cost.")
    priority: Literal["Dedicated", "LowPriority"] = Field(
        default="Dedicated", description="`LowPriority` is cheap and may be taken away in the middle of a job."
    )
    idle_time: IdleTime = Field(
        default="PT5M", description="How long a machine idles before it is given back (ISO 8601)."
    )

    def contradictions(self) -> Iterator[str]:
        """A size that nobody knows, and a least above the most."""
        if self.vm_size not in VM_SIZES:
            yield f"vmSize {self.vm_size!r} is not known{near(self.vm_size, tuple(VM_SIZES))}"
        if self.min_nodes > self.max_nodes:
            yield f"minNodes {self.min_nodes} is more than maxNodes {self.max_nodes}"

    @property
    def size(self) -> VmSize:
        """What Azure's size table says of it."""
        return VM_SIZES[self.vm_size]
