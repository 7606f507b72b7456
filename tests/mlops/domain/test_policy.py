"""The policy: who has which place, what holds a request, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.domain.declared.pipeline import Pipeline, Price
from mlops.domain.declared.policy import Budget, OnBusy, OnExhausted, ResetBy, Skip, TriggerPolicy
from mlops.domain.loop import Attempt, AttemptPhase, Ended, Loop, Outcome, Request, Spent, Word
from mlops.domain.project import Project
from mlops.domain.triggers import budget, policy
from mlops.domain.world import Window
from tests.mlops.projects import project_with

START = datetime(1975, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
LOOP = Loop(project="rain", endpoint="rain", started=START, generation=1, applied=START, author="ada")
LAST = Ended(number=1, outcome=Outcome.FAILED, started=START, ended=START, used=START)
NOTHING = Window(start=START, end=START)


def request(day: int, trigger: str = "", *, manual: bool = False, break_glass: bool = False) -> Request:
    at = START + day * DAY
    name = trigger or f"t{day}"
    return Request(key=f"{name}{day}", trigger=name, why="", asked=at, first=at, manual=manual, break_glass=break_glass)


def busy(loop: Loop, phase: AttemptPhase = AttemptPhase.TRAINING) -> Loop:
    attempt = Attempt(
        number=1,
        request=request(0),
        generation=1,
        author="ada",
        started=START,
        entered=START,
        phase=phase,
        train=NOTHING,
        holdout=NOTHING,
        without=(),
        job="j",
    )
    return replace(loop, attempt=attempt)


def placed(rules: TriggerPolicy, loop: Loop, *requests: Request) -> tuple[Loop, list[str]]:
    went: list[str] = []
    for each in requests:
        found = policy.enqueue(rules, loop, each)
        loop, went = found.loop, [*went, found.what]
    return loop, went


def test_coalesce_the_newest_request_takes_the_place_and_keeps_the_turn() -> None:
    loop, went = placed(TriggerPolicy(), LOOP, request(1), request(2))

    assert (loop.pending, loop.queue, went) == (replace(request(2), first=START + DAY), (), ["waits", "coalesced"])


def test_a_persons_request_is_displaced_by_another_persons_only_and_a_broken_glass_by_none_without() -> None:
    person, other, glass = (
        request(1, manual=True),
        request(3, manual=True),
        request(4, manual=True, break_glass=True),
    )

    assert placed(TriggerPolicy(), LOOP, person, request(2))[0].pending == person
    assert placed(TriggerPolicy(), LOOP, person, other)[0].pending == replace(other, first=START + DAY)
    assert placed(TriggerPolicy(), LOOP, glass, other)[0].pending == glass


def test_queue_each_trigger_has_one_place_and_its_newest_request_has_it() -> None:
    rules = TriggerPolicy(on_busy=OnBusy.QUEUE)
    first, decay, drift, newer = request(1, "drift"), request(2, "decay"), request(3, "drift"), request(4, "decay")
    loop, went = placed(rules, LOOP, first, decay, drift, newer)

    assert went == ["waits", "queued", "coalesced", "coalesced"]
    assert loop.pending == replace(drift, first=first.first)
    assert loop.queue == (replace(newer, first=decay.first),)
    assert policy.taken(loop) == replace(loop, pending=loop.queue[0], queue=())


def test_queue_a_person_has_the_next_turn() -> None:
    rules = TriggerPolicy(on_busy=OnBusy.QUEUE)
    person = request(3, "manual", manual=True)
    loop, _ = placed(rules, LOOP, request(1, "drift"), request(2, "decay"), person)

    assert policy.taken(loop).pending == person


def test_drop_forgets_what_is_asked_during_an_attempt_but_no_person() -> None:
    rules = TriggerPolicy(on_busy=OnBusy.DROP)
    person = request(2, manual=True)

    assert placed(rules, busy(LOOP), request(1)) == (busy(LOOP), ["dropped"])
    assert placed(rules, busy(LOOP), person)[0].pending == person
    assert placed(rules, LOOP, request(1))[0].pending == request(1)


def held(loop: Loop, waiting: Request, day: float, **rules: object) -> policy.Held | None:
    made = TriggerPolicy(**{"debounce": 3 * DAY, "max_wait": 5 * DAY, "cooldown": 60 * DAY, **rules})  # type: ignore[arg-type]
    return policy.hold(project_with(policy=made), loop, waiting, START + day * DAY)


def kind(loop: Loop, waiting: Request, day: float, **rules: object) -> str | None:
    found = held(loop, waiting, day, **rules)
    return found.kind if found else None


def test_debounce_waits_for_quiet_but_not_for_ever() -> None:
    waiting = replace(request(4), first=START)

    assert kind(LOOP, request(0), 2) == "debounce"
    assert kind(LOOP, request(0), 3) is None
    assert kind(LOOP, waiting, 4) == "debounce"
    assert kind(LOOP, waiting, 5) is None


def test_without_max_wait_what_never_becomes_quiet_waits_eight_times_as_long() -> None:
    waiting = replace(request(23), first=START)

    assert kind(LOOP, waiting, 23.5, max_wait=None) == "debounce"
    assert kind(LOOP, waiting, 24, max_wait=None) is None


def test_cool_down_holds_until_its_end_and_says_when() -> None:
    cooling = replace(LOOP, last=LAST)
    found = held(cooling, request(10), 59)

    assert found is not None
    assert (found.kind, found.until) == ("cool-down", START + 60 * DAY)
    assert kind(cooling, request(10), 60) is None


def test_of_several_holds_the_longest_is_said() -> None:
    broken = replace(LOOP, last=LAST, breaker_until=START + 90 * DAY, failures=3)

    assert kind(broken, request(10), 11) == "breaker"
    assert kind(replace(broken, breaker_until=START + 30 * DAY), request(10), 11) == "cool-down"


def test_a_person_skips_what_the_project_lets_people_skip() -> None:
    cooling, person = replace(LOOP, last=LAST), request(10, manual=True)

    assert kind(cooling, person, 10) is None
    assert kind(cooling, person, 10, manual_skips=(Skip.COOLDOWN,)) == "debounce"
    assert kind(cooling, person, 10, manual_skips=(Skip.DEBOUNCE,)) == "cool-down"


def test_the_breaker_holds_all_but_a_person_who_may_reset_it() -> None:
    broken = replace(LOOP, breaker_until=START + 90 * DAY, failures=3)
    person = request(10, manual=True)

    assert kind(broken, request(10), 89) == "breaker"
    assert kind(broken, person, 11) is None
    assert kind(broken, person, 11, breaker_reset_by=(ResetBy.CODE,)) == "breaker"
    assert kind(broken, request(10), 90) is None


def test_a_pause_holds_everybody_and_so_does_an_attempt_under_way() -> None:
    paused = replace(LOOP, paused=Word(actor="ada", at=START, reason="holidays"))

    assert kind(paused, request(10, manual=True), 100) == "paused"
    assert kind(busy(LOOP), request(10, manual=True), 100) == "busy"


PRICED = Pipeline(
    job=Path("pipeline.yml"),
    compute="gpu",
    window=DAY,
    holdout=DAY,
    timeout=timedelta(hours=6),
    price=Price(per_hour=3.0, currency="EUR", nodes=2, gpus=4),
)


def spending(limits: Budget, *, pipeline: Pipeline = PRICED) -> Project:
    return project_with(policy=TriggerPolicy(budget=limits), pipeline=pipeline)


def used(*runs: tuple[float, float, float]) -> Loop:
    """A loop whose attempts began on that day, cost that much and took so many GPU hours."""
    ledger = tuple(
        Spent(attempt=at, at=START + day * DAY, cost=cost, gpu_hours=hours)
        for at, (day, cost, hours) in enumerate(runs, 1)
    )
    return replace(LOOP, ledger=ledger)


@pytest.mark.parametrize(
    ("limits", "loop", "until", "why"),
    [
        (Budget(per=7 * DAY, runs=2), used((0, 0, 0)), None, None),
        (Budget(per=7 * DAY, runs=2), used((0, 0, 0), (3, 0, 0)), 7, "2 of 2 runs are used within 7 days"),
        (Budget(per=7 * DAY, runs=2), used((0, 0, 0), (3, 0, 0), (4, 0, 0)), 10, "3 of 2 runs are used within 7 days"),
        (Budget(per=4 * DAY, runs=2), used((0, 0, 0), (3, 0, 0)), None, None),
        (Budget(per=7 * DAY, cost=50, currency="EUR"), used((0, 14, 0)), None, None),
        (
            Budget(per=7 * DAY, cost=50, currency="EUR"),
            used((0, 10, 0), (1, 5, 0)),
            7,
            "15 of 50 EUR are used within 7 days, and a run may use 36",
        ),
        (Budget(per=7 * DAY, cost=30, currency="EUR"), used(), None, "0 of 30 EUR are used within 7 days, and a run"),
        (Budget(per=7 * DAY, gpu_hours=60), used((0, 0, 13)), 7, "13 of 60 GPU hours are used within 7 days, and a"),
    ],
)
def test_a_budget_holds_until_the_next_run_fits_at_its_dearest(
    limits: Budget, loop: Loop, until: float | None, why: str | None
) -> None:
    found = policy.hold(spending(limits), loop, request(4), START + 5 * DAY)
    if why is None:
        assert found is None
        return

    assert found is not None
    assert (found.kind, found.alert) == ("budget", True)
    assert found.until == (START + until * DAY if until is not None else None)
    assert why in found.why


def test_a_person_does_not_go_past_the_budget_but_a_broken_glass_does() -> None:
    limits = Budget(per=7 * DAY, runs=1, on_exhausted=OnExhausted.HOLD)
    found = policy.hold(spending(limits), used((0, 0, 0)), request(4, manual=True), START + 5 * DAY)

    assert found is not None
    assert not found.alert
    glass = request(4, manual=True, break_glass=True)
    assert policy.hold(spending(limits), used((0, 0, 0)), glass, START + 5 * DAY) is None


@pytest.mark.parametrize(
    ("hours", "cost", "gpu_hours"),
    [(2.0, 12.0, 16.0), (-5.0, 0.0, 0.0), (1000.0, 36.0, 48.0)],
    ids=["as long as it took", "the clock went back", "no longer than its timeout"],
)
def test_an_attempt_is_charged_for_its_job_whatever_the_clock_did(hours: float, cost: float, gpu_hours: float) -> None:
    project = spending(Budget(per=7 * DAY, runs=2))
    loop = busy(replace(LOOP, ledger=(Spent(attempt=1, at=START),)))
    assert loop.attempt is not None

    charged = budget.charged(project, loop, loop.attempt, START + timedelta(hours=hours))

    assert charged == (Spent(attempt=1, at=START, cost=cost, gpu_hours=gpu_hours),)
    paid = replace(loop, ledger=charged, attempt=replace(loop.attempt, phase=AttemptPhase.JUDGING))
    assert paid.attempt is not None
    assert budget.charged(project, paid, paid.attempt, START + 100 * DAY) == charged


def test_the_ledger_forgets_what_no_period_sees() -> None:
    project = spending(Budget(per=40 * DAY, runs=2))
    loop = used((0, 1, 1), (10, 1, 1))

    assert [each.attempt for each in budget.opened(project, loop, 3, START + 40 * DAY)] == [2, 3]
