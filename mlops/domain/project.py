"""A project: everything one model's loop was told, as frozen values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mlops.domain.facts import Facts
from mlops.domain.measurement import Bound, Limit

DAY = timedelta(days=1)


class Task(enum.StrEnum):
    """What the model does: the meaning of its prediction."""

    CLASSIFICATION = "classification"  # the prediction is the probability of label 1
    REGRESSION = "regression"


@dataclass(frozen=True, kw_only=True)
class Data:
    """Where rows and labels come from, and which column means what."""

    history: str  # azureml:NAME:VERSION of labelled rows from before the first deployment (a CSV file)
    labels: str  # azureml:NAME, or azureml://datastores/…/paths/FOLDER with CSV files that have `key` and `label`
    key: str  # the column that identifies a row; a row that arrives twice counts once
    time: str  # the column with the event time: ISO 8601 date or moment, UTC
    features: tuple[str, ...]
    label: str
    prediction: str  # the column of the collected outputs
    delay: timedelta = timedelta()  # labels are known this long after the event
    grace: timedelta = timedelta()  # a window is looked at this long after its end, so that late rows are in it


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where `mlops monitor run` finds rows, for models without an endpoint or for a look by hand."""

    current: tuple[str, ...] = ()  # files, folders or patterns, from the project's folder on
    reference: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # files with the key and the label


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """How a candidate is trained: an Azure ML pipeline file, and which rows it gets."""

    job: Path  # the YAML file, absolute
    compute: str  # a key of the platform's `computeClusters`
    window: timedelta  # event time that training sees
    holdout: timedelta  # the newest labelled event time, kept from training: the gate's rows
    timeout: timedelta = timedelta(hours=6)
    min_rows: int = 1  # fewer rows to train on: the attempt waits


class RollingRate(enum.StrEnum):
    """Azure's words for the time that one blob of collected data holds (its `rollingRate`, a year left out)."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """How a candidate is served."""

    endpoint: str  # a key of the platform's `onlineEndpoints`
    code: Path  # the folder of score.py, absolute
    runtime: Path  # the conda file, absolute
    scoring_script: str = "score.py"
    image: str = "mcr.microsoft.com/azureml/minimal-py312-inference:latest"
    instance_type: str = "Standard_DS3_v2"
    instances: int = 1
    rolling_rate: RollingRate = RollingRate.HOUR
    check_every: timedelta = timedelta(minutes=5)  # how often the endpoint is compared with what it should be


class Signal(enum.StrEnum):
    """Azure ML's words for a monitor's kind, and ours where it has none."""

    DATA_DRIFT = "data_drift"
    PREDICTION_DRIFT = "prediction_drift"
    DATA_QUALITY = "data_quality"
    MODEL_PERFORMANCE = "model_performance"
    FEATURE_ATTRIBUTION_DRIFT = "feature_attribution_drift"
    MULTIVARIATE_DRIFT = "multivariate_drift"
    ESTIMATED_PERFORMANCE = "estimated_performance"  # not Azure's: without labels
    FAIRNESS = "fairness"  # not Azure's


class Reference(enum.StrEnum):
    """What drift is measured against."""

    TRAINING = "training"  # the champion's training rows
    SEASON = "season"  # those of the champion's training rows that fall in the same days of the year


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Rows that have one value in a column, or a number from `low` to below `high`; None is without end."""

    column: str
    value: str | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.value is not None:
            return f"{self.column}={self.value}"
        low = "" if self.low is None else f"{self.low:g}<="
        return f"{low}{self.column}" + ("" if self.high is None else f"<{self.high:g}")


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """One number, measured over a window, again and again."""

    name: str
    signal: str  # a Signal, or the name under which an installed package declares its own
    metric: str
    window: timedelta
    every: timedelta
    min_samples: int = 1
    columns: tuple[str, ...] = ()  # none: all features
    reference: Reference = Reference.TRAINING
    aggregate: str = "max"  # of the columns' values: max, mean or median
    expression: Mapping[str, float] = field(default_factory=dict)  # data_quality: a weighted sum of columns …
    bounds: tuple[float, float] | None = None  # … or each column, that must lie within
    group: str | None = None  # fairness: the column whose values are groups of rows …
    smallest_group: int = 30  # … of which those with fewer rows are named and not compared
    attributions: str | None = None  # feature_attribution_drift: what the collected columns of them begin with
    segment: Segment | None = None  # only these rows are looked at
    family: int = 1  # findings that are judged together, the whole and each of its segments: chance is shared out
    limit: Limit | None = None  # judged and shown; what it leads to is said by `quarantine` and by the triggers
    quarantine: bool = False  # a failing window is neither trained on nor judged on


@dataclass(frozen=True, kw_only=True)
class MonitorCondition:
    """True from when a monitor entered until it left: `enter` and `exit` differ, so that it does not flap."""

    monitor: str
    enter: Bound
    exit: Bound
    at_least: int = 1  # windows …
    of: int = 1  # … of the last so many


@dataclass(frozen=True, kw_only=True)
class EveryCondition:
    """True when this long has passed since the last attempt began (or since the champion was promoted)."""

    period: timedelta


@dataclass(frozen=True, kw_only=True)
class CronCondition:
    """True once a tick of the cron expression has passed that was not handled; missed ticks count as one."""

    cron: str
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class RowsCondition:
    """True when so many labelled rows came that no attempt has used."""

    at_least: int


