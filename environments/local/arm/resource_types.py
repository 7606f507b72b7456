"""What a service declares about a resource type; the generic machinery (`lifecycle.py`) does the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from environments.local.arm.store import Body, Resource, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from environments.local.accounts import Accounts
    from environments.local.arm.faults import Faults
    from environments.local.arm.identity import Identities, Principal
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.operations import Operations
    from environments.local.clock import Clock
    from environments.local.home import Home
    from environments.local.settings import Ports, Settings

__all__ = ["Action", "Body", "Context", "Reply", "Request", "Resource", "ResourceType", "Runner"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to the resource manager, parsed.

    For a list, `id` is the parent; for an action, the resource that it is done to.
    """

    id: ResourceId
    api_version: str
    body: Body
    query: Mapping[str, str]
    principal: Principal


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: status, JSON body (None: empty) and headers beyond the usual ones."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Runner(Protocol):
    """What runs jobs, deployments and schedules; made and stopped by the server."""

    def start(self) -> None:
        """Take up what was under way when the last server ended."""

    def stop(self) -> None:
        """End the threads; processes of jobs and deployments go on or end as the runner sees fit."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the functions of a resource type may use."""

    store: Store
    operations: Operations
    home: Home
    settings: Settings
    ports: Ports
    clock: Clock
    accounts: Accounts
    identities: Identities
    faults: Faults
    types: Mapping[str, ResourceType]
    """Every served type, by its lower-cased name."""
    runner: Any = None
    """The `Runner` of `environments.local.machine_learning`; None in servers without one."""


def _accept(_context: Context, _request: Request) -> None:
    """Have no rule beyond the schema."""


def _as_sent(_context: Context, request: Request, _existing: Body | None) -> Body:
    return request.body


def _as_stored(_context: Context, resource: Resource) -> Body:
    return resource.body


def _those_of(of_type: str) -> Callable[[Context, Request], list[Resource]]:
    """Those directly below; of a whole subscription, those in all its groups."""

    def listed(context: Context, request: Request) -> list[Resource]:
        if request.id.namespace is None and request.id.resource_group is None:
            return context.store.below(request.id, of_type)
        return context.store.children(request.id, of_type)

    return listed


@dataclass(frozen=True, kw_only=True)
class Action:
    """A POST on a resource, such as `listKeys`."""

    run: Callable[[Context, Request], Reply]
    """Answers.  When `long_running`: checks and raises ArmError, and its reply is ignored."""
    on_missing: bool = False
    """Whether it may be done to a resource that does not exist (yet)."""
    later: Callable[[Context, Request], None] | None = None
    """The long part, in a worker thread; runs again from the start if the server was killed meanwhile."""

    @property
    def long_running(self) -> bool:
        """Whether it answers 202 and an operation to poll."""
        return self.later is not None


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One resource type.  Everything but its name has a default that suits a plain record."""

    type: str
    """As Azure writes it: `Microsoft.MachineLearningServices/workspaces/jobs`."""
    check: Callable[[Context, Request], None] = _accept
    """References and rules of a PUT or PATCH; raises ArmError before anything is written."""
    fill: Callable[[Context, Request, Body | None], Body] = _as_sent
    """(…, what is stored now) -> what is to be stored: the server's defaults, ids, keys.  Must not change its input."""
    show: Callable[[Context, Resource], Body] = _as_stored
    """Stored -> answered: live status in, secrets out.  Must not change its input."""
    made: Callable[[Context, Resource], None] | None = None
    """After a PUT or PATCH was stored.  When `long_running`, in a worker thread after the reply: an ArmError ends the
    operation as Failed; it runs again if the server was killed meanwhile.  Else before the reply."""
    removing: Callable[[Context, Resource], None] | None = None
    """Before a deletion, also when the parent goes: refuse with ArmError (only when asked for directly: see
    `lifecycle.remove`) or release what the resource holds."""
    removable: Callable[[Context, Resource], None] | None = None
    """Refuses a direct deletion with ArmError, before anything happens; not asked when the parent goes."""
    listed: Callable[[Context, Request], list[Resource]] | None = None
    """Chooses what a GET on the collection answers, before the generic `$top` and `$orderBy`."""
    answered: Callable[[Context, Request], Reply] | None = None
    """Answers a GET on a collection that is no collection of resources, such as `usages`; `request.id` is above it."""
    long_running: bool = False
    """PUT answers 201 or 200 and DELETE 202, with `Azure-AsyncOperation` to poll."""
    delete_long_running: bool = False
    """Only DELETE answers 202, as for resource groups."""
    put_status: int | None = None
    """The one status a PUT answers, where the SDK takes no other."""
    immutable: Callable[[Body], Any] | None = None
    """The part of the `properties` that may not change once written."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """By the POST's last segment, in lower case."""
    versions_of: str | None = None
    """For `…/versions` types: the type of the container whose `latestVersion` and `nextVersion` are kept."""
    parents_checked: bool = True
    """Whether a PUT needs its parent to exist."""
    references_checked: bool = True
    """Whether every resource id in the body must be that of something that exists."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Properties filled in where the body has none."""

    def listing(self) -> Callable[[Context, Request], list[Resource]]:
        """How its collection is listed."""
        return self.listed or _those_of(self.type)
