"""Azure resource ids: read from a path, compared without case, kept as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"
_SUBSCRIPTION = "Microsoft.Resources/subscriptions"
_TENANT = "Microsoft.Resources/tenants"
_PAIR = 2


@dataclass(frozen=True)
class ResourceId:
    """The path of one resource, without a trailing slash; the empty text is the tenant itself.

    Two ids that differ only in case name the same resource: compare and store by `key`.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @cached_property
    def key(self) -> str:
        """The id in lower case: what the store is keyed by."""
        return self.text.lower()

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The parts between the slashes."""
        return tuple(part for part in self.text.split("/") if part)

    @cached_property
    def _provider_at(self) -> int | None:
        """Where the last `providers` segment stands in a key position."""
        at = [i for i in range(0, len(self.segments) - 1, _PAIR) if self.segments[i].lower() == "providers"]
        return at[-1] if at else None  # a list of providers ends in the word, and names none

    @cached_property
    def namespace(self) -> str | None:
        """The resource provider, such as `Microsoft.Storage`; None for groups and subscriptions."""
        at = self._provider_at
        return self.segments[at + 1] if at is not None else None

    @cached_property
    def _tail(self) -> tuple[str, ...]:
        at = self._provider_at
        return self.segments if at is None else self.segments[at + _PAIR :]

    @cached_property
    def type(self) -> str:
        """The resource type, such as `Microsoft.MachineLearningServices/workspaces/jobs`, in the id's own case."""
        if self.namespace is not None:
            return "/".join((self.namespace, *self._tail[::_PAIR]))
        if self.resource_group is not None:
            return _RESOURCE_GROUP
        return _SUBSCRIPTION if self.subscription is not None else _TENANT

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names along the type's segments: for a job, those of its workspace and of the job."""
        if self.namespace is not None:
            return self._tail[1::_PAIR]
        return self.segments[-1:]

    @property
    def name(self) -> str:
        """The last name; empty for the tenant."""
        return self.names[-1] if self.names else ""

    @cached_property
    def subscription(self) -> str | None:
        """The subscription that it lies in, if any."""
        return self._named("subscriptions", 0)

    @cached_property
    def resource_group(self) -> str | None:
        """The resource group that it lies in, if any."""
        return self._named("resourcegroups", _PAIR) if self.subscription is not None else None

    def _named(self, word: str, at: int) -> str | None:
        here = self.segments[at : at + _PAIR]
        return here[1] if len(here) == _PAIR and here[0].lower() == word else None

    @cached_property
    def parent(self) -> ResourceId | None:
        """What it lies in: the resource above, the scope it extends, its group, its subscription; None at the top."""
        at = self._provider_at
        if at is not None and len(self.segments) > at + 2 * _PAIR:
            return ResourceId("/" + "/".join(self.segments[:-_PAIR]))
        above = self.segments[:at] if at is not None else self.segments[:-_PAIR]
        return ResourceId("/" + "/".join(above)) if above else (ResourceId("") if self.segments else None)

    @property
    def is_resource(self) -> bool:
        """Whether it names one resource, not a collection or an action."""
        whole = len(self.segments) % _PAIR == 0
        return whole and (self._provider_at is None or len(self._tail) > 0)

    def child(self, kind: str, name: str) -> ResourceId:
        """The id of a resource below this one, such as `child("jobs", "j1")`."""
        return ResourceId(f"{self.text}/{kind}/{name}")

    def within(self, other: ResourceId) -> bool:
        """Whether it lies below the other (or is it)."""
        return self.key == other.key or self.key.startswith(other.key + "/")


def parse(path: str) -> ResourceId:
    """Read a path; empty and doubled slashes are dropped."""
    segments = [part for part in path.split("/") if part]
    return ResourceId("/" + "/".join(segments) if segments else "")


def workspace_of(found: ResourceId) -> ResourceId:
    """The workspace (or registry) that an Azure ML resource lies in: its first type and name."""
    at = found.key.find("/providers/microsoft.machinelearningservices/")
    if at < 0:
        return found
    head = [part for part in found.text[at:].split("/") if part][: 2 * _PAIR]
    return ResourceId(found.text[:at] + "/" + "/".join(head))
