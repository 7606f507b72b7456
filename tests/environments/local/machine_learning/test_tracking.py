"""The workspace's MLflow address, and the run-history plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.environments.local.machine_learning.workspace import Workspace

_API = "https://eastus.api.azureml.ms"


@pytest.mark.usefixtures("tracking")
def test_a_jobs_run_is_found_by_the_jobs_name_and_ends_with_it(workspace: Workspace) -> None:
    job = workspace.command("true", experiment_name="tracked", display_name="shown")
    workspace.wait(job.name)
    base = f"{_API}/mlflow/v2.0{workspace.id}/api/2.0/mlflow"
    with workspace.azure.http("https://ml.azure.com") as http:
        run = http.get(f"{base}/runs/get", params={"run_id": job.name}).json()["run"]
        assert (run["info"]["run_id"], run["info"]["run_name"], run["info"]["status"]) == (
            job.name,
            "shown",
            "FINISHED",
        )
        logged = {"run_id": job.name, "key": "loss", "value": 0.5, "timestamp": 1}
        assert http.post(f"{base}/runs/log-metric", json=logged).status_code == 200
        found = http.post(f"{base}/runs/search", json={"experiment_ids": [run["info"]["experiment_id"]]}).json()
        assert [(each["info"]["run_id"], each["data"]["metrics"][0]["value"]) for each in found["runs"]] == [
            (job.name, 0.5)
        ]


@pytest.mark.usefixtures("tracking")
def test_what_azure_does_not_serve_is_answered_as_azure_does(workspace: Workspace) -> None:
    base = f"{_API}/mlflow/v2.0{workspace.id}/api/2.0/mlflow"
    with workspace.azure.http("https://ml.azure.com") as http:
        assert http.post(f"{base}/logged-models", json={}).status_code == 404
        assert http.post(f"{base}/traces/search", json={}).status_code == 403
        assert http.get(f"{base}/experiments/get", params={"experiment_id": "0"}).status_code == 200
        assert http.get(f"{base}/runs/get", headers={"Authorization": ""}).status_code == 401


def test_the_history_of_a_job_that_is_not_there_and_of_nobody_is_refused(workspace: Workspace) -> None:
    base = f"{_API}/history/v1.0{workspace.id}/runs"
    with workspace.azure.http() as http:
        assert http.get(f"{base}/nobody/details").status_code == 404
        assert http.get(f"{base}/nobody/details", headers={"Authorization": ""}).status_code == 401
    with workspace.azure.http("https://storage.azure.com") as http:
        assert http.get(f"{base}/nobody/details").status_code == 401
