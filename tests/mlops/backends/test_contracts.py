"""What each port promises, kept by the fake that the loop is tested with and by the SDK on the local environment."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.world import (
    DatasetPlan,
    DatasetVersion,
    DeploymentPhase,
    DeploymentPlan,
    DeploymentState,
    JobPhase,
    JobPlan,
    JobState,
    ModelPlan,
    ModelVersion,
    Window,
)
from mlops.ports import EndpointMissingError, Load, Question, RefusedError, ServedQuestion
from mlops.simulation.azure import backends as simulated
from tests.fakes.azure import World
from tests.mlops.backends.azure import ENDPOINT, OnAzure, as_deployer, body
from tests.mlops.backends.collector import DATA, day
from tests.mlops.monitor_project import run, write_project
from tests.mlops.simulation.worlds import every_time, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlops.ports import Backends
    from mlops.simulation.stage import Stage

T = TypeVar("T")

HALF, ALL, NONE = ("1974-01-01", "1974-07-01"), ("1974-07-01", "1974-08-01"), ("1974-08-01", "1974-09-01")
"""Spans of the history in which half of the days, all, none are wet."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A set of ports under test."""

    backends: Backends
    fake: World | None = None
    real: OnAzure | None = None
    stage: Stage | None = None  # of a simulation

    def until(self, look: Callable[[], T], done: Callable[[T], bool], seconds: float = 120) -> T:
        """Look until it is so, as passes of the loop do."""
        end = time.monotonic() + seconds
        while not done(found := look()):
            assert time.monotonic() < end, found
            time.sleep(0.3 if self.real else 0)
            if self.stage:
                self.stage.advance(self.stage.clock.now() + timedelta(minutes=30))
        return found

    def dataset(self, span: tuple[str, str] = HALF, **more: tuple[Window, ...]) -> DatasetVersion:
        plan = DatasetPlan(
            name="rain-training",
            version=uuid.uuid4().hex[:8],
            train=_window(*span),
            holdout=_window("1974-06-01", "1974-06-04"),
            without=more.get("without", ()),
        )
        return self.backends.datasets.ensure(DATA, plan)

    def job(self, span: tuple[str, str] = HALF, champion: ModelVersion | None = None) -> str:
        name = f"rain-{uuid.uuid4().hex[:8]}"
        plan = JobPlan(name=name, dataset=self.dataset(span), champion=champion, timeout=timedelta(hours=1))
        self.backends.training.submit(plan)
        self.backends.training.submit(plan)  # by name: once more starts nothing
        return name

    def ended(self, name: str) -> JobState:
        return self.until(lambda: self.backends.training.state(name), lambda found: found.phase is not JobPhase.RUNNING)

    def model(self, span: tuple[str, str] = HALF) -> ModelVersion:
        job = self.job(span)
        assert self.ended(job).phase is JobPhase.SUCCEEDED
        plan = ModelPlan(name="rain", version=str(int(uuid.uuid4().hex[:7], 16)), job=job, tags={"attempt": "1"})
        return self.backends.models.ensure(plan)

    def deployed(self, model: ModelVersion) -> DeploymentState:
        plan = DeploymentPlan(endpoint=ENDPOINT, name=f"m-{uuid.uuid4().hex[:8]}", model=model)
        self.backends.endpoints.ensure_deployment(plan)
        self.backends.endpoints.ensure_deployment(plan)
        return self.until(
            lambda: self.deployment(plan.name), lambda found: found.phase is not DeploymentPhase.CREATING, 300
        )

    def deployment(self, name: str) -> DeploymentState:
        found = self.backends.endpoints.observe(ENDPOINT).deployment(name)
        assert found is not None
        return found

    def settle(self) -> None:
        self.until(lambda: self.backends.endpoints.observe(ENDPOINT), lambda found: not found.updating)


