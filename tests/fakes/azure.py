"""Azure as the loop's ports see it, in memory: operations take a few looks, and what happened is written down."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from mlops.domain.data.measurement import Measurement
from mlops.domain.project import Data
from mlops.domain.rollouts import comparison
from mlops.domain.world import (
    Answer,
    DatasetPlan,
    DatasetVersion,
    DeploymentPhase,
    DeploymentPlan,
    DeploymentState,
    EndpointState,
    JobPhase,
    JobPlan,
    JobState,
    ModelPlan,
    ModelVersion,
    RunPlan,
    ScoredRow,
    Signature,
    Window,
)
from mlops.ports import (
    Backends,
    EndpointMissingError,
    Load,
    OutsideError,
    Question,
    RefusedError,
    RunQuestion,
    ServedQuestion,
)
from tests.fakes.clock import FakeClock
from tests.fakes.registry import FakeRegistry, Shelf
from tests.fakes.seams import Seams

DAY = timedelta(days=1)


def _digest(text: str) -> str:
    """As real ones look."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class World:
    """What is true outside, what will happen, and what did."""

    clock: FakeClock = field(default_factory=FakeClock)
    seams: Seams = field(default_factory=Seams)
    endpoint: str = "rain-local"
    batch: bool = False  # that endpoint has a default and no split
    # what will happen
    readings: dict[str, Callable[[Question], Measurement]] = field(default_factory=dict)
    rows_a_day: float = 1.0
    requests_a_day: float = 100.0
    error_rate: dict[str, float] = field(default_factory=dict)  # by deployment
    metrics_gone: bool = False
    served_samples: int | None = None  # as many requests as the test says
    accuracy: dict[str, float] = field(default_factory=dict)  # by model version; else the default
    default_accuracy: float = 0.7
    holdout: int = 300
    groups: Callable[[int], dict[str, str]] = lambda at: {}  # noqa: ARG005 - of a held-out row
    signature: Signature | None = None
    job_result: JobState = field(
        default_factory=lambda: JobState(phase=JobPhase.SUCCEEDED, code_digest="c0de", runtime="runtime:1")
    )
    deploy_result: DeploymentPhase = DeploymentPhase.READY
    deploy_reason: str = "it does not start"  # of one that failed
    lag: int = 0  # after so many looks a write of traffic is seen
    late: list[tuple[int, dict[str, int], dict[str, int]]] = field(default_factory=list)
    updating: bool = False  # an operation on the endpoint is under way, for as long as the test says
    looks: int = 2  # how often an operation is seen under way
    smoke_errors: float = 0.0
    silent: set[str] = field(default_factory=set)  # deployments that answer no smoke request
    under_load: dict[str, float | None] = field(default_factory=lambda: {"p95_ms": 20.0, "error_rate": 0.0})
    loads: list[Load] = field(default_factory=list)
    same_bytes: bool = False  # every job makes the same model
    trouble: dict[str, list[Exception]] = field(default_factory=dict)  # by call, raised one after the other
    assets: dict[str, str] = field(default_factory=lambda: {"code": "c0de"})  # version by name
    taken: ModelVersion | None = None  # a registry that does not look at what it copies gives this
    # what is
    shelf: Shelf = field(default_factory=Shelf)  # of several worlds, where they share one
    datasets: dict[str, DatasetVersion] = field(default_factory=dict)
    plans: dict[str, DatasetPlan] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)  # looks left
    cancelled: set[str] = field(default_factory=set)
    models: dict[str, ModelVersion] = field(default_factory=dict)
    lineage: dict[str, Mapping[str, str]] = field(default_factory=dict)
    deployments: dict[str, DeploymentState] = field(default_factory=dict)
    pending_looks: dict[str, int] = field(default_factory=dict)
    traffic: dict[str, int] = field(default_factory=dict)
    mirror: dict[str, int] = field(default_factory=dict)
    # what happened
    submitted: list[JobPlan] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    shifts: list[tuple[dict[str, int], dict[str, int]]] = field(default_factory=list)
    # of a batch endpoint: what a deployment answers by its model's version, and the jobs that were started
    answers: dict[str, dict[str, float | None]] = field(default_factory=dict)
    labels: dict[str, float] = field(default_factory=dict)
    run_results: dict[str, JobState] = field(default_factory=dict)  # by deployment
    jobs_a_day: float = 2.0  # that users let the default do; error_rate of them fail
    runs: dict[str, RunPlan] = field(default_factory=dict)
    run_looks: dict[str, int] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    def backends(self) -> Backends:
        """All ports onto this world."""
        return Backends(
            data=FakeCollectedData(self),
            datasets=FakeDatasets(self),
            training=FakeTraining(self),
            models=FakeModels(self),
            endpoints=FakeEndpoints(self),
            assets=FakeAssets(self),
            registry=FakeRegistry(self, self.shelf),
            runs=FakeRuns(self),
        )

    def fault(self, call: str) -> None:
        """Raise what the test put there."""
        waiting = self.trouble.get(call)
        if waiting:
            raise waiting.pop(0)


