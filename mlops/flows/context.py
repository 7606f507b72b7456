"""What a flow works with, and what a section of a pass answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mlops.domain.claim import Claim
from mlops.domain.declared.facts import Card
from mlops.domain.loop import Change, Loop
from mlops.domain.project import Platform, Project
from mlops.flows.watching import Nobody, Watching
from mlops.ports import Backends, Clock, GoneError, Store
from mlops.post import Channel, EventSource


@dataclass(frozen=True, kw_only=True)
class Generation:
    """A project as it was applied, with the outside that it is connected to."""

    project: Project
    platform: Platform
    backends: Backends
    read_card: Callable[[Path], Card]  # raises RefusedError

    @property
    def endpoint(self) -> str:
        """The endpoint's name in Azure."""
        return self.platform.endpoints_for(self.project.deployment)[self.project.deployment.endpoint]

    @property
    def registry(self) -> str:
        """The registry that environments share; empty: none."""
        promotion = self.project.promotion
        return (promotion.registry or self.platform.registry) if promotion else ""


def no_sources(_: Generation) -> Mapping[str, EventSource]:
    """Nothing tells this loop anything: it looks by itself."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Context:
    """One project's loop and all that it touches.  `generation` opens a generation; an attempt keeps its own."""

    name: str
    clock: Clock
    store: Store
    generation: Callable[[int], Generation]
    sources: Callable[[Generation], Mapping[str, EventSource]] = no_sources  # of events, by name
    channels: Callable[[Generation], Mapping[str, Channel]] | None = None  # by name; None: another process tells
    watching: Watching = field(default_factory=Nobody)
    claim: Claim | None = None  # None: nobody else can be at work


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something was done: an effect (`did`), a change of state, or an effect whose result the change remembers."""

    did: str = ""
    change: Change | None = None


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Nothing to do now: an operation outside is under way, or nothing is due before `until`."""

    operation: bool = False
    until: datetime | None = None


Section = Step | Wait
NOTHING = Wait()


def must_be_here(loop: Loop) -> None:
    """Raise GoneError where a project was removed."""
    if loop.removed is not None:
        when = f"{loop.removed.at:%Y-%m-%d %H:%M} by {loop.removed.actor}: {loop.removed.reason}"
        raise GoneError(f"{loop.project} was removed on {when}; apply its file to have it back")
