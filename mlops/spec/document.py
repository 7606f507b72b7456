"""The project file as it is written: every key, its type, its default and its meaning."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.alias_generators import to_camel

from mlops.domain import project as domain
from mlops.spec.fields import BoundText, Count, Duration, Name, Percent, Said, SignalName, by_key


class Part(BaseModel):
    """What all parts share: camelCase keys, and no others."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=False
    )


class Risk(Part):
    """What the model may do wrong."""

    tier: Literal["low", "medium", "high"] | None = Field(default=None, description="decides how many must approve it")
    ai_act: Literal["minimal", "limited", "high", "prohibited"] | None = Field(
        default=None, description="its class under Regulation (EU) 2024/1689"
    )


class Metadata(Part):
    """Who this is, and what people say of it: `records export` writes it, nothing here has a default."""

    name: Name = Field(description="the project's name")
    owner: Said | None = Field(default=None, description="who answers for the model")
    alert_owner: Said | None = Field(default=None, description="who hears its alerts")
    intended_use: Said | None = Field(default=None, description="what it is for")
    licence: Said | None = Field(default=None, description="under which it is used")
    risk: Risk = Field(default=Risk(), description="what it may do wrong")


class Model(Part):
    """The registered model that candidates become versions of."""

    name: Name = Field(description="the model's name in the workspace's registry")
    format: Said | None = Field(default=None, description="in which it is saved: onnx, safetensors, skops, mlflow, …")
    card: Path | None = Field(
        default=None, description="model card: Markdown whose front matter says status, version and updated"
    )


class Data(Part):
    """Where rows and labels come from, and which column means what."""

    history: str = Field(
        pattern=r"^azureml:[^:]+:[^:]+$", description="azureml:NAME:VERSION of a CSV file: labelled rows, oldest first"
    )
    labels: str = Field(
        pattern=r"^azureml://datastores/[^/]+/paths/.+$",
        description="azureml://datastores/NAME/paths/FOLDER of CSV files with the key and the label",
    )
    key: str = Field(description="column that identifies a row; what arrives twice counts once")
    time: str = Field(description="column with the event time (ISO 8601, UTC)")
    features: tuple[str, ...] = Field(min_length=1, description="columns the model sees")
    label: str = Field(description="column of the truth")
    prediction: str = Field(description="column of the collected outputs")
    delay: Duration = Field(default=timedelta(), description="labels are known this long after the event")
    grace: Duration = Field(default=timedelta(), description="a window is measured this long after its end")
    rows_per_day: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="how many rows come in a day, when that is known: `validate` checks counts against it"
    )


class Files(Part):
    """Where `mlops monitor run` finds rows; the loop has its own, from the endpoint."""

    current: tuple[str, ...] = Field(default=(), description="the rows looked at: files, folders, patterns")
    reference: tuple[str, ...] = Field(default=(), description="what they are compared with; or one saved profile")
    labels: tuple[str, ...] = Field(default=(), description="files with the key and the label, when rows have none")


class Pipeline(Part):
    """How a candidate is trained."""

    job: Path = Field(
        description="Azure ML pipeline file: inputs `data`, `champion` (optional); outputs `model`, `evaluation`"
    )
    compute: str = Field(description="key of the platform's `computeClusters`")
    window: Duration = Field(description="event time that training sees")
    holdout: Duration = Field(description="newest labelled event time, kept from training: the gate's rows")
    timeout: Duration = Field(default=timedelta(hours=6), description="past it the job is cancelled: a failed attempt")
    min_rows: Count = Field(default=1, description="with fewer training rows the attempt waits")


class Deployment(Part):
    """How a model is served."""

    endpoint: str = Field(description="key of the platform's `onlineEndpoints`")
    code: Path = Field(description="folder of the scoring script")
    runtime: Path = Field(description="conda file of the scoring environment")
    scoring_script: str = Field(default="score.py", description="file in `code` with `init` and `run`")
    image: str = Field(
        default="mcr.microsoft.com/azureml/minimal-py312-inference:latest", description="base image of the runtime"
    )
    instance_type: str = Field(default="Standard_DS3_v2", description="Azure VM size")
    instances: Count = Field(default=1, description="number of instances")
    rolling_rate: domain.RollingRate = Field(
        default=domain.RollingRate.HOUR,
        description="time in one blob of collected data; in the blob of a step's begin rows count by their own time",
    )
    check_every: Duration = Field(
        default=timedelta(minutes=5), description="how often the endpoint is compared with what it should be"
    )


_GROUP = "fairness needs `group`, the column whose values are groups of rows; other signals do not know it"


