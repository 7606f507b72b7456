"""The controls that stand between a new model and the traffic; each test fails when its control is taken away."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import AttemptPhase, Change, Outcome
from mlops.domain.measurement import Measurement
from mlops.domain.world import DeploymentPhase, DeploymentState, JobPhase, JobState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import ConflictError, OutsideError, Question, RefusedError
from tests.mlops.rig import DAY, PROJECT, Rig

Say = Callable[[Question], Measurement]


def always(value: float | None, samples: int = 100) -> Say:
    return lambda question: Measurement(monitor=question.monitor.name, value=value, samples=samples)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A loop whose first model serves since a month."""
    rig = Rig(folder=tmp_path)
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.world.clock.advance(30 * DAY)  # all windows that fell due are measured, one after the other
    rig.settle()
    rig.decisions.clear()
    return rig


def drifts(rig: Rig) -> None:
    rig.world.readings["drift"] = always(0.5)


def better(rig: Rig, version: str = "2", accuracy: float = 0.85) -> None:
    rig.world.accuracy[version] = accuracy


def test_the_first_model_is_trained_judged_and_served_at_once(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path)
    rig.settle()

    champion = rig.loop.champion
    assert champion is not None
    assert champion.model.version == "1"
    assert rig.world.traffic == {champion.deployment: 100}
    assert rig.world.lineage["1"]["dataset"] == "azureml:rain-training:1"
    assert rig.world.lineage["1"]["code-digest"] == "c0de"
    assert rig.world.lineage["1"]["runtime"] == "runtime:1"
    assert rig.world.lineage["1"]["job"] == rig.world.submitted[0].name


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


def test_gate_a_candidate_that_is_not_better_gets_no_traffic(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=0.6)
    said = rig.until("gate rejected")

    assert said.numbers["accuracy.candidate"] == 0.6
    assert said.numbers["accuracy.champion"] == 0.7
    assert rig.world.created == [f"{next(iter(rig.world.traffic))}"]
    assert rig.store.attempts("rain")[-1].outcome is Outcome.REJECTED


def test_gate_a_candidate_that_may_be_better_by_chance_gets_no_traffic(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=0.71)
    said = rig.until("gate rejected")

    assert said.numbers["verdict"] == "inconclusive"
    assert float(said.numbers["accuracy.delta"] or 0) > 0
    assert len(rig.world.created) == 1


def test_gate_too_few_held_out_rows_are_not_a_pass(rig: Rig) -> None:
    drifts(rig)
    better(rig, accuracy=1.0)
    rig.world.holdout = 199
    said = rig.until("gate rejected")

    assert "199 labelled rows held out, 200 needed" in said.why
    assert len(rig.world.created) == 1