class FakeCollectedData:
    """Numbers as the test says them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def measure(self, data: Data, question: Question) -> Measurement:
        """What the test put there for the monitor; else a quiet 0."""
        del data
        self._world.fault("measure")
        self._world.asked.append(question)
        name = question.monitor.name
        quiet = Measurement(monitor=name, value=0.0, samples=1000)
        say = self._world.readings.get(name)
        return self._world.seams.around("measure", lambda: say(question) if say else quiet)

    def served(self, data: Data, question: ServedQuestion) -> Measurement:
        """Requests by the share of traffic since then, errors as the test says."""
        del data
        world = self._world
        world.fault("served")
        if world.metrics_gone:
            raise OutsideError("the collector's container does not answer")
        share = max(world.traffic.get(question.deployment, 0), world.mirror.get(question.deployment, 0))
        days = max((world.clock.now() - question.since) / DAY, 0.0)
        requests = int(days * world.requests_a_day * share / 100)
        value = world.error_rate.get(question.deployment, 0.0) if requests else None
        value = float(requests) if question.metric == "requests" else value
        said = Measurement(monitor=question.metric, value=value, samples=requests)
        return world.seams.around("served", lambda: said)

    def labelled(self, data: Data, window: Window) -> int:
        """So many a day."""
        del data
        self._world.fault("labelled")
        return int((window.end - window.start) / DAY * self._world.rows_a_day)

    def answers(self, data: Data, window: Window) -> tuple[Answer, ...]:
        """None."""
        del data, window
        return ()


class FakeDatasets:
    """Registered data sets, by name and version."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ensure(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        """Register it once."""
        del data
        world = self._world
        world.fault("datasets.ensure")

        def build() -> DatasetVersion:
            key = f"{plan.name}:{plan.version}"
            world.plans.setdefault(key, plan)
            train = int((plan.train.end - plan.train.start) / DAY * world.rows_a_day)
            made = DatasetVersion(
                name=plan.name,
                version=plan.version,
                digest=_digest(f"data {plan.version}"),
                train_rows=train,
                holdout_rows=world.holdout,
                uri=f"azureml://datastores/workspaceblobstore/paths/{plan.name}-{plan.version}",
            )
            return world.datasets.setdefault(key, made)

        return world.seams.around("datasets.ensure", build)


class FakeTraining:
    """Jobs that run for a few looks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def submit(self, plan: JobPlan) -> None:
        """Start it, unless it exists."""
        world = self._world
        world.fault("submit")

        def start() -> None:
            if plan.name not in world.jobs:
                world.jobs[plan.name] = world.looks
                world.submitted.append(plan)

        world.seams.around("submit", start)

    def state(self, name: str) -> JobState:
        """Running for a few looks, then as the test says."""
        world = self._world
        world.fault("job state")
        if name not in world.jobs:
            return JobState(phase=JobPhase.MISSING)
        if name in world.cancelled:
            return JobState(phase=JobPhase.CANCELLED, reason="cancelled")
        world.jobs[name] -= 1
        return JobState(phase=JobPhase.RUNNING) if world.jobs[name] > 0 else world.job_result

    def cancel(self, name: str) -> None:
        """Mark it."""
        self._world.seams.around("cancel", lambda: self._world.cancelled.add(name))

    def evaluation(self, name: str) -> tuple[ScoredRow, ...]:
        """Rows on which candidate and champion are right as often as their accuracy says."""
        world = self._world
        world.fault("evaluation")
        plan = next(plan for plan in world.submitted if plan.name == name)
        scored = plan.candidate.version if plan.candidate else plan.dataset.version
        ours = world.accuracy.get(scored, world.default_accuracy)
        theirs = world.accuracy.get(plan.champion.version, world.default_accuracy) if plan.champion else None
        return tuple(
            ScoredRow(
                key=str(at), label=1.0, candidate=_right(at, ours), champion=_maybe(at, theirs), groups=world.groups(at)
            )
            for at in range(world.holdout)
        )


def _right(at: int, accuracy: float) -> float:
    return 0.9 if (at * 37) % 100 < accuracy * 100 else 0.1


def _maybe(at: int, accuracy: float | None) -> float | None:
    return None if accuracy is None else _right(at, accuracy)


