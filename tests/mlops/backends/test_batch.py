"""What the ports promise of a batch endpoint, kept by the fake and by the SDK on the local environment."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from azure.ai.ml.entities import BatchEndpoint, Model
from azure.ai.ml.entities import Data as DataAsset

from mlops.backends.azure_ml import connect
from mlops.backends.azure_ml.runs import answers
from mlops.backends.clock import open_clock
from mlops.domain.project import Deployment, Kind, Platform
from mlops.domain.world import DeploymentPhase, DeploymentPlan, JobPhase, JobState, ModelPlan, ModelVersion, RunPlan
from mlops.ports import EndpointMissingError, RefusedError, RunQuestion, ServedQuestion
from tests.fakes.azure import World
from tests.mlops.backends.azure import FOLDER, OnAzure, as_deployer, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlops.domain.data.measurement import Measurement
    from mlops.ports import Backends

T = TypeVar("T")
ENDPOINT = "rain-batch"
NIGHTLY = "azureml:rain-nightly:1"
DAYS = [f"1974-06-{day:02}" for day in range(1, 11)]
"""Every other one is wet: a rate above 0.5 is right half of the time."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A batch endpoint under test."""

    backends: Backends
    fake: World | None = None
    real: OnAzure | None = None
    models: dict[float, ModelVersion] = field(default_factory=dict)
    folder: Path

    def model(self, rate: float) -> ModelVersion:
        """A model that says so of every day; 0: one that breaks down."""
        if self.fake:
            job = uuid.uuid4().hex
            made = self.backends.models.ensure(ModelPlan(name="rain", version=job[:6], job=job))
            self.fake.answers[made.version] = dict.fromkeys(DAYS, rate)
            self.fake.labels = {day: float(at % 2 == 0) for at, day in enumerate(DAYS)}
            return made
        assert self.real
        version = str(int(uuid.uuid4().hex[:7], 16))
        file = self.folder / f"{version}" / "model.json"
        file.parent.mkdir()
        file.write_text(json.dumps({"rate": rate}))
        self.real.client.models.create_or_update(Model(name="rain", version=version, path=str(file.parent)))
        return ModelVersion(name="rain", version=version, digest=version)

    def deployed(self, rate: float) -> str:
        """The name of a deployment that came up."""
        model = self.model(rate)
        plan = DeploymentPlan(endpoint=ENDPOINT, name=f"m-{model.version}", model=model)
        self.backends.endpoints.ensure_deployment(plan)
        self.backends.endpoints.ensure_deployment(plan)
        found = self.until(
            lambda: self.backends.endpoints.observe(ENDPOINT).deployment(plan.name),
            lambda found: found is not None and found.phase is not DeploymentPhase.CREATING,
        )
        assert found is not None
        assert (found.phase, found.model) == (DeploymentPhase.READY, model.reference)
        if self.fake and rate == 0:
            why = "ValueError: a model that never says rain is no model"
            self.fake.run_results[plan.name] = JobState(phase=JobPhase.FAILED, reason=why)
        return plan.name

    def run(self, deployment: str) -> str:
        """A job that was started, twice."""
        plan = RunPlan(name=f"run-{uuid.uuid4().hex[:8]}", endpoint=ENDPOINT, deployment=deployment, input=NIGHTLY)
        self.backends.runs.start(plan)
        self.backends.runs.start(plan)
        return plan.name

    def ended(self, name: str) -> JobState:
        return self.until(lambda: self.backends.runs.state(name), lambda found: found.phase is not JobPhase.RUNNING)

    def says(self, metric: str, run: str, against: str = "") -> Measurement:
        return self.backends.runs.measure(RunQuestion(metric=metric, run=run, against=against))

    def until(self, look: Callable[[], T], done: Callable[[T], bool]) -> T:
        end = time.monotonic() + 120
        while not done(found := look()):
            assert time.monotonic() < end, found
            time.sleep(0.2 if self.real else 0)
        return found

    def traffic(self) -> dict[str, int]:
        found = self.until(lambda: self.backends.endpoints.observe(ENDPOINT), lambda found: not found.updating)
        return dict(found.traffic)


@pytest.fixture(scope="module")
def on_batch(on_azure: OnAzure, tmp_path_factory: pytest.TempPathFactory) -> OnAzure:
    """The workspace of the other tests, with a batch endpoint, rows to score, and ports onto it."""
    client, home = on_azure.client, tmp_path_factory.mktemp("batch")
    (home / "nightly").mkdir()
    (home / "nightly" / "rows.csv").write_text("day\n" + "".join(f"{day}\n" for day in DAYS))
    (home / "conda.yml").write_text("name: plain\ndependencies: [python=3.11]\n")
    asked = replace(
        project(FOLDER),
        deployment=Deployment(
            kind=Kind.BATCH,
            endpoint="rain",
            code=FOLDER / "batch",
            runtime=home / "conda.yml",
            compute="cpu",
            error_threshold=0,
            columns=("day", "probability"),
        ),
    )
    platform = Platform(
        environment="local",
        subscription_id=client.subscription_id,
        tenant_id=on_azure.azure.context.settings.tenant,
        location="eastus",
        resource_group=client.resource_group_name,
        workspace=client.workspace_name,
        registry="",
        storage_account="",
        compute={"cpu": "cpu"},
        endpoints={},
        batch_endpoints={"rain": ENDPOINT},
        containers={},
    )
    clock = open_clock(f"http://127.0.0.1:{on_azure.azure.context.ports.plain}/clock")
    with as_deployer(on_azure.azure):
        client.batch_endpoints.begin_create_or_update(BatchEndpoint(name=ENDPOINT)).result()
        rows = DataAsset(name="rain-nightly", version="1", type="uri_folder", path=str(home / "nightly"))
        client.data.create_or_update(rows)
        return replace(on_azure, backends=connect(asked, platform, clock, home / "mlops"))


