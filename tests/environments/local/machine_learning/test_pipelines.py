"""Pipelines and sweeps: steps as child jobs, their inputs and outputs bound to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, Output, command, dsl, load_component
from azure.ai.ml.sweep import Choice
from azure.core.exceptions import HttpResponseError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.environments.local.machine_learning.workspace import Workspace

pipeline: Any = dsl.pipeline  # its types do not fit functions whose annotations it reads

_PREPARE = """
name: prepare
type: command
inputs:
  count: {type: integer, default: 3}
  note: {type: string, optional: true}
outputs:
  numbers: {type: uri_folder}
environment: azureml:plain:1
command: >-
  seq ${{inputs.count}} > ${{outputs.numbers}}/numbers.txt
  $[[ && echo ${{inputs.note}} >> ${{outputs.numbers}}/numbers.txt ]]
"""
_TRAIN = """
name: train
type: command
inputs:
  numbers: {type: uri_folder}
  factor: {type: number}
outputs:
  model: {type: custom_model}
environment: azureml:plain:1
command: >-
  test ${{inputs.factor}} != 13 &&
  cat ${{inputs.numbers}}/numbers.txt > ${{outputs.model}}/model.txt &&
  echo factor ${{inputs.factor}} >> ${{outputs.model}}/model.txt
