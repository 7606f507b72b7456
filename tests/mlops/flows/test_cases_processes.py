"""Failure cases of the control loop by their numbers: processes, their answers and their store (`test_cases.py`)."""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest

from mlops.backends.store.database import Database, in_memory
from mlops.domain.claim import Claim
from mlops.domain.loop import Change, Loop, Outcome
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import ConflictError, OutsideError, StateError
from tests.fakes.seams import Killed, Seams
from tests.mlops.flows.scenes import always, better, drifts, serving
from tests.mlops.flows.test_kill import QUICK, _connection, _context
from tests.mlops.rig import DAY, Rig

T = TypeVar("T")


class Lossy(Seams):
    """The first call of each kind fails, and of the others about every third: before it happened, or after, unheard."""

    def __init__(self, *, happens: bool) -> None:
        super().__init__()
        self._happens = happens
        self._chance = random.Random(5)  # noqa: S311 - the same every time
        self.calls: Counter[str] = Counter()

    def around(self, name: str, call: Callable[[], T]) -> T:
        self.calls[name] += 1
        if self.calls[name] > 1 and self._chance.random() > 0.3:
            return call()
        if self._happens:
            call()
        raise OutsideError(f"{name}: no answer")


@dataclass(frozen=True)
class Ended:
    """What came of a life, outside and in the store."""

    created: list[str]
    deleted: list[str]
    submitted: list[str]
    shifts: list[tuple[dict[str, int], dict[str, int]]]
    outcomes: list[Outcome]
    calls: set[str] = field(compare=False)


def _lived(folder: Path, seams: Seams | None) -> Ended:
    """A first model, a better one that is promoted, one that fails and is rolled back."""
    rig = Rig(folder=folder, text=QUICK)
    world = rig.world
    world.looks, world.holdout, world.accuracy = 1, 200, {"2": 0.9, "3": 0.99}
    world.readings["drift"] = always(0.5)
    world.readings["accuracy"] = always(0.7)
    world.seams = seams or world.seams
    for _ in range(200):
        for _ in range(100):
            rollout = rig.loop.rollout
            if rig.loop.attempts == 3 and rollout is not None:
                world.error_rate[rollout.deployment] = 1.0
            done = reconcile(rig.context)
            if not done.acted and done.waiting_for != "operation":
                break
        if rig.loop.last is not None and rig.loop.last.number == 3 and not rig.loop.retired:
            break
        world.clock.advance(DAY)
    return Ended(
        created=[_short(each) for each in world.created],
        deleted=[_short(each) for each in world.deleted],
        submitted=[_short(plan.name) for plan in world.submitted],
        shifts=[(_short_all(traffic), _short_all(mirror)) for traffic, mirror in world.shifts],
        outcomes=[each.outcome for each in rig.store.attempts("rain") if each.outcome],
        calls=set(seams.calls) if isinstance(seams, Lossy) else set(),
    )


def _short(name: str) -> str:
    """Without the digest of what asked: which of two triggers is heard first is chance where calls are lost."""
    return name.rsplit("-", 1)[0]


def _short_all(shares: dict[str, int]) -> dict[str, int]:
    return {_short(name): share for name, share in shares.items()}


@pytest.mark.parametrize("happens", [False, True], ids=["the question is lost", "the answer is lost"])
def test_case_5_calls_of_each_kind_are_lost_and_it_ends_as_if_none_were(tmp_path: Path, *, happens: bool) -> None:
    undisturbed = _lived(tmp_path / "undisturbed", None)
    lossy = _lived(tmp_path / "lossy", Lossy(happens=happens))

    assert undisturbed.outcomes == [Outcome.PROMOTED, Outcome.PROMOTED, Outcome.ROLLED_BACK]
    assert lossy == undisturbed
    assert {"set_traffic", "ensure_deployment", "delete_deployment", "submit", "models.ensure"} <= lossy.calls


@dataclass
class Two:
    """A controller that hangs at a moment, and another that goes on."""

    rig: Rig
    asleep: Callable[[], object] | None = None

    def pass_by(self, days: int) -> None:
        for _ in range(days):
            self.rig.world.clock.advance(DAY)
            self.settle()

    def settle(self) -> None:
        context = _context(self.rig, self.rig.world, self.rig.store)
        for _ in range(100):
            try:
                done = reconcile(context)
            except Killed:
                self.asleep, self.rig.world.seams.late = self.rig.world.seams.late, None
                continue
            if not done.acted and done.waiting_for != "operation":
                return

    def hang(self, before: str) -> None:
        """Go on until a controller hangs before such a call."""
        world = self.rig.world
        world.seams = _HangsBefore(before)
        for _ in range(60):
            if self.asleep is not None:
                break
            self.pass_by(1)
        world.seams = Seams()

    def wake(self) -> None:
        """It makes the call that it was about to make, whatever happened meanwhile."""
        assert self.asleep is not None
        self.asleep()


