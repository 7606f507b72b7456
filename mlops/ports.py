"""What the flows need from outside, in our words.

All calls are synchronous and short: an effect *starts* something and never waits for it; the next pass looks.  Every
effect is idempotent by name.  A call whose outcome is unknown (a lost response) raises `OutsideError`; the next pass
looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mlops.domain.claim import Claim
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Monitor
from mlops.domain.loop import Attempt, Change, Loop, Measured, Rollout, Word
from mlops.domain.project import Data, Platform, Task
from mlops.domain.records.decision import Recorded
from mlops.domain.records.inputs import Recording
from mlops.domain.world import (
    Answer,
    DatasetPlan,
    DatasetVersion,
    DeploymentPlan,
    EndpointState,
    JobPlan,
    JobState,
    ModelPlan,
    ModelVersion,
    RunPlan,
    ScoredRow,
    Signature,
    Window,
)
from mlops.post import Figures, Inbox, Listening, Outbox, Telling
from mlops.registry import Registry
from mlops.witness import Seals


class OutsideError(Exception):
    """Something outside did not do what was asked; the message says what, and what to do.  Looking again may help."""


class QuotaError(OutsideError):
    """There is no room now, here: a region is full, or others hold what is left.  Time may help, as may giving back."""


class RefusedError(OutsideError):
    """Asking again for the same will be refused again: a bad name, a missing component, no such compute."""


class WrongBytesError(RefusedError):
    """What came is not what was offered."""


class EndpointMissingError(RefusedError):
    """There is no such endpoint: the platform's, not ours to make."""


class Clock(Protocol):
    """The loop's time.  Deadlines of Azure's own operations use it too, so a driven clock must stand while they run."""

    def now(self) -> datetime:
        """The present moment, UTC, with a time zone."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a monitor should measure: `monitor` over `window`, without the quarantined windows.

    `reference` is the champion's training set; None before there is a champion.  `look` counts the monitor's windows
    of that champion, from 1: the more looks, the more chances of a false alarm.
    """

    monitor: Monitor
    window: Window
    without: tuple[Window, ...] = ()
    reference: DatasetVersion | None = None
    task: Task = Task.CLASSIFICATION
    past: Window | None = None  # before `window`: the champion's own answers are the reference of estimates
    look: int = 1


@dataclass(frozen=True, kw_only=True)
class ServedQuestion:
    """What a deployment did with what it was really sent (live or mirrored; smoke requests do not count).

    Metrics: `error_rate` (requests without an answer over requests), `p95_ms`, `prediction_disagreement` (share of rows
    that both deployments answered, with answers on different sides of 0.5; regression: the mean absolute difference),
    `requests` (their number).  `samples` of the measurement are requests.
    """

    metric: str
    endpoint: str
    deployment: str
    since: datetime  # the loop's time at which the present step began
    against: str = ""  # the champion's deployment, for comparisons


@dataclass(frozen=True, kw_only=True)
class RunQuestion:
    """What a run of a batch endpoint answered, by itself or beside another run on the same input.

    Metrics: `error_rate` (rows without a number), `requests` (rows), `unmatched_rows` (share of the rows that only one
    run answered), `prediction_disagreement`, `prediction_shift` (of the distributions, 0 to 1), and a gate's metrics on
    the rows whose label is known.  `samples` are rows.
    """

    metric: str
    run: str
    against: str = ""  # the champion's run


@dataclass(frozen=True, kw_only=True)
class Load:
    """Requests to send, one after the other and again, whether or not the ones before were answered."""

    requests: tuple[str, ...]
    rps: float
    seconds: float


class CollectedData(Protocol):
    """What the deployments collected, joined with labels: rows by key, each once, whatever deployment answered."""

    def measure(self, data: Data, question: Question) -> Measurement:
        """Measure; an empty window gives value None, samples 0 and a reason, not an exception."""

    def served(self, data: Data, question: ServedQuestion) -> Measurement:
        """Measure what one deployment served; nothing served gives value None and samples 0."""

    def labelled(self, data: Data, window: Window) -> int:
        """How many rows with a known label have their event time in the window (history included)."""

    def answers(self, data: Data, window: Window) -> tuple[Answer, ...]:
        """What was answered to each row with its event time in the window, oldest first: for reports."""


