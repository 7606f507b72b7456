"""The only place that chooses backends."""

import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING

from mlops.domain.project import Platform, Project
from mlops.flows.context import Context, Generation
from mlops.flows.controller import Hold, next_look, sooner
from mlops.flows.guard import guarded
from mlops.flows.inbox import Drained, drain
from mlops.flows.reconcile import Pass, reconcile
from mlops.flows.watching import Watching
from mlops.keeping import STATE_FILE, Say, must_exist, named, only_controller, open_store, read_loop
from mlops.ports import Applied, Backends, Clock, OutsideError, RefusedError, StateError, Store

if TYPE_CHECKING:
    from datetime import datetime

    from mlops.domain.declared.facts import Card
    from mlops.domain.loop import Attempt, Loop, Measured, Rollout
    from mlops.domain.records.decision import Recorded
    from mlops.domain.world import Answer
    from mlops.post import Channel, EventSource
    from mlops.simulation.results import Result

__all__ = [
    "STATE_FILE",
    "Connect",
    "OpenLoop",
    "Say",
    "connect_azure",
    "only_controller",
    "open_clock",
    "open_loop",
    "open_loops",
    "open_store",
    "read_loop",
    "simulate",
]

_LISTEN = timedelta(seconds=30)
"""How often a project's sources of events are asked."""
Connect = Callable[[Project, Platform, Clock, Path], Backends]


def open_clock(name: str) -> Clock:
    """`system` or a URL.  Raises ValueError."""
    from mlops.backends.clock import open_clock as open_named  # noqa: PLC0415

    return open_named(name)


def connect_azure(project: Project, platform: Platform, clock: Clock, home: Path) -> Backends:
    """Azure, as a generation of a project sees it."""
    # Imported when needed: azure-ai-ml takes a second.
    connect: Connect = import_module("mlops.backends.azure_ml").connect
    return connect(project, platform, clock, home)


def open_loop(
    home: Path,
    clock: Clock | str = "system",
    project: str | None = None,
    connect: Connect = connect_azure,
    say: Say | None = None,
    *,
    url: str = "",
) -> "OpenLoop":
    """Open an applied project's loop; `project` is needed when the home has several.

    `say` and `url` are as in `open_store`.  Raises StateError.
    """
    return _all(home, clock, lambda names: (named(names, project),), connect, say=say, url=url)[0]


def open_loops(
    home: Path, clock: str, project: str | None, *, say: Say | None = None, url: str = ""
) -> "tuple[OpenLoop, ...]":
    """Open one project's loop, or those of all.  Raises StateError."""

    def which(names: tuple[str, ...]) -> tuple[str, ...]:
        return names if project is None and names else (named(names, project),)

    return _all(home, clock, which, connect_azure, say=say, url=url)


def _all(
    home: Path,
    clock: Clock | str,
    which: Callable[[tuple[str, ...]], tuple[str, ...]],
    connect: Connect,
    *,
    say: Say | None,
    url: str,
) -> "tuple[OpenLoop, ...]":
    must_exist(home, url)
    store = open_store(home, say, url, own_time=clock == "system")
    time = open_clock(clock) if isinstance(clock, str) else clock
    return tuple(OpenLoop(store, time, name, home, connect, shared=bool(url)) for name in which(store.projects()))