_WHOLE = frozenset({"hours_since_newest", "duplicate_rate", "schema_change_count"})


class MonitorLimit(Part):
    """What a monitor may say."""

    success: BoundText = Field(description="fine")
    failure: BoundText | None = Field(default=None, description="not fine; between the two: inconclusive")
    false_alarms: Annotated[float, Field(gt=0, le=0.5)] | None = Field(
        default=None,
        description="share of champions whose monitor may ever fail by chance, over all columns and looks (drift only)",
    )


class Segments(Part):
    """Segments of rows by one column: one for each value, or one between each two cuts."""

    column: Said = Field(description="collected column; a row without a value in it is in no segment")
    values: tuple[Said | int | bool, ...] = Field(default=(), description="a segment for each of these values")
    cuts: tuple[float, ...] = Field(
        default=(), description="a segment below the first, from each on, and from the last"
    )
    min_samples: Count | None = Field(default=None, description="rows a segment; none: as the monitor's minSamples")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if bool(self.values) == bool(self.cuts):
            raise ValueError(f"segments of {self.column!r} need either values or cuts")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError(f"cuts of {self.column!r} must rise: {list(self.cuts)}")
        if len(set(map(str, self.values))) != len(self.values):
            raise ValueError(f"values of {self.column!r} are named twice")
        return self


class Monitor(Part):
    """One number, measured over a window, again and again."""

    name: Name = Field(description="the monitor's name")
    signal: SignalName = Field(description="Azure ML's word for the kind, ours, or that of an installed package")
    metric: str = Field(description="Azure ML's word for the number")
    window: Duration = Field(description="event time looked at")
    every: Duration = Field(description="time between two looks")
    min_samples: Count = Field(description="with fewer rows the verdict is inconclusive")
    columns: tuple[str, ...] = Field(default=(), description="columns looked at; empty: all features")
    reference: domain.Reference = Field(
        default=domain.Reference.TRAINING, description="what drift is measured against, in the champion's training set"
    )
    aggregate: Literal["max", "mean", "median"] = Field(default="max", description="of the columns' values")
    expression: dict[str, float] = Field(default={}, description="weighted sum of columns that `bounds` apply to")
    bounds: tuple[float, float] | None = Field(default=None, description="lowest and highest sound value")
    group: Said | None = Field(default=None, description="fairness: collected column whose values are groups of rows")
    smallest_group: Count = Field(default=30, description="fairness: groups with fewer rows are named, not compared")
    attributions: Said | None = Field(
        default=None,
        description="feature_attribution_drift: what collected columns of attributions begin with (`shap_`), compared "
        "with the window before; none: trees are fitted to the answers, and to the labels of the training set",
    )
    segments: tuple[Segments, ...] = Field(
        default=(), description="parts of the rows, each measured and judged by itself beside the whole"
    )
    limit: MonitorLimit | None = Field(default=None, description="judges each measurement")
    quarantine: bool = Field(default=False, description="a failing window is neither trained nor judged on")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.segments and self.metric in _WHOLE:
            raise ValueError(f"monitor {self.name!r}: {self.metric} is of all rows: it has no segments")
        if self.quarantine and self.limit is None:
            raise ValueError(f"monitor {self.name!r} has quarantine but no limit: nothing would ever fail")
        if self.quarantine and self.signal != domain.Signal.DATA_QUALITY:
            raise ValueError(f"monitor {self.name!r}: only data_quality quarantines; bad data is not drift")
        if (self.signal == domain.Signal.FAIRNESS) != bool(self.group):
            raise ValueError(f"monitor {self.name!r}: {_GROUP}")
        if self.attributions and self.signal != domain.Signal.FEATURE_ATTRIBUTION_DRIFT:
            raise ValueError(f"monitor {self.name!r}: attributions are of feature_attribution_drift only")
        return self


class Windows(Part):
    """N of M windows."""

    at_least: Count = Field(description="windows past `enter` …")
    of: Count = Field(description="… among the last so many")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.at_least > self.of:
            raise ValueError(f"atLeast {self.at_least} cannot be met by {self.of} windows")
        return self


WindowsInARow = Annotated[
    Annotated[Count, Tag("<count>")] | Annotated[Windows, Tag("<windows>")],
    Discriminator(lambda value: "<windows>" if isinstance(value, (dict, Windows)) else "<count>"),
]


