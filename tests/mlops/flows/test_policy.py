"""What the policy holds, lets through and writes down, in a loop that runs."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Outcome
from mlops.domain.records.decision import Decision
from mlops.domain.world import JobPhase, JobState
from mlops.flows import commands
from mlops.flows.commands import NotPossibleError
from mlops.flows.reconcile import reconcile
from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, PROJECT, Rig

PRICED = PROJECT.replace("timeout: PT6H}", "timeout: PT6H, price: {perHour: 3, currency: EUR, nodes: 2, gpus: 4}}")


def policy(budget: str, text: str = PRICED) -> str:
    assert "cooldown: P60D" in text
    return text.replace("cooldown: P60D", budget)


def begun(folder: Path, text: str) -> Rig:
    rig = Rig(folder=folder, text=text)
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.decisions.clear()
    return rig


def said(rig: Rig, what: str) -> list[Decision]:
    rows = [each.decision for each in rig.store.decisions("rain")]
    return [each for each in rows if f"{each.subject.value} {each.what}" == what]


def ask(rig: Rig, why: str, *, break_glass: bool = False) -> None:
    commands.trigger(rig.context, "ada", why, break_glass=break_glass)
    rig.settle()


def test_an_exhausted_budget_holds_people_too_says_until_when_and_is_told(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("budget: {runs: 2, per: P30D}"))
    began = rig.store.attempts("rain")[0].started
    ask(rig, "one more")
    ask(rig, "and another")
    (told,) = said(rig, "trigger budget exhausted")

    assert rig.loop.attempts == 2
    assert told.why.startswith("manual waits: 2 of 2 runs are used within 30 days: nothing starts before ")
    assert told.numbers["until"] == (began + 30 * DAY).isoformat()
    assert rig.loop.pending is not None
    assert rig.loop.pending.held_until == began + 30 * DAY
    rig.days(29)
    assert rig.loop.attempts == 2
    rig.days(1)
    assert [each.request.why for each in rig.store.attempts("rain")] == [
        "there is no champion yet",
        "one more",
        "and another",
    ]
    assert rig.store.attempts("rain")[-1].started == began + 30 * DAY


def test_hold_alone_is_written_down_and_not_told(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("budget: {runs: 1, per: P30D, onExhausted: hold}"))
    ask(rig, "one more")

    assert said(rig, "trigger budget exhausted") == []
    assert [each.numbers["held"] for each in said(rig, "trigger held")] == ["budget"]


def test_a_run_is_charged_by_its_time_and_its_size_and_the_next_waits_for_the_money(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("budget: {cost: {limit: 50, currency: EUR}, per: P30D}"))
    rig.world.looks = 10_000
    commands.trigger(rig.context, "ada", "long")
    for _ in range(5):
        reconcile(rig.context)
    rig.world.clock.advance(timedelta(hours=5))
    rig.world.jobs[rig.world.submitted[-1].name] = 0
    rig.world.looks = 2
    rig.settle()
    ask(rig, "next")

    assert [(each.cost, each.gpu_hours) for each in rig.loop.ledger] == [(0, 0), (30, 40)]
    assert said(rig, "attempt trained")[-1].numbers["cost"] == 30
    (told,) = said(rig, "trigger budget exhausted")
    assert "30 of 50 EUR are used within 30 days, and a run may use 36" in told.why


def test_a_person_breaks_the_glass_with_a_reason_and_it_is_on_record(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("budget: {runs: 1, per: P30D, breakGlass: [Ada]}"))
    with pytest.raises(NotPossibleError, match=r"bob may not go past the budget; Ada may \(budget\.breakGlass\)"):
        commands.trigger(rig.context, "bob", "please", break_glass=True)
    ask(rig, "the sensor lies", break_glass=True)
    (broken,) = said(rig, "trigger glass broken")

    assert rig.loop.attempts == 2
    assert broken.actor == "ada"
    assert broken.why.startswith("ada: the sensor lies; 1 of 1 runs are used within 30 days")
    ask(rig, "again")
    assert rig.loop.attempts == 2


def test_without_a_budget_there_is_no_glass_to_break(rig: Rig) -> None:
    with pytest.raises(NotPossibleError, match="the project has no budget"):
        commands.trigger(rig.context, "ada", "please", break_glass=True)


def fails(rig: Rig) -> None:
    rig.world.job_result = JobState(phase=JobPhase.FAILED, reason="no rain")


def test_a_person_closes_the_breaker_and_one_more_failure_opens_it_again(tmp_path: Path) -> None:
    rig = begun(tmp_path, PROJECT.replace("failures: 3", "failures: 2"))
    fails(rig)
    for _ in range(3):
        ask(rig, "try")

    assert [each.outcome for each in rig.store.attempts("rain")[1:]] == [Outcome.FAILED] * 3
    assert len(said(rig, "trigger breaker open")) == 2
    assert [each.actor for each in said(rig, "trigger breaker reset")] == ["ada"]


def test_a_candidate_that_is_only_no_better_does_not_open_the_breaker_again(tmp_path: Path) -> None:
    rig = begun(tmp_path, PROJECT.replace("failures: 3", "failures: 1"))
    good = rig.world.job_result
    fails(rig)
    ask(rig, "try")
    rig.world.job_result, rig.world.default_accuracy = good, 0.7
    ask(rig, "try again")

    assert [each.outcome for each in rig.store.attempts("rain")[1:]] == [Outcome.FAILED, Outcome.REJECTED]
    assert rig.loop.breaker_until is None


def test_a_breaker_that_no_person_resets_holds_people_as_well(tmp_path: Path) -> None:
    rig = begun(tmp_path, PROJECT.replace("failures: 3", "failures: 1, resetBy: [codeChanged]"))
    fails(rig)
    ask(rig, "try")
    ask(rig, "try again")

    assert rig.loop.attempts == 2
    assert [each.numbers["held"] for each in said(rig, "trigger held")] == ["breaker"]


def test_queue_each_trigger_gets_its_run_one_after_the_other(tmp_path: Path) -> None:
    two = "    - {name: month, when: {every: P30D}}\n    - {name: moon, when: {every: P30D}}\n"
    text = PROJECT.replace("  triggers:\n", "  triggers:\n" + two)
    text = text.replace("cooldown: P60D", "concurrency: {onBusy: queue}")
    rig = begun(tmp_path, text)
    rig.world.default_accuracy = 0.4
    rig.days(60)

    assert [each.request.trigger for each in rig.store.attempts("rain")[1:3]] == ["month", "moon"]
    assert len(said(rig, "trigger queued")) >= 1


def test_drop_what_fires_during_an_attempt_is_forgotten_and_that_is_written_down(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("concurrency: {onBusy: drop}").replace("timeout: PT6H", "timeout: P30D"))
    rig.world.readings["drift"] = always(0.5)
    rig.world.looks = 10_000
    commands.trigger(rig.context, "ada", "slow")
    for _ in range(5):
        reconcile(rig.context)
    rig.world.clock.advance(15 * DAY)
    for _ in range(30):
        reconcile(rig.context)

    assert [each.numbers["trigger"] for each in said(rig, "trigger dropped")] == ["drift"]
    assert rig.loop.pending is None


def test_debounce_holds_a_person_when_the_project_says_so(tmp_path: Path) -> None:
    rig = begun(tmp_path, policy("debounce: P2D, overrides: {manual: {skip: [cooldown]}}"))
    rig.until("champion promoted")
    ask(rig, "soon")
    rig.days(1)

    assert rig.loop.attempts == 1
    rig.days(1)
    assert rig.loop.attempts == 2


def test_drift_that_each_attempt_brings_about_anew_stays_within_the_budget(tmp_path: Path) -> None:
    """Retrain, drift, retrain: whatever asks is true again at every window, and nothing is promoted."""
    always_true = "    - {name: always, when: {any: [{every: P1D}, {labelledRows: 1}]}, repeat: P1D}\n"
    text = PROJECT.replace("  triggers:\n", "  triggers:\n" + always_true)
    rig = begun(tmp_path, text.replace("cooldown: P60D", "cooldown: P2D, budget: {runs: 3, per: P30D}"))
    rig.world.readings["drift"] = always(0.5)
    rig.world.default_accuracy = 0.7
    rig.days(100)
    starts = [each.started for each in rig.store.attempts("rain")]
    ends = [each.ended for each in rig.store.attempts("rain") if each.ended]

    assert len(starts) > 7
    assert all(sum(begin <= each < begin + 30 * DAY for each in starts) <= 3 for begin in starts)
    assert all(start - end >= 2 * DAY for end, start in zip(ends, starts[1:], strict=False))
    assert len(said(rig, "trigger budget exhausted")) <= len(starts)
