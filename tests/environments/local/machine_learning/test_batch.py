"""Batch endpoints: a request is a job of one step that scores every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import Input
from azure.ai.ml.entities import (
    BatchEndpoint,
    CodeConfiguration,
    ModelBatchDeployment,
    ModelBatchDeploymentSettings,
)
from azure.core.exceptions import HttpResponseError

from tests.environments.local.machine_learning.workspace import PLAIN, a_model

if TYPE_CHECKING:
    from pathlib import Path

    from tests.environments.local.machine_learning.workspace import Workspace

_SCORE = """
import os, pathlib
def init():
    global weight
    weight = next(pathlib.Path(os.environ["AZUREML_MODEL_DIR"]).glob("*.txt")).read_text()
def run(files):
    texts = [pathlib.Path(file).read_text().strip() for file in files]
    if "bad" in texts:
        raise ValueError("a bad file")
    return [f"{len(files)} files, {text} with {weight}" for text in texts]
"""


def _deploy(workspace: Workspace, tmp_path: Path, threshold: int) -> str:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "score.py").write_text(_SCORE)
    endpoint = workspace.new_name("be")
    batch = workspace.client.batch_endpoints
    batch.begin_create_or_update(BatchEndpoint(name=endpoint)).result()
    deployment = ModelBatchDeployment(
        name="first",
        endpoint_name=endpoint,
        model=a_model(workspace, tmp_path),
        environment=PLAIN,
        code_configuration=CodeConfiguration(code=str(tmp_path / "code"), scoring_script="score.py"),
        compute="cpu",
        settings=ModelBatchDeploymentSettings(mini_batch_size=2, output_file_name="out.txt", error_threshold=threshold),
    )
    workspace.client.batch_deployments.begin_create_or_update(deployment).result()
    found = batch.get(endpoint)
    found.defaults.deployment_name = "first"
    batch.begin_create_or_update(found).result()
    return endpoint


def test_every_file_is_scored_in_mini_batches_and_the_rows_come_back(workspace: Workspace, tmp_path: Path) -> None:
    endpoint = _deploy(workspace, tmp_path, threshold=0)
    (tmp_path / "data").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "data" / f"{name}.txt").write_text(name)
    given = Input(type="uri_folder", path=str(tmp_path / "data"))
    job = workspace.client.batch_endpoints.invoke(endpoint_name=endpoint, input=given)
    assert workspace.wait(job.name) == "Completed", workspace.error_of(job.name)
    workspace.client.jobs.download(job.name, download_path=tmp_path / "got", output_name="score")
    rows = next((tmp_path / "got").rglob("out.txt")).read_text().splitlines()
    assert rows == ["2 files, a with 42", "2 files, b with 42", "1 files, c with 42"]
    listed = workspace.client.batch_endpoints.list_jobs(endpoint_name=endpoint)
    assert [each.name for each in listed] == [job.name]
    listed = workspace.client.batch_deployments.list_jobs(name="first", endpoint_name=endpoint)
    assert [each.name for each in listed] == [job.name]


def test_a_job_has_the_name_that_its_request_says_and_only_one_has_it(workspace: Workspace, tmp_path: Path) -> None:
    endpoint, name = _deploy(workspace, tmp_path, threshold=0), workspace.new_name("nightly")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    given = Input(type="uri_folder", path=str(tmp_path / "data"))
    assert workspace.client.batch_endpoints.invoke(endpoint_name=endpoint, input=given, job_name=name).name == name
    with pytest.raises(HttpResponseError, match=f"there is a job {name} already"):
        workspace.client.batch_endpoints.invoke(endpoint_name=endpoint, input=given, job_name=name)


def test_more_failed_files_than_the_threshold_fail_the_job(workspace: Workspace, tmp_path: Path) -> None:
    endpoint = _deploy(workspace, tmp_path, threshold=1)
    (tmp_path / "data").mkdir()
    for name in ("good", "bad", "worse"):
        (tmp_path / "data" / f"{name}.txt").write_text(name)
    given = Input(type="uri_folder", path=str(tmp_path / "data"))
    job = workspace.client.batch_endpoints.invoke(endpoint_name=endpoint, input=given)
    assert workspace.wait(job.name) == "Failed"
    assert "more than the error threshold of 1" in workspace.error_of(job.name)


def test_an_endpoint_without_a_default_deployment_says_so(workspace: Workspace, tmp_path: Path) -> None:
    endpoint = workspace.new_name("be")
    workspace.client.batch_endpoints.begin_create_or_update(BatchEndpoint(name=endpoint)).result()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    given = Input(type="uri_folder", path=str(tmp_path / "data"))
    with pytest.raises(HttpResponseError, match="has no default deployment"):
        workspace.client.batch_endpoints.invoke(endpoint_name=endpoint, input=given)
