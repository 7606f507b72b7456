"""What the loop sees of the outside and asks of it, in our words."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True, order=True)
class Window:
    """A stretch of event time, UTC: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a window cannot end ({self.end}) before it starts ({self.start})")

    def overlaps(self, other: "Window") -> bool:
        """Whether they share any moment."""
        return self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{_short(self.start)} to {_short(self.end)}"


def _short(moment: datetime) -> str:
    text = moment.isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")
    return text.removesuffix(" 00:00")


def window_before(end: datetime, length: timedelta) -> Window:
    """The `length` before `end`."""
    return Window(start=end - length, end=end)


@dataclass(frozen=True, kw_only=True)
class DatasetPlan:
    """A training set to build: which rows go in, and under which name and version it is registered.

    Rows are the history and the collected rows joined with their labels, one a key, event time in `train` or
    `holdout`, outside every window of `without`.  A version that is registered already is returned as it is.
    """

    name: str
    version: str
    train: Window
    holdout: Window
    without: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True)
class DatasetVersion:
    """A registered data asset: a folder with `train.csv`, `holdout.csv` and `manifest.json`."""

    name: str
    version: str
    digest: str  # sha256 of the rows' bytes
    train_rows: int
    holdout_rows: int
    uri: str = ""

    @property
    def reference(self) -> str:
        """As Azure ML's YAML writes it."""
        return f"azureml:{self.name}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A registered model and the digest of its files."""

    name: str
    version: str
    digest: str

    @property
    def reference(self) -> str:
        """As Azure ML's YAML writes it."""
        return f"azureml:{self.name}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class JobPlan:
    """A pipeline job to run: the project's pipeline file with these inputs.

    The pipeline has the inputs `data` (the data set's folder) and, optional, `champion` (the champion's model) and
    `warm_start` (whether training begins with it), and the outputs `model` and `evaluation`.
    """

    name: str  # deterministic, so that submitting twice makes one job
    dataset: DatasetVersion
    champion: ModelVersion | None
    timeout: timedelta
    tags: Mapping[str, str] = field(default_factory=dict)
    warm_start: bool = False
    candidate: ModelVersion | None = None  # nothing is trained: it is scored, by the pipeline for that


class JobPhase(enum.StrEnum):
    """Where a job stands."""

    MISSING = "missing"  # nobody submitted it
    RUNNING = "running"  # queued, preparing or running
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job as it is now; `reason` holds the end of the failing step's log."""

    phase: JobPhase
    reason: str = ""
    code_digest: str = ""  # of the pipeline's components, for the lineage
    runtime: str = ""  # the runtime(s) that the steps ran in


@dataclass(frozen=True, kw_only=True)
class ModelPlan:
    """A model to register from a job's output `model`."""

    name: str
    version: str
    job: str
    tags: Mapping[str, str] = field(default_factory=dict)  # the lineage


@dataclass(frozen=True, kw_only=True)
class ScoredRow:
    """One held-out row, scored by the candidate and, when there is one, by the champion."""

    key: str
    label: float
    candidate: float
    champion: float | None
    groups: Mapping[str, str] = field(default_factory=dict)  # further columns of the evaluation: what slices go by


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a model says that it takes and gives: columns by name, or rows of so many numbers."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    width: int | None = None  # of rows without names; -1: any
    gives: tuple[str, ...] = ()  # none: it does not say by name


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the endpoint answered to one row, with the truth when it is known."""

    key: str
    time: datetime
    prediction: float
    deployment: str
    label: float | None


@dataclass(frozen=True, kw_only=True)
class DeploymentPlan:
    """A deployment of a model version on the project's endpoint."""

    endpoint: str
    name: str
    model: ModelVersion
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """A job in which a deployment of a batch endpoint, default or not, scores an input."""

    name: str  # deterministic, so that starting twice makes one job
    endpoint: str
    deployment: str
    input: str  # azureml:NAME:VERSION, or azureml://… of a file or a folder


class DeploymentPhase(enum.StrEnum):
    """Where a deployment stands."""

    CREATING = "creating"  # or updating
    READY = "ready"
    FAILED = "failed"  # it never came up, or was ready and broke
    DELETING = "deleting"


@dataclass(frozen=True, kw_only=True)
class DeploymentState:
    """A deployment as it is now.  `model` is the reference that it serves, `ours` whether it bears our tag."""

    name: str
    phase: DeploymentPhase
    model: str
    ours: bool = True
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EndpointState:
    """An endpoint as it is now.  Shares of 0 are left out, names are lower case.

    While `updating`, a write is under way and nothing is asked of the endpoint.
    """

    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    deployments: tuple[DeploymentState, ...]
    updating: bool = False

    def deployment(self, name: str) -> DeploymentState | None:
        """The deployment of that name."""
        return next((d for d in self.deployments if d.name == name), None)