@dataclass(frozen=True, kw_only=True)
class AllOf:
    """True when all are."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """True when one is."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True)
class Not:
    """True when it is not."""

    condition: "Condition"


Condition = MonitorCondition | EveryCondition | CronCondition | RowsCondition | AllOf | AnyOf | Not


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A reason to train again.  It fires when its condition turns true, and again after `repeat` of staying true."""

    name: str
    when: Condition
    repeat: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class TriggerPolicy:
    """When a request to train is let through.  A request that is held waits; it is never lost."""

    debounce: timedelta = timedelta()  # of quiet since the newest request
    max_wait: timedelta | None = None  # but no longer than this since the first
    cooldown: timedelta = timedelta()  # since the end of the last attempt, however it ended
    breaker_failures: int = 3  # failed attempts in a row open the breaker …
    breaker_hold: timedelta = timedelta(days=3)  # … for this long, or until a person triggers


class Interval(enum.StrEnum):
    """How the difference of two models on the same rows is bounded."""

    BOOTSTRAP = "bootstrap"  # paired percentile bootstrap, by blocks of consecutive rows


@dataclass(frozen=True, kw_only=True)
class GateMetric:
    """What one metric of the evaluation must show."""

    name: str
    min_delta: float = 0.0  # candidate better than champion by this, in the metric's better direction …
    ci: float = 0.95  # … at the near end of this interval
    at_least: float | None = None  # absolute floor (for losses: `at_most`)
    at_most: float | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationGate:
    """Candidate against champion on the same held-out rows, and absolute floors."""

    name: str
    metrics: tuple[GateMetric, ...]
    min_samples: int
    block: int = 1  # consecutive rows resampled together: for rows that depend on their neighbours
    resamples: int = 2000


@dataclass(frozen=True, kw_only=True)
class ApprovalGate:
    """A person says yes, to exactly this candidate with exactly these results."""

    name: str
    expires: timedelta = timedelta(hours=72)
    count: int = 1
    not_author: bool = True


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One number of what a deployment really served since the step began, and its limits."""

    metric: str  # error_rate, p95_ms, prediction_disagreement (against the champion, rows both answered)
    success: Bound
    failure: Bound | None = None
    min_samples: int = 1
    failure_limit: int = 0  # failures tolerated
    error_limit: int = 4  # errors in a row tolerated, then the rollout pauses
    inconclusive_limit: int | None = None  # tolerated once the step is due, then it pauses; None: it waits
    dry_run: bool = False  # measured and recorded, never judged

    @property
    def limit(self) -> Limit:
        """As `judge` takes it."""
        return Limit(monitor=self.metric, success=self.success, failure=self.failure, min_samples=self.min_samples)


@dataclass(frozen=True, kw_only=True)
class Smoke:
    """Requests sent to the candidate by name, before it gets any traffic; all must be answered."""

    requests: Path  # JSON lines, one request body a line; absolute


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A copy of this share of the live traffic goes to the candidate, and nobody sees its answers."""

    percent: int
    hold: timedelta
    min_samples: int = 1
    analyses: tuple[Analysis, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetWeight:
    """This share of the live traffic is answered by the candidate."""

    weight: int
    hold: timedelta = timedelta()
    min_samples: int = 1
    analyses: tuple[Analysis, ...] = ()


Step = Smoke | Shadow | SetWeight


class OnExternalChange(enum.StrEnum):
    """What follows when somebody else changed the traffic during a rollout."""

    REPAIR = "repair"  # what was decided is set again
    PAUSE = "pause"  # it is left so until a person says resume or abort


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a candidate that passed its gates takes over."""

    steps: tuple[Step, ...]
    bake: timedelta = timedelta()
    bake_analyses: tuple[Analysis, ...] = ()
    bake_min_samples: int = 1
    keep_previous: timedelta = timedelta(hours=24)  # the old deployment stays warm this long after the promotion
    measure_every: timedelta = timedelta(minutes=5)
    consecutive_success: int = 2  # passes in a row before a step is left
    progress_deadline: timedelta = timedelta(minutes=30)  # for the deployment to come up: real time
    keep_failed: timedelta = timedelta(hours=2)
    automatic_rollback: bool = True
    on_external_change: OnExternalChange = OnExternalChange.REPAIR


@dataclass(frozen=True, kw_only=True)
class Project:
    """One model's loop."""

    name: str
    model: str
    task: Task
    data: Data
    pipeline: Pipeline
    deployment: Deployment
    monitors: tuple[Monitor, ...]
    triggers: tuple[Trigger, ...]
    gates: tuple[EvaluationGate | ApprovalGate, ...]
    rollout: Rollout
    policy: TriggerPolicy = field(default_factory=TriggerPolicy)
    files: Files = field(default_factory=Files)
    folder: Path = Path()  # of the project file
    facts: Facts = field(default_factory=Facts)

    def monitor(self, name: str) -> Monitor:
        """The monitor of that name; raises KeyError."""
        return {monitor.name: monitor for monitor in self.monitors}[name]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What `infra` built, as its stack outputs say."""

    environment: str
    subscription_id: str
    tenant_id: str
    location: str
    resource_group: str
    workspace: str
    registry: str
    storage_account: str
    compute: Mapping[str, str]  # key -> cluster name
    endpoints: Mapping[str, str]  # key -> endpoint name
    containers: Mapping[str, str]
    endpoint_uris: Mapping[str, str] = field(default_factory=dict)