@pytest.fixture(params=["fake", "simulated", "azure"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "fake":
        world = World()
        yield Subject(backends=world.backends(), fake=world)
        return
    if request.param == "simulated":
        stage = standing(ENDPOINT)
        yield Subject(backends=simulated(stage), stage=stage)
        return
    real: OnAzure = request.getfixturevalue("on_azure")
    with as_deployer(real.azure):
        yield Subject(backends=real.backends, real=real)


def _window(first: str, after: str) -> Window:
    return Window(start=day(first), end=day(after))


def test_a_training_set_that_is_registered_is_given_as_it_is(subject: Subject) -> None:
    plan = DatasetPlan(
        name="rain-training",
        version=uuid.uuid4().hex[:8],
        train=_window(*HALF),
        holdout=_window("1974-06-01", "1974-06-04"),
        without=(),
    )
    first = subject.backends.datasets.ensure(DATA, plan)
    assert first.train_rows > 0
    assert subject.backends.datasets.ensure(DATA, plan) == first
    assert subject.backends.datasets.ensure(DATA, replace(plan, train=_window(*ALL))) == first


def test_the_newest_of_an_asset_is_what_was_made_last_whatever_it_is_called(subject: Subject) -> None:
    made = [subject.dataset(span).version for span in (HALF, ALL, NONE)]
    code = subject.backends.assets.version("code")

    assert subject.backends.assets.version("data:rain-training") == made[-1]
    assert subject.backends.assets.version("data:nobody-made-it") == ""
    assert subject.backends.assets.version("model:nobody-made-it") == ""
    assert code
    assert subject.backends.assets.version("code") == code


def test_a_job_that_nobody_submitted_is_missing_and_cancelling_it_is_fine(subject: Subject) -> None:
    if subject.real:
        subject.backends.training.cancel("rain-nobody")
    assert subject.backends.training.state("rain-nobody") == JobState(phase=JobPhase.MISSING)


def test_a_job_is_submitted_once_and_leaves_an_evaluation(subject: Subject) -> None:
    job = subject.job()
    ended = subject.ended(job)
    assert (ended.phase, bool(ended.code_digest), bool(ended.runtime)) == (JobPhase.SUCCEEDED, True, True)
    rows = subject.backends.training.evaluation(job)
    assert rows[0].champion is None
    if subject.fake:
        assert [plan.name for plan in subject.fake.submitted] == [job]
    elif subject.real:
        assert [(row.key, row.label, row.candidate) for row in rows] == [
            ("1974-06-01", 1.0, 0.5),
            ("1974-06-02", 0.0, 0.5),
            ("1974-06-03", 1.0, 0.5),
        ]


def test_a_job_that_fails_says_why(subject: Subject) -> None:
    if subject.fake:
        subject.fake.job_result = JobState(phase=JobPhase.FAILED, reason="step train failed: too wet to learn from")
    if subject.stage:
        every_time(subject.stage, training={"fails": 1})
    ended = subject.ended(subject.job(ALL))
    assert ended.phase is JobPhase.FAILED
    assert ("step train failed" if subject.stage else "too wet to learn from") in ended.reason


def test_a_candidate_is_scored_beside_its_champion(subject: Subject) -> None:
    champion = subject.model()
    job = subject.job(champion=champion)
    assert subject.ended(job).phase is JobPhase.SUCCEEDED
    assert all(row.champion is not None for row in subject.backends.training.evaluation(job))


def test_a_model_is_registered_once_with_its_lineage_and_digest(subject: Subject) -> None:
    job = subject.job()
    subject.ended(job)
    plan = ModelPlan(name="rain", version=str(int(uuid.uuid4().hex[:7], 16)), job=job, tags={"attempt": "7"})
    first = subject.backends.models.ensure(plan)
    assert (first.name, first.version, bool(first.digest)) == ("rain", plan.version, True)
    assert subject.backends.models.ensure(plan) == first
    if subject.fake:
        assert subject.fake.lineage[plan.version] == {"attempt": "7"}
    elif subject.real:
        tags = subject.real.client.models.get("rain", version=plan.version).tags
        assert (tags["attempt"], tags["aml-kit-job"], tags["aml-kit-digest"]) == ("7", job, first.digest)


def test_a_version_that_came_from_another_job_is_refused(on_azure: OnAzure) -> None:
    with as_deployer(on_azure.azure):
        subject = Subject(backends=on_azure.backends, real=on_azure)
        model = subject.model()
        with pytest.raises(RefusedError, match=f"rain:{model.version} exists and is not from job another"):
            subject.backends.models.ensure(ModelPlan(name="rain", version=model.version, job="another"))


def test_an_endpoint_that_is_not_there_is_the_platforms_to_make(subject: Subject) -> None:
    with pytest.raises(EndpointMissingError):
        subject.backends.endpoints.observe("nowhere")


def test_a_deployment_comes_up_once_gets_traffic_once_and_goes_after_its_traffic(subject: Subject) -> None:
    model = subject.model()
    first, second = subject.deployed(model), subject.deployed(model)
    assert (first.phase, first.model, first.ours) == (DeploymentPhase.READY, model.reference, True)
    if subject.real:
        made = subject.real.client.online_deployments.get(first.name, ENDPOINT)
        assert made.data_collector.rolling_rate == "Month"
    endpoints = subject.backends.endpoints
    for _ in range(2):
        endpoints.set_traffic(ENDPOINT, {first.name: 100}, {second.name: 50})
        subject.settle()
    found = endpoints.observe(ENDPOINT)
    assert (found.traffic, found.mirror) == ({first.name: 100}, {second.name: 50})
    # From shadow to canary in one write: a deployment gets live or mirrored traffic, not both.
    endpoints.set_traffic(ENDPOINT, {first.name: 90, second.name: 10}, {})
    subject.settle()
    found = endpoints.observe(ENDPOINT)
    assert (found.traffic, found.mirror) == ({first.name: 90, second.name: 10}, {})
    with pytest.raises(RefusedError):
        endpoints.delete_deployment(ENDPOINT, second.name)
    endpoints.set_traffic(ENDPOINT, {}, {})
    subject.settle()
    for name in (first.name, second.name, "m-never-was"):
        endpoints.delete_deployment(ENDPOINT, name)
    subject.until(lambda: endpoints.observe(ENDPOINT), lambda found: not found.deployments)
    if subject.fake:
        assert subject.fake.shifts == [
            ({first.name: 100}, {second.name: 50}),
            ({first.name: 90, second.name: 10}, {}),
            ({}, {}),
        ]
        assert subject.fake.created == [first.name, second.name]


def test_a_model_that_does_not_start_fails_with_its_own_words(subject: Subject) -> None:
    if subject.fake:
        subject.fake.deploy_result = DeploymentPhase.FAILED
    if subject.stage:
        every_time(subject.stage, serving={"fails": 1})
    found = subject.deployed(subject.model(NONE))
    assert found.phase is DeploymentPhase.FAILED
    assert ("a model that never says rain is no model" if subject.real else "it does not start") in found.reason
    subject.backends.endpoints.delete_deployment(ENDPOINT, found.name)


def test_smoke_requests_reach_a_deployment_without_traffic(subject: Subject) -> None:
    found = subject.deployed(subject.model())
    bodies = (body(day="1974-01-01", temperature=1.0, wind=1), body(day="1974-01-02", temperature=1.0, wind=1))
    assert subject.backends.endpoints.smoke(ENDPOINT, found.name, bodies).value == 0
    load = Load(requests=bodies, rps=5, seconds=1)
    said = {one.monitor: one for one in subject.backends.endpoints.load(ENDPOINT, found.name, load)}
    assert (said["error_rate"].value, said["error_rate"].samples) == (0, 5)
    assert 0 < (said["p95_ms"].value or 0) < 30_000
    if subject.fake:
        subject.fake.smoke_errors = 0.5
    if subject.stage:
        return  # nobody reads the requests there
    bad = (bodies[0], body(day="1974-01-02", temperature=1000.0, wind=1))
    failed = subject.backends.endpoints.smoke(ENDPOINT, found.name, bad)
    assert (failed.monitor, failed.value, failed.samples, bool(failed.why)) == ("error_rate", 0.5, 2, True)
    assert subject.backends.endpoints.logs(ENDPOINT, found.name)
    subject.backends.endpoints.delete_deployment(ENDPOINT, found.name)


def test_what_is_served_is_collected_joined_with_labels_and_measured(on_azure: OnAzure) -> None:
    with as_deployer(on_azure.azure):
        subject = Subject(backends=on_azure.backends, real=on_azure)
        found = subject.deployed(subject.model())
        subject.backends.endpoints.set_traffic(ENDPOINT, {found.name: 100}, {})
        subject.settle()
        since = datetime.now(UTC)
        for number in range(1, 4):
            assert on_azure.send(day=f"2075-01-{number:02}", temperature=1.0, wind=number).status_code == 200
        assert on_azure.send(day="2075-01-04", temperature=1000.0, wind=4).status_code == 424
        on_azure.label(d2075_01_01=1, d2075_01_02=0)
        asked = ServedQuestion(metric="requests", endpoint=ENDPOINT, deployment=found.name, since=since)
        data = subject.backends.data
        subject.until(lambda: data.served(DATA, asked), lambda measured: measured.samples == 4)
        errors = data.served(DATA, replace(asked, metric="error_rate"))
        assert (errors.value, errors.samples) == (0.25, 4)
        window = _window("2075-01-01", "2075-02-01")
        week = timedelta(days=7)
        monitor = Monitor(name="brier", signal=Signal.MODEL_PERFORMANCE, metric="brier_score", window=week, every=week)
        brier = data.measure(DATA, Question(monitor=monitor, window=window))
        assert (brier.value, brier.samples) == (0.25, 2)
        assert data.labelled(DATA, window) == 2
        assert [(one.key, one.prediction, one.label) for one in data.answers(DATA, window)] == [
            ("2075-01-01", 0.5, 1.0),
            ("2075-01-02", 0.5, 0.0),
            ("2075-01-03", 0.5, None),
        ]
        subject.backends.endpoints.set_traffic(ENDPOINT, {}, {})
        subject.settle()
        subject.backends.endpoints.delete_deployment(ENDPOINT, found.name)


def test_monitors_run_over_blobs_by_identity(
    on_azure: OnAzure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of a datastore and a blob by its address, both read without a key; what is not there is one line."""
    write_project(tmp_path)
    client = on_azure.client
    workspace = (
        f"{client.subscription_id}/resourcegroups/{client.resource_group_name}/workspaces/{client.workspace_name}"
    )
    with as_deployer(on_azure.azure):
        store = client.datastores.get("workspaceblobstore")
        address = f"https://{store.account_name}.blob.core.windows.net"
        container = ContainerClient(address, store.container_name, credential=DefaultAzureCredential())
        container.upload_blob("looked/at/1.parquet", (tmp_path / "same.parquet").read_bytes())
        container.upload_blob("reference.parquet", (tmp_path / "reference.parquet").read_bytes())
        current = f"azureml://subscriptions/{workspace}/datastores/workspaceblobstore/paths/looked"
        reference = f"{address}/{store.container_name}/reference.parquet"
        arguments = ("--current", current, "--reference", reference, "--output", "json")

        code = run(tmp_path, *arguments)

        said = json.loads(capsys.readouterr().out)
        assert (code, said["verdict"]) == (0, "pass")
        assert said["read"] == [f"{current.removesuffix('looked')}looked/at/1.parquet", reference]
        assert run(tmp_path, "--current", reference.replace("reference.", "none."), *arguments[2:]) == 2
        told = capsys.readouterr()
        assert (told.out, len(told.err.splitlines()), "there is no such file" in told.err) == ("", 1, True)
