"""Azure as the rain example needs it, in memory: real rows, real training, real answers, no waiting.

A fake at every port of the loop, so that fifteen years take seconds; the decisions are the loop's own.
"""

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from examples.rain.components.src.train import recipe
from examples.rain.weather import Day
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Signal
from mlops.domain.project import Data
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
    ScoredRow,
    Signature,
    Window,
)
from mlops.ports import Backends, Load, Question, ServedQuestion
from mlops.simulation.runs import NoRuns

_BUG_AFTER = 14


@dataclass
class Deployed:
    """A deployment: its model, and what it was asked."""

    state: DeploymentState
    model: Any
    buggy: bool
    asked: int = 0
    served: list[tuple[datetime, float | None]] = field(default_factory=list)


@dataclass
class OfflineAzure:
    """The whole outside, which is also the replay's workplace and the loop's clock."""

    history: tuple[Day, ...]
    moment: datetime
    buggy: bool = False  # the scoring script as it is committed now
    rows: dict[str, Day] = field(default_factory=dict)  # collected, by key
    first: dict[str, tuple[float, str]] = field(default_factory=dict)  # the first answer to each key, and whose
    labels: dict[str, int] = field(default_factory=dict)
    datasets: dict[str, tuple[tuple[Day, ...], tuple[Day, ...]]] = field(default_factory=dict)
    jobs: dict[str, tuple[Any, tuple[ScoredRow, ...]]] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)
    deployed: dict[str, Deployed] = field(default_factory=dict)
    traffic: dict[str, int] = field(default_factory=dict)
    mirror: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    draw: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 -- traffic, not a secret

    @property
    def backends(self) -> Backends:
        return Backends(
            data=OfflineData(self),
            datasets=OfflineDatasets(self),
            training=OfflineTraining(self),
            models=OfflineModels(self),
            endpoints=OfflineEndpoints(self),
            assets=OfflineAssets(),
            runs=NoRuns(),
        )

    def now(self) -> datetime:
        return self.moment

    def turn_clock(self, moment: datetime) -> None:
        self.moment = moment

    def ask(self, day: Day) -> bool:
        names = list(self.traffic)
        if not names:
            return False
        [name] = self.draw.choices(names, weights=[self.traffic[name] for name in names])
        for mirrored, share in self.mirror.items():
            if self.draw.random() * 100 < share:
                self._serve(mirrored, day)
        self.rows.setdefault(_key(day), day)
        answer = self._serve(name, day)
        if answer is None:
            self.failed += 1
            return False
        self.first.setdefault(_key(day), (answer, name))
        return True

    def pause(self) -> None:
        """Nothing is on its way back."""

    def let_arrive(self) -> None:
        """All is there at once."""

    def publish(self, name: str, content: bytes) -> None:
        assert name.endswith(".csv")
        for line in content.decode().splitlines()[1:]:
            key, label = line.split(",")
            self.labels[key] = int(label)

    def labelled_days(self) -> tuple[Day, ...]:
        return *self.history, *(day for key, day in self.rows.items() if key in self.labels)

    def _serve(self, name: str, day: Day) -> float | None:
        deployment = self.deployed[name]
        deployment.asked += 1
        fails = deployment.buggy and deployment.asked > _BUG_AFTER
        answer = None if fails else float(deployment.model.predict_proba(_table((day,)))[0, 1])
        deployment.served.append((self.moment, answer))
        return answer


@dataclass(frozen=True)
class OfflineData:
    azure: OfflineAzure

    def measure(self, data: Data, question: Question) -> Measurement:
        assert data.key == "day"
        name = question.monitor.name
        days = [day for day in self.azure.rows.values() if _within(day.day, question.window, question.without)]
        if not days:
            return Measurement(monitor=name, value=None, samples=0, why="no rows")
        match question.monitor.signal:
            case Signal.DATA_QUALITY:
                return _out_of_bounds(question, days)
            case Signal.MODEL_PERFORMANCE:
                return self._brier(name, days)
            case _:
                return self._stability(question, days)

    def served(self, data: Data, question: ServedQuestion) -> Measurement:
        assert data.key == "day"
        asked = [answer for at, answer in self.azure.deployed[question.deployment].served if at >= question.since]
        if question.metric == "requests":
            return Measurement(monitor="requests", value=float(len(asked)), samples=len(asked))
        value = asked.count(None) / len(asked) if asked else None
        return Measurement(monitor=question.metric, value=value, samples=len(asked))

    def labelled(self, data: Data, window: Window) -> int:
        assert data.key == "day"
        return sum(1 for day in self.azure.labelled_days() if _within(day.day, window))

    def answers(self, data: Data, window: Window) -> tuple[Answer, ...]:
        assert data.key == "day"
        return tuple(
            Answer(
                key=key,
                time=_moment(self.azure.rows[key].day),
                prediction=answer,
                deployment=deployment,
                label=self.azure.labels.get(key),
            )
            for key, (answer, deployment) in self.azure.first.items()
            if _within(self.azure.rows[key].day, window)
        )

    def _brier(self, name: str, days: list[Day]) -> Measurement:
        found = [(self.azure.first.get(_key(day)), self.azure.labels.get(_key(day))) for day in days]
        losses = [(answer[0] - label) ** 2 for answer, label in found if answer is not None and label is not None]
        return Measurement(monitor=name, value=sum(losses) / len(losses) if losses else None, samples=len(losses))

    def _stability(self, question: Question, days: list[Day]) -> Measurement:
        assert question.reference is not None
        before, after = _table(self.azure.datasets[question.reference.reference][0]), _table(tuple(days))
        parts = tuple((name, _index(before[:, at], after[:, at])) for at, name in enumerate(days[0].features))
        worst = max(value for _, value in parts)
        return Measurement(monitor=question.monitor.name, value=worst, samples=len(days), parts=parts)