def test_minimum_sample_count_a_step_waits_for_its_requests_however_long(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.world.requests_a_day = 0.5  # in shadow a quarter a day
    rig.until("rollout serving")
    rig.days(30)
    rollout = rig.loop.rollout

    assert rollout is not None
    assert rollout.samples < 10
    assert rollout.elapsed > timedelta(days=20)
    assert rig.world.mirror == {rollout.deployment: 50}
    rig.world.requests_a_day = 100
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


def test_cool_down_a_request_waits_from_the_end_of_the_last_attempt_and_is_not_lost(rig: Rig) -> None:
    drifts(rig)
    ended = rig.loop.last.ended if rig.loop.last else None
    assert ended is not None
    rig.until("trigger held")
    while rig.loop.attempts == 1:
        rig.days(1)
        assert rig.world.clock.moment < ended + timedelta(days=100)
    started = rig.store.attempts("rain")[-1].started

    assert started - ended == timedelta(days=60)


def test_cool_down_does_not_hold_a_person(rig: Rig) -> None:
    commands.trigger(rig.context, "ada", "new sensor")
    rig.settle()

    assert rig.loop.attempts == 2
    assert rig.store.attempts("rain")[-1].request.actor == "ada"


def test_single_flight_requests_during_an_attempt_become_one_and_the_newest_wins(rig: Rig) -> None:
    commands.trigger(rig.context, "ada", "first")
    rig.world.looks = 10_000
    rig.world.clock.advance(DAY)
    for _ in range(5):
        reconcile(rig.context)
    commands.trigger(rig.context, "ada", "second")
    rig.world.clock.advance(timedelta(minutes=1))
    commands.trigger(rig.context, "ada", "third")
    for _ in range(5):
        reconcile(rig.context)

    assert len(rig.world.submitted) == 2
    pending = rig.loop.pending
    assert pending is not None
    assert pending.why == "third"
    assert rig.story().count("trigger coalesced") == 1
    rig.world.jobs[rig.world.submitted[-1].name] = 0
    rig.world.looks = 2
    rig.settle()
    assert [attempt.request.why for attempt in rig.store.attempts("rain")[1:]] == ["first", "third"]


def test_quarantine_a_window_with_bad_data_is_neither_trained_nor_judged_on(rig: Rig) -> None:
    before = rig.world.clock.moment
    rig.world.readings["sensor"] = always(0.9)
    rig.days(60)
    rig.world.readings["sensor"] = always(0.0)
    rig.days(30)
    (quarantine,) = rig.loop.quarantines
    commands.trigger(rig.context, "ada", "after the fault")
    rig.settle()
    plan = rig.world.plans["rain-training:2"]

    assert quarantine.window.start <= before + 7 * DAY
    assert quarantine.window.end >= before + 49 * DAY
    assert plan.without == (quarantine.window,)
    # The holdout keeps its length in sound days: it reaches back past the hole.
    hole = quarantine.window.end - quarantine.window.start
    assert plan.holdout.end - plan.holdout.start == 300 * DAY + hole
    later = [q for q in rig.world.asked if q.monitor.name == "drift" and q.window.overlaps(quarantine.window)]
    assert later[-1].without == (quarantine.window,)


def test_quarantine_what_no_monitor_has_looked_at_yet_is_not_trained_on(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=PROJECT.replace("delay: P5D", "delay: P0D"))
    rig.settle()
    rig.days(34)
    commands.trigger(rig.context, "ada", "between two looks")
    rig.settle()
    looked = rig.loop.readings["sensor"].end

    assert rig.world.clock.moment - looked > 3 * DAY
    assert rig.world.plans["rain-training:2"].holdout.end <= looked


def test_quarantine_is_used_again_once_released(rig: Rig) -> None:
    rig.world.readings["sensor"] = always(0.9)
    rig.days(20)
    rig.world.readings["sensor"] = always(0.0)
    rig.days(8)
    start = rig.loop.quarantines[0].window.start
    commands.release(rig.context, "ada", "repaired", start)
    commands.trigger(rig.context, "ada", "use it")
    rig.settle()

    assert rig.world.plans["rain-training:2"].without == ()


def test_too_few_rows_to_train_on_hold_the_request(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path)
    rig.world.rows_a_day = 0.0
    rig.settle()
    said = rig.until("trigger held", days=2)

    assert "0 labelled rows to train on" in said.why
    assert "500 needed" in said.why
    assert rig.world.submitted == []
    rig.world.rows_a_day = 1.0
    rig.until("champion promoted", days=3)


def test_a_failing_training_job_ends_the_attempt_with_its_reason_and_the_breaker_opens(rig: Rig) -> None:
    rig.world.job_result = JobState(phase=JobPhase.FAILED, reason="train: ValueError: no rain")
    for reason in ("one", "two", "three"):
        commands.trigger(rig.context, "ada", reason)
        rig.settle()
    attempts = rig.store.attempts("rain")[1:]

    assert [attempt.outcome for attempt in attempts] == [Outcome.FAILED] * 3
    assert "train: ValueError: no rain" in attempts[0].why
    assert rig.loop.breaker_until == rig.world.clock.moment + timedelta(days=90)
    drifts(rig)
    rig.days(80)
    assert rig.loop.attempts == 4
    rig.days(20)
    assert rig.loop.attempts > 4


def test_a_job_that_takes_too_long_is_cancelled(rig: Rig) -> None:
    rig.world.looks = 10_000
    commands.trigger(rig.context, "ada", "slow")
    for _ in range(5):
        reconcile(rig.context)
    rig.world.clock.advance(timedelta(hours=7))
    rig.settle()

    assert rig.world.cancelled == {rig.world.submitted[-1].name}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.FAILED


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


def test_traffic_that_somebody_changed_is_set_back(rig: Rig) -> None:
    champion = next(iter(rig.world.traffic))
    rig.world.traffic = {}
    rig.days(8)

    assert rig.world.traffic == {champion: 100}
    assert rig.story()[-2:] == ["endpoint drifted", "endpoint repaired"]


def test_a_champion_that_somebody_deleted_is_deployed_again(rig: Rig) -> None:
    champion = next(iter(rig.world.traffic))
    rig.world.traffic = {}
    del rig.world.deployments[champion]
    rig.days(8)

    assert rig.world.traffic == {champion: 100}
    assert rig.world.deployments[champion].phase is DeploymentPhase.READY


def test_deployments_of_others_are_left_alone(rig: Rig) -> None:
    rig.world.deployments["theirs"] = DeploymentState(
        name="theirs", phase=DeploymentPhase.READY, model="azureml:x:1", ours=False
    )
    rig.days(10)

    assert "theirs" in rig.world.deployments


def test_a_deployment_that_a_dead_controller_left_is_collected(rig: Rig) -> None:
    rig.world.deployments["m-9-zombie"] = DeploymentState(
        name="m-9-zombie", phase=DeploymentPhase.READY, model="azureml:rain:9"
    )
    rig.days(10)

    assert rig.world.deleted == ["m-9-zombie"]


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


def test_trouble_at_one_place_does_not_stop_the_rest(rig: Rig) -> None:
    rig.world.trouble["measure"] = [OutsideError("blobs are away")] * 3
    rig.world.traffic = {}
    rig.world.clock.advance(8 * DAY)
    rig.settle()

    assert sum(rig.world.traffic.values()) == 100


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


def test_a_refused_job_ends_the_attempt_with_what_is_wrong(rig: Rig) -> None:
    rig.world.trouble["submit"] = [RefusedError("pipeline.yml: component train.yml does not exist")]
    commands.trigger(rig.context, "ada", "broken pipeline")
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.FAILED
    assert "component train.yml does not exist" in rig.store.attempts("rain")[-1].why


APPROVAL = PROJECT.replace("  rollout:\n", "    - {name: owner, type: approval, expires: P3D}\n  rollout:\n")


@pytest.fixture
def asking(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path, text=APPROVAL)
    rig.settle()
    return rig


def test_approval_the_rollout_waits_for_somebody_who_is_not_the_author(asking: Rig) -> None:
    attempt = asking.loop.attempt
    assert attempt is not None
    assert attempt.phase is AttemptPhase.APPROVING
    with pytest.raises(commands.NotPossibleError, match="author asked for this candidate"):
        commands.approve(asking.context, "author", "fine", granted=True)
    commands.approve(asking.context, "ada", "fine", granted=True)
    asking.settle()

    assert asking.loop.champion is not None


def test_approval_expires(asking: Rig) -> None:
    asking.days(3)

    first = asking.store.attempts("rain")[0]
    assert first.outcome is Outcome.REJECTED
    assert "nobody approved" in first.why


def test_approval_is_refused_by_one_word(asking: Rig) -> None:
    commands.approve(asking.context, "ada", "no", granted=False)
    asking.settle()

    assert asking.store.attempts("rain")[0].outcome is Outcome.REJECTED


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


def test_a_model_that_failed_in_a_rollout_is_tried_again_only_by_a_person(rig: Rig) -> None:
    rig.world.same_bytes = True
    rig.world.smoke_errors = 1.0
    better(rig, "2")
    better(rig, "3")
    better(rig, "4")
    commands.trigger(rig.context, "ada", "bad model")
    rig.settle()
    rig.world.smoke_errors = 0.0
    drifts(rig)
    rig.until("attempt rejected")
    assert "bytes of a model that failed in a rollout" in rig.store.attempts("rain")[-1].why

    commands.trigger(rig.context, "ada", "the fault was elsewhere")
    rig.until("champion promoted")


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
