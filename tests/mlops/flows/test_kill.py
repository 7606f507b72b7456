"""kill -9 at every moment at which a process can die, then the same again: it goes on, and nothing happens twice.

A whole life is lived once, day by day, and each day's start is kept.  Then each day is lived again once for each moment
at which the process can die in it; it must end the day exactly as the undisturbed day ended, outside and in the store.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.backends.store.database import Database, in_memory
from mlops.domain.claim import Claim
from mlops.domain.data.measurement import Measurement
from mlops.domain.loop import Change, Loop
from mlops.domain.records.decision import broken_at
from mlops.flows.context import Context
from mlops.flows.reconcile import reconcile
from tests.fakes.azure import World
from tests.fakes.seams import Killed, Seams
from tests.mlops.rig import DAY, ON_BATCH, PROJECT, Rig, as_batch

# Short steps: the same edges in fewer passes.
QUICK = (
    PROJECT.replace("for: P2D, minSamples: 10", "for: P1D, minSamples: 1")
    .replace("bake: {for: P5D, minSamples: 50", "bake: {for: P1D, minSamples: 1")
    .replace("minSamples: 200, metrics", "minSamples: 200, resamples: 200, metrics")
    .replace("P60D", "P14D")
)

QUICK_BATCH = as_batch(QUICK)


class DyingStore(Database):
    """The real store, whose caller can die before and after a save."""

    seams: Seams

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        return self.seams.around("save", lambda: super(DyingStore, self).save(change, claim))


@dataclass(frozen=True)
class Snapshot:
    """The world and the bytes of the database."""

    world: World
    database: bytes


@dataclass(frozen=True)
class Evening:
    """All that is true at the end of a day."""

    outside: dict[str, Any]
    loop: Loop | None
    decisions: Any
    attempts: Any
    measured: Any


@dataclass(frozen=True)
class Day:
    """A day as it went undisturbed."""

    morning: Snapshot
    moments: int
    evening: Evening


def test_dying_at_any_moment_of_a_promotion_changes_nothing(tmp_path: Path) -> None:
    days = list(_life(tmp_path, failing=False))

    assert _outcomes(days) == [(1, "promoted"), (2, "promoted")]
    _die_everywhere(tmp_path, days, failing=False)


def test_dying_at_any_moment_of_a_rollback_changes_nothing(tmp_path: Path) -> None:
    days = list(_life(tmp_path, failing=True))

    assert _outcomes(days) == [(1, "promoted"), (2, "rolled back")]
    _die_everywhere(tmp_path, days, failing=True)


def test_dying_at_any_moment_of_a_batch_rollout_changes_nothing(tmp_path: Path) -> None:
    days = list(_life(tmp_path, failing=False, batch=True))

    assert _outcomes(days) == [(1, "promoted"), (2, "promoted")]
    scored = [day for day in days if day.morning.world.runs.keys() != day.evening.outside["runs"].keys()]
    assert [len(day.evening.outside["runs"]) for day in scored] == [1, 3]
    _die_everywhere(tmp_path, scored[1:], failing=False, batch=True)


def _outcomes(days: list[Day]) -> list[tuple[int, str]]:
    return [(each.number, each.outcome.value) for each in days[-1].evening.attempts]


def _life(folder: Path, *, failing: bool, batch: bool = False) -> Iterator[Day]:
    """From an empty store to the end of the second attempt, the old deployment collected."""
    rig = _rig(folder, batch=batch)
    world = rig.world
    world.looks, world.holdout, world.accuracy = 1, 200, {"2": 0.9}
    world.readings["accuracy"] = lambda q: Measurement(monitor=q.monitor.name, value=0.7, samples=50)
    world.readings["drift"] = lambda q: Measurement(monitor=q.monitor.name, value=0.5, samples=50)
    for _ in range(100):
        morning = Snapshot(world=copy.deepcopy(world), database=_connection(rig.store).serialize())
        world.seams = Seams()
        _settle(_context(rig, world, rig.store), world, failing=failing)
        evening = _evening(world, rig.store)
        yield Day(morning=morning, moments=world.seams.passed, evening=evening)
        loop = evening.loop
        if loop is not None and loop.last is not None and loop.last.number == 2 and not loop.retired:
            return
        world.clock.advance(DAY if loop is not None and loop.attempt is not None else 7 * DAY)
    pytest.fail(f"the life does not end: {rig.story()[-5:]}")


def _rig(folder: Path, *, batch: bool) -> Rig:
    if not batch:
        return Rig(folder=folder, text=QUICK)
    return Rig(folder=folder, text=QUICK_BATCH, platform=ON_BATCH, world=World(batch=True))


def _die_everywhere(folder: Path, days: list[Day], *, failing: bool, batch: bool = False) -> None:
    rig = _rig(folder, batch=batch)
    assert sum(day.moments for day in days) > (20 if batch else 100)
    for day in days:
        for moment in range(1, day.moments + 1):
            world = copy.deepcopy(day.morning.world)
            world.seams = Seams(kill_at=moment)
            store = in_memory()
            _connection(store).deserialize(day.morning.database)
            context = _context(rig, world, store)
            with pytest.raises(Killed):
                _settle(context, world, failing=failing)
            _settle(context, world, failing=failing)
            assert _evening(world, store) == day.evening, world.seams.trail
            store.close()


def _context(rig: Rig, world: World, store: Database) -> Context:
    dying = DyingStore(store._engine, store._turns, "memory")
    dying.seams = world.seams
    rig.world = world
    return Context(name="rain", clock=world.clock, store=dying, generation=rig._generation)


def _settle(context: Context, world: World, *, failing: bool) -> None:
    for _ in range(200):
        loop = context.store.load("rain")
        if failing and loop is not None and loop.champion is not None and loop.rollout is not None:
            world.error_rate[loop.rollout.deployment] = 1.0
        done = reconcile(context)
        if not done.acted and done.waiting_for != "operation":
            return
    pytest.fail("does not settle")


def _evening(world: World, store: Database) -> Evening:
    records = store.decisions("rain")
    assert broken_at(records) is None
    outside = {
        "created": world.created,
        "deleted": world.deleted,
        "submitted": [plan.name for plan in world.submitted],
        "shifts": world.shifts,
        "traffic": world.traffic,
        "mirror": world.mirror,
        "deployments": world.deployments,
        "models": world.models,
        "datasets": world.datasets,
        "runs": world.runs,
    }
    return Evening(
        outside=copy.deepcopy(outside),
        loop=store.load("rain"),
        decisions=records,
        attempts=store.attempts("rain"),
        measured=store.measured("rain"),
    )


def _connection(store: Database) -> Any:  # noqa: ANN401 - the driver's own
    return store._engine.raw_connection().driver_connection