@pytest.fixture(params=["fake", "azure"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "fake":
        world = World(batch=True, endpoint=ENDPOINT)
        yield Subject(backends=world.backends(), fake=world, folder=tmp_path)
        return
    real: OnAzure = request.getfixturevalue("on_batch")
    with as_deployer(real.azure):
        yield Subject(backends=real.backends, real=real, folder=tmp_path)


def test_the_default_is_one_deployment_changed_in_one_request_and_never_deleted(subject: Subject) -> None:
    endpoints = subject.backends.endpoints
    old, new = subject.deployed(0.4), subject.deployed(0.6)
    endpoints.set_traffic(ENDPOINT, {old: 100}, {})
    assert subject.traffic() == {old: 100}
    for split, mirror in (({old: 90, new: 10}, {}), ({old: 100}, {new: 10}), ({"nobody": 100}, {})):
        with pytest.raises(RefusedError):
            endpoints.set_traffic(ENDPOINT, split, mirror)
    with pytest.raises(RefusedError):
        endpoints.delete_deployment(ENDPOINT, old)
    assert subject.traffic() == {old: 100}

    endpoints.set_traffic(ENDPOINT, {new: 100}, {})
    assert subject.traffic() == {new: 100}
    endpoints.delete_deployment(ENDPOINT, old)
    endpoints.delete_deployment(ENDPOINT, old)
    subject.until(lambda: endpoints.observe(ENDPOINT).deployment(old), lambda found: found is None)

    endpoints.set_traffic(ENDPOINT, {}, {})
    assert subject.traffic() == {}
    with pytest.raises(EndpointMissingError):
        endpoints.observe("nowhere")


def test_a_deployment_that_is_not_the_default_scores_what_it_is_given(subject: Subject) -> None:
    old, new = subject.deployed(0.4), subject.deployed(0.6)
    subject.backends.endpoints.set_traffic(ENDPOINT, {old: 100}, {})
    theirs, ours = subject.run(old), subject.run(new)
    assert [subject.ended(name).phase for name in (theirs, ours)] == [JobPhase.SUCCEEDED] * 2

    said = {
        metric: (found.value, found.samples)
        for metric in ("requests", "error_rate", "unmatched_rows", "prediction_disagreement", "prediction_shift")
        for found in (subject.says(metric, ours, theirs),)
    }
    assert said == {
        "requests": (10.0, 10),
        "error_rate": (0.0, 10),
        "unmatched_rows": (0.0, 10),
        "prediction_disagreement": (1.0, 10),
        "prediction_shift": (1.0, 10),
    }
    assert [subject.says("accuracy", run).value for run in (ours, theirs)] == [0.5, 0.5]
    assert subject.says("unmatched_rows", ours).value is None
    assert subject.traffic() == {old: 100}


def test_a_run_that_breaks_down_says_why_and_one_that_nobody_started_is_missing(subject: Subject) -> None:
    runs, began = subject.backends.runs, datetime.now(UTC) - timedelta(seconds=1)
    bad = subject.deployed(0)
    ended = subject.ended(subject.run(bad))
    assert ended.phase is JobPhase.FAILED
    assert "a model that never says rain is no model" in ended.reason

    assert runs.state("run-nobody") == JobState(phase=JobPhase.MISSING)
    if subject.real:
        runs.stop("run-nobody")
        question = ServedQuestion(metric="error_rate", endpoint=ENDPOINT, deployment=bad, since=began)
        found = runs.served(question)
        assert (found.value, found.samples) == (1.0, 1)
        later = runs.served(replace(question, since=datetime.now(UTC) + timedelta(seconds=1)))
        assert (later.value, later.samples) == (None, 0)


@pytest.mark.parametrize(
    "lines",
    [
        ['{"day": "a", "probability": 0.5}', "", '{"day": "b", "probability": null}', "{broken"],
        ["day,probability", "a,0.5", "b,", "{broken"],
        ["a 0.5", 'b ""', "{broken"],
    ],
)
def test_rows_are_read_as_scripts_write_them_and_what_cannot_be_read_counts(lines: list[str]) -> None:
    assert answers(lines, "day", "probability", ("day", "probability")) == {"a": 0.5, "b": None, "{broken": None}
