"""A project's pipeline file is turned into a job, or refused with what is missing, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

from mlops.backends.azure_ml.training import AzureTraining
from mlops.domain.declared.pipeline import Pipeline
from mlops.domain.world import DatasetVersion, JobPlan, ModelVersion
from mlops.ports import RefusedError
from tests.fakes.blobs import FakeBlobs

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = """
type: pipeline
inputs:
  data: {type: uri_folder, path: azureml:training@latest}
  champion: {type: custom_model, path: azureml:m@latest}
outputs: {model: {type: custom_model}, evaluation: {type: uri_folder}}
jobs:
  train:
    type: command
    component: train.yml
    inputs: {data: "${{parent.inputs.data}}", champion: "${{parent.inputs.champion}}"}
    outputs: {model: "${{parent.outputs.model}}", evaluation: "${{parent.outputs.evaluation}}"}
"""
COMPONENT = """
type: command
name: train
inputs: {data: {type: uri_folder}, champion: {type: custom_model, optional: true}}
outputs: {model: {type: custom_model}, evaluation: {type: uri_folder}}
code: src
environment: {image: python, conda_file: {dependencies: [python=3.11]}}
command: python train.py
"""
DATASET = DatasetVersion(name="training", version="7", digest="d", train_rows=1, holdout_rows=1)
CHAMPION = ModelVersion(name="m", version="3", digest="c")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.yml").write_text(PIPELINE)
    (tmp_path / "train.yml").write_text(COMPONENT)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print('training')\n")
    return tmp_path


def _training(folder: Path) -> AzureTraining:
    day = timedelta(days=1)
    pipeline = Pipeline(job=folder / "pipeline.yml", compute="cpu", window=day, holdout=day)
    client = MLClient(DefaultAzureCredential(), "s", "g", "w", enable_telemetry=False)
    return AzureTraining(client, _nowhere, "rain", pipeline, "cpu-cluster")


def _nowhere(reference: str) -> tuple[FakeBlobs, str]:
    return FakeBlobs(), reference


def _plan(champion: ModelVersion | None = CHAMPION) -> JobPlan:
    return JobPlan(name="rain-4", dataset=DATASET, champion=champion, timeout=timedelta(hours=1), tags={"attempt": "4"})


def test_the_job_has_the_name_of_the_attempt_its_data_and_the_champion(folder: Path) -> None:
    job = _training(folder)._job(_plan())
    sent: Any = job._to_rest_object().properties
    assert (job.name, sent.experiment_name) == ("rain-4", "rain")
    assert sent.settings["default_compute"] == "cpu-cluster"
    assert {name: given.uri for name, given in sent.inputs.items()} == {
        "data": "azureml:training:7",
        "champion": "azureml:m:3",
    }
    assert sent.tags.keys() == {"attempt", "aml-kit-code", "aml-kit-runtime"}


def test_the_first_training_has_no_champion_and_its_steps_do_not_ask_for_one(folder: Path) -> None:
    sent: Any = _training(folder)._job(_plan(champion=None))._to_rest_object().properties
    assert sent.inputs.keys() == {"data"}
    assert sent.jobs["train"]["inputs"].keys() == {"data"}


def test_a_pipeline_that_may_begin_with_the_champion_is_told_whether_it_does(folder: Path) -> None:
    path = folder / "pipeline.yml"
    path.write_text(path.read_text().replace("inputs:\n  data", "inputs:\n  warm_start: false\n  data", 1))

    def told(plan: JobPlan) -> str:
        sent: Any = _training(folder)._job(plan)._to_rest_object().properties
        return str(sent.inputs["warm_start"].value)

    assert told(replace(_plan(), warm_start=True)) == "True"
    assert told(_plan()) == "False"


def test_a_step_that_cannot_do_without_a_champion_is_refused_at_the_first_training(folder: Path) -> None:
    (folder / "train.yml").write_text(COMPONENT.replace(", optional: true", ""))
    with pytest.raises(RefusedError, match=r"step train needs one: declare the input 'champion' .* `optional: true`"):
        _training(folder)._job(_plan(champion=None))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "pipeline.yml",
            "component: train.yml",
            "component: trian.yml",
            r"step train uses the component file trian.yml, which is not there",
        ),
        (
            "pipeline.yml",
            ", evaluation: {type: uri_folder}}\njobs",
            "}\njobs",
            r"the outputs `model` and `evaluation`: \['evaluation'\]",
        ),
        ("pipeline.yml", "type: pipeline", "type: command", r"is no pipeline: it needs `type: pipeline`"),
        (
            "train.yml",
            "command: python train.py",
            "comand: python train.py",
            r"jobs.train.component.command: Missing data",
        ),
    ],
    ids=["component missing", "output missing", "no pipeline", "misspelt key"],
)
def test_a_pipeline_that_cannot_run_is_refused_with_its_file(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    with pytest.raises(RefusedError, match=message):
        _training(folder)._job(_plan())


def test_a_pipeline_file_that_is_not_there_is_refused(folder: Path) -> None:
    (folder / "pipeline.yml").unlink()
    with pytest.raises(RefusedError, match=r"pipeline.yml cannot be read"):
        _training(folder)._job(_plan())


def test_the_lineage_changes_with_the_code_and_only_with_it(folder: Path) -> None:
    def lineage() -> tuple[str, str]:
        tags = _training(folder)._job(_plan()).tags or {}
        return tags["aml-kit-code"], tags["aml-kit-runtime"]

    first = lineage()
    assert lineage() == first
    (folder / "src" / "__pycache__").mkdir()
    (folder / "src" / "__pycache__" / "train.pyc").write_bytes(b"x")
    assert lineage() == first
    (folder / "src" / "train.py").write_text("print('training better')\n")
    second = lineage()
    assert (second[0] != first[0], second[1] == first[1]) == (True, True)
    (folder / "train.yml").write_text(COMPONENT.replace("3.11", "3.12"))
    assert lineage()[1] != first[1]
