"""The only place that chooses backends."""

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.domain.project import Platform, Project
from mlops.flows.context import Context, Generation
from mlops.flows.inbox import Drained, drain
from mlops.flows.reconcile import Pass, reconcile
from mlops.ports import Applied, Backends, Clock, OutsideError, RefusedError, StateError, Store

if TYPE_CHECKING:
    from datetime import datetime

    from mlops.domain.decision import Recorded
    from mlops.domain.facts import Card
    from mlops.domain.loop import Attempt, Loop, Measured, Rollout
    from mlops.domain.world import Answer
    from mlops.post import Channel, EventSource

STATE_FILE = "state.sqlite3"

Connect = Callable[[Project, Platform, Clock, Path], Backends]


Say = Callable[[str], None]


def open_store(home: Path, say: Say | None = None) -> Store:
    """The state in a folder, made if need be.  Raises StateError.

    With `say`, the state of an older program is brought up to date first, and a line is said; else it is refused.
    """
    from mlops.backends.store.database import open_sqlite, upgrade_sqlite  # noqa: PLC0415 - SQLAlchemy takes a while

    path = home / STATE_FILE
    if say is not None and path.is_file() and _is_older(path):
        with only_controller(home):  # an older controller must not be at work on it
            done = upgrade_sqlite(path)
        if done:
            say(done)
    return open_sqlite(path)


def _is_older(path: Path) -> bool:
    from mlops.backends.store.reading import read_revision  # noqa: PLC0415
    from mlops.backends.store.revisions import Shape, shape  # noqa: PLC0415

    return shape(read_revision(path)) is Shape.OLDER


def read_loop(home: Path, project: str | None = None) -> "Loop":
    """Where a loop stands, quickly and without writing anything.  Raises StateError."""
    from mlops.backends.store.reading import read_loops  # noqa: PLC0415

    _must_exist(home)
    loops = {loop.project: loop for loop in read_loops(home / STATE_FILE)}
    return loops[_name(tuple(loops), project)]


def _must_exist(home: Path) -> None:
    if not (home / STATE_FILE).is_file():
        raise StateError(f"there is no state in {home}: run mlops apply -f project.yaml, or name its --home")


def open_clock(name: str) -> Clock:
    """`system` or a URL.  Raises ValueError."""
    from mlops.backends.clock import open_clock as open_named  # noqa: PLC0415

    return open_named(name)


def _connect_azure(project: Project, platform: Platform, clock: Clock, home: Path) -> Backends:
    # Imported when needed: azure-ai-ml takes a second.
    connect: Connect = import_module("mlops.backends.azure_ml").connect
    return connect(project, platform, clock, home)


def open_loop(
    home: Path,
    clock: Clock | str = "system",
    project: str | None = None,
    connect: Connect = _connect_azure,
    say: Say | None = None,
) -> "OpenLoop":
    """Open an applied project's loop; `project` is needed when the home has several, `say` as in `open_store`.

    Raises StateError.
    """
    _must_exist(home)
    store = open_store(home, say)
    name = _name(store.projects(), project)
    return OpenLoop(store, open_clock(clock) if isinstance(clock, str) else clock, name, home, connect)


def _name(names: tuple[str, ...], wanted: str | None) -> str:
    if wanted in names or (wanted is None and len(names) == 1):
        return wanted or names[0]
    if not names:
        raise StateError("no project is applied here: run mlops apply -f project.yaml, or name its --home")
    asked = f"there is no project {wanted!r}" if wanted else "several projects are applied here"
    raise StateError(f"{asked}: name one of {', '.join(names)} with --project")


class OpenLoop:
    """One project's loop, opened for passes, orders and reading."""

    def __init__(self, store: Store, clock: Clock, project: str, home: Path, connect: Connect) -> None:
        self.store = store
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
        with only_controller(self._home):
            drained = Drained() if self._acting else drain(self.context)
            done = reconcile(self.context)
        self._acting = done.acted
        return replace(done, trouble=(*drained.trouble, *done.trouble))

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
            backends = self._connect(project, applied.platform, self.context.clock, self._home)
            self._generations[number] = Generation(
                project=project, platform=applied.platform, backends=backends, read_card=read_card
            )
        return self._generations[number]


def _channels(generation: Generation) -> "Mapping[str, Channel]":
    from mlops.backends.channels import open_channels  # noqa: PLC0415 - most passes tell nobody

    return open_channels(generation.project)


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


@contextmanager
def only_controller(home: Path) -> Iterator[None]:
    """One controller a home at a time; the lock goes with its process, however that ends.  Raises StateError."""
    try:
        lock = os.open(home / "controller.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError(f"{home} cannot be written: {error.strerror}; free space or choose another --home") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(f"another controller works in {home}: end it, or let it work") from error
        yield
    finally:
        os.close(lock)


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
