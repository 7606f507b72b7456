"""A candidate takes over step by step, and whatever fails gives the traffic back to the champion."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Change, Hold, Outcome, RolloutPhase
from mlops.domain.world import DeploymentPhase, DeploymentState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import ConflictError, OutsideError
from tests.mlops.flows.scenes import always, better, drifts
from tests.mlops.rig import DAY, PROJECT, Rig


def test_a_better_candidate_takes_over_step_by_step(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    old = next(iter(rig.world.traffic))
    rig.world.shifts.clear()
    rig.until("champion promoted")
    new = next(iter(rig.world.traffic))

    assert rig.world.shifts == [
        ({old: 100}, {new: 50}),
        ({old: 90, new: 10}, {}),
        ({old: 50, new: 50}, {}),
        ({new: 100}, {}),
    ]
    rig.days(3)
    assert rig.world.deleted == [old]


def test_the_model_before_stays_warm_as_long_as_the_project_says(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    old = next(iter(rig.world.traffic))
    rig.until("champion promoted")
    rig.days(1)
    assert rig.world.deployments[old].phase is DeploymentPhase.READY

    rig.days(2)
    assert rig.world.deleted == [old]


def test_a_deployment_that_never_comes_up_is_given_up_after_the_deadline(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = dict(rig.world.traffic)
    while rig.loop.rollout is None:
        done = reconcile(rig.context)
        if not done.acted and done.waiting_for != "operation":
            rig.world.clock.advance(timedelta(days=1))
    rig.world.looks = 10_000
    for minutes in (0, 29, 2):
        assert rig.loop.rollout is not None
        assert rig.loop.rollout.phase is RolloutPhase.DEPLOYING
        rig.world.clock.advance(timedelta(minutes=minutes))
        for _ in range(5):
            reconcile(rig.context)

    assert rig.store.attempts("rain")[-1].why.endswith("did not come up within 0:30:00")
    assert rig.world.traffic == champion


def test_minimum_sample_count_a_step_waits_for_its_requests_however_long(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=PROJECT.replace('"> 0.2", ', '"> 0.2", inconclusiveLimit: null, '))
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    drifts(rig)
    better(rig)
    rig.world.clock.advance(60 * DAY)
    rig.world.requests_a_day = 0.5  # in shadow a quarter a day
    rig.until("rollout serving")
    while rig.loop.champion is None or rig.loop.rollout is None:
        rig.until("rollout serving")
    rig.days(30)
    rollout = rig.loop.rollout

    assert rollout.samples < 10
    assert rollout.elapsed > timedelta(days=20)
    assert rig.world.mirror == {rollout.deployment: 50}
    rig.world.requests_a_day = 100
    rig.until("champion promoted")


def test_minimum_sample_count_too_few_requests_pause_a_step_and_never_fail_it(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.world.requests_a_day = 0.5
    rig.until("rollout held")
    rollout = rig.loop.rollout
    assert rollout is not None
    assert rollout.hold is Hold.INCONCLUSIVE
    rig.days(60)
    assert rig.world.mirror == {rollout.deployment: 50}
    rig.world.requests_a_day = 100
    commands.resume(rig.context, "ada", "there is traffic again")
    rig.until("champion promoted")


def test_minimum_sample_count_few_errors_among_few_requests_do_not_roll_back(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    rig.world.error_rate[rollout.deployment] = 1.0
    rig.world.requests_a_day = 2  # one a day in shadow: four of them stay under minSamples 5
    rig.days(4)

    assert rig.loop.rollout is not None
    assert "rollout rolling back" not in rig.story()
    rig.days(2)
    assert "rollout rolling back" in rig.story()


def test_rollback_a_candidate_that_fails_under_live_traffic_gives_it_back_to_the_champion(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rig.until("rollout serving")  # 10 %
    rollout = rig.loop.rollout
    assert rollout is not None
    rig.world.error_rate[rollout.deployment] = 0.5
    said = rig.until("rollout rolling back")

    assert said.numbers["error_rate"] == 0.5
    assert "error_rate 0.5 is > 0.2" in said.why
    assert rig.world.traffic == {champion: 100}
    assert rig.world.mirror == {}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK
    assert rig.loop.champion is not None
    assert rig.loop.champion.deployment == champion
    assert "endpoint drifted" not in rig.story()  # the rollback itself set the traffic, not a later repair
    rig.days(3)
    assert rig.world.deleted == [rollout.deployment]


def test_rollback_during_the_bake_too(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    while rig.loop.rollout is None or rig.loop.rollout.phase.value != "baking":
        rig.days(1)
    rig.world.error_rate[rig.loop.rollout.deployment] = 0.3
    rig.days(2)

    assert rig.world.traffic == {champion: 100}


def test_rollback_does_not_go_onto_a_champion_that_is_not_ready(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    split = dict(rig.world.traffic)
    ready = rig.world.deployments[champion]
    rig.world.deployments[champion] = DeploymentState(name=champion, phase=DeploymentPhase.FAILED, model=ready.model)
    rig.world.error_rate[rollout.deployment] = 0.5
    rig.days(5)
    assert rig.world.traffic == split
    assert rig.story()[-1] == "rollout held"

    rig.world.deployments[champion] = ready
    rig.days(2)
    assert rig.world.traffic == {champion: 100}


def test_a_candidate_that_does_not_come_up_is_rolled_back_before_any_traffic(rig: Rig) -> None:
    rig.world.deploy_result = DeploymentPhase.FAILED
    rig.world.shifts.clear()
    better(rig)
    commands.trigger(rig.context, "ada", "broken")
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK
    assert "did not come up: it does not start" in rig.store.attempts("rain")[-1].why
    assert rig.world.shifts == []


def test_smoke_requests_that_fail_keep_the_candidate_from_traffic(rig: Rig) -> None:
    rig.world.smoke_errors = 1.0
    rig.world.shifts.clear()
    better(rig)
    commands.trigger(rig.context, "ada", "broken")
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ROLLED_BACK
    assert rig.world.shifts == []


def test_lost_metrics_hold_the_weights_and_neither_promote_nor_roll_back(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rig.until("rollout serving")
    split = dict(rig.world.traffic)
    rig.world.metrics_gone = True
    rig.days(20)
    assert rig.world.traffic == split
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.hold is not None

    rig.world.metrics_gone = False
    rig.until("champion promoted")


def test_a_rollout_resumed_at_the_moment_of_its_last_look_goes_on(rig: Rig) -> None:
    """A driven clock stands still: the same moment is not measured twice."""
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rig.world.metrics_gone = True
    rig.until("rollout held")
    rig.world.metrics_gone = False
    commands.resume(rig.context, "ada", "looked at it")
    rig.settle()

    rig.until("champion promoted")


def test_a_candidate_that_is_deleted_by_somebody_is_rolled_back(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    del rig.world.deployments[rollout.deployment]
    rig.world.mirror = {}
    rig.days(1)

    assert rig.world.traffic == {champion: 100}
    assert "candidate lost" in rig.store.attempts("rain")[-1].why


def test_abort_takes_a_rollout_back(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    commands.abort(rig.context, "ada", "wrong moment")
    rig.settle()

    assert rig.world.traffic == {champion: 100}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED
    assert rig.loop.abort is None


def test_pause_holds_weights_but_a_failure_still_rolls_back(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rig.until("rollout serving")
    commands.pause(rig.context, "ada", "holidays")
    split = dict(rig.world.traffic)
    rig.days(20)
    assert rig.world.traffic == split

    rollout = rig.loop.rollout
    assert rollout is not None
    rig.world.error_rate[rollout.deployment] = 1.0
    rig.days(40)
    assert rig.world.traffic == {champion: 100}


def test_a_lost_response_makes_nothing_twice(rig: Rig) -> None:
    rig.world.trouble["ensure_deployment"] = [OutsideError("no answer")]
    rig.world.trouble["submit"] = [OutsideError("no answer")]
    better(rig)
    commands.trigger(rig.context, "ada", "shaky")
    for _ in range(4):
        rig.settle()
    rig.until("champion promoted")

    assert len(rig.world.submitted) == 2
    assert len(rig.world.created) == 2


def test_a_silent_rollback_of_the_platform_is_seen(rig: Rig) -> None:
    """'Succeeded' is not proof: the deployment is ready, but it serves the old model."""
    drifts(rig)
    better(rig)
    champion = next(iter(rig.world.traffic))
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    rig.world.deployments[rollout.deployment] = DeploymentState(
        name=rollout.deployment, phase=DeploymentPhase.READY, model="azureml:rain:1"
    )
    rig.days(1)

    assert rig.world.traffic == {champion: 100}
    assert "serves azureml:rain:1, not azureml:rain:2" in rig.store.attempts("rain")[-1].why


def test_a_rollout_keeps_the_generation_that_it_began_with(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    rig.apply(PROJECT.replace("setWeight: 10,", "setWeight: 20,"))
    rig.until("rollout serving")

    assert rig.world.traffic[rollout.deployment] == 10
    assert rig.loop.generation == 2
    rig.until("champion promoted")
    assert rig.store.attempts("rain")[-1].generation == 1


def test_an_order_that_comes_between_a_look_and_its_save_wins(rig: Rig) -> None:
    """Compare and swap: what was decided on the older state is dropped, and the next pass sees the abort."""
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    stale = rig.loop
    commands.abort(rig.context, "ada", "stop")
    with pytest.raises(ConflictError):
        rig.store.save(Change(loop=stale))
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.ABORTED
