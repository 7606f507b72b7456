"""Triggers: conditions over state, and what holds a request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.data.measurement import Bound, Measurement
from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.declared.trigger import (
    AllOf,
    AnyOf,
    Catchup,
    ChangedCondition,
    Condition,
    CronCondition,
    EventCondition,
    EveryCondition,
    MonitorCondition,
    Not,
    ReadyCondition,
    Rows,
    RowsCondition,
    Trigger,
)
from mlops.domain.loop import AssetSeen, Ended, Heard, Loop, Outcome, TriggerState
from mlops.domain.triggers import conditions, triggers
from mlops.flows.schedule import next_tick, previous_tick

START = datetime(1975, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
LOOP = Loop(project="rain", endpoint="rain", started=START, generation=1, applied=START, author="ada")
DRIFT = Monitor(name="drift", signal=Signal.DATA_DRIFT, metric="psi", window=7 * DAY, every=DAY, min_samples=10)
HIGH = MonitorCondition(
    monitor="drift",
    enter=Bound(comparison=">", offset=0.25),
    exit=Bound(comparison="<", offset=0.15),
    at_least=2,
    of=3,
)


def seen(values: list[float | None], samples: int = 100, condition: Condition = HIGH) -> Loop:
    loop = LOOP
    for at, value in enumerate(values):
        measured = Measurement(monitor="drift", value=value, samples=samples)
        loop = triggers.note((Trigger(name="t0", when=condition),), loop, DRIFT, measured, START + (at + 1) * DAY)
    return loop


def holds(condition: Condition, loop: Loop, now: datetime = START) -> bool:
    return conditions.truth(Trigger(name="t0", when=condition), loop, now, previous_tick).holds


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.3], False),
        ([0.3, 0.3], True),
        ([0.3, 0.1, 0.3], True),
        ([0.3, 0.1, 0.1, 0.3], False),
        ([0.3, 0.3, 0.2, 0.2, 0.2], True),  # between exit and enter it stays
        ([0.3, 0.3, 0.1], False),
        ([0.3, 0.3, 0.1, 0.3], False),  # after leaving it counts anew
        ([0.3, None, None, None, 0.3], True),  # what cannot be judged neither counts nor resets
    ],
)
def test_a_monitor_enters_after_n_of_m_windows_and_leaves_on_the_quiet_side(
    values: list[float | None], *, expected: bool
) -> None:
    assert holds(HIGH, seen(values)) is expected


def test_too_few_samples_do_not_count() -> None:
    assert not holds(HIGH, seen([0.3, 0.3, 0.3], samples=9))


def test_a_window_that_chance_may_have_made_neither_counts_nor_resets() -> None:
    def after(*windows: tuple[float, float]) -> Loop:
        loop = LOOP
        for at, (value, chance) in enumerate(windows):
            measured = Measurement(monitor="drift", value=value, samples=100, chance=chance)
            loop = triggers.note((Trigger(name="t0", when=HIGH),), loop, DRIFT, measured, START + (at + 1) * DAY)
        return loop

    assert not holds(HIGH, after((0.3, 0.1), (0.3, 0.3)))
    assert holds(HIGH, after((0.3, 0.1), (0.3, 0.3), (0.3, 0.4), (0.3, 0.1)))
    assert not holds(HIGH, after((0.3, 0.1), (0.3, 0.1), (0.1, 0.2)))


def test_a_window_counts_once() -> None:
    loop = seen([0.3])
    measured = Measurement(monitor="drift", value=0.3, samples=100)

    assert triggers.note((Trigger(name="t0", when=HIGH),), loop, DRIFT, measured, START + DAY) == loop


@given(st.lists(st.floats(0.151, 0.25), max_size=20))
def test_between_exit_and_enter_nothing_changes(values: list[float]) -> None:
    assert not holds(HIGH, seen([*values]))
    assert holds(HIGH, seen([0.3, 0.3, *values]))


def test_all_any_and_not() -> None:
    high, low = seen([0.3, 0.3]), seen([0.1])
    rows = RowsCondition(at_least=100)
    both = AllOf(conditions=(HIGH, rows))
    # The state of a condition belongs to its place in the trigger.
    in_all = replace(high, conditions={"t0/0": high.conditions["t0"]}, labelled=100)

    assert holds(both, in_all)
    assert not holds(both, replace(in_all, labelled=99))
    assert not holds(both, replace(low, labelled=100))
    assert holds(AnyOf(conditions=(HIGH, rows)), replace(low, labelled=100))
    assert holds(Not(condition=rows), low)


def test_every_counts_from_the_last_attempt() -> None:
    yearly = EveryCondition(period=365 * DAY)
    last = Ended(number=1, outcome=Outcome.REJECTED, started=START + 100 * DAY, ended=START + 101 * DAY, used=START)

    assert not holds(yearly, LOOP, START + 364 * DAY)
    assert holds(yearly, LOOP, START + 365 * DAY)
    assert not holds(yearly, replace(LOOP, last=last), START + 464 * DAY)
    assert holds(yearly, replace(LOOP, last=last), START + 465 * DAY)


def test_cron_ticks_that_were_missed_count_as_one() -> None:
    mondays = CronCondition(cron="0 3 * * 1", timezone="Europe/Berlin")
    later = START + 30 * DAY
    fired = replace(LOOP, triggers={"t0": TriggerState(true=True, fired=later)})

    assert previous_tick(mondays, later) == datetime(1975, 2, 3, 2, tzinfo=UTC)
    assert next_tick(mondays, later) == datetime(1975, 2, 10, 2, tzinfo=UTC)
    assert previous_tick(mondays, datetime(1975, 2, 3, 2, tzinfo=UTC)) == datetime(1975, 2, 3, 2, tzinfo=UTC)
    assert holds(mondays, LOOP, later)
    assert not holds(mondays, fired, later + DAY)
    assert holds(mondays, fired, later + 6 * DAY)


def test_a_trigger_fires_once_while_its_condition_stays_true() -> None:
    trigger = Trigger(name="t0", when=HIGH)
    before, after = TriggerState(), TriggerState(true=True, fired=START)

    assert triggers.fires(trigger, before, holds=True, loop=LOOP, now=START)
    assert not triggers.fires(trigger, after, holds=True, loop=LOOP, now=START + 1000 * DAY)
    assert not triggers.fires(trigger, after, holds=False, loop=LOOP, now=START)


def test_a_trigger_that_repeats_fires_again_after_its_last_attempt_ended() -> None:
    trigger = Trigger(name="t0", when=HIGH, repeat=30 * DAY)
    state = TriggerState(true=True, fired=START)
    last = Ended(number=1, outcome=Outcome.REJECTED, started=START, ended=START + 50 * DAY, used=START)
    ended = replace(LOOP, last=last)

    assert not triggers.fires(trigger, state, holds=True, loop=LOOP, now=START + 29 * DAY)
    assert triggers.fires(trigger, state, holds=True, loop=LOOP, now=START + 30 * DAY)
    assert not triggers.fires(trigger, state, holds=True, loop=ended, now=START + 79 * DAY)
    assert triggers.fires(trigger, state, holds=True, loop=ended, now=START + 80 * DAY)


HOUR = timedelta(hours=1)
NIGHTLY = CronCondition(cron="0 3 * * *")
PUNCTUAL = replace(NIGHTLY, catchup=Catchup.NONE)


def test_without_catchup_a_tick_at_which_nobody_looked_is_gone() -> None:
    tick = START + DAY + 3 * HOUR

    assert holds(PUNCTUAL, LOOP, tick + HOUR)
    assert not holds(PUNCTUAL, LOOP, tick + 2 * HOUR)
    assert holds(NIGHTLY, LOOP, tick + 20 * HOUR)


def test_a_trigger_that_is_new_does_not_make_up_for_what_came_before_it() -> None:
    applied = replace(LOOP, applied=START + 10 * DAY + 12 * HOUR)
    seen_first = replace(LOOP, triggers={"t0": TriggerState(since=START + 10 * DAY + 12 * HOUR)})

    for loop in (applied, seen_first):
        assert not holds(NIGHTLY, loop, START + 10 * DAY + 13 * HOUR)
        assert holds(NIGHTLY, loop, START + 11 * DAY + 3 * HOUR)


def test_collected_rows_are_counted_apart_from_labelled_ones() -> None:
    rows = RowsCondition(at_least=10, rows=Rows.COLLECTED)

    assert not holds(rows, replace(LOOP, labelled=100, collected=9))
    assert holds(rows, replace(LOOP, labelled=0, collected=10))
    assert not holds(rows, LOOP)


def test_labels_are_ready_when_enough_of_those_that_are_due_have_come() -> None:
    ready = ReadyCondition(share=0.9, over=7 * DAY)
    week = str(7 * 86400)

    assert not holds(ready, LOOP)
    assert not holds(ready, replace(LOOP, arrived={week: 0.89}))
    assert holds(ready, replace(LOOP, arrived={week: 0.9}))


def test_an_asset_has_changed_when_no_attempt_has_used_it_as_it_is() -> None:
    changed = ChangedCondition(assets=("model:embedder", "code"))
    same = replace(LOOP, assets={"code": AssetSeen("a", "a"), "model:embedder": AssetSeen("3", "3")})
    newer = replace(LOOP, assets={"code": AssetSeen("a", "a"), "model:embedder": AssetSeen("4", "3")})

    assert not holds(changed, LOOP)
    assert not holds(changed, same)
    assert holds(changed, newer)
    assert conditions.truth(Trigger(name="t0", when=changed), newer, START, previous_tick).why == (
        "model:embedder is 4, was 3"
    )


def test_an_event_counts_when_it_was_heard_after_the_last_attempt_began() -> None:
    heard = EventCondition(source="partner")

    def at(hours: int) -> Loop:
        event = Heard(at=START + hours * HOUR, event="1", subject="rows")
        return replace(LOOP, heard={"partner": event}, triggers={"t0": TriggerState(since=START)})

    last = Ended(number=1, outcome=Outcome.ABORTED, started=START + 5 * HOUR, ended=START + 9 * HOUR, used=START)
    assert not holds(heard, LOOP)
    assert holds(heard, at(1))
    assert not holds(heard, replace(at(4), last=last))
    assert holds(heard, replace(at(6), last=last))


def test_the_tree_of_answers_has_one_for_each_part_at_its_place() -> None:
    when = AllOf(conditions=(HIGH, Not(condition=AnyOf(conditions=(RowsCondition(at_least=5), NIGHTLY)))))
    found = conditions.truth(Trigger(name="t0", when=when), LOOP, START, previous_tick)

    assert [(each.key, each.holds) for each in found.leaves()] == [
        ("t0/0", False),
        ("t0/1/not/0", False),
        ("t0/1/not/1", False),
    ]
    assert found.parts[1].holds
