"""What holds a request for a new model, and how an attempt ends that makes none."""

from datetime import timedelta
from pathlib import Path

from mlops.domain.loop import Outcome
from mlops.domain.world import JobPhase, JobState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import RefusedError
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, PROJECT, Rig


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


def test_failures_before_a_promotion_are_forgotten_by_it(rig: Rig) -> None:
    def trained(phase: JobPhase) -> None:
        rig.world.job_result = JobState(phase=phase, reason="no rain", code_digest="c0de", runtime="runtime:1")
        better(rig, str(rig.loop.attempts + 1), 0.8 + rig.loop.attempts / 100)
        commands.trigger(rig.context, "ada", "again")
        rig.settle()

    trained(JobPhase.FAILED)
    trained(JobPhase.FAILED)
    trained(JobPhase.SUCCEEDED)
    rig.until("champion promoted")
    trained(JobPhase.FAILED)

    assert (rig.loop.failures, rig.loop.breaker_until) == (1, None)


def test_a_job_that_takes_too_long_is_cancelled(rig: Rig) -> None:
    rig.world.looks = 10_000
    commands.trigger(rig.context, "ada", "slow")
    for _ in range(5):
        reconcile(rig.context)
    rig.world.clock.advance(timedelta(hours=7))
    rig.settle()

    assert rig.world.cancelled == {rig.world.submitted[-1].name}
    assert rig.store.attempts("rain")[-1].outcome is Outcome.FAILED


def test_a_refused_job_ends_the_attempt_with_what_is_wrong(rig: Rig) -> None:
    rig.world.trouble["submit"] = [RefusedError("pipeline.yml: component train.yml does not exist")]
    commands.trigger(rig.context, "ada", "broken pipeline")
    rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.FAILED
    assert "component train.yml does not exist" in rig.store.attempts("rain")[-1].why


def test_training_begins_with_the_champion_once_there_is_one_and_only_if_asked(rig: Rig) -> None:
    for name in ("champion", "warm_start"):
        path = rig.folder / "pipeline.yml"
        path.write_text(path.read_text(encoding="utf-8").replace("inputs: {", f"inputs: {{{name}: {{}}, ", 1))
    commands.trigger(rig.context, "ada", "cold")
    rig.settle()
    rig.apply(PROJECT.replace("timeout: PT6H", "timeout: PT6H, warmStart: true"))
    commands.trigger(rig.context, "ada", "warm")
    rig.settle()

    assert [plan.warm_start for plan in rig.world.submitted] == [False, False, True]


def test_an_attempt_that_nothing_could_be_judged_on_trains_nothing(tmp_path: Path) -> None:
    """A job costs money, and without rows its gate could tell nothing."""
    rig = Rig(folder=tmp_path)
    rig.world.holdout = 0
    rig.settle()
    ended = rig.until("attempt failed", days=2)

    assert "has no rows to be judged on" in ended.why
    assert rig.world.submitted == []
