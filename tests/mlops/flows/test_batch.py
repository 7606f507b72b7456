"""A batch endpoint: a candidate becomes the default only after it scored the same input as the champion, and well."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Hold, RolloutPhase
from mlops.domain.world import DeploymentPhase, JobPhase, JobState
from mlops.flows import commands
from mlops.flows.frozen import freeze, unfreeze
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError
from tests.fakes.azure import World
from tests.mlops.flows.scenes import always, better, drifts
from tests.mlops.flows.test_replay import again
from tests.mlops.rig import DAY, ON_BATCH, PROJECT, Rig, as_batch

BATCH = as_batch(PROJECT)
SAME: dict[str, float | None] = {str(at): at / 100 for at in range(100)}
OTHER: dict[str, float | None] = {key: 1 - (value or 0.0) for key, value in SAME.items()}


def default(rig: Rig) -> dict[str, int]:
    return rig.world.traffic


def serving(tmp_path: Path, text: str = BATCH) -> Rig:
    """A champion is the default, and another model is on its way that passes its gates."""
    rig = Rig(folder=tmp_path, text=text, platform=ON_BATCH, world=World(batch=True))
    rig.world.assets["data:nightly"] = "6"
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.world.clock.advance(30 * DAY)
    rig.settle()
    rig.decisions.clear()
    rig.world.shifts.clear()
    rig.world.runs.clear()
    better(rig)
    drifts(rig)
    return rig


def comparing(tmp_path: Path, text: str = BATCH) -> tuple[Rig, str, str]:
    """Both score; with the names of the candidate and the champion."""
    rig = serving(tmp_path, text)
    champion = next(iter(rig.world.traffic))
    both_run(rig)
    assert rig.loop.rollout is not None
    return rig, rig.loop.rollout.deployment, champion


def both_run(rig: Rig) -> None:
    """Both runs of the comparison are under way, and stay so."""
    while rig.loop.rollout is None or rig.loop.rollout.comparison is None:
        one(rig)
    rig.world.looks = 10_000
    while len(rig.world.runs) < 2:
        one(rig)


def one(rig: Rig) -> None:
    """One pass; a day goes by when there is nothing to do."""
    assert rig.world.clock.now().year < 1978, "it never comes to that"
    assert rig.world.seams.passed < 5000, "it goes round and round"
    done = reconcile(rig.context)
    rig.decisions.extend(done.decisions)
    if not done.acted and done.waiting_for != "operation":
        rig.world.clock.advance(DAY)


def finish(rig: Rig) -> None:
    rig.world.looks = 2
    for name in rig.world.run_looks:
        rig.world.run_looks[name] = 1


def test_the_candidate_becomes_the_default_in_one_change_after_both_scored_the_same(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    old = next(iter(rig.world.traffic))
    rig.until("champion promoted")
    new = next(iter(rig.world.traffic))

    assert [(plan.deployment, plan.input) for plan in rig.world.runs.values()] == [
        (new, "azureml://datastores/workspaceblobstore/paths/rain-training-2/holdout.csv"),
        (old, "azureml://datastores/workspaceblobstore/paths/rain-training-2/holdout.csv"),
    ]
    assert rig.world.shifts == [({new: 100}, {})]
    rig.days(1)
    assert rig.world.deployments[old].phase is DeploymentPhase.READY
    rig.days(2)
    assert rig.world.deleted == [old]


def test_the_first_model_is_the_default_only_after_its_own_run_completed(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=BATCH, platform=ON_BATCH, world=World(batch=True))
    rig.world.answers["1"] = {"a": 0.5, "b": None}
    rig.settle()
    why = rig.until("rollout rolling back").why

    assert "error_rate 0.5 is not <= 0.01" in why
    assert rig.world.shifts == []


def test_until_both_runs_ended_the_champion_is_the_default(tmp_path: Path) -> None:
    rig, candidate, champion = comparing(tmp_path)
    for _ in range(20):
        one(rig)
    assert default(rig) == {champion: 100}
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.phase is RolloutPhase.COMPARING

    finish(rig)
    rig.until("champion promoted")
    assert default(rig) == {candidate: 100}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (OTHER, "prediction_disagreement 0.99 is > 0.3"),
        ({key: value for key, value in SAME.items() if key != "7"}, "unmatched_rows 0.01 is not <= 0 (100 rows)"),
        ({**SAME, "7": None, "8": None}, "error_rate 0.02 is not <= 0.01 (100 rows): first: 7"),
    ],
)
def test_a_comparison_that_fails_leaves_the_default_alone(
    tmp_path: Path, answers: dict[str, float | None], why: str
) -> None:
    rig = serving(tmp_path)
    rig.world.answers["2"] = answers
    said = rig.until("rollout rolling back")

    assert why in said.why
    rig.days(3)
    assert rig.world.shifts == []
    assert len(rig.world.deployments) == 1


def test_a_run_that_fails_where_the_champions_does_not_says_why(tmp_path: Path) -> None:
    rig, candidate, champion = comparing(tmp_path)
    rig.world.run_results[candidate] = JobState(phase=JobPhase.FAILED, reason="KeyError: 'wind'")
    finish(rig)

    assert "failed_runs 1 is not <= 0 (1 rows): KeyError: 'wind'" in rig.until("rollout rolling back").why
    assert default(rig) == {champion: 100}


def test_what_the_champion_fails_too_is_tried_again_and_then_a_person_is_asked(tmp_path: Path) -> None:
    rig, candidate, champion = comparing(tmp_path)
    for name in (candidate, champion):
        rig.world.run_results[name] = JobState(phase=JobPhase.FAILED, reason="no such file")
    finish(rig)
    rig.until("rollout held")
    rollout = rig.loop.rollout
    assert rollout is not None
    assert (rollout.hold, rollout.compared, default(rig)) == (Hold.INCONCLUSIVE, 4, {champion: 100})
    rig.days(5)
    assert len(rig.world.runs) == 8  # what is held starts no more jobs

    rig.world.run_results.clear()
    commands.resume(rig.context, "operator", "the file is back")
    rig.until("champion promoted")
    assert default(rig) == {candidate: 100}


def test_numbers_that_cannot_be_read_never_pass(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    rig.world.trouble["runs.measure"] = [OutsideError("no answer")] * 1000
    rig.until("rollout held")
    rig.days(5)
    assert rig.world.shifts == []


def test_too_few_rows_are_no_comparison(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    few = dict(list(SAME.items())[:20])
    rig.world.answers |= {"1": few, "2": few}
    rig.until("rollout held")
    assert rig.world.shifts == []


def test_as_many_comparisons_pass_as_the_project_asks_for(tmp_path: Path) -> None:
    rig = serving(tmp_path, BATCH.replace("input: holdout,", "input: holdout, runs: 3, every: P2D,"))
    began = rig.until("rollout comparing").at
    rig.until("champion promoted")

    assert rig.story().count("rollout compared") == 4  # with the first model's one
    assert rig.world.clock.now() - began >= 6 * DAY  # two pauses, and the bake
    assert len(rig.world.runs) == 6


def test_the_newest_of_an_asset_is_pinned_for_both(tmp_path: Path) -> None:
    rig = serving(tmp_path, BATCH.replace("input: holdout,", "input: azureml:nightly,"))
    rig.world.assets["data:nightly"] = "7"
    rig.until("rollout comparing")
    rig.world.assets["data:nightly"] = "8"
    rig.until("champion promoted")
    assert {plan.input for plan in rig.world.runs.values()} == {"azureml:nightly:7"}


def test_people_approve_after_the_comparison_and_no_job_runs_meanwhile(tmp_path: Path) -> None:
    text = BATCH.replace("    bake:", "      - {approve: {expires: P30D}}\n    bake:")
    rig = serving(tmp_path, text)
    rig.until("rollout compared")
    champion = default(rig)
    rig.days(10)
    assert (default(rig), len(rig.world.runs)) == (champion, 2)

    commands.approve(rig.context, "grace", "the numbers are fine", granted=True)
    rig.until("champion promoted")
    assert default(rig) != champion


def test_outside_its_windows_the_default_stays(tmp_path: Path) -> None:
    text = BATCH.replace("    measureEvery", "    windows: {freeze: [1975-03-01/1975-12-31]}\n    measureEvery")
    rig = serving(tmp_path, text)
    rig.until("rollout waits")
    rig.days(20)
    assert (rig.world.shifts, len(rig.world.runs)) == ([], 2)


def test_jobs_that_fail_while_it_bakes_give_the_default_back_before_anything_is_deleted(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    old = next(iter(rig.world.traffic))
    while default(rig) == {old: 100}:
        one(rig)
    (new,) = default(rig)
    rig.world.error_rate[new] = 0.5
    while rig.loop.rollout is not None:
        one(rig)
    assert "error_rate 0.5 is not <= 0.1" in reasons(rig, "rollout rolling back")[-1]

    assert default(rig) == {old: 100}
    assert rig.world.deleted == []
    rig.days(2)
    assert rig.world.deleted == [new]


def test_an_order_goes_back_to_the_version_before_its_deployment_first_the_default_after(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    old = next(iter(rig.world.traffic))
    rig.until("champion promoted")
    new = next(iter(rig.world.traffic))
    rig.world.readings.pop("drift")
    rig.days(4)
    assert rig.world.deleted == [old]
    rig.world.looks = 10_000
    commands.roll_back(rig.context, "ada", "complaints")
    for _ in range(5):
        assert reconcile(rig.context).trouble == ()  # nothing is asked for that would be refused
    assert (old in rig.world.deployments, default(rig)) == (True, {new: 100})

    for name in rig.world.pending_looks:
        rig.world.pending_looks[name] = 1
    rig.settle()
    assert default(rig) == {old: 100}
    assert rig.loop.champion is not None
    assert rig.loop.champion.deployment == old


@pytest.mark.parametrize("ordered", ["abort", "rollback"])
def test_runs_that_nobody_waits_for_are_stopped(tmp_path: Path, ordered: str) -> None:
    rig = serving(tmp_path)
    if ordered == "rollback":  # to the version before the champion
        rig.until("champion promoted")
        rig.world.runs.clear()
        better(rig, "3", 0.95)
        commands.trigger(rig.context, "operator", "again")
    both_run(rig)
    names = set(rig.world.runs)
    order = commands.abort if ordered == "abort" else commands.roll_back
    order(rig.context, "ada", "it costs too much")
    for _ in range(40):
        one(rig)

    assert rig.world.cancelled == names
    assert rig.loop.rollout is None
    assert rig.loop.attempt is None


def test_a_comparison_that_never_ends_is_stopped_and_counts_as_none(tmp_path: Path) -> None:
    rig, _, champion = comparing(tmp_path)
    names = set(rig.world.runs)
    rig.world.clock.advance(timedelta(hours=7))
    for _ in range(5):
        one(rig)
    assert names <= rig.world.cancelled
    assert default(rig) == {champion: 100}
    assert rig.loop.rollout is not None
    assert rig.loop.rollout.successes == 0


@pytest.mark.parametrize("moment", ["comparing", "baking", "at rest"])
def test_a_default_that_somebody_changed_by_hand_is_noticed_and_set_back(tmp_path: Path, moment: str) -> None:
    rig, candidate, champion = comparing(tmp_path)
    if moment != "comparing":
        finish(rig)
        rig.until("rollout advanced" if moment == "baking" else "champion promoted")
        while moment == "baking" and (rig.loop.rollout is None or rig.loop.rollout.phase is not RolloutPhase.BAKING):
            one(rig)
        while moment == "baking" and rig.loop.rollout is not None and rig.loop.rollout.applied is None:
            one(rig)
    right = dict(default(rig))
    wrong = candidate if right == {champion: 100} else champion
    rig.world.traffic = {wrong: 100}
    if moment == "at rest":
        rig.world.clock.advance(7 * DAY)
    for _ in range(8):
        one(rig)

    assert default(rig) == right
    assert f"traffic {wrong} 100, not {next(iter(right))} 100" in reasons(rig, "endpoint drifted")[-1]
    assert "set back" in reasons(rig, "endpoint repaired")[-1]


def test_frozen_no_run_begins_and_nothing_becomes_the_default(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    while rig.loop.rollout is None or rig.loop.rollout.phase is not RolloutPhase.COMPARING:
        one(rig)
    freeze(rig.context, "ada", "audit")
    rig.days(5)
    assert (len(rig.world.runs), rig.world.shifts) == (0, [])

    unfreeze(rig.context, "ada", "over")
    rig.until("champion promoted")
    assert len(rig.world.runs) == 2


def test_what_was_decided_can_be_replayed(tmp_path: Path) -> None:
    rig = serving(tmp_path)
    rig.world.answers["2"] = OTHER
    rig.until("attempt rolled back")
    done = again(rig)
    assert (done.differences, done.unreadable, done.passes > 10) == ([], [], True)


def reasons(rig: Rig, what: str) -> list[str]:
    said = [each.decision for each in rig.store.decisions("rain")]
    return [each.why for each in said if f"{each.subject.value} {each.what}" == what]