class FakeAssets:
    """Assets as the test says they are."""

    def __init__(self, world: World) -> None:
        self._world = world

    def version(self, asset: str) -> str:
        """What the test put there, or what was registered last."""
        world = self._world
        world.fault("assets.version")
        kind, _, name = asset.partition(":")
        made: Mapping[str, ModelVersion | DatasetVersion] = world.models if kind == "model" else world.datasets
        newest = next((each.version for each in reversed(list(made.values())) if each.name == name), "")
        return world.seams.around("assets.version", lambda: world.assets.get(asset, newest))


class FakeModels:
    """Registered models, by name and version."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ensure(self, plan: ModelPlan) -> ModelVersion:
        """Register it once."""
        world = self._world
        world.fault("models.ensure")
        digest = _digest("the same model" if world.same_bytes else f"model of {plan.job}")
        made = ModelVersion(name=plan.name, version=plan.version, digest=digest)
        world.lineage[plan.version] = plan.tags
        return world.seams.around("models.ensure", lambda: world.models.setdefault(f"{plan.name}:{plan.version}", made))

    def signature(self, job: str) -> Signature | None:
        """As the test says."""
        del job
        self._world.fault("signature")
        return self._world.signature


class FakeEndpoints:
    """One endpoint with deployments that take a few looks to come up."""

    def __init__(self, world: World) -> None:
        self._world = world

    def observe(self, endpoint: str) -> EndpointState:
        """Everything as it is; each look brings operations on."""
        world = self._world
        self._check(endpoint)
        world.fault("observe")
        for left, traffic, mirror in list(world.late):
            world.late.remove((left, traffic, mirror))
            if left > 1:
                world.late.append((left - 1, traffic, mirror))
            else:
                world.traffic, world.mirror = traffic, mirror
        for name in list(world.pending_looks):
            world.pending_looks[name] -= 1
            if world.pending_looks[name] <= 0:
                del world.pending_looks[name]
                world.deployments[name] = replace(
                    world.deployments[name], phase=world.deploy_result, reason=world.deploy_reason
                )
        return EndpointState(
            traffic=dict(world.traffic),
            mirror=dict(world.mirror),
            deployments=tuple(world.deployments.values()),
            updating=world.updating,
        )

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        """Start creating it, once."""
        world = self._world
        self._check(plan.endpoint)
        world.fault("ensure_deployment")

        def create() -> None:
            if plan.name not in world.deployments:
                world.deployments[plan.name] = DeploymentState(
                    name=plan.name, phase=DeploymentPhase.CREATING, model=plan.model.reference
                )
                world.pending_looks[plan.name] = world.looks
                world.created.append(plan.name)

        world.seams.around("ensure_deployment", create)

    def delete_deployment(self, endpoint: str, name: str) -> None:
        """Refuse while it has traffic, as Azure does."""
        world = self._world
        self._check(endpoint)
        world.fault("delete_deployment")
        if world.traffic.get(name):
            raise RefusedError(f"{name} has live traffic")

        def delete() -> None:
            if world.deployments.pop(name, None):
                world.pending_looks.pop(name, None)
                world.deleted.append(name)

        world.seams.around("delete_deployment", delete)

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """Set it, refusing what Azure refuses."""
        world = self._world
        self._check(endpoint)
        world.fault("set_traffic")
        if world.batch and (mirror or any(share != 100 for share in traffic.values())):
            raise RefusedError(f"a batch endpoint has a default and no split: {traffic}, {mirror}")
        if sum(traffic.values()) not in {0, 100} or set(traffic) & set(mirror):
            raise RefusedError(f"no split: {traffic}, {mirror}")
        for name in (*traffic, *mirror):
            found = world.deployments.get(name)
            if found is None or found.phase is not DeploymentPhase.READY:
                raise RefusedError(f"{name} is not ready")

        def shift() -> None:
            if world.lag and (world.traffic, world.mirror) != (traffic, mirror):
                world.late = world.late or [(world.lag, dict(traffic), dict(mirror))]
            elif (world.traffic, world.mirror) != (traffic, mirror):
                world.traffic, world.mirror = dict(traffic), dict(mirror)
                world.shifts.append((dict(traffic), dict(mirror)))

        world.seams.around("set_traffic", shift)

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        """Errors as the test says."""
        self._check(endpoint)
        self._world.fault("smoke")
        errors = 1.0 if deployment in self._world.silent else self._world.smoke_errors
        return Measurement(monitor="error_rate", value=errors, samples=len(requests), why="500")

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        """Numbers as the test says; nothing is waited for."""
        world = self._world
        self._check(endpoint)
        world.fault("load")
        assert world.deployments[deployment].phase is DeploymentPhase.READY
        sent = int(load.rps * load.seconds)
        world.loads.append(load)
        return tuple(Measurement(monitor=name, value=value, samples=sent) for name, value in world.under_load.items())

    def logs(self, endpoint: str, deployment: str) -> str:
        """A line."""
        self._check(endpoint)
        return f"the log of {deployment}"

    def _check(self, endpoint: str) -> None:
        if endpoint != self._world.endpoint:
            raise EndpointMissingError(f"there is no endpoint {endpoint!r}: infra makes it")


class FakeRuns:
    """Jobs of a batch endpoint that run for a few looks and answer as the test says."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self, plan: RunPlan) -> None:
        """Start it, unless it exists."""
        world = self._world
        world.fault("start")
        assert world.deployments[plan.deployment].phase is DeploymentPhase.READY

        def begin() -> None:
            if plan.name not in world.runs:
                world.runs[plan.name] = plan
                world.run_looks[plan.name] = world.looks

        world.seams.around("start", begin)

    def state(self, name: str) -> JobState:
        """Running for a few looks, then as the test says."""
        world = self._world
        world.fault("run state")
        if name not in world.runs:
            return JobState(phase=JobPhase.MISSING)
        if name in world.cancelled:
            return JobState(phase=JobPhase.CANCELLED, reason="cancelled")
        world.run_looks[name] -= 1
        done = world.run_results.get(world.runs[name].deployment, JobState(phase=JobPhase.SUCCEEDED))
        return JobState(phase=JobPhase.RUNNING) if world.run_looks[name] > 0 else done

    def stop(self, name: str) -> None:
        """Mark it."""
        self._world.seams.around("stop", lambda: self._world.cancelled.add(name))

    def measure(self, question: RunQuestion) -> Measurement:
        """As a backend does, on the answers that the test put there."""
        world = self._world
        world.fault("runs.measure")
        theirs = self._scored(question.against) if question.against else None
        said = comparison.measure(question.metric, self._scored(question.run), theirs, world.labels)
        return world.seams.around("runs.measure", lambda: said)

    def served(self, question: ServedQuestion) -> Measurement:
        """Jobs of users, as the test says."""
        world = self._world
        world.fault("runs.served")
        days = max((world.clock.now() - question.since) / DAY, 0.0)
        ended = int(days * world.jobs_a_day * world.traffic.get(question.deployment, 0) / 100)
        value = world.error_rate.get(question.deployment, 0.0) if ended else None
        value = float(ended) if question.metric == "requests" else value
        said = Measurement(monitor=question.metric, value=value, samples=ended)
        return world.seams.around("runs.served", lambda: said)

    def _scored(self, name: str) -> comparison.Scored:
        model = self._world.deployments[self._world.runs[name].deployment].model
        default: dict[str, float | None] = {str(at): at / 100 for at in range(100)}
        return comparison.Scored(rows=self._world.answers.get(model.rsplit(":", 1)[-1], default))