class MonitorCondition(Part):
    """True from `enter` until `exit`."""

    monitor: Name = Field(description="a monitor of this project")
    enter: BoundText = Field(description="true from when this holds …")
    exit: BoundText = Field(description="… until this holds, on the quiet side of `enter`")
    for_: WindowsInARow = Field(default=1, alias="for", description="windows in a row, or atLeast … of …")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.enter.upward == self.exit.upward:
            raise ValueError(f"exit ({self.exit}) must look the other way than enter ({self.enter})")
        if self.enter.factor == self.exit.factor:
            low, high = (self.exit, self.enter) if self.enter.upward else (self.enter, self.exit)
            if low.offset > high.offset:
                raise ValueError(f"exit ({self.exit}) overlaps enter ({self.enter}): put it on the quiet side")
        return self


class EveryCondition(Part):
    """True when this long passed since the last attempt."""

    every: Duration = Field(description="since the last attempt began")


class CronCondition(Part):
    """True once a tick has passed."""

    cron: str = Field(description="five fields; missed ticks count as one")
    timezone: str = Field(default="UTC", description="IANA name")


class RowsCondition(Part):
    """True when enough new labelled rows came."""

    labelled_rows: Count = Field(description="that no attempt has used")


class AllOf(Part):
    """True when all are."""

    all: tuple["Condition", ...] = Field(min_length=1, description="conditions")


class AnyOf(Part):
    """True when one is."""

    any: tuple["Condition", ...] = Field(min_length=1, description="conditions")


class NotOf(Part):
    """True when it is not."""

    not_: "Condition" = Field(alias="not", description="a condition")


