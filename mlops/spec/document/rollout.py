"""The keys of `spec.rollout`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Tag

from mlops.domain.declared import rollout as declared
from mlops.spec.document.part import Part
from mlops.spec.fields import BoundText, Count, Duration, Percent, by_key


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
    on_external_change: declared.OnExternalChange = Field(
        default=declared.OnExternalChange.REPAIR,
        description="traffic that somebody else changed during a rollout is set back, or left until a person decides: "
        "`repair`, `pause`",
    )
