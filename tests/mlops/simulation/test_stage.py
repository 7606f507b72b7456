"""The stage and the people on it: what is made once, what is refused, who answers when."""

from datetime import timedelta

import pytest

from mlops.domain.world import DatasetPlan, DeploymentPlan, JobPhase, JobPlan, ModelPlan, Window
from mlops.ports import RefusedError
from mlops.simulation.azure import backends
from mlops.simulation.nature import Nature
from mlops.simulation.scenario import BadData, People, Training
from mlops.simulation.stage import Stage
from mlops.simulation.timetable import timetable
from tests.mlops.simulation.worlds import CALM, NIMBLE, STEP, every_time, lived, standing

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
APPROVED = NIMBLE.replace("  rollout:", "    - {name: owner, type: approval}\n  rollout:", 1)


def plan(stage: Stage, name: str) -> JobPlan:
    now = stage.clock.now()
    window = Window(start=now - 60 * DAY, end=now - 20 * DAY)
    wanted = DatasetPlan(name="d", version=name, train=window, holdout=window, without=())
    made = backends(stage).datasets.ensure(stage.project.data, wanted)
    return JobPlan(name=name, dataset=made, champion=None, timeout=2 * HOUR)


def test_a_job_that_is_submitted_again_runs_once_and_ends_as_the_first() -> None:
    stage = standing("e")
    wanted = plan(stage, "one")
    backends(stage).training.submit(wanted)
    stage.advance(stage.clock.now() + HOUR / 2)
    backends(stage).training.submit(wanted)
    stage.advance(stage.clock.now() + HOUR / 2)
    assert backends(stage).training.state("one").phase is JobPhase.SUCCEEDED
    assert stage.training_time() == HOUR


def test_each_job_has_a_chance_of_its_own() -> None:
    stage = standing("e")
    every_time(stage, training={"fails": 0.5})
    for number in range(20):
        stage.start_job(plan(stage, str(number)))
    assert {job.fails for job in stage.jobs.values()} == {True, False}


def test_a_cancelled_job_costs_what_it_ran() -> None:
    stage = standing("e")
    stage.start_job(plan(stage, "one"))
    stage.advance(stage.clock.now() + HOUR / 4)
    backends(stage).training.cancel("one")
    stage.advance(stage.clock.now() + DAY)
    assert backends(stage).training.state("one").phase is JobPhase.CANCELLED
    assert stage.training_time() == HOUR / 4


def test_what_is_not_ready_gets_no_traffic() -> None:
    stage = standing("e")
    stage.start_job(plan(stage, "one"))
    stage.advance(stage.clock.now() + DAY)
    model = backends(stage).models.ensure(ModelPlan(name="m", version="1", job="one"))
    ports = backends(stage).endpoints
    ports.ensure_deployment(DeploymentPlan(endpoint="e", name="m-1", model=model))
    for name in ("m-1", "nobody"):
        with pytest.raises(RefusedError, match=f"{name}: not ready"):
            ports.set_traffic("e", {name: 100}, {})
    stage.advance(stage.clock.now() + HOUR)
    ports.set_traffic("e", {"m-1": 100}, {})
    assert stage.traffic == {"m-1": 100}


def test_what_is_set_aside_teaches_nothing() -> None:
    world = CALM.model_copy(update={"bad_data": BadData.model_validate({"days": [10], "lasts": "P10D", "share": 1})})
    found = Nature(world=world, timetable=timetable(world, 100, 0), rows_per_day=10)
    start = found.timetable.start
    window, fault = Window(start=start, end=start + 40 * DAY), Window(start=start + 10 * DAY, end=start + 20 * DAY)
    whole, sound = found.lesson(window), found.lesson(window, (fault,))
    assert (whole.mean.faulty, whole.rows) == (0.25, 400)
    assert (sound.mean.faulty, sound.rows) == (0, 300)


def test_people_approve_after_a_while_and_too_late_is_a_refusal() -> None:
    assert lived(CALM, APPROVED, days=20).outcomes["promoted"] == 1
    slow = CALM.model_copy(update={"people": People.model_validate({"approveAfter": "P10D"})})
    found = lived(slow, APPROVED, days=20)
    assert (found.outcomes["promoted"], found.outcomes["rejected"]) == (0, 1)


def test_people_are_asked_again_by_a_step_of_the_rollout() -> None:
    text = APPROVED.replace("      - {setWeight: 50", "      - {approve: {count: 2}}\n      - {setWeight: 50")
    assert lived(STEP, text, days=100).outcomes["promoted"] > 1
    slow = STEP.model_copy(update={"people": People.model_validate({"approveAfter": "P4D"})})
    text = text.replace("type: approval}", "type: approval, expires: P9D}")
    found = lived(slow, text, days=100)
    assert (found.outcomes["promoted"], found.outcomes["rolled back"] > 0) == (1, True)


def test_what_is_left_out_of_the_world_is_said() -> None:
    text = NIMBLE.replace("  triggers:", "  sources: [{name: here, folder: {path: events}}]\n  triggers:")
    assert "sources of events tell nothing: the loop looks by itself" in lived(CALM, text, days=2).notes


def test_a_rollout_that_waits_for_a_person_is_aborted_by_one() -> None:
    text = NIMBLE.replace("    measureEvery: P1D", "    automaticRollback: false\n    measureEvery: P1D")
    world = STEP.model_copy(update={"training": Training(fails=0, broken=1)})
    assert lived(world, text).outcomes["aborted"] > 0