class _HangsBefore(Seams):
    """Hangs before the first call of a kind."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def around(self, name: str, call: Callable[[], T]) -> T:
        if name == self._name and self.late is None:
            self._name, self.late = "", call
            raise Killed(f"hangs before {name}")
        return call()


@pytest.fixture
def two(tmp_path: Path) -> Two:
    rig = Rig(folder=tmp_path, text=QUICK)
    rig.world.looks, rig.world.holdout = 1, 200
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.decisions.clear()
    drifts(rig)
    better(rig)
    return Two(rig)


def test_case_10_traffic_that_a_late_controller_sets_is_put_right_at_the_next_look(two: Two) -> None:
    two.hang("set_traffic")
    two.rig.until("champion promoted")
    champion = next(iter(two.rig.world.traffic))
    right = (dict(two.rig.world.traffic), dict(two.rig.world.mirror))
    assert two.rig.store.attempts("rain")[-1].outcome is Outcome.PROMOTED
    two.wake()
    assert (two.rig.world.traffic, two.rig.world.mirror) != right
    two.pass_by(8)  # one look at the endpoint: `checkEvery`

    assert (two.rig.world.traffic, two.rig.world.mirror) == ({champion: 100}, {})


def test_case_10_what_a_late_controller_makes_is_collected(two: Two) -> None:
    two.hang("ensure_deployment")
    commands.abort(two.rig.context, "ada", "enough")
    two.pass_by(3)
    two.rig.world.readings["drift"] = always(0.0)
    two.pass_by(20)
    champion = two.rig.loop.champion
    assert champion is not None
    two.wake()
    assert len(two.rig.world.deployments) == 2
    two.pass_by(9)

    assert set(two.rig.world.deployments) == {champion.deployment}
    assert two.rig.world.traffic == {champion.deployment: 100}


def test_case_10_what_a_late_controller_saves_is_dropped(two: Two) -> None:
    two.hang("save")
    two.rig.until("champion promoted")
    loop = two.rig.loop
    with pytest.raises(ConflictError):
        two.wake()

    assert two.rig.loop == loop


class Raced(Database):
    """A store in which somebody else saves right before a save that the test waits for."""

    before: Callable[[Change], Callable[[], object] | None]

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        meanwhile = self.before(change)
        if meanwhile is not None:
            meanwhile()
        return super().save(change, claim)


def test_case_19_an_abort_right_before_the_promotion_is_saved_wins(rig: Rig) -> None:
    serving(rig)
    champion = rig.loop.champion
    raced = Raced(rig.store._engine, rig.store._turns, "memory")
    aborts: list[str] = []

    def abort() -> None:
        aborts.append("now")
        commands.abort(rig.context, "ada", "stop")

    raced.before = lambda change: (
        abort if not aborts and any(said.what == "promoted" for said in change.decisions) else None
    )
    context = replace(rig.context, store=raced)
    for _ in range(200):
        done = reconcile(context)
        if not done.acted and done.waiting_for != "operation":
            if rig.loop.attempt is None:
                break
            rig.world.clock.advance(DAY)

    assert aborts == ["now"]
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED
    assert rig.loop.champion == champion
    assert champion is not None
    assert rig.world.traffic == {champion.deployment: 100}


def test_case_19_an_abort_after_the_promotion_finds_nothing_to_abort(rig: Rig) -> None:
    serving(rig)
    rig.until("champion promoted")
    with pytest.raises(commands.NotPossibleError, match="nothing of rain is under way"):
        commands.abort(rig.context, "ada", "stop")


def test_case_22_a_store_that_fails_at_any_save_leaves_a_loop_that_goes_on(two: Two) -> None:
    class Failing(Seams):
        saves = 0

        def around(self, name: str, call: Callable[[], T]) -> T:
            if name == "save":
                Failing.saves += 1
                if Failing.saves % 3:
                    raise StateError("disk I/O error")
            return call()

    rig = two.rig
    rig.world.seams = Failing()
    context = _context(rig, rig.world, rig.store)
    for _ in range(2000):
        try:
            done = reconcile(context)
        except StateError:
            continue
        if not done.acted and done.waiting_for != "operation":
            if rig.loop.last is not None and rig.loop.last.number == 2:
                break
            rig.world.clock.advance(DAY)

    assert Failing.saves > 30
    assert [each.outcome for each in rig.store.attempts("rain")] == [Outcome.PROMOTED, Outcome.PROMOTED]
    assert len(rig.world.submitted) == len(rig.world.created) == 2


@pytest.mark.parametrize("days", [1, 4, 30])
def test_case_22_a_backup_of_mid_rollout_that_is_put_back_looks_again(two: Two, days: int) -> None:
    """What the loop did after the backup it finds done; the candidate that it knows of is the one that is there."""
    rig = two.rig
    rig.until("rollout started")
    backup = _connection(rig.store).serialize()
    two.pass_by(days)
    rig.store.close()
    rig.store = in_memory()
    _connection(rig.store).deserialize(backup)
    rig.world.readings |= {"drift": always(0.0), "accuracy": always(0.9)}
    two.pass_by(40)
    champion = rig.loop.champion

    assert champion is not None
    assert champion.model.version == "2"
    assert rig.loop.attempt is None
    assert rig.world.traffic == {champion.deployment: 100}
    assert set(rig.world.deployments) == {champion.deployment}
    assert len({plan.name for plan in rig.world.submitted}) == len(rig.world.submitted)


def test_case_23_a_phase_of_a_newer_program_is_left_alone_by_name(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=QUICK, state=tmp_path / "state.sqlite3")
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.decisions.clear()
    serving(rig)
    known, unknown = f'"phase":"{_phase(rig)}"', '"phase":"levitating"'
    _write(rig, known, unknown)
    before = (dict(rig.world.traffic), list(rig.world.created), list(rig.world.submitted))
    for _ in range(3):
        rig.world.clock.advance(DAY)
        with pytest.raises(StateError, match="levitating"):
            reconcile(rig.context)
    assert (rig.world.traffic, rig.world.created, rig.world.submitted) == before
    _write(rig, unknown, known)  # the program that knows it

    rig.until("champion promoted")


def _phase(rig: Rig) -> str:
    assert rig.loop.rollout is not None
    return rig.loop.rollout.phase.value


def _write(rig: Rig, old: str, new: str) -> None:
    assert rig.state is not None
    with closing(sqlite3.connect(rig.state)) as connection, connection:
        (state,) = connection.execute("select state from loop").fetchone()
        assert old in state, state
        connection.execute("update loop set state = ?", (state.replace(old, new),))