def write_project_folder(folder: Path) -> None:
    """The files that a project file points at."""
    (folder / "score").mkdir(parents=True, exist_ok=True)
    (folder / "score" / "score.py").write_text("def init(): ...\ndef run(data): ...\n", encoding="utf-8")
    (folder / "conda.yml").write_text("name: x\ndependencies: [python=3.11]\n", encoding="utf-8")
    (folder / "pipeline.yml").write_text(_PIPELINE, encoding="utf-8")
    (folder / "evaluate.yml").write_text(_SCORING, encoding="utf-8")
    (folder / "score.yml").write_text(_SCORER, encoding="utf-8")
    (folder / "train.yml").write_text(_COMPONENT, encoding="utf-8")
    (folder / "smoke.jsonl").write_text('{"data": [1]}\n', encoding="utf-8")


_PIPELINE = """\
type: pipeline
inputs: {data: {}}
outputs: {model: {}, evaluation: {}}
jobs:
  train:
    component: train.yml
    inputs: {data: "${{parent.inputs.data}}"}
    outputs: {model: "${{parent.outputs.model}}", evaluation: "${{parent.outputs.evaluation}}"}
"""
_COMPONENT = """\
type: command
inputs: {data: {}}
outputs: {model: {}, evaluation: {}}
environment: {image: python, conda_file: conda.yml}
command: python train.py ${{inputs.data}} ${{outputs.model}} ${{outputs.evaluation}}
"""
_SCORING = """\
type: pipeline
inputs: {data: {}, candidate: {}, champion: {}}
outputs: {evaluation: {}}
jobs:
  score:
    component: score.yml
    inputs:
      data: "${{parent.inputs.data}}"
      candidate: "${{parent.inputs.candidate}}"
      champion: "${{parent.inputs.champion}}"
    outputs: {evaluation: "${{parent.outputs.evaluation}}"}
"""
_SCORER = """\
type: command
inputs: {data: {}, candidate: {}, champion: {optional: true}}
outputs: {evaluation: {}}
environment: {image: python, conda_file: conda.yml}
command: python score.py ${{inputs.data}} ${{inputs.candidate}} $[[${{inputs.champion}}]] ${{outputs.evaluation}}
"""
