"""The failure cases of the control loop by their numbers; those of other files are pointed at, and must be there."""

import math
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from mlops.domain.loop import Hold, Outcome, RolloutPhase
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import PROJECT, Rig

ELSEWHERE = {
    7: ("test_rollouts", "test_a_silent_rollback_of_the_platform_is_seen"),
    12: ("test_quota", "test_case_12_no_room_until_the_deadline_rolls_back_with_the_reason_and_no_traffic_moved"),
    13: ("test_load", "test_one_that_does_not_come_up_gets_no_traffic_and_its_bytes_are_not_tried_again"),
    15: ("test_rollouts", "test_rollback_does_not_go_onto_a_champion_that_is_not_ready"),
    17: ("test_interference", "test_where_the_project_says_so_the_attempt_pauses_until_a_person_decides"),
    18: ("test_rollouts", "test_a_rollout_keeps_the_generation_that_it_began_with"),
    19: ("test_rollouts", "test_an_order_that_comes_between_a_look_and_its_save_wins"),
    20: ("test_forward", "test_nobody_in_time_rolls_back_and_the_model_may_be_tried_again"),
    21: ("test_rollouts", "test_a_candidate_that_is_deleted_by_somebody_is_rolled_back"),
}


@pytest.mark.parametrize("number", sorted(ELSEWHERE))
def test_a_case_that_is_pointed_at_is_there(number: int) -> None:
    module, name = ELSEWHERE[number]

    assert callable(getattr(import_module(f"tests.mlops.flows.{module}"), name))


def serving(rig: Rig, times: int = 2) -> str:
    """A rollout that serves (in shadow, then with 10 %), and its candidate."""
    drifts(rig)
    better(rig)
    for _ in range(times):
        rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    return rollout.deployment


def passes(rig: Rig, minutes: int) -> None:
    """So many minutes, a few passes in each."""
    for _ in range(minutes):
        rig.world.clock.advance(timedelta(minutes=1))
        for _ in range(3):
            reconcile(rig.context)


def test_case_6_a_write_that_is_seen_late_is_waited_for_and_nothing_is_measured_before(rig: Rig) -> None:
    candidate = serving(rig)
    rig.world.lag = 4
    while rig.loop.rollout is None or rig.loop.rollout.position < 3:
        rig.days(1)
    seen = []
    for _ in range(12):
        rollout = rig.loop.rollout
        assert rollout is not None
        seen.append((rollout.applied is not None, rig.world.traffic.get(candidate) == 50))
        reconcile(rig.context)

    assert all(visible for applied, visible in seen if applied)
    rig.until("champion promoted")


def test_case_6_a_write_that_is_never_seen_rolls_back_at_the_deadline(rig: Rig) -> None:
    serving(rig)
    split = dict(rig.world.traffic)
    rig.world.trouble["set_traffic"] = [OutsideError("accepted")] * 10_000
    while rig.loop.rollout is None or rig.loop.rollout.position < 3:
        rig.days(1)
    passes(rig, 32)
    rollout = rig.loop.rollout

    assert rollout is not None
    assert rollout.phase is RolloutPhase.ROLLING_BACK
    assert rig.world.traffic == split
    assert "after 0:30:00" in rollout.why
    rig.world.trouble.clear()
    rig.settle()
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK
    assert rig.loop.failed_digests == ()


def test_case_11_a_deployment_that_stays_half_up_is_given_up_and_deleted(rig: Rig) -> None:
    """Azure calls it `Updating` while some instances are up."""
    better(rig)
    rig.world.looks = 10**6
    traffic = dict(rig.world.traffic)
    commands.trigger(rig.context, "ada", "new")
    while rig.loop.rollout is None:
        reconcile(rig.context)
        rig.world.jobs.update(dict.fromkeys(rig.world.jobs, 1))
    passes(rig, 32)

    ended = rig.store.attempts("rain")[-1]
    assert ended.why.endswith("did not come up within 0:30:00")
    assert rig.world.traffic == traffic
    for _ in range(8):
        rig.world.clock.advance(timedelta(days=1))
        for _ in range(5):
            reconcile(rig.context)
    assert rig.world.deleted == [rig.world.created[-1]]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_case_14_numbers_that_are_none_hold_the_weights_and_never_promote_or_fail(rig: Rig, value: float) -> None:
    candidate = serving(rig)
    split = dict(rig.world.traffic)
    rig.world.error_rate[candidate] = value
    rig.days(15)

    assert rig.world.traffic == split
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.hold is Hold.METRICS
    rig.world.error_rate.clear()
    rig.until("champion promoted")


def test_case_16_a_rollback_that_does_not_come_through_is_told_once_tried_for_ever_and_nothing_else_begins(
    rig: Rig,
) -> None:
    candidate = serving(rig)
    champion = rig.loop.champion
    assert champion is not None
    rig.world.error_rate[candidate] = 1.0
    rig.world.trouble["set_traffic"] = [OutsideError("409")] * 10_000
    while rig.loop.rollout is None or rig.loop.rollout.phase is not RolloutPhase.ROLLING_BACK:
        rig.days(1)
    passes(rig, 35)
    commands.trigger(rig.context, "ada", "another")
    rig.days(3)

    assert rig.story().count("rollout rollback failed") == 1
    assert rig.loop.rollout is not None
    assert rig.loop.pending is not None
    rig.world.trouble.clear()
    rig.settle()
    assert "rollout rollback failed" in rig.story()
    assert rig.store.attempts("rain")[1].outcome is Outcome.ROLLED_BACK
    assert rig.loop.pending is None


def test_case_18_a_word_of_before_a_new_project_file_is_void_and_an_abort_is_possible(tmp_path: Path) -> None:
    text = PROJECT.replace("  rollout:\n", "    - {name: owner, type: approval, count: 2, expires: P30D}\n  rollout:\n")
    rig = Rig(folder=tmp_path, text=text)
    rig.settle()
    commands.approve(rig.context, "ada", "fine", granted=True)
    rig.apply(text.replace("expires: P30D", "expires: P40D"))
    commands.approve(rig.context, "grace", "fine", granted=True)
    rig.settle()

    assert rig.loop.champion is None
    assert rig.loop.attempt is not None
    assert rig.loop.attempt.generation == 1
    commands.abort(rig.context, "ada", "start anew")
    rig.settle()
    assert rig.store.attempts("rain")[0].outcome is Outcome.ABORTED


def test_case_21_a_candidate_that_is_deleted_while_it_comes_up_is_made_again(rig: Rig) -> None:
    better(rig)
    commands.trigger(rig.context, "ada", "new")
    while len(rig.world.created) < 2:
        reconcile(rig.context)
        rig.world.jobs.update(dict.fromkeys(rig.world.jobs, 1))
    rig.world.deployments.pop(rig.world.created[-1])
    rig.world.pending_looks.clear()
    rig.settle()

    rig.until("champion promoted")
    assert rig.world.created[1:] == [rig.world.created[1]] * 2


def test_case_15_a_champion_that_breaks_while_the_candidate_is_fine_is_not_gone_back_to(rig: Rig) -> None:
    serving(rig)
    champion = rig.loop.champion
    assert champion is not None
    split = dict(rig.world.traffic)
    ready = rig.world.deployments[champion.deployment]
    rig.world.deployments[champion.deployment] = DeploymentState(
        name=ready.name, phase=DeploymentPhase.FAILED, model=ready.model
    )
    commands.abort(rig.context, "ada", "enough")
    rig.days(3)

    assert rig.world.traffic == split
    assert rig.story().count("rollout held") == 1
