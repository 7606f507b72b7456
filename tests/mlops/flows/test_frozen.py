"""A freeze changes nothing outside and hides nothing; what fails still goes back.  A skip ends waiting, not looking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mlops.domain.loop import AttemptPhase, Outcome, RolloutPhase, Word
from mlops.domain.world import DeploymentPhase
from mlops.flows import commands, frozen
from mlops.flows.commands import NotPossibleError
from mlops.flows.reconcile import reconcile
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, Rig

Freeze = Callable[[Rig], None]
Thaw = Callable[[Rig], None]


def one(rig: Rig) -> None:
    frozen.freeze(rig.context, "ada", "incident")


def all_of_them(rig: Rig) -> None:
    frozen.freeze_all([rig.context], "ada", "incident")


def thaw(rig: Rig) -> None:
    if rig.store.frozen():
        frozen.unfreeze_all([rig.context], "ada", "over")
    else:
        frozen.unfreeze(rig.context, "ada", "over")


both = pytest.mark.parametrize("freeze", [one, all_of_them])


def effects(rig: Rig) -> tuple[object, ...]:
    world = rig.world
    made = (world.submitted, world.created, world.deleted, world.shifts, world.datasets, world.models)
    return tuple(len(each) for each in made)


def rolling(rig: Rig, steps: int = 2) -> None:
    """The second model is some steps on its way."""
    drifts(rig)
    better(rig)
    for _ in range(steps):
        rig.until("rollout serving")


@both
def test_nothing_new_begins_and_what_asks_waits(rig: Rig, freeze: Freeze) -> None:
    freeze(rig)
    drifts(rig)
    commands.trigger(rig.context, "bob", "now")
    before = effects(rig)
    rig.days(30)

    assert (effects(rig), rig.loop.attempt) == (before, None)
    assert rig.loop.pending is not None
    assert rig.loop.pending.held == "frozen"
    assert rig.loop.pending.held_why == "frozen by ada: incident"
    assert rig.loop.readings["drift"].value == 0.5  # measuring goes on
    thaw(rig)
    rig.until("attempt started")


@pytest.mark.parametrize("passes", [1, 2, 4, 5, 6, 8, 11])
def test_an_attempt_stands_still_wherever_it_is_and_ends_well_after(rig: Rig, passes: int) -> None:
    drifts(rig)
    better(rig)
    rig.until("trigger held")
    rig.world.clock.advance(90 * DAY)
    rig.world.readings.pop("drift")
    while rig.loop.attempt is None:
        reconcile(rig.context)
    for _ in range(passes):
        reconcile(rig.context)
    one(rig)
    before = effects(rig)
    for _ in range(20):
        reconcile(rig.context)
        rig.world.clock.advance(timedelta(minutes=30))
    attempt = rig.loop.attempt

    assert effects(rig) == before
    assert attempt is not None
    assert attempt.phase is not AttemptPhase.APPROVING
    thaw(rig)
    rig.settle()
    rig.until("champion promoted")


@both
def test_no_weight_moves_forward_and_looking_goes_on(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    freeze(rig)
    before, seen = effects(rig), rig.loop.rollout and rig.loop.rollout.seen
    rig.days(20)
    rollout = rig.loop.rollout

    assert rollout is not None
    assert effects(rig) == before
    assert rollout.seen != seen
    assert rollout.successes > 5
    thaw(rig)
    rig.settle()
    rig.until("champion promoted")


@both
def test_a_candidate_that_fails_still_goes_back(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    champion = rig.loop.champion
    assert champion is not None
    freeze(rig)
    rig.world.error_rate = dict.fromkeys(rig.world.deployments, 0.5)
    rig.until("attempt rolled back")

    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.world.mirror == {}


@both
def test_a_candidate_that_is_lost_still_goes_back(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    freeze(rig)
    rollout = rig.loop.rollout
    assert rollout is not None
    found = rig.world.deployments[rollout.deployment]
    rig.world.deployments[rollout.deployment] = replace(found, phase=DeploymentPhase.FAILED)
    rig.until("attempt rolled back")


@both
def test_a_person_may_still_abort_and_roll_back(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    rig.world.readings.pop("drift")
    rig.until("champion promoted")
    old = rig.store.attempts("rain")[0].candidate
    freeze(rig)
    commands.roll_back(rig.context, "bob", "complaints")
    rig.settle()

    assert rig.loop.champion is not None
    assert rig.loop.champion.model == old


@both
def test_an_abort_ends_an_attempt_that_stands_still(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    freeze(rig)
    commands.abort(rig.context, "bob", "enough")
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED


@both
def test_what_somebody_changed_is_said_once_and_left_so(rig: Rig, freeze: Freeze) -> None:
    champion = next(iter(rig.world.traffic))
    freeze(rig)
    rig.world.traffic = {}
    rig.world.shifts.clear()
    rig.days(20)

    assert (rig.world.traffic, rig.world.shifts) == ({}, [])
    assert rig.story().count("endpoint drifted") == 1
    assert rig.loop.drifted == f"traffic none, not {champion} 100"
    thaw(rig)
    rig.settle()
    assert rig.world.traffic == {champion: 100}


@both
def test_a_champion_that_is_gone_and_traffic_in_a_rollout_are_left_so(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    freeze(rig)
    champion = rig.loop.champion
    assert champion is not None
    rig.world.traffic = {champion.deployment: 100}
    rig.world.mirror = {}
    before = effects(rig)
    rig.days(5)
    assert effects(rig) == before
    rig.world.deployments.pop(champion.deployment)
    rig.days(5)

    assert effects(rig) == before
    assert rig.loop.drifted.startswith("traffic ")


@both
def test_nothing_is_collected(rig: Rig, freeze: Freeze) -> None:
    rolling(rig)
    rig.world.error_rate = dict.fromkeys(rig.world.deployments, 0.5)
    rig.until("attempt rolled back")
    left = sorted(rig.world.deployments)
    freeze(rig)
    rig.days(20)
    assert sorted(rig.world.deployments) == left
    thaw(rig)
    rig.days(2)

    assert len(rig.world.deployments) == 1


def test_the_time_in_which_a_deployment_must_come_up_does_not_run(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.world.looks = 1
    rig.until("trigger held")
    rig.world.clock.advance(90 * DAY)
    while rig.loop.rollout is None:
        reconcile(rig.context)
    one(rig)
    rig.days(10)
    rollout = rig.loop.rollout
    assert rollout is not None
    assert (rollout.phase, rollout.deployment in rig.world.deployments) == (RolloutPhase.DEPLOYING, False)
    thaw(rig)
    rig.settle()
    rig.until("champion promoted")


def test_freezing_twice_and_thawing_what_is_not_frozen_are_told(rig: Rig) -> None:
    with pytest.raises(NotPossibleError, match="rain is not frozen"):
        frozen.unfreeze(rig.context, "ada", "x")
    with pytest.raises(NotPossibleError, match="not all are frozen"):
        frozen.unfreeze_all([rig.context], "ada", "x")
    all_of_them(rig)
    with pytest.raises(NotPossibleError, match="all are frozen already by ada: incident"):
        all_of_them(rig)
    with pytest.raises(NotPossibleError, match="rain is not frozen, but all are, by ada: mlops unfreeze --all"):
        frozen.unfreeze(rig.context, "ada", "x")
    one(rig)
    with pytest.raises(NotPossibleError, match="rain is frozen already by ada: incident"):
        one(rig)
    (said,) = frozen.unfreeze_all([rig.context], "ada", "over")
    assert said.why == "rain: over (still frozen by itself, by ada)"
    assert rig.loop.frozen == Word(actor="ada", at=rig.world.clock.now(), reason="incident")


def test_a_freeze_of_all_is_not_remembered_by_a_loop(rig: Rig) -> None:
    all_of_them(rig)
    drifts(rig)
    rig.days(20)

    assert rig.loop.frozen is None


def waiting(rig: Rig) -> None:
    """In the second canary step; a pass in a row is there, time and requests are missing."""
    rolling(rig, 3)
    rig.world.requests_a_day = 1.0


def test_a_skipped_step_is_left_after_a_look_that_finds_nothing_wrong(rig: Rig) -> None:
    waiting(rig)
    rig.days(4)  # three inconclusive looks are tolerated
    before = rig.loop.rollout
    assert before is not None
    frozen.skip(rig.context, "ada", "the morning is quiet")
    rig.settle()
    after = rig.loop.rollout

    assert after is not None
    assert (after.position, after.skipped) == (before.position + 1, None)
    said = next(row.decision for row in rig.store.decisions("rain") if row.decision.what == "skipped")
    assert (said.actor, said.why, said.numbers["samples"]) == ("ada", "the morning is quiet", before.samples)


@pytest.mark.parametrize("looked", [False, True], ids=["before any look", "after good looks"])
def test_a_skip_promotes_nothing_that_fails(rig: Rig, looked: bool) -> None:  # noqa: FBT001 - a case
    rolling(rig, 3)
    if looked:
        rig.days(1)
    rig.world.error_rate = dict.fromkeys(rig.world.deployments, 0.5)
    frozen.skip(rig.context, "ada", "trust me")
    rig.until("attempt rolled back")

    assert "champion promoted" not in rig.story()[rig.story().index("rollout skipped") :]


def test_what_cannot_be_measured_is_not_skipped(rig: Rig) -> None:
    rolling(rig, 3)
    rig.world.metrics_gone = True
    before = rig.loop.rollout
    frozen.skip(rig.context, "ada", "trust me")
    rig.days(3)

    assert rig.loop.rollout is not None
    assert before is not None
    assert rig.loop.rollout.position == before.position


def test_a_freeze_holds_a_skip(rig: Rig) -> None:
    waiting(rig)
    before = rig.loop.rollout
    one(rig)
    frozen.skip(rig.context, "ada", "trust me")
    rig.days(3)

    assert rig.loop.rollout is not None
    assert before is not None
    assert rig.loop.rollout.position == before.position


def test_only_waiting_can_be_skipped(rig: Rig) -> None:
    with pytest.raises(NotPossibleError, match="nothing of rain is rolled out"):
        frozen.skip(rig.context, "ada", "x")
    waiting(rig)
    frozen.skip(rig.context, "ada", "x")
    with pytest.raises(NotPossibleError, match="ada skipped this step already"):
        frozen.skip(rig.context, "bob", "x")
    commands.abort(rig.context, "ada", "x")
    reconcile(rig.context)
    with pytest.raises(NotPossibleError, match="the rollout is rolling back: that waits for Azure, not for time"):
        frozen.skip(rig.context, "ada", "x")
