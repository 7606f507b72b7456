"""What triggers wait for beside monitors is looked at again at its source, and asked for once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.trigger import ChangedCondition, Trigger
from mlops.domain.loop import Outcome
from mlops.domain.records.decision import Decision
from mlops.domain.world import JobPhase, JobState
from mlops.flows import commands, lookout
from mlops.flows.commands import NotPossibleError
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError, Question
from tests.mlops.flows.scenes import always, better
from tests.mlops.rig import DAY, PROJECT, Rig

HOUR = timedelta(hours=1)


def project(when: str, policy: str = "cooldown: P1D") -> str:
    text = PROJECT.replace("cooldown: P60D, circuitBreaker: {failures: 3, holdFor: P90D}", policy)
    start, end = text.index("  triggers:\n"), text.index("  triggerPolicy")
    return f"{text[:start]}  triggers:\n    - {{name: news, when: {when}}}\n{text[end:]}"


def begun(folder: Path, text: str) -> Rig:
    rig = Rig(folder=folder, text=text)
    rig.world.readings["accuracy"] = always(0.7)
    rig.world.default_accuracy = 0.7  # no candidate is better than the champion
    rig.settle()
    rig.until("champion promoted")
    rig.settle()
    rig.decisions.clear()
    return rig


def said(rig: Rig, what: str) -> list[Decision]:
    rows = [each.decision for each in rig.store.decisions("rain")]
    return [each for each in rows if f"{each.subject.value} {each.what}" == what]


def pass_for(rig: Rig, time: timedelta) -> None:
    rig.world.clock.advance(time)
    rig.settle()


def test_another_upstream_version_asks_once_whatever_becomes_of_the_attempt(tmp_path: Path) -> None:
    rig = begun(tmp_path, project('{assetChanged: ["model:embedder", code]}'))
    pass_for(rig, 2 * DAY)
    assert rig.loop.attempts == 1

    rig.world.assets["model:embedder"] = "7"
    pass_for(rig, HOUR)
    (fired,) = said(rig, "trigger fired")[1:]
    rig.days(5)

    assert fired.why == "news: model:embedder is 7, was none"
    assert fired.numbers["news"] == "true: model:embedder is 7, was none"
    assert [each.outcome for each in rig.store.attempts("rain")[1:]] == [Outcome.REJECTED]
    rig.world.assets["code"] = "changed"
    pass_for(rig, HOUR)
    assert rig.loop.attempts == 3


def test_an_attempt_for_another_reason_uses_what_is_there_and_a_cancelled_one_counts(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{assetChanged: [code]}"))
    rig.world.assets["code"] = "changed"  # and nobody has looked yet
    commands.trigger(rig.context, "ada", "now")
    for _ in range(3):
        reconcile(rig.context)
    commands.abort(rig.context, "ada", "wrong")
    rig.settle()
    rig.days(5)

    assert [each.outcome for each in rig.store.attempts("rain")[1:]] == [Outcome.ABORTED]


def test_a_change_during_an_attempt_is_the_next_ones(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{assetChanged: [code]}", "cooldown: P1D"))
    rig.world.looks = 10_000
    commands.trigger(rig.context, "ada", "now")
    for _ in range(3):
        reconcile(rig.context)
    rig.world.assets["code"] = "changed"
    rig.world.clock.advance(2 * HOUR)
    for _ in range(5):
        reconcile(rig.context)
    rig.world.looks = 2
    rig.world.jobs[rig.world.submitted[-1].name] = 0
    rig.settle()
    rig.days(5)

    assert [each.request.trigger for each in rig.store.attempts("rain")[1:]] == ["manual", "news"]


def test_what_cannot_be_looked_at_changes_nothing_and_is_looked_at_again(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{assetChanged: [code]}"))
    pass_for(rig, 2 * DAY)
    rig.world.assets["code"] = "changed"
    rig.world.trouble["assets.version"] = [OutsideError("the registry does not answer")]
    rig.world.clock.advance(HOUR)
    done = reconcile(rig.context)

    assert done.trouble == ("the registry does not answer",)
    rig.settle()
    assert rig.loop.attempts == 2


def test_another_champion_upstream_is_read_from_the_state_of_its_project(rig: Rig) -> None:
    watch = Trigger(name="up", when=ChangedCondition(assets=("model:rain@champion", "model:wind@champion")))
    generation = rig.context.generation(1)
    downstream = replace(generation, project=replace(generation.project, triggers=(watch,)))

    found = lookout.seen(rig.context, downstream, rig.loop, rig.world.clock.moment).assets

    assert {name: seen.version for name, seen in found.items()} == {
        "model:rain@champion": "azureml:rain:1",
        "model:wind@champion": "",
    }


def counts(rig: Rig, name: str, value: float | None) -> list[Question]:
    asked: list[Question] = []

    def say(question: Question) -> Measurement:
        asked.append(question)
        return Measurement(monitor=name, value=value, samples=100)

    rig.world.readings[name] = say
    return asked


def test_labels_past_their_delay_let_a_trigger_fire_that_waited_for_them(tmp_path: Path) -> None:
    low = '{monitor: accuracy, enter: "< 0.6", exit: "> 0.65"}'
    rig = begun(tmp_path, project(f"{{all: [{low}, {{dataReady: labels, over: P14D}}]}}"))
    rig.world.readings["accuracy"] = always(0.5)
    asked = counts(rig, "labels-arrived", 0.5)
    rig.days(40)

    assert rig.loop.attempts == 1
    assert asked[-1].window.end - asked[-1].window.start == 14 * DAY
    assert rig.world.clock.moment - asked[-1].window.end >= 6 * DAY  # delay and grace
    (still,) = said(rig, "trigger still not")
    assert still.numbers["news/0"] == "true: accuracy 0.5, until > 0.65"
    assert still.numbers["news/1"] == "false: 50% of the labels that are due have come, 90% needed"
    counts(rig, "labels-arrived", 0.95)
    rig.days(2)
    assert rig.loop.attempts == 2


def test_rows_that_came_are_counted_since_what_the_last_attempt_used(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{dataAdded: {asset: collected, atLeast: 100}}"))
    asked = counts(rig, "rows-collected", 99)
    rig.days(3)
    assert rig.loop.attempts == 1
    assert rig.loop.last is not None
    assert asked[-1].window.start == rig.loop.last.used

    counts(rig, "rows-collected", 100)
    rig.days(2)
    assert rig.loop.attempts == 2


def test_what_nothing_can_be_counted_of_is_not_enough(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{any: [{dataAdded: {asset: collected, atLeast: 1}}, {dataReady: labels}]}"))
    counts(rig, "rows-collected", None)
    counts(rig, "labels-arrived", None)
    rig.days(3)

    assert rig.loop.attempts == 1


def test_a_reason_is_needed_unless_the_project_says_otherwise(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{manual: {}}"))
    with pytest.raises(NotPossibleError, match="rain wants to know why: say it with --reason"):
        commands.trigger(rig.context, "ada", " ")
    rig.apply(project("{manual: {requireReason: false}}"))
    commands.trigger(rig.context, "ada", "")
    rig.settle()

    assert rig.loop.attempts == 2
    assert "news" not in rig.loop.triggers


def test_going_past_the_budget_needs_a_reason_even_so(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{manual: {requireReason: false}}", "budget: {runs: 1}"))
    with pytest.raises(NotPossibleError, match="going past the budget needs a reason"):
        commands.trigger(rig.context, "ada", "", break_glass=True)


def test_other_code_closes_the_breaker_and_the_same_does_not(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{every: P30D}", "circuitBreaker: {failures: 1, holdFor: P300D}"))
    rig.world.job_result = JobState(phase=JobPhase.FAILED, reason="no rain")
    commands.trigger(rig.context, "ada", "try")
    rig.settle()
    rig.days(40)
    assert rig.loop.attempts == 2
    assert [each.numbers["held"] for each in said(rig, "trigger held")] == ["breaker"]

    rig.world.assets["code"] = "mended"
    rig.world.job_result = replace(rig.world.job_result, phase=JobPhase.SUCCEEDED)
    pass_for(rig, HOUR)
    (reset,) = said(rig, "trigger breaker reset")

    assert reset.why == "the training code is mended, was c0de when 1 attempts had failed"
    assert rig.loop.attempts == 3


def test_other_code_does_not_close_a_breaker_that_only_people_may(tmp_path: Path) -> None:
    text = project("{every: P30D}", "circuitBreaker: {failures: 1, holdFor: P300D, resetBy: [manual]}")
    rig = begun(tmp_path, text)
    rig.world.job_result = JobState(phase=JobPhase.FAILED, reason="no rain")
    commands.trigger(rig.context, "ada", "try")
    rig.settle()
    rig.world.assets["code"] = "mended"
    rig.days(40)

    assert rig.loop.attempts == 2


def test_after_the_clock_went_back_nothing_waits_for_a_time_that_is_not(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{every: P10D}", "cooldown: P5D, budget: {runs: 2, per: P20D}"))
    rig.world.clock.advance(200 * DAY)
    rig.settle()
    assert rig.loop.attempts == 2
    rig.world.clock.advance(-190 * DAY)
    rig.settle()
    (back,) = said(rig, "project clock set back")
    began = rig.world.clock.moment
    rig.until("attempt started", days=30)

    assert "the clock went back by 190 days" in back.why
    assert rig.world.clock.moment - began <= 20 * DAY


def test_a_promotion_does_not_make_a_new_schedule_fire_for_what_came_before_it(tmp_path: Path) -> None:
    rig = begun(tmp_path, project("{manual: {}}"))
    rig.days(14)
    rig.apply(project('{cron: "0 0 15 * *"}'))
    rig.settle()
    better(rig)
    commands.trigger(rig.context, "ada", "better")
    rig.until("champion promoted")
    rig.settle()

    assert f"{rig.world.clock.moment:%m-%d}" < "02-15"
    assert [each.numbers["trigger"] for each in said(rig, "trigger fired")] == ["bootstrap", "manual"]
