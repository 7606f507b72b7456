"""Machines for jobs and people, as a stack file asks for them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.choice import ArmId
from infra.sections.values import IN_WORDS, IdleTime, Region, Values, near
from infra.vm_sizes import VM_SIZES, VmSize

_GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_SHARED_OWN_MINE = r"^(shared|own|/subscriptions/.+/userAssignedIdentities/[^/]+)$"
_CRON = r"^[0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+$"
_CRON_OR_NEVER = rf"^(never|{_CRON[1:-1]})$"
IN_WORDS |= {
    _GUID: "an Entra object id (a GUID in lower case)",
    _SHARED_OWN_MINE: "`shared`, `own` or the ARM id of a user-assigned identity",
    _CRON_OR_NEVER: "`never`, or a cron expression of five fields: minute, hour, day, month, weekday",
    _CRON: "a cron expression of five fields: minute, hour, day, month, weekday",
}

ObjectId = Annotated[str, StringConstraints(pattern=_GUID)]
IdentityChoice = Annotated[str, StringConstraints(pattern=_SHARED_OWN_MINE)]
CronOrNever = Annotated[str, StringConstraints(pattern=_CRON_OR_NEVER)]
Cron = Annotated[str, StringConstraints(pattern=_CRON)]


def unknown_size(vm_size: str) -> Iterator[str]:
    """Tell of a machine size that the table of sizes does not have."""
    if vm_size not in VM_SIZES:
        yield f"vmSize {vm_size!r} is not known{near(vm_size, tuple(VM_SIZES))}"


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
    identity: IdentityChoice = Field(
        default="shared",
        description="Whom its jobs work as: the identity of all clusters, one of its own with the same rights, or "
        "yours, which you have granted what it needs.",
    )
    subnet: ArmId | None = Field(
        default=None,
        description="The subnet its machines stand in, if not `network.subnets.compute`; only where `isolationMode` "
        "is `Disabled`.",
    )
    location: Region | None = Field(
        default=None, description="Another region than the workspace's; only where `isolationMode` is `Disabled`."
    )

    def contradictions(self) -> Iterator[str]:
        """A size that nobody knows, and a least above the most."""
        yield from unknown_size(self.vm_size)
        if self.min_nodes > self.max_nodes:
            yield f"minNodes {self.min_nodes} is more than maxNodes {self.max_nodes}"

    @property
    def size(self) -> VmSize:
        """What Azure's size table says of it."""
        return VM_SIZES[self.vm_size]


class Instance(Values):
    """A machine of one person, which stops by itself: where people experiment, unless said otherwise."""

    vm_size: str = Field(description="Azure's name of the machine size, such as `Standard_DS3_v2`.")
    user: ObjectId = Field(description="The Entra object id of the one person who can open it.")
    description: str = Field(default="", max_length=256, description="What it is for.")
    idle_time: IdleTime = Field(default="PT30M", description="How long it idles before it stops: `PT15M` to `PT72H`.")
    stop_at: CronOrNever = Field(default="0 19 * * *", description="When it stops, whatever it does.")
    start_at: Cron | None = Field(default=None, description="When it starts by itself.")
    time_zone: str = Field(
        default="UTC", min_length=1, max_length=64, description="Windows' name of the time zone of both."
    )
    subnet: ArmId | None = Field(
        default=None,
        description="The subnet it stands in, if not `network.subnets.compute`; only where `isolationMode` is "
        "`Disabled`.",
    )
    anywhere: bool = Field(default=False, description="Build it although `access.people` is not `experiment`.")

    def contradictions(self) -> Iterator[str]:
        """A size that nobody knows, and an idle time that Azure does not take."""
        yield from unknown_size(self.vm_size)
        if not 15 * 60 <= seconds(self.idle_time) <= 72 * 3600:  # the API's bounds: PT15M to P3D
            yield f"idleTime {self.idle_time!r} is not between 'PT15M' and 'PT72H'"


class Serverless(Values):
    """Machines that Azure ML takes for a job that names no cluster; without this section they are Azure's default."""

    subnet: ArmId | None = Field(
        default=None,
        description="The subnet they stand in, if not `network.subnets.compute`; only where "
        "`isolationMode` is `Disabled`.",
    )
    public_addresses: bool = Field(default=False, description="Whether each gets an address on the internet.")


def seconds(duration: str) -> int:
    """Of an ISO 8601 duration of one unit below a day."""
    return int(duration[2:-1]) * {"S": 1, "M": 60, "H": 3600}[duration[-1]]
