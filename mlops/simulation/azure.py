"""Training sets, jobs, models and endpoints of the made-up world: the ports over its stage."""

import hashlib
import math
import random
from collections.abc import Iterator

from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.gate import EvaluationGate, Gate, SlicesGate
from mlops.domain.project import Data, Task
from mlops.domain.triggers.triggers import assets_of
from mlops.domain.world import (
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
    ScoredRow,
    Signature,
)
from mlops.ports import Backends, EndpointMissingError, Load, QuotaError, RefusedError
from mlops.simulation.collected import SimulatedData, known
from mlops.simulation.metrics import spread_of_error
from mlops.simulation.nature import Place, Trained, moments
from mlops.simulation.runs import NoRuns
from mlops.simulation.stage import Dataset, Deployed, Job, Stage
from mlops.simulation.timetable import draw, within

_ALIKE = 0.85
"""The share of rows that are hard, or easy, for all models at once."""
FULL = 100


def backends(stage: Stage) -> Backends:
    """All ports onto one stage."""
    return Backends(
        data=SimulatedData(stage),
        datasets=SimulatedDatasets(stage),
        training=SimulatedTraining(stage),
        models=SimulatedModels(stage),
        endpoints=SimulatedEndpoints(stage),
        assets=SimulatedAssets(stage),
        runs=NoRuns(),
    )


def _digest(*what: object) -> str:
    return hashlib.sha256("|".join(map(str, what)).encode()).hexdigest()


class SimulatedDatasets:
    """Keeps the promises of `ports.Datasets`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def ensure(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        """Register it once."""
        stage, reference = self._stage, f"azureml:{plan.name}:{plan.version}"
        if reference not in stage.datasets:
            lesson = stage.nature.lesson(known(stage, data, plan.train), plan.without)
            held_out = stage.nature.rows(known(stage, data, plan.holdout), plan.without)
            made = DatasetVersion(
                name=plan.name,
                version=plan.version,
                digest=_digest(plan),
                train_rows=lesson.rows,
                holdout_rows=held_out,
            )
            stage.datasets[reference] = Dataset(version=made, plan=plan, lesson=lesson)
        return stage.datasets[reference].version


class SimulatedTraining:
    """Keeps the promises of `ports.Training`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def submit(self, plan: JobPlan) -> None:
        """Start it, once."""
        self._stage.start_job(plan)

    def state(self, name: str) -> JobState:
        """As the clock says."""
        job = self._stage.jobs.get(name)
        if job is None:
            return JobState(phase=JobPhase.MISSING)
        if job.cancelled:
            return JobState(phase=JobPhase.CANCELLED, reason="cancelled")
        if self._stage.clock.now() < job.ends:
            return JobState(phase=JobPhase.RUNNING)
        if job.fails:
            return JobState(phase=JobPhase.FAILED, reason="step train failed (simulated)")
        return JobState(phase=JobPhase.SUCCEEDED, code_digest=_digest("code"), runtime="simulated:1")

    def cancel(self, name: str) -> None:
        """Stop it, if it runs."""
        self._stage.cancel_job(name)

    def evaluation(self, name: str) -> tuple[ScoredRow, ...]:
        """Held-out rows, evenly spread; both models find much the same ones hard."""
        stage = self._stage
        job = stage.jobs[name]
        dataset = stage.datasets[job.plan.dataset.reference]
        count = min(dataset.version.holdout_rows, max(stage.nature.world.gate_rows, *map(_asked, stage.project.gates)))
        return tuple(self._rows(job, dataset, count)) if count else ()

    def _rows(self, job: Job, dataset: Dataset, count: int) -> Iterator[ScoredRow]:
        stage = self._stage
        ours = stage.trained(job)
        champion = job.plan.champion
        theirs = stage.models[champion.reference][1] if champion else None
        chance = draw(stage.seed, "holdout", dataset.plan.holdout.end, count)
        for moment in moments(dataset.plan.holdout, dataset.plan.without, count):
            place = stage.nature.place(moment)
            answer = _classified if stage.project.task is Task.CLASSIFICATION else _estimated
            label, candidate, baseline = answer(stage, ours, theirs, place, chance)
            groups = _groups(stage.project.gates, chance)
            yield ScoredRow(key=moment.isoformat(), label=label, candidate=candidate, champion=baseline, groups=groups)


def _asked(gate: Gate) -> int:
    """Held-out rows that a gate does not judge without."""
    match gate:
        case EvaluationGate():
            return gate.min_samples
        case SlicesGate():
            return gate.min_per_slice * max((len(gate.cuts.get(name, ())) + 2 for name in gate.by), default=1)
    return 0


def _groups(gates: tuple[Gate, ...], chance: random.Random) -> dict[str, str]:
    """Which slices a row belongs to; all of them are alike here."""
    found = {}
    for gate in gates:
        for name in gate.by if isinstance(gate, SlicesGate) else ():
            cuts = gate.cuts.get(name) if isinstance(gate, SlicesGate) else None
            found[name] = str(chance.choice([cuts[0] - 1, *cuts])) if cuts else chance.choice(["one", "other"])
    return found


Answered = tuple[float, float, float | None]