"""


@pytest.fixture
def components(tmp_path: Path) -> tuple[Any, Any]:
    (tmp_path / "prepare.yml").write_text(_PREPARE)
    (tmp_path / "train.yml").write_text(_TRAIN)
    return load_component(tmp_path / "prepare.yml"), load_component(tmp_path / "train.yml")


def _pipeline(components: tuple[Any, Any], **given: Any) -> Any:  # noqa: ANN401 - the SDK's own, untyped
    prepare, train = components

    @pipeline(default_compute="cpu")
    def build(factor=1.0):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - the SDK reads annotations
        prepared = prepare(**given)
        trained = train(numbers=prepared.outputs.numbers, factor=factor)
        again = train(numbers=prepared.outputs.numbers, factor=2.5)
        again.name = "again"
        return {"model": trained.outputs.model}

    return build


def test_steps_run_in_order_and_the_output_is_registered_as_a_model(
    workspace: Workspace, components: tuple[Any, Any], tmp_path: Path
) -> None:
    made = workspace.new_name("model")
    job = _pipeline(components, count=2)(factor=1.5)
    job.outputs.model = Output(type="custom_model", name=made)
    job = workspace.client.jobs.create_or_update(job)
    assert workspace.wait(job.name) == "Completed"
    children = {each.display_name: each.status for each in workspace.client.jobs.list(parent_job_name=job.name)}
    assert children == {"prepared": "Completed", "trained": "Completed", "again": "Completed"}
    assert job.name in [each.name for each in workspace.client.jobs.list()]
    workspace.client.jobs.download(job.name, download_path=tmp_path, output_name="model")
    assert (tmp_path / "named-outputs" / "model" / "model.txt").read_text() == "1\n2\nfactor 1.5\n"
    model = workspace.client.models.get(made, label="latest")
    assert (model.version, model.path.rsplit("/paths/")[1]) == ("1", f"azureml/{job.name}/model/")


def test_an_optional_input_goes_where_it_is_given_and_nowhere_else(
    workspace: Workspace, components: tuple[Any, Any], tmp_path: Path
) -> None:
    job = workspace.client.jobs.create_or_update(_pipeline(components, count=1, note="extra")(factor=1.0))
    assert workspace.wait(job.name) == "Completed"
    workspace.client.jobs.download(job.name, download_path=tmp_path, output_name="model")
    assert (tmp_path / "named-outputs" / "model" / "model.txt").read_text() == "1\nextra\nfactor 1.0\n"


def test_a_failed_step_fails_the_pipeline_which_names_it(workspace: Workspace, components: tuple[Any, Any]) -> None:
    job = workspace.client.jobs.create_or_update(_pipeline(components)(factor=13))
    assert workspace.wait(job.name) == "Failed"
    assert workspace.error_of(job.name).startswith("Pipeline has failed child jobs. Failed nodes: /trained. trained:")
    children = {each.display_name: each.status for each in workspace.client.jobs.list(parent_job_name=job.name)}
    assert (children["prepared"], children["trained"]) == ("Completed", "Failed")


def test_cancelling_a_pipeline_ends_its_steps(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "slow.yml").write_text(_PREPARE.replace("name: prepare", "name: slow").replace("seq", "sleep 300; seq"))
    slow = load_component(tmp_path / "slow.yml")

    @pipeline(default_compute="cpu")  # type: ignore[untyped-decorator]
    def build() -> None:
        slow()

    job = workspace.client.jobs.create_or_update(build())
    workspace.wait_for(job.name, ("Running",))
    workspace.client.jobs.begin_cancel(job.name).result()
    assert workspace.wait(job.name) == "Canceled"
    assert [each.status for each in workspace.client.jobs.list(parent_job_name=job.name)] in (["Canceled"], [])


def test_a_missing_component_is_refused_and_nothing_runs(workspace: Workspace) -> None:
    component = f"{workspace.id}/components/nowhere/versions/1"
    body = {"properties": {"jobType": "Pipeline", "jobs": {"a": {"type": "command", "componentId": component}}}}
    name = workspace.new_name("job")
    reply = workspace.azure.arm("PUT", f"{workspace.id}/jobs/{name}", "2024-01-01-preview", body)
    assert (reply.status_code, "components/nowhere" in reply.text) == (400, True)
    assert workspace.azure.arm("GET", f"{workspace.id}/jobs/{name}", "2024-01-01-preview").status_code == 404


def test_a_step_that_lacks_a_required_input_is_refused(workspace: Workspace, components: tuple[Any, Any]) -> None:
    train = workspace.client.components.create_or_update(components[1], version=workspace.new_name("v"))
    step = {"type": "command", "componentId": train.id, "inputs": {"factor": {"value": "1"}}}
    body = {"properties": {"jobType": "Pipeline", "jobs": {"a": step}}}
    path = f"{workspace.id}/jobs/{workspace.new_name('job')}"
    reply = workspace.azure.arm("PUT", path, "2024-01-01-preview", body)
    assert (reply.status_code, "step a lacks the input numbers" in reply.text) == (400, True)


_TRIAL = """
import sys
import mlflow
mlflow.log_metric("score", float(sys.argv[1]) * 10)
"""


@pytest.mark.usefixtures("tracking")
def test_a_sweep_tries_every_point_and_names_the_best_by_its_metric(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "trial.py").write_text(_TRIAL)
    workspace.tracking_runtime()
    trial = command(
        command="python trial.py ${{inputs.rate}}",
        code=str(tmp_path),
        environment="azureml:tracked:1",
        compute="cpu",
        inputs={"rate": 1.0},
    )
    job = trial(rate=Choice([0.1, 0.7, 0.3])).sweep(primary_metric="score", goal="maximize", sampling_algorithm="grid")
    job.set_limits(max_total_trials=5, max_concurrent_trials=2)
    job = workspace.client.jobs.create_or_update(job)
    assert workspace.wait(job.name, 120) == "Completed", workspace.error_of(job.name)
    said = workspace.client.jobs.get(job.name).properties
    assert (said["best_child_run_id"], said["score"]) == (f"{job.name}_1", "7.0")


@pytest.mark.usefixtures("tracking")
def test_a_sweep_whose_trials_log_no_metric_fails_and_says_so(workspace: Workspace) -> None:
    trial = command(
        command="echo ${{inputs.rate}}",
        environment="azureml:plain:1",
        compute="cpu",
        inputs={"rate": Input(type="number")},
    )
    job = trial(rate=Choice([1, 2])).sweep(primary_metric="score", goal="minimize", sampling_algorithm="random")
    job.set_limits(max_total_trials=2, max_concurrent_trials=2)
    job = workspace.client.jobs.create_or_update(job)
    assert workspace.wait(job.name) == "Failed"
    assert workspace.error_of(job.name) == "no trial completed and logged the primary metric `score` to MLflow."


def test_a_kind_of_job_that_is_not_built_fails_with_the_reason(workspace: Workspace) -> None:
    name = workspace.new_name("automl")
    body = {
        "properties": {
            "jobType": "AutoML",
            "taskDetails": {
                "taskType": "Regression",
                "targetColumnName": "y",
                "trainingData": {"jobInputType": "mltable", "uri": "azureml://datastores/workspaceblobstore/paths/t"},
            },
            "resources": {"instanceCount": 1},
        }
    }
    reply = workspace.azure.arm("PUT", f"{workspace.id}/jobs/{name}", "2024-01-01-preview", body)
    assert reply.status_code == 201, reply.text
    assert workspace.wait(name) == "Failed"
    assert workspace.error_of(name).startswith("jobs of type AutoML are accepted and not run")


def test_a_step_that_refers_to_a_step_that_is_not_there_is_refused(
    workspace: Workspace, components: tuple[Any, Any]
) -> None:
    train = workspace.client.components.create_or_update(components[1], version=workspace.new_name("v"))
    inputs = {"numbers": {"value": "${{parent.jobs.gone.outputs.numbers}}"}, "factor": {"value": "1"}}
    body = {"properties": {"jobType": "Pipeline", "jobs": {"a": {"componentId": train.id, "inputs": inputs}}}}
    path = f"{workspace.id}/jobs/{workspace.new_name('job')}"
    reply = workspace.azure.arm("PUT", path, "2024-01-01-preview", body)
    assert (reply.status_code, "step a needs step gone" in reply.text) == (400, True)
    with pytest.raises(HttpResponseError):
        workspace.client.jobs.get(path.rsplit("/", 1)[-1])
