"""The rollout's decisions: one look moves no weight, time alone never advances, every edge is legal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.data.measurement import Bound, Measurement, Verdict
from mlops.domain.declared.gate import Approvers
from mlops.domain.declared.rollout import Analysis, Approve, OnMetricLoss, SetWeight, Shadow, Smoke, Step
from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Hold, Rollout, RolloutPhase
from mlops.domain.rollouts import edges, looking
from mlops.domain.rollouts import rollout as rollouts

START = datetime(1975, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
ERRORS = Analysis(metric="error_rate", success=Bound(comparison="<=", offset=0.01), min_samples=10)
PLAN = Plan(
    steps=(
        Smoke(requests=Path("smoke.jsonl")),
        Shadow(percent=20, hold=2 * HOUR, min_samples=10, analyses=(ERRORS,)),
        SetWeight(weight=10, hold=2 * HOUR, min_samples=10, analyses=(ERRORS,)),
        SetWeight(weight=100, hold=2 * HOUR, min_samples=10, analyses=(ERRORS,)),
    ),
    bake=3 * HOUR,
    bake_analyses=(ERRORS,),
    bake_min_samples=10,
    measure_every=HOUR,
)
CANARY = Rollout(deployment="new", champion="old", phase=RolloutPhase.CANARY, position=2, entered=START, applied=START)


def seen(verdict: Verdict, hours: float, samples: int = 100, analysis: Analysis = ERRORS) -> looking.Look:
    measured = Measurement(monitor="error_rate", value=0.5, samples=samples)
    return looking.Look(at=START + hours * HOUR, samples=samples, judged=((analysis, measured, verdict),))


def test_the_phases_follow_each_other_in_the_projects_order() -> None:
    rollout: Rollout | None = rollouts.begin("new", "old", START)
    phases = []
    while rollout is not None:
        phases.append((rollout.phase.value, rollout.position))
        rollout = rollouts.advance(PLAN, rollout, START)

    assert phases == [
        ("deploying", -1),
        ("verifying", 0),
        ("shadowing", 1),
        ("canary", 2),
        ("canary", 3),
        ("baking", 4),
    ]


def test_the_first_model_goes_to_all_traffic_at_once() -> None:
    rollout: Rollout | None = rollouts.begin("new", None, START)
    phases = []
    while rollout is not None:
        phases.append(rollout.phase.value)
        rollout = rollouts.advance(PLAN, rollout, START)

    assert phases == ["deploying", "verifying", "canary"]


def test_a_step_is_left_after_enough_passes_enough_time_and_enough_requests() -> None:
    once = looking.look(PLAN, CANARY, seen(Verdict.PASS, 1))
    twice = looking.look(PLAN, once, seen(Verdict.PASS, 2))
    few = looking.look(PLAN, once, seen(Verdict.PASS, 2, samples=9))

    assert not looking.may_advance(PLAN, once)
    assert looking.may_advance(PLAN, twice)
    assert not looking.may_advance(PLAN, few)


def test_a_jump_of_the_clock_does_not_stand_in_for_looking() -> None:
    slow = SetWeight(weight=10, hold=20 * HOUR, min_samples=10, analyses=(ERRORS,))
    long = replace(PLAN, steps=(*PLAN.steps[:2], slow, PLAN.steps[3]))
    jumped = looking.look(long, CANARY, seen(Verdict.PASS, 100_000))

    assert jumped.elapsed == 2 * HOUR
    assert not looking.may_advance(long, replace(jumped, successes=99))


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    once = looking.look(PLAN, CANARY, seen(Verdict.PASS, 1))

    assert looking.look(PLAN, once, seen(Verdict.PASS, -3000)).elapsed == once.elapsed


def test_one_failure_more_than_tolerated_rolls_back_and_says_the_number() -> None:
    tolerant = replace(ERRORS, failure_limit=1)
    once = looking.look(PLAN, CANARY, seen(Verdict.FAIL, 1, analysis=tolerant))
    twice = looking.look(PLAN, once, seen(Verdict.FAIL, 2, analysis=tolerant))

    assert once.phase is RolloutPhase.CANARY
    assert once.successes == 0
    assert twice.phase is RolloutPhase.ROLLING_BACK
    assert twice.why == "error_rate 0.5 is not <= 0.01 (100 requests)"


def test_a_failure_that_is_tolerated_takes_the_passes_before_it_away() -> None:
    tolerant = replace(ERRORS, failure_limit=1)
    once = looking.look(PLAN, CANARY, seen(Verdict.PASS, 1, analysis=tolerant))
    failed = looking.look(PLAN, once, seen(Verdict.FAIL, 2, analysis=tolerant))
    again = looking.look(PLAN, failed, seen(Verdict.PASS, 3, analysis=tolerant))

    assert [each.successes for each in (once, failed, again)] == [1, 0, 1]
    assert not looking.may_advance(PLAN, again)


def test_what_is_held_is_not_advanced_however_well_it_does() -> None:
    done = replace(CANARY, successes=9, elapsed=9 * HOUR, samples=999)

    assert looking.may_advance(PLAN, done)
    assert [hold for hold in Hold if looking.may_advance(PLAN, replace(done, hold=hold))] == []


def test_without_automatic_rollback_a_failure_holds_for_a_person() -> None:
    manual = replace(PLAN, automatic_rollback=False)

    assert looking.look(manual, CANARY, seen(Verdict.FAIL, 1)).hold is Hold.FAILURE


def test_lost_metrics_hold_and_go_on_by_themselves_counting_anew() -> None:
    rollout = looking.look(PLAN, CANARY, seen(Verdict.PASS, 1))
    for hour in range(2, 7):
        rollout = looking.look(PLAN, rollout, seen(Verdict.ERROR, hour))
    back = looking.look(PLAN, rollout, seen(Verdict.PASS, 7))

    assert rollout.hold is Hold.METRICS
    assert rollout.phase is RolloutPhase.CANARY
    assert (back.hold, back.successes, back.elapsed) == (None, 0, timedelta())


def test_inconclusive_waits_or_asks_a_person() -> None:
    patient, impatient = CANARY, CANARY
    waits = replace(ERRORS, inconclusive_limit=None)
    for hour in range(1, 12):
        patient = looking.look(PLAN, patient, seen(Verdict.INCONCLUSIVE, hour, analysis=waits))
        if hour == 4:  # due from the second hour on: three are tolerated
            assert impatient.hold is None
        impatient = looking.look(PLAN, impatient, seen(Verdict.INCONCLUSIVE, hour))

    assert patient.hold is None
    assert not looking.may_advance(PLAN, patient)
    assert impatient.hold is Hold.INCONCLUSIVE


def test_a_dry_run_is_never_judged() -> None:
    dry = replace(ERRORS, dry_run=True)

    assert looking.look(PLAN, CANARY, seen(Verdict.FAIL, 1, analysis=dry)).successes == 1


@given(st.lists(st.tuples(st.sampled_from(list(Verdict)), st.integers(-5, 50), st.integers(0, 30)), max_size=40))
def test_whatever_is_seen_weights_never_move_without_enough_evidence(
    looks: list[tuple[Verdict, int, int]],
) -> None:
    rollout, hours, passes = CANARY, 0.0, 0
    for verdict, step, samples in looks:
        hours += step
        rollout = looking.look(PLAN, rollout, seen(verdict, hours, samples))
        passes += verdict is Verdict.PASS
        assert rollout.phase in {RolloutPhase.CANARY, RolloutPhase.ROLLING_BACK}
        assert rollout.position == CANARY.position
        if rollout.phase is RolloutPhase.ROLLING_BACK:
            assert verdict is Verdict.FAIL
            return
        if looking.may_advance(PLAN, rollout):
            assert samples >= 10
            assert passes >= 2
            assert rollout.elapsed >= 2 * HOUR


STEPS: list[Step] = [*PLAN.steps, Approve(approvers=Approvers())]


@given(
    st.lists(st.sampled_from(STEPS[1:]), min_size=1, max_size=6),
    st.sampled_from(["old", None]),
    st.lists(st.sampled_from(["advance", "back", *Verdict]), max_size=30),
)
def test_every_change_of_phase_is_an_edge_of_the_table(
    steps: list[Step], champion: str | None, events: list[str | Verdict]
) -> None:
    """Whatever is declared, served before people are asked, and whatever happens."""
    ordered = sorted(steps, key=lambda step: STEPS.index(step) % 4)
    plan = replace(PLAN, steps=(PLAN.steps[0], *ordered, PLAN.steps[3]))
    if isinstance(plan.steps[1], Approve):
        plan = replace(plan, steps=(PLAN.steps[0], PLAN.steps[1], *plan.steps[1:]))
    rollout = rollouts.begin("new", champion, START)
    edges.check(None, rollout.phase)
    for hour, event in enumerate(events):
        after: Rollout | None = rollout
        if event == "back":
            after = rollouts.roll_back(rollout, "why", START)
        elif event == "advance" and rollout.phase is not RolloutPhase.ROLLING_BACK:
            after = rollouts.advance(plan, rollout, START)
        elif isinstance(event, Verdict) and rollout.phase not in {RolloutPhase.DEPLOYING, RolloutPhase.ROLLING_BACK}:
            after = looking.look(plan, rollout, seen(event, hour))
        edges.check(rollout.phase, after.phase if after else None)
        if after is None:
            return
        rollout = after


@pytest.mark.parametrize("before", list(RolloutPhase))
def test_a_phase_that_cannot_follow_is_refused(before: RolloutPhase) -> None:
    for after in {*RolloutPhase, None} - edges.EDGES[before] - {before}:
        with pytest.raises(edges.IllegalEdgeError):
            edges.check(before, after)


def test_while_people_are_asked_the_weights_and_what_was_counted_stay() -> None:
    plan = replace(PLAN, steps=(*PLAN.steps[:3], Approve(approvers=Approvers()), PLAN.steps[3]))
    looked = looking.look(plan, CANARY, seen(Verdict.PASS, 1))
    waiting = rollouts.advance(plan, looked, START + HOUR)

    assert waiting is not None
    assert waiting == replace(looked, position=3, entered=START + HOUR)
    assert rollouts.stage(plan, waiting) == rollouts.stage(plan, looked)
    assert rollouts.asking(plan, waiting) == plan.steps[3]
    assert rollouts.asking(plan, looked) is None
    assert looking.look(plan, waiting, seen(Verdict.FAIL, 2)).phase is RolloutPhase.ROLLING_BACK


def test_a_rollout_without_numbers_rolls_back_where_the_project_says_so() -> None:
    plan = replace(PLAN, on_metric_loss=OnMetricLoss.ROLLBACK, metric_loss_after=2 * HOUR)
    once = looking.look(plan, CANARY, seen(Verdict.ERROR, 1))
    back = looking.look(plan, once, seen(Verdict.ERROR, 2))
    between = looking.look(plan, looking.look(plan, once, seen(Verdict.PASS, 2)), seen(Verdict.ERROR, 3))

    assert (once.phase, between.phase) == (RolloutPhase.CANARY, RolloutPhase.CANARY)
    assert (back.phase, back.blameless) == (RolloutPhase.ROLLING_BACK, True)
