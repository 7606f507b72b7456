"""Cancelling a job that may end at any moment: one that ended is left alone, one that runs on is told."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from azure.ai.ml.entities import CommandJob
from azure.core.exceptions import HttpResponseError

from mlops.backends.azure_ml.training import AzureTraining
from mlops.domain.declared.pipeline import Pipeline
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient


class Refusing:
    """A workspace that refuses to cancel; its one job stands as the looks say, one after the other."""

    def __init__(self, *looks: str) -> None:
        self.looks = list(looks)

    def get(self, name: str) -> CommandJob:
        job = CommandJob(name=name, command="true")
        job._status = self.looks.pop(0)
        return job

    def begin_cancel(self, name: str) -> None:
        error = HttpResponseError(f"Job {name} cannot be canceled.")
        error.status_code = 400
        raise error


def training(jobs: Refusing) -> AzureTraining:
    class Client:
        pass

    client: Any = Client()
    client.jobs = jobs
    day = timedelta(days=1)
    pipeline = Pipeline(job=Path("pipeline.yml"), compute="cpu", window=day, holdout=day)
    return AzureTraining(cast("MLClient", client), cast("Any", None), "rain", pipeline, "cpu")


@pytest.mark.parametrize("ended", ["Completed", "Failed", "Canceled"])
def test_a_job_that_ends_while_it_is_being_cancelled_is_left_alone(ended: str) -> None:
    jobs = Refusing("Running", ended)
    training(jobs).cancel("rain-1")

    assert jobs.looks == []


def test_a_job_that_cannot_be_cancelled_and_runs_on_is_told() -> None:
    with pytest.raises(RefusedError, match=r"cancelling rain-1: .* cannot be canceled"):
        training(Refusing("Running", "Running")).cancel("rain-1")