@dataclass(frozen=True)
class OfflineDatasets:
    azure: OfflineAzure

    def ensure(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        assert data.key == "day"
        train, holdout = (
            tuple(day for day in self.azure.labelled_days() if _within(day.day, window, plan.without))
            for window in (plan.train, plan.holdout)
        )
        digest = hashlib.sha256(json.dumps([day.record for day in (*train, *holdout)]).encode()).hexdigest()
        version = DatasetVersion(
            name=plan.name, version=plan.version, digest=digest, train_rows=len(train), holdout_rows=len(holdout)
        )
        self.azure.datasets[version.reference] = train, holdout
        return version


@dataclass(frozen=True)
class OfflineTraining:
    azure: OfflineAzure

    def submit(self, plan: JobPlan) -> None:
        train, holdout = self.azure.datasets[plan.dataset.reference]
        model = recipe(5, 1).fit(_table(train), [day.rain for day in train])
        mine = model.predict_proba(_table(holdout))[:, 1]
        theirs: list[float | None] = [None] * len(holdout)
        if plan.champion:
            champion = self.azure.models[plan.champion.reference]
            theirs = [float(each) for each in champion.predict_proba(_table(holdout))[:, 1]]
        scored = tuple(
            ScoredRow(key=_key(day), label=day.rain, candidate=float(ours), champion=other)
            for day, ours, other in zip(holdout, mine, theirs, strict=True)
        )
        self.azure.jobs[plan.name] = model, scored

    def state(self, name: str) -> JobState:
        phase = JobPhase.SUCCEEDED if name in self.azure.jobs else JobPhase.MISSING
        return JobState(phase=phase, code_digest="c0de", runtime="here")

    def cancel(self, name: str) -> None:
        """A job is over as soon as it is submitted: nothing is left to cancel."""

    def evaluation(self, name: str) -> tuple[ScoredRow, ...]:
        return self.azure.jobs[name][1]


class OfflineAssets:
    """Nothing that others make."""

    def version(self, asset: str) -> str:
        return "c0de" if asset == "code" else ""


@dataclass(frozen=True)
class OfflineModels:
    azure: OfflineAzure

    def ensure(self, plan: ModelPlan) -> ModelVersion:
        model = self.azure.jobs[plan.job][0]
        digest = hashlib.sha256(model[-1].coef_.tobytes()).hexdigest()
        version = ModelVersion(name=plan.name, version=plan.version, digest=digest)
        self.azure.models[version.reference] = model
        return version

    def signature(self, job: str) -> Signature | None:
        del job  # its project has no gate that asks
        return None


@dataclass(frozen=True)
class OfflineEndpoints:
    azure: OfflineAzure

    def observe(self, endpoint: str) -> EndpointState:
        assert endpoint == "rain-local"
        states = tuple(each.state for each in self.azure.deployed.values())
        return EndpointState(traffic=dict(self.azure.traffic), mirror=dict(self.azure.mirror), deployments=states)

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        state = DeploymentState(name=plan.name, phase=DeploymentPhase.READY, model=plan.model.reference)
        made = Deployed(state=state, model=self.azure.models[plan.model.reference], buggy=self.azure.buggy)
        self.azure.deployed.setdefault(plan.name, made)

    def delete_deployment(self, endpoint: str, name: str) -> None:
        assert (endpoint, name in self.azure.traffic) == ("rain-local", False)
        self.azure.deployed.pop(name, None)

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        assert endpoint == "rain-local"
        assert {*traffic, *mirror} <= set(self.azure.deployed)
        self.azure.traffic, self.azure.mirror = dict(traffic), dict(mirror)

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        assert endpoint == "rain-local"
        self.azure.deployed[deployment].asked += len(requests)
        return Measurement(monitor="error_rate", value=0.0, samples=len(requests))

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        raise AssertionError(f"no gate of the example asks for {load} on {deployment} of {endpoint}")

    def logs(self, endpoint: str, deployment: str) -> str:
        return f"nothing is known of {deployment} on {endpoint}"


def _out_of_bounds(question: Question, days: list[Day]) -> Measurement:
    low, high = question.monitor.bounds or (0.0, 0.0)
    sums = [sum(w * day.features[name] for name, w in question.monitor.expression.items()) for day in days]
    outside = sum(1 for each in sums if not low <= each <= high)
    return Measurement(monitor=question.monitor.name, value=outside / len(sums), samples=len(sums))


def _key(day: Day) -> str:
    return day.day.isoformat()


def _table(days: tuple[Day, ...]) -> NDArray[np.float64]:
    return np.array([list(day.features.values()) for day in days])


def _moment(day: date) -> datetime:
    return datetime.combine(day, clock_time(), UTC)


def _within(day: date, window: Window, without: tuple[Window, ...] = ()) -> bool:
    moment = _moment(day)
    return window.start <= moment < window.end and not any(each.start <= moment < each.end for each in without)


def _index(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    edges = np.unique(np.quantile(before, np.arange(1, 10) / 10))
    counts = [np.bincount(np.searchsorted(edges, x, "left"), minlength=len(edges) + 1) + 1 for x in (before, after)]
    p, q = (each / each.sum() for each in counts)
    return float(((q - p) * np.log(q / p)).sum())
