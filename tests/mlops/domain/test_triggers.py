"""Triggers: conditions over state, and what holds a request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain import triggers
from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.declared.trigger import (
    AllOf,
    AnyOf,
    Condition,
    CronCondition,
    EveryCondition,
    MonitorCondition,
    Not,
    RowsCondition,
    Trigger,
    TriggerPolicy,
)
from mlops.domain.loop import Attempt, AttemptPhase, Ended, Loop, Outcome, Request, TriggerState, Word
from mlops.domain.measurement import Bound, Measurement
from mlops.domain.world import Window
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
    return triggers.truth(Trigger(name="t0", when=condition), loop, now, previous_tick).holds


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


def request(day: int, *, manual: bool = False) -> Request:
    at = START + day * DAY
    return Request(key=str(day), trigger=f"t{day}", why="", asked=at, first=at, manual=manual)


def test_the_newest_request_takes_the_place_and_keeps_the_turn() -> None:
    loop = triggers.enqueue(triggers.enqueue(LOOP, request(1)), request(2))

    assert loop.pending == replace(request(2), first=START + DAY)


def test_a_persons_request_is_not_displaced_by_the_loops_own() -> None:
    loop = triggers.enqueue(triggers.enqueue(LOOP, request(1, manual=True)), request(2))

    assert loop.pending == request(1, manual=True)


POLICY = TriggerPolicy(debounce=3 * DAY, max_wait=5 * DAY, cooldown=60 * DAY)
LAST = Ended(number=1, outcome=Outcome.FAILED, started=START, ended=START, used=START)


def kind(loop: Loop, waiting: Request, day: int) -> str | None:
    held = triggers.hold(POLICY, loop, waiting, START + day * DAY)
    return held.kind if held else None


def test_debounce_waits_for_quiet_but_not_for_ever() -> None:
    waiting = replace(request(4), first=START)

    assert kind(LOOP, request(0), 2) == "debounce"
    assert kind(LOOP, request(0), 3) is None
    assert kind(LOOP, waiting, 4) == "debounce"
    assert kind(LOOP, waiting, 5) is None


def test_cool_down_holds_until_its_end_and_says_when() -> None:
    cooling = replace(LOOP, last=LAST)
    held = triggers.hold(POLICY, cooling, request(10), START + 59 * DAY)

    assert held is not None
    assert (held.kind, held.until) == ("cool-down", START + 60 * DAY)
    assert kind(cooling, request(10), 60) is None
    assert kind(cooling, request(10, manual=True), 10) is None


def test_the_breaker_holds_all_but_a_person() -> None:
    broken = replace(LOOP, breaker_until=START + 90 * DAY, failures=3)

    assert kind(broken, request(10), 89) == "breaker"
    assert kind(broken, request(10, manual=True), 11) is None
    assert kind(broken, request(10), 90) is None


def test_a_pause_holds_everybody_and_so_does_an_attempt_under_way() -> None:
    paused = replace(LOOP, paused=Word(actor="ada", at=START, reason="holidays"))
    day = Window(start=START, end=START)
    attempt = Attempt(
        number=1,
        request=request(1),
        generation=1,
        author="ada",
        started=START,
        entered=START,
        phase=AttemptPhase.TRAINING,
        train=day,
        holdout=day,
        without=(),
        job="j",
    )

    assert kind(paused, request(10, manual=True), 100) == "paused"
    assert kind(replace(LOOP, attempt=attempt), request(10, manual=True), 100) == "busy"
