"""Failure cases of the control loop by their numbers: events, the clock, and a loop that feeds itself."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Outcome
from mlops.domain.world import DeploymentPhase
from mlops.flows import commands
from mlops.flows.inbox import drain
from mlops.flows.reconcile import reconcile
from tests.fakes.events import FakeSource
from tests.mlops.flows.scenes import always, serving
from tests.mlops.flows.test_kill import QUICK
from tests.mlops.rig import DAY, PROJECT, Rig

ASKED = PROJECT.replace(
    "  triggerPolicy:",
    """\
    - {name: partner, when: {event: partner}}
  sources:
    - {name: partner, folder: {path: drops}, means: request}
  triggerPolicy:""",
)


@pytest.fixture
def asked(tmp_path: Path) -> Rig:
    """A loop whose first model serves, and that may train again; a partner's word asks it to."""
    rig = Rig(folder=tmp_path, text=ASKED)
    rig.sources = {"partner": FakeSource()}
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.days(61)
    return rig


def says(rig: Rig, *names: str) -> None:
    source = rig.sources["partner"]
    assert isinstance(source, FakeSource)
    for name in names:
        source.put(f'{{"id": "{name}"}}'.encode())
    drain(rig.context)


def requests(rig: Rig) -> list[str]:
    return [each.request.trigger for each in rig.store.attempts("rain")]


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_case_2_an_event_that_comes_up_to_three_times_is_one_request(asked: Rig, copies: int) -> None:
    for _ in range(copies):
        says(asked, "a")
        asked.settle()
    asked.days(130)  # past two cool-downs

    (kept,) = asked.store.inbox.kept("rain")
    assert (kept.outcome and kept.outcome.value, kept.copies) == ("started", copies)
    assert requests(asked) == ["bootstrap", "partner"]


def test_case_4_a_storm_of_events_during_a_run_is_one_request_the_newest_and_it_gets_its_run(asked: Rig) -> None:
    commands.trigger(asked.context, "ada", "first")
    asked.world.looks = 10_000
    for _ in range(5):
        reconcile(asked.context)
    running = asked.world.submitted[-1].name
    for number in range(40):
        says(asked, f"storm {number}")
        asked.world.clock.advance(timedelta(minutes=1))
        for _ in range(3):
            reconcile(asked.context)
    pending = asked.loop.pending
    assert pending is not None
    assert asked.store.inbox.waiting("rain") == ()
    assert len(asked.store.inbox.kept("rain")) == 40  # none lost
    commands.trigger(asked.context, "ada", "the newest")
    newest = asked.loop.pending
    assert newest is not None
    assert newest.why == "the newest"
    assert asked.world.submitted[-1].name == running  # and none begun beside
    asked.world.jobs[running], asked.world.looks = 0, 2
    asked.days(70)

    assert requests(asked) == ["bootstrap", "manual", "manual"]
    assert asked.store.attempts("rain")[-1].request.why == "the newest"
    assert asked.loop.pending is None


def test_case_8_however_far_the_clock_jumps_each_step_is_looked_at_twice_and_has_its_samples(rig: Rig) -> None:
    serving(rig, times=1)
    looks: dict[int, int] = {}
    for _ in range(30):
        rollout = rig.loop.rollout
        if rollout is None:
            break
        seen = rollout.seen
        rig.world.clock.advance(timedelta(seconds=100_000) * 10)
        reconcile(rig.context)
        after = rig.loop.rollout
        if after is not None and after.seen != seen:
            looks[after.position] = looks.get(after.position, 0) + 1
            assert after.elapsed <= looks[after.position] * 2 * DAY  # a look adds two intervals at most
            assert after.samples >= 10
        rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.PROMOTED
    assert min(looks.values()) >= 2, looks
    assert sorted(looks) == [1, 2, 3, 4, 5]


def test_case_8_jumps_with_too_few_requests_move_no_weight_however_well_they_went(rig: Rig) -> None:
    serving(rig)
    rig.world.requests_a_day = 7  # a tenth of them: enough to be judged, not enough to leave the step
    split = dict(rig.world.traffic)
    for jumps in (8, 1, 1, 1):
        rig.world.clock.advance(timedelta(seconds=100_000) * jumps)
        rig.settle()

    rollout = rig.loop.rollout
    assert rollout is not None
    assert rollout.successes >= 2
    assert rig.world.traffic == split


def test_case_9_a_clock_that_goes_back_again_and_again_takes_nothing_away_and_strands_nothing(rig: Rig) -> None:
    serving(rig, times=1)
    draw = random.Random(9)  # noqa: S311 - the same every time
    before: dict[int, timedelta] = {}
    for _ in range(60):
        rollout = rig.loop.rollout
        if rollout is None:
            break
        assert rollout.elapsed >= before.get(rollout.position, timedelta())
        before[rollout.position] = rollout.elapsed
        back = timedelta(seconds=3000) if draw.random() < 0.5 else timedelta()
        rig.world.clock.advance(DAY - back)
        rig.settle()
        rig.world.clock.advance(-timedelta(seconds=3000))
        rig.settle()

    assert rig.store.attempts("rain")[-1].outcome is Outcome.PROMOTED
    attempts = rig.store.attempts("rain")
    assert all(each.ended is None or each.ended >= each.started for each in attempts)


def test_case_13_a_model_that_does_not_load_says_why_and_its_bytes_are_not_deployed_again(rig: Rig) -> None:
    rig.world.deploy_result, rig.world.same_bytes = DeploymentPhase.FAILED, True
    rig.world.deploy_reason = ""  # the platform says nothing: its log does
    rig.world.accuracy = {"2": 0.85, "3": 0.85}
    split = (dict(rig.world.traffic), dict(rig.world.mirror))
    rig.world.readings["drift"] = always(0.5)
    rig.until("rollout rolling back")
    (failed,) = rig.world.created[1:]
    said = [row.decision for row in rig.store.decisions("rain") if row.decision.what == "rolling back"]
    for value in (0.0, 0.5):  # it stops, and begins again: the same bytes are made once more
        rig.world.readings["drift"] = always(value)
        rig.days(60)

    assert [each.why for each in said] == [f"{failed} did not come up: the log of {failed}"]
    assert (rig.world.traffic, rig.world.mirror) == split
    assert len(rig.store.attempts("rain")) > 2
    assert rig.world.created[1:] == [failed]


def test_case_24_a_year_in_which_each_attempt_makes_the_next_keeps_cool_down_and_budget(tmp_path: Path) -> None:
    """Every promotion brings drift again: what the new champion does is taken for another world."""
    rig = Rig(folder=tmp_path, text=QUICK.replace("cooldown: P14D", "cooldown: P5D, budget: {runs: 3, per: P60D}"))
    rig.world.looks, rig.world.holdout = 1, 200
    rig.world.accuracy = {str(number): 0.5 + number / 40 for number in range(1, 20)}
    rig.world.readings |= {"drift": always(0.5), "accuracy": always(0.1)}
    rig.settle()
    rig.days(365)
    attempts = rig.store.attempts("rain")
    starts = [each.started for each in attempts]
    ends = [each.ended for each in attempts if each.ended]

    assert all(sum(begin <= each < begin + 60 * DAY for each in starts) <= 3 for begin in starts)
    assert all(start - end >= 5 * DAY for end, start in zip(ends, starts[1:], strict=False))
    assert sum(each.outcome is Outcome.PROMOTED for each in attempts) > 5