class Datasets(Protocol):
    """Training sets, built from rows and registered with their digest."""

    def ensure(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        """Build and register; what is registered under that name and version is returned as it is."""


class Training(Protocol):
    """Pipeline jobs."""

    def submit(self, plan: JobPlan) -> None:
        """Start the job, unless a job of that name exists."""

    def state(self, name: str) -> JobState:
        """How it stands; `MISSING` when there is no such job."""

    def cancel(self, name: str) -> None:
        """Ask for it to be stopped; a finished or missing job is left alone."""

    def evaluation(self, name: str) -> tuple[ScoredRow, ...]:
        """The job's output `evaluation`: predictions.csv (key, label, candidate, champion), in order of event time.

        Further columns are groups, by which slices are judged.
        """


class Assets(Protocol):
    """What others make and training takes."""

    def version(self, asset: str) -> str:
        """What the newest of `model:NAME` or `data:NAME` is, or the digest of the training `code`; none: empty."""


class Models(Protocol):
    """The model registry."""

    def ensure(self, plan: ModelPlan) -> ModelVersion:
        """Register the job's output `model` under that name and version, unless it is; returns it with its digest."""

    def signature(self, job: str) -> Signature | None:
        """What the job's output `model` says that it takes and gives; None where it says nothing."""


class Runs(Protocol):
    """Jobs of a batch endpoint: those that compare two deployments are ours, all others are its users'."""

    def start(self, plan: RunPlan) -> None:
        """Let that deployment score the input, unless a job of that name exists; the default stays as it is."""

    def state(self, name: str) -> JobState:
        """How it stands; `MISSING` when there is no such job."""

    def stop(self, name: str) -> None:
        """Ask for it to be stopped; a finished or missing one is left alone."""

    def measure(self, question: RunQuestion) -> Measurement:
        """Measure finished runs; nothing to measure on gives value None, samples 0 and a reason."""

    def served(self, question: ServedQuestion) -> Measurement:
        """What a deployment did for its users since then: `error_rate` is the share of jobs that failed.

        `requests` is the number of jobs that ended, and so are the `samples`.
        """


class Endpoints(Protocol):
    """Endpoints: ours are the deployments and the traffic; the endpoint itself is the platform's.

    A batch endpoint's default deployment has 100, and there is no other split, no mirror, no smoke and no load.
    """

    def observe(self, endpoint: str) -> EndpointState:
        """Traffic, mirror and deployments as they are.  Raises EndpointMissingError."""

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        """Start creating it, with our tag; one of that name that exists is left as it is."""

    def delete_deployment(self, endpoint: str, name: str) -> None:
        """Start deleting it; raises RefusedError while it has traffic; a missing one is fine."""

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """Set both in one request, without waiting; what it has already is not written again."""

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        """Send each body to the deployment by name; `error_rate` over the requests, `why` quotes the first failure."""

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        """Ask the deployment by name so often for so long, real time: `p95_ms`, `error_rate`, `memory_mb`.

        What cannot be measured has the value None and says why.  `samples` are requests.
        """

    def logs(self, endpoint: str, deployment: str) -> str:
        """The end of the deployment's log, for a decision's reason."""


@dataclass(frozen=True, kw_only=True)
class Backends:
    """Everything of Azure that a loop works with."""

    data: CollectedData
    datasets: Datasets
    training: Training
    models: Models
    endpoints: Endpoints
    assets: Assets
    runs: Runs
    registry: Registry | None = None  # None: the project has one environment


class ConflictError(Exception):
    """Somebody else saved in between: drop the work, load again."""


class StateError(Exception):
    """The loop's state cannot be read or written; the message says what to do.  Nothing outside was touched since."""


class GoneError(StateError):
    """There is no such project: it was never applied, or it was removed."""


class LostError(StateError):
    """Another has claimed the project since: drop the work."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A project file as it was applied: a generation."""

    project: str
    generation: int
    text: str
    path: str  # of the file, absolute: where relative paths start
    platform: Platform
    actor: str
    at: datetime
    listening: tuple[Listening, ...] = ()  # where its events come from
    telling: tuple[Telling, ...] = ()  # who is told of which decisions


class Store(Protocol):
    """The loop's memory.  A save is one transaction: state, decisions, measurements, events' outcomes, or nothing."""

    @property
    def inbox(self) -> Inbox:
        """Its events."""

    @property
    def outbox(self) -> Outbox:
        """What is to be told."""

    def figures(self, now: datetime) -> Figures:
        """How it stands, for those who watch it."""

    @property
    def seals(self) -> Seals:
        """What was signed of its logs."""

    def projects(self) -> tuple[str, ...]:
        """Names, sorted."""

    def apply(self, applied: Applied, change: Change) -> Loop:
        """Save a new generation together with the state that has it; as `save`."""

    def applied(self, project: str, generation: int) -> Applied:
        """A generation; raises StateError when there is none."""

    def load(self, project: str) -> Loop | None:
        """The state; None before the first apply."""

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        """Save; raises ConflictError unless the stored version is that of `change.loop`.  Returns the next version.

        With `claim` also LostError when another has claimed it since; without, whoever waits for it looks at once.
        """

    def due(self, now: datetime) -> bool:
        """Say quickly whether any project may be claimed; `claim` knows better."""

    def claim(self, owner: str, now: datetime, *, most: int = 1, project: str = "") -> tuple[Claim, ...]:
        """Take projects that are due, the longest waiting first, or one by name, due or not.

        Never one whose lease another holds.  A lease, or a due time, that is further ahead than any could be was
        written by a clock that went wrong: it counts as over.
        """

    def renew(self, claims: Sequence[Claim], now: datetime) -> tuple[Claim, ...]:
        """Extend their leases; returns those that still hold."""

    def free(self) -> None:
        """Give back what others hold; for who is alone with this store, so that they must be dead."""

    def release(self, claim: Claim, due: datetime) -> None:
        """Give it back, to be looked at then, or at once where somebody asked since; nothing when it is lost."""

    def decisions(self, project: str, after: int = 0) -> tuple[Recorded, ...]:
        """The log, oldest first, after that sequence number."""

    def frozen(self) -> Word | None:
        """Who froze all projects, and why; None: nobody."""

    def freeze(self, word: Word | None) -> None:
        """Freeze all projects, also those that are applied later; None: no more."""

    def inputs(self, project: str, sequence: int) -> Recording | None:
        """What that decision was made on; None where nothing was recorded.  Raises StateError."""

    def measured(self, project: str) -> tuple[Measured, ...]:
        """All measurements, oldest first."""

    def attempts(self, project: str) -> tuple[Attempt, ...]:
        """All attempts, oldest first; the last may be under way."""

    def rollouts(self, project: str) -> tuple[tuple[int, Rollout], ...]:
        """All rollouts by attempt, as last saved."""