class OpenLoop:
    """One project's loop, opened for passes, orders and reading."""

    def __init__(
        self, store: Store, clock: Clock, project: str, home: Path, connect: Connect, *, shared: bool = False
    ) -> None:
        """`shared`: other controllers may work with this store, so that each pass needs a claim."""
        self.store = store
        self._shared = shared
        self._held = local()
        self._home = home
        self._connect = connect
        self._generations: dict[int, Generation] = {}
        self._opened: tuple[Generation, Mapping[str, EventSource]] | None = None
        self._acting = False
        self.context = Context(
            name=project,
            clock=clock,
            store=store,
            generation=self._generation,
            sources=self._sources,
            channels=_channels,
        )

    def reconcile(self) -> Pass:
        """One pass; call again while it acted.  Before the first, events are taken in.  Raises StateError."""
        if self._shared:
            return self._claimed()
        with only_controller(self._home):
            return self.step()

    def _claimed(self) -> Pass:
        name, clock = self.context.name, self.context.clock
        claims = self.store.claim(f"{socket.gethostname()} {os.getpid()}", clock.now(), project=name)
        if not claims and self.store.load(name) is not None:
            raise StateError(f"{name} is in the hands of a controller: let it work, or try again in a minute")
        due = clock.now()
        try:
            done = self.step(Hold(claims[0]) if claims else None)
            due = next_look(done, clock.now(), timedelta())
        finally:
            for claim in claims:
                self.store.release(claim, due)
        return done

    def step(self, hold: Hold | None = None) -> Pass:
        """One pass by whoever holds the project.  Raises StateError."""
        self._held.by = hold
        context = replace(self.context, claim=hold.claim if hold else None)
        drained = Drained() if self._acting else drain(context)
        done = reconcile(context)
        self._acting = done.acted
        if hold is not None and not done.acted and self._sources_open():
            done = sooner(done, context.clock.now() + _LISTEN)
        return replace(done, trouble=(*drained.trouble, *done.trouble))

    def _sources_open(self) -> bool:
        return self._opened is not None and bool(self._opened[1])

    def _check(self) -> None:
        hold: Hold | None = getattr(self._held, "by", None)
        if hold is not None:
            hold.check()

    def watch(self, watching: Watching) -> None:
        """Let somebody see each pass from now on."""
        self.context = replace(self.context, watching=watching)

    def drain(self) -> Drained:
        """Take events in; another process may be the controller meanwhile.  Raises StateError."""
        return drain(self.context)

    def state(self) -> "Loop":
        """Where the loop stands.  Raises StateError."""
        loop = self.store.load(self.context.name)
        if loop is None:
            raise StateError(f"there is no project {self.context.name!r} here")
        return loop

    def project(self) -> Project:
        """The newest generation, without connecting to anything."""
        return parsed(self.store.applied(self.context.name, self.state().generation))

    def as_applied(self, number: int) -> tuple[Project, Platform]:
        """A generation and its platform, without connecting to anything."""
        applied = self.store.applied(self.context.name, number)
        return parsed(applied), applied.platform

    def onto(self, number: int, backends: Backends) -> Generation:
        """A generation onto an outside of the caller's.  Raises StateError."""
        from mlops.spec.errors import ProjectFileError  # noqa: PLC0415

        try:
            project, platform = self.as_applied(number)
        except ProjectFileError as error:
            raise StateError(f"generation {number} of {self.context.name} cannot be read any more: {error}") from error
        return Generation(project=project, platform=platform, backends=backends, read_card=read_card)

    def backends(self) -> Backends:
        """The outside of the newest generation."""
        return self._generation(self.state().generation).backends

    def decisions(self, after: int = 0) -> "tuple[Recorded, ...]":
        """The log, oldest first."""
        return self.store.decisions(self.context.name, after)

    def measured(self) -> "tuple[Measured, ...]":
        """All measurements, oldest first."""
        return self.store.measured(self.context.name)

    def attempts(self) -> "tuple[Attempt, ...]":
        """All attempts, oldest first."""
        return self.store.attempts(self.context.name)

    def rollouts(self) -> "tuple[tuple[int, Rollout], ...]":
        """All rollouts by attempt."""
        return self.store.rollouts(self.context.name)

    def answers(self, start: "datetime", end: "datetime") -> "tuple[Answer, ...]":
        """What the endpoint answered in that event time, with truth where it is known."""
        from mlops.domain.world import Window  # noqa: PLC0415

        return self.backends().data.answers(self.project().data, Window(start=start, end=end))

    def _sources(self, generation: Generation) -> "Mapping[str, EventSource]":
        from mlops.backends.events import open_sources  # noqa: PLC0415 - most projects have none

        if self._opened is None or self._opened[0] is not generation:
            opened = open_sources(generation.project, generation.platform, self.context.clock)
            self._opened = (generation, opened)
        return self._opened[1]

    def _generation(self, number: int) -> Generation:
        if number not in self._generations:
            applied = self.store.applied(self.context.name, number)
            project = parsed(applied)
            backends = guarded(self._connect(project, applied.platform, self.context.clock, self._home), self._check)
            self._generations[number] = Generation(
                project=project, platform=applied.platform, backends=backends, read_card=read_card
            )
        return self._generations[number]


def _channels(generation: Generation) -> "Mapping[str, Channel]":
    from mlops.backends.channels import open_channels  # noqa: PLC0415 - most passes tell nobody

    return open_channels(generation.project)


def simulate(files: tuple[Path, ...], scenario: Path | None, *, days: int, seed: int) -> "tuple[Result, ...]":
    """Let versions of a project file live in one made-up world, each with a store of its own.

    Raises ProjectFileError, StateError.
    """
    from mlops.backends.store.database import in_memory  # noqa: PLC0415
    from mlops.simulation import reading, run  # noqa: PLC0415

    world = reading.read_world(scenario)
    versions = reading.read_versions(files)  # all of them, before the first begins
    return tuple(run.simulate(each, world, in_memory, read_card, days=days, seed=seed) for each in versions)


def read_card(path: Path) -> "Card":
    """A model card as it is now.  Raises RefusedError."""
    from mlops.spec.card import read_card as read  # noqa: PLC0415
    from mlops.spec.errors import ProjectFileError  # noqa: PLC0415

    try:
        return read(path)
    except ProjectFileError as error:
        raise RefusedError(f"the model card cannot be used: {error}") from error


def parsed(applied: Applied) -> Project:
    """The project file of a generation, read again."""
    from mlops.spec.read import applied_project  # noqa: PLC0415 - pydantic and ruamel take a while to import

    return applied_project(applied.text, Path(applied.path))


def stack_outputs(stack: str) -> str:
    """`pulumi stack output --json` of a stack, from the folder that has Pulumi.yaml.  Raises OutsideError."""
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise OutsideError(f"pulumi cannot be started ({error.strerror}): give --platform outputs.json") from error
    if done.returncode:
        raise OutsideError(f"{' '.join(command)} failed: {done.stderr.strip()}")
    return done.stdout
