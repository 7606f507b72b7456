"""A schedule fires once for each due moment, however often the server is killed or started again meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.ids import parse
from environments.local.machine_learning import schedules
from environments.local.machine_learning.schedules import Schedules
from tests.environments.local.arm.manager import GROUP, manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from environments.local.arm.resource_types import Body, Context, Resource

WORKSPACE = parse(f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws")
DAILY = WORKSPACE.child("schedules", "daily")
BODY = {
    "properties": {
        "isEnabled": True,
        "trigger": {"triggerType": "Recurrence", "frequency": "day", "interval": 1, "startTime": "2030-01-01T18:00:00"},
        "action": {"actionType": "InvokeBatchEndpoint", "endpointInvocationDefinition": {}},
    }
}
DUE = [f"daily-2030010{day}T180000Z" for day in (1, 2, 3)]


class Killed(BaseException):
    """The server ended here."""


@dataclass
class Server:
    """One start of the server; what it starts goes into a list that outlives it."""

    context: Context
    started: list[str]
    killed_after: int = 99  # it dies after it started so many, before it could remember that
    mine: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Fire what is due, as the watching thread does."""
        found = self.context.store.get(DAILY)
        assert found is not None
        made: Any = None  # nothing but batch invocations is started here
        Schedules(self.context, made, self._start)._fire_due(found)

    def _start(self, schedule: Resource, name: str, _definition: Body) -> str:
        assert schedule.id.key == DAILY.key
        self.context.store.put(WORKSPACE.child("jobs", name), {"properties": {"status": "Running"}})
        self.started.append(name)
        self.mine.append(name)
        if len(self.mine) == self.killed_after:
            raise Killed
        return name


@contextmanager
def server(folder: Path, started: list[str], killed_after: int = 99) -> Iterator[Server]:
    """The state is the folder's: each server finds what the one before it left."""
    with manager(folder) as found:
        yield Server(found.context, started, killed_after)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with manager(tmp_path) as found:
        found.context.clock.set(datetime(2030, 1, 1, 12, tzinfo=UTC))
        schedules._made(found.context, found.context.store.put(DAILY, BODY))
        found.context.clock.advance(timedelta(days=3))
    return tmp_path


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_server_killed_while_it_fires_leaves_nothing_out_and_fires_nothing_twice(folder: Path, moment: int) -> None:
    started: list[str] = []
    with server(folder, started, killed_after=moment) as first, pytest.raises(Killed):
        first.look()
    assert started == DUE[:moment]
    for _ in range(2):
        with server(folder, started) as again:
            again.look()

    assert started == DUE


def test_what_was_fired_is_not_fired_again_even_when_its_job_is_gone(folder: Path) -> None:
    started: list[str] = []
    with server(folder, started) as first:
        first.look()
        for name in DUE:
            first.context.store.delete(WORKSPACE.child("jobs", name))
    with server(folder, started) as again:
        again.look()

    assert started == DUE


def test_what_fell_due_while_no_server_ran_is_fired_once(folder: Path) -> None:
    started: list[str] = []
    with server(folder, started) as first:
        first.look()
    with manager(folder) as found:
        found.context.clock.advance(timedelta(days=2))
    for _ in range(2):
        with server(folder, started) as again:
            again.look()

    assert started == [*DUE, "daily-20300104T180000Z", "daily-20300105T180000Z"]
