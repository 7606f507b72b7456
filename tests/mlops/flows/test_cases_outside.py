"""Failure cases of the control loop by their numbers: cloud and people do what they should not (`test_cases.py`)."""

import math
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Hold, Outcome, RolloutPhase
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError
from tests.mlops.flows.scenes import better, passes, serving
from tests.mlops.rig import PROJECT, Rig


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
