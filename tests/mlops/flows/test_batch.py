"""A batch endpoint: a candidate becomes the default only after it scored the same input as the champion, and well."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlops.domain.loop import Hold, RolloutPhase
from mlops.domain.world import DeploymentPhase, JobPhase, JobState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import OutsideError
from tests.fakes.azure import World
from tests.mlops.flows.scenes import always, better, drifts
from tests.mlops.rig import DAY, PLATFORM, PROJECT, Rig

STEPS = """\
    steps:
      - {compare: {input: holdout, minSamples: 50, analysis: [alike]}}
    bake: {for: P2D, analysis: [jobs], keepPrevious: P2D}
    measureEvery: P1D
    keepFailed: P1D
    analysis:
      alike:
        - {metric: prediction_disagreement, success: "<= 0.1", failure: "> 0.3", minSamples: 50}
      jobs:
        - {metric: error_rate, success: "<= 0.1", minSamples: 1}
"""
BATCH = PROJECT[: PROJECT.index("    steps:")].replace("{endpoint: rain,", "{kind: batch, endpoint: rain,") + STEPS
ON_BATCH = replace(PLATFORM, endpoints={}, batch_endpoints={"rain": "rain-local"})
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
    rig.world.looks = 10_000
    rig.world.deploy_result = DeploymentPhase.READY
    while not rig.world.runs:
        one(rig)
    champion = next(iter(rig.world.traffic))
    while len(rig.world.runs) < 2:
        one(rig)
    assert rig.loop.rollout is not None
    return rig, rig.loop.rollout.deployment, champion


def one(rig: Rig) -> None:
    """One pass; a day goes by when there is nothing to do."""
    for name in list(rig.world.pending_looks):
        rig.world.pending_looks[name] = 1
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
