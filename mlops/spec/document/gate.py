"""The keys of `spec.gates`."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Duration, Name

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