def _classified(stage: Stage, ours: Trained, theirs: Trained | None, place: Place, chance: random.Random) -> Answered:
    label, common = float(chance.random() < 0.5), chance.random()  # noqa: PLR2004 - as many of each

    def score(trained: Trained) -> float:
        hard = common if chance.random() < _ALIKE else chance.random()
        sure = trained.right(stage.nature.world, trained.lesson.mean)
        said = label if hard < trained.right(stage.nature.world, place) else 1 - label
        return sure if said else 1 - sure

    return label, score(ours), score(theirs) if theirs else None


def _estimated(stage: Stage, ours: Trained, theirs: Trained | None, place: Place, chance: random.Random) -> Answered:
    label, common = chance.gauss(0.0, 1.0), chance.gauss(0.0, 1.0)

    def score(trained: Trained) -> float:
        own = math.sqrt(_ALIKE) * common + math.sqrt(1 - _ALIKE) * chance.gauss(0.0, 1.0)
        return label + own * spread_of_error(stage.nature.world, trained.right(stage.nature.world, place))

    return label, score(ours), score(theirs) if theirs else None


class SimulatedAssets:
    """Keeps the promises of `ports.Assets`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def version(self, asset: str) -> str:
        """What a trigger watches goes by the timetable, the rest by what was made; nobody changes the code."""
        stage, now = self._stage, self._stage.clock.now()
        if asset == "code":
            return _digest("code")
        if asset in assets_of(stage.project):
            return str(1 + sum(moment <= now for moment in stage.timetable.upstream))
        kind, _, name = asset.partition(":")
        models = [(each.name, each.version) for each, _ in stage.models.values()]
        datasets = [(each.version.name, each.version.version) for each in stage.datasets.values()]
        made = [version for own, version in (models if kind == "model" else datasets) if own == name]
        return made[-1] if made else ""


class SimulatedModels:
    """Keeps the promises of `ports.Models`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def ensure(self, plan: ModelPlan) -> ModelVersion:
        """Register it once."""
        stage = self._stage
        made = ModelVersion(name=plan.name, version=plan.version, digest=_digest(stage.seed, plan.job))
        job = stage.jobs[plan.job]
        return stage.models.setdefault(made.reference, (made, stage.trained(job)))[0]

    def signature(self, job: str) -> Signature | None:
        """It takes what the project says."""
        data = self._stage.project.data
        return Signature(required=data.features, gives=(data.prediction,)) if job in self._stage.jobs else None


class SimulatedEndpoints:
    """Keeps the promises of `ports.Endpoints`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def observe(self, endpoint: str) -> EndpointState:
        """As it is."""
        self._check(endpoint)
        stage = self._stage
        found = tuple(self._state(each) for each in stage.deployments.values())
        return EndpointState(traffic=dict(stage.traffic), mirror=dict(stage.mirror), deployments=found)

    def _state(self, each: Deployed) -> DeploymentState:
        phase, reason = DeploymentPhase.READY, ""
        if self._stage.clock.now() < each.ready:
            phase = DeploymentPhase.CREATING
        elif each.fails:
            phase, reason = DeploymentPhase.FAILED, "it does not start (simulated)"
        return DeploymentState(name=each.name, phase=phase, model=each.model.reference, ours=each.ours, reason=reason)

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        """Start creating it, once, while there is quota."""
        self._check(plan.endpoint)
        stage, now = self._stage, self._stage.clock.now()
        if plan.name in stage.deployments:
            return
        if within(stage.timetable.no_quota, now):
            raise QuotaError("the quota of this region is used up (simulated)")
        stage.made += 1
        said = stage.nature.world.serving
        model, trained = stage.models[plan.model.reference]
        stage.deployments[plan.name] = Deployed(
            name=plan.name,
            model=model,
            trained=trained,
            ready=now + said.takes,
            fails=draw(stage.seed, "deployment", stage.made).random() < said.fails,
        )

    def delete_deployment(self, endpoint: str, name: str) -> None:
        """Refuse while it has traffic, as Azure does."""
        self._check(endpoint)
        if self._stage.traffic.get(name):
            raise RefusedError(f"{name} has live traffic")
        self._stage.deployments.pop(name, None)

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """Set it, refusing what Azure refuses."""
        self._check(endpoint)
        if sum(traffic.values()) not in {0, FULL} or set(traffic) & set(mirror):
            raise RefusedError(f"no split: {traffic}, {mirror}")
        ready = {each.name for each in self.observe(endpoint).deployments if each.phase is DeploymentPhase.READY}
        missing = ({*traffic, *mirror}) - ready
        if missing:
            raise RefusedError(f"{', '.join(sorted(missing))}: not ready")
        self._stage.traffic, self._stage.mirror = dict(traffic), dict(mirror)

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        """A few requests do not show what fails only some of many."""
        self._check(endpoint)
        del deployment
        return Measurement(monitor="error_rate", value=0.0, samples=len(requests))

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        """At once: what fails often shows, what fails seldom does not."""
        self._check(endpoint)
        said, sent = self._stage.nature.world.serving, int(load.rps * load.seconds)
        errors = self._stage.deployments[deployment].trained.errors
        found = {"p95_ms": said.latency, "error_rate": int(errors * sent) / max(sent, 1), "memory_mb": said.memory}
        return tuple(Measurement(monitor=name, value=value, samples=sent) for name, value in found.items())

    def logs(self, endpoint: str, deployment: str) -> str:
        """A line."""
        self._check(endpoint)
        return f"the log of {deployment} (simulated)"

    def _check(self, endpoint: str) -> None:
        if endpoint != self._stage.endpoint:
            raise EndpointMissingError(f"there is no endpoint {endpoint}")
