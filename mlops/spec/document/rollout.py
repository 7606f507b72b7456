"""The keys of `spec.rollout`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Tag

from mlops.domain.declared import rollout as declared
from mlops.spec.document.part import Part
from mlops.spec.fields import BoundText, Count, Duration, FreezeText, HoursText, Name, Percent, by_key


class Analysis(Part):
    """One number of what a deployment really served, and its limits."""

    metric: Literal[
        "error_rate",
        "p95_ms",
        "prediction_disagreement",
        "failed_runs",
        "unmatched_rows",
        "prediction_shift",
        "accuracy",
        "brier_score",
        "log_loss",
        "mean_absolute_error",
        "mean_squared_error",
        "roc_auc",
    ] = Field(
        description="what is looked at: the first three of what was served, the others, error_rate and "
        "prediction_disagreement in comparisons of a batch endpoint"
    )
    success: BoundText = Field(description="fine")
    failure: BoundText | None = Field(default=None, description="not fine; between the two: inconclusive")
    min_samples: Count = Field(description="with fewer requests the verdict is inconclusive")
    failure_limit: Annotated[int, Field(ge=0)] = Field(default=0, description="failures tolerated; one more rolls back")
    error_limit: Annotated[int, Field(ge=0)] = Field(default=4, description="errors in a row tolerated; then it pauses")
    inconclusive_limit: Annotated[int, Field(ge=0)] | None = Field(
        default=3, description="inconclusive verdicts tolerated after `for` has passed, then it pauses; null: it waits"
    )
    compare_with: Literal["champion"] | None = Field(
        default=None, description="a failure that the champion shows, too, in the same time is inconclusive"
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


class Compare(Part):
    """Both deployments of a batch endpoint score the same input."""

    input: str = Field(
        pattern=r"^(holdout|azureml:[^:/]+(:[^:/]+)?|azureml://datastores/[^/]+/paths/.+)$",
        description="`holdout` (rows held out of training), `azureml:NAME:VERSION`, `azureml:NAME` (the newest when it "
        "begins) or azureml://datastores/NAME/paths/PATH (a file, or a folder ending in /)",
    )
    analysis: tuple[str, ...] = Field(default=(), description="names under `analysis`, beside what is always judged")
    runs: Count = Field(default=1, description="comparisons in a row that must pass")
    every: Duration | None = Field(default=None, description="between two of them; none: measureEvery")
    min_samples: Count = Field(default=1, description="at least so many rows answered by the candidate")
    timeout: Duration = Field(
        default=timedelta(hours=6), description="of one comparison; what runs longer is stopped and has failed"
    )


class CompareStep(Part):
    """Batch: candidate and champion score the same input, the default stays."""

    compare: Compare = Field(description="batch: both score the same input")


class Approve(Part):
    """People say yes before the next step."""

    approvers: tuple[Name, ...] = Field(default=(), description="names under `groups`; empty: anybody")
    expires: Duration = Field(default=timedelta(hours=72), description="then it rolls back")
    count: Count | None = Field(
        default=None, description="people needed; none: by the risk's tier, 2 at high and else 1"
    )
    not_author: bool = Field(default=True, description="who applied or triggered may not approve")


class ApproveStep(Part):
    """The weights stay, and so does what is looked at, until people say yes."""

    approve: Approve = Field(description="people say yes; a failure rolls back meanwhile")


Step = Annotated[
    Annotated[SmokeStep, Tag("<smoke>")]
    | Annotated[ShadowStep, Tag("<shadow>")]
    | Annotated[WeightStep, Tag("<setWeight>")]
    | Annotated[CompareStep, Tag("<compare>")]
    | Annotated[ApproveStep, Tag("<approve>")],
    by_key("smoke", "shadow", "setWeight", "compare", "approve"),
]


class Windows(Part):
    """When weights may move forward."""

    allow: tuple[HoursText, ...] = Field(
        default=(), description="such as `Mon-Thu 08:00-16:00 Europe/Berlin`; empty: always"
    )
    freeze: tuple[FreezeText, ...] = Field(
        default=(), description="such as `2026-12-20/2027-01-04 Europe/Berlin`, both days included; no zone: UTC"
    )


class MetricLoss(Part):
    """When nothing can be measured."""

    action: declared.OnMetricLoss = Field(
        default=declared.OnMetricLoss.HOLD,
        description="past errorLimit or `after`: `hold` until there are numbers again, or `rollback`",
    )
    after: Duration | None = Field(default=None, description="of looks that could not measure; none: errorLimit alone")


class Bake(Part):
    """The candidate at 100, the previous model kept."""

    for_: Duration = Field(default=timedelta(), alias="for", description="at least this long")
    min_samples: Count = Field(default=1, description="at least so many requests")
    analysis: tuple[str, ...] = Field(default=(), description="names under `analysis`")
    keep_previous: Duration = Field(
        default=timedelta(hours=24), description="the old deployment stays warm this long after the promotion"
    )


class Retention(Part):
    """What stays after a rollout."""

    warm_previous: Annotated[int, Field(ge=0, le=10)] = Field(
        default=1,
        description="champions of before whose deployments stay warm after the bake, the newest first, each for "
        "`bake.keepPrevious`; each costs its instances, and `mlops plan` says how many that makes",
    )


class Rollback(Part):
    """Before traffic goes back."""

    verify_target: bool = Field(
        default=True,
        description="a target that serves nobody must answer the smoke requests first; false: it is enough that it "
        "is ready, as for requests that older models cannot answer",
    )
    on_target_unhealthy: Literal["hold-best"] = Field(
        default="hold-best",
        description="`hold-best`: what serves goes on serving until the target is well, and people are told; a "
        "candidate that answers no better is no reason to wait",
    )


class Rollout(Part):
    """How a candidate takes over."""

    steps: tuple[Step, ...] = Field(min_length=1, description="smoke, shadow, setWeight, approve; batch: compare")
    bake: Bake = Field(default=Bake(), description="the candidate at 100, the previous model kept")
    analysis: dict[str, tuple[Analysis, ...]] = Field(default={}, description="sets of limits, by name")
    measure_every: Duration = Field(default=timedelta(minutes=5), description="time between two looks")
    consecutive_success: Count = Field(default=2, description="passes in a row before a step is left")
    progress_deadline: Duration = Field(default=timedelta(minutes=30), description="for the deployment to come up")
    keep_failed: Duration = Field(default=timedelta(hours=2), description="a failed deployment is kept to look at")
    retention: Retention = Field(default=Retention(), description="what stays after a rollout")
    rollback: Rollback = Field(default=Rollback(), description="before traffic goes back")
    automatic_rollback: bool = Field(default=True, description="false: a failure pauses, a person decides")
    on_new_candidate: declared.OnNewCandidate = Field(
        default=declared.OnNewCandidate.QUEUE_NEWEST,
        description="what is asked for during a rollout waits for its end, or ends it, once nothing else holds it: "
        "`queueNewest`, `supersede`",
    )
    on_external_change: declared.OnExternalChange = Field(
        default=declared.OnExternalChange.REPAIR,
        description="traffic that somebody else changed during a rollout is set back, or left until a person decides: "
        "`repair`, `pause`",
    )
    windows: Windows = Field(
        default=Windows(), description="when weights may move forward; a rollback waits for no window"
    )
    on_metric_loss: MetricLoss = Field(default=MetricLoss(), description="when nothing can be measured")