Condition = Annotated[
    Annotated[MonitorCondition, Tag("<monitor>")]
    | Annotated[EveryCondition, Tag("<every>")]
    | Annotated[CronCondition, Tag("<cron>")]
    | Annotated[RowsCondition, Tag("<labelledRows>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NotOf, Tag("<not>")],
    by_key("monitor", "every", "cron", "labelledRows", "all", "any", "not"),
]


class Trigger(Part):
    """A reason to train again."""

    name: Name = Field(description="the trigger's name")
    when: Condition = Field(description="fires when this turns true")
    repeat: Duration | None = Field(default=None, description="fires again after this long of staying true")


class CircuitBreaker(Part):
    """Stops a loop that only fails."""

    failures: Count = Field(default=3, description="failed attempts in a row")
    hold_for: Duration = Field(default=timedelta(days=3), description="then nothing but a person starts one")


class TriggerPolicy(Part):
    """When a request is let through; what is held waits, and the newest is kept."""

    debounce: Duration = Field(default=timedelta(), description="quiet since the newest request")
    max_wait: Duration | None = Field(default=None, description="but no longer than this since the first")
    cooldown: Duration = Field(default=timedelta(), description="since the end of the last attempt, however it ended")
    circuit_breaker: CircuitBreaker = Field(default=CircuitBreaker(), description="stops a loop that only fails")


MetricName = Literal["accuracy", "brier_score", "log_loss", "roc_auc", "mean_absolute_error", "mean_squared_error"]


class GateMetric(Part):
    """What one metric must show."""

    name: MetricName = Field(description="the metric")
    min_delta: float = Field(
        default=0.0, description="better than the champion by this, at the near end of the interval"
    )
    ci: float = Field(default=0.95, gt=0.5, lt=1, description="the interval's coverage")
    at_least: float | None = Field(default=None, description="absolute floor")
    at_most: float | None = Field(default=None, description="absolute ceiling, for losses")


class EvaluationGate(Part):
    """Candidate against champion on the same held-out rows."""

    name: Name = Field(description="the gate's name")
    type: Literal["compare"]
    metrics: tuple[GateMetric, ...] = Field(min_length=1, description="all must pass")
    min_samples: Count = Field(description="with fewer held-out rows the verdict is inconclusive")
    block: Count = Field(default=1, description="consecutive rows resampled together, when neighbours depend")
    resamples: Annotated[int, Field(ge=200, le=20000)] = Field(default=2000, description="of the bootstrap")


class ApprovalGate(Part):
    """A person says yes."""

    name: Name = Field(description="the gate's name")
    type: Literal["approval"]
    expires: Duration = Field(default=timedelta(hours=72), description="then the candidate is rejected")
    count: Count = Field(default=1, description="people needed")
    not_author: bool = Field(default=True, description="who applied or triggered may not approve")


Gate = Annotated[EvaluationGate | ApprovalGate, Field(discriminator="type")]


class Analysis(Part):
    """One number of what a deployment really served, and its limits."""

    metric: Literal["error_rate", "p95_ms", "prediction_disagreement"] = Field(description="what is looked at")
    success: BoundText = Field(description="fine")
    failure: BoundText | None = Field(default=None, description="not fine; between the two: inconclusive")
    min_samples: Count = Field(description="with fewer requests the verdict is inconclusive")
    failure_limit: Annotated[int, Field(ge=0)] = Field(default=0, description="failures tolerated; one more rolls back")
    error_limit: Annotated[int, Field(ge=0)] = Field(default=4, description="errors in a row tolerated; then it pauses")
    inconclusive_limit: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="inconclusive verdicts tolerated after `for` has passed; default: it waits"
    )
    mode: Literal["judge", "dryRun"] = Field(default="judge", description="dryRun: measured, never judged")


class Smoke(Part):
    """Requests by name, before any traffic."""

    requests: Path = Field(description="JSON lines, one request body a line")


class SmokeStep(Part):
    """Requests by name, before any traffic."""

    smoke: Smoke = Field(description="all must be answered")


class Shadow(Part):
    """A copy of the traffic."""

    percent: Annotated[int, Field(ge=1, le=50, strict=True)] = Field(description="share mirrored; Azure: at most 50")
    for_: Duration = Field(alias="for", description="at least this long")
    min_samples: Count = Field(default=1, description="at least so many requests")
    analysis: tuple[str, ...] = Field(default=(), description="names under `analysis`")


class ShadowStep(Part):
    """A copy of the traffic, answers unseen."""

    shadow: Shadow = Field(description="mirrored traffic")


class WeightStep(Part):
    """A share of the traffic."""

    set_weight: Percent = Field(description="the candidate's share; rising, the last is 100")
    for_: Duration = Field(default=timedelta(), alias="for", description="at least this long")
    min_samples: Count = Field(default=1, description="at least so many requests to the candidate")
    analysis: tuple[str, ...] = Field(default=(), description="names under `analysis`")


Step = Annotated[
    Annotated[SmokeStep, Tag("<smoke>")]
    | Annotated[ShadowStep, Tag("<shadow>")]
    | Annotated[WeightStep, Tag("<setWeight>")],
    by_key("smoke", "shadow", "setWeight"),
]


class Bake(Part):
    """The candidate at 100, the previous model kept."""

    for_: Duration = Field(default=timedelta(), alias="for", description="at least this long")
    min_samples: Count = Field(default=1, description="at least so many requests")
    analysis: tuple[str, ...] = Field(default=(), description="names under `analysis`")
    keep_previous: Duration = Field(
        default=timedelta(hours=24), description="the old deployment stays warm this long after the promotion"
    )


class Rollout(Part):
    """How a candidate takes over."""

    steps: tuple[Step, ...] = Field(min_length=1, description="smoke, shadow, setWeight")
    bake: Bake = Field(default=Bake(), description="the candidate at 100, the previous model kept")
    analysis: dict[str, tuple[Analysis, ...]] = Field(default={}, description="sets of limits, by name")
    measure_every: Duration = Field(default=timedelta(minutes=5), description="time between two looks")
    consecutive_success: Count = Field(default=2, description="passes in a row before a step is left")
    progress_deadline: Duration = Field(default=timedelta(minutes=30), description="for the deployment to come up")
    keep_failed: Duration = Field(default=timedelta(hours=2), description="a failed deployment is kept to look at")
    automatic_rollback: bool = Field(default=True, description="false: a failure pauses, a person decides")
    on_external_change: domain.OnExternalChange = Field(
        default=domain.OnExternalChange.REPAIR,
        description="traffic that somebody else changed during a rollout is set back, or left until a person decides: "
        "`repair`, `pause`",
    )


class Spec(Part):
    """The project."""

    task: domain.Task = Field(default=domain.Task.CLASSIFICATION, description="what the prediction means")
    model: Model = Field(description="the registered model")
    data: Data = Field(description="where rows and labels come from")
    files: Files = Field(default=Files(), description="where `mlops monitor run` finds rows")
    pipeline: Pipeline = Field(description="how a candidate is trained")
    deployment: Deployment = Field(description="how a model is served")
    monitors: tuple[Monitor, ...] = Field(default=(), description="what is measured")
    triggers: tuple[Trigger, ...] = Field(default=(), description="reasons to train again")
    trigger_policy: TriggerPolicy = Field(default=TriggerPolicy(), description="when a request is let through")
    gates: tuple[Gate, ...] = Field(min_length=1, description="what a candidate must pass, in this order")
    rollout: Rollout = Field(description="how a candidate takes over")


class Document(Part):
    """A project file."""

    api_version: Literal["aml-kit/v1alpha1"] = Field(description="the format")
    kind: Literal["Project"] = Field(description="what is declared")
    metadata: Metadata = Field(description="who this is")
    spec: Spec = Field(description="the project")
