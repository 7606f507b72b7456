"""The keys of `spec.gates`, and of the people whom approvals name."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mlops.domain.declared import gate as declared
from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Duration, Name, Said

MetricName = Literal["accuracy", "brier_score", "log_loss", "roc_auc", "mean_absolute_error", "mean_squared_error"]
BetweenGroups = Literal[
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "accuracy_difference",
    "mean_absolute_error_difference",
]
Tier = Literal["low", "medium", "high"]


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
    on_no_baseline: declared.NoBaseline = Field(
        default=declared.NoBaseline.ABSOLUTE,
        description="without a champion: `absolute` judges by the absolute limits alone, `inconclusive` rejects",
    )


class ContractGate(Part):
    """The model takes and gives what the project says, and has a card."""

    name: Name = Field(description="the gate's name")
    type: Literal["contract"]
    signature: bool = Field(
        default=True, description="the model's signature (MLmodel) fits `data.features` and `data.prediction`"
    )
    card: bool = Field(
        default=True,
        description="`model.card` says status, version and updated; owner, intended use and risk tier are said",
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not (self.signature or self.card):
            raise ValueError(f"gate {self.name!r} asks for neither signature nor card: every candidate would pass")
        return self


class SliceMetric(Part):
    """What one metric must show in every slice, or between groups."""

    name: MetricName | BetweenGroups = Field(description="a metric of `compare`, or of the signal `fairness`")
    at_least: float | None = Field(default=None, description="absolute floor, in each slice or of the fairness metric")
    at_most: float | None = Field(default=None, description="absolute ceiling, likewise")
    max_gap: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="between the best slice and the worst"
    )
    min_delta: float | None = Field(
        default=None, description="in each slice better than the champion by this, as in `compare`; none: not compared"
    )
    ci: float = Field(default=0.95, gt=0.5, lt=1, description="coverage of all slices' intervals together")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        between = self.name not in MetricName.__args__  # type: ignore[attr-defined]
        if between and (self.max_gap is not None or self.min_delta is not None):
            raise ValueError(f"{self.name} compares groups already: it takes atLeast and atMost only")
        if all(limit is None for limit in (self.at_least, self.at_most, self.max_gap, self.min_delta)):
            raise ValueError(f"{self.name} has no limit: give atLeast, atMost, maxGap or minDelta")
        return self


class SlicesGate(Part):
    """The held-out rows by the values of columns."""

    name: Name = Field(description="the gate's name")
    type: Literal["slices"]
    by: tuple[Said, ...] = Field(
        min_length=1, description="columns of the evaluation's predictions.csv beside key, label, candidate, champion"
    )
    cuts: dict[str, tuple[float, ...]] = Field(
        default={}, description="for columns of numbers: a slice below the first, from each on, and from the last"
    )
    metrics: tuple[SliceMetric, ...] = Field(min_length=1, description="all must pass")
    min_per_slice: Count = Field(default=300, description="a slice with fewer rows is not judged …")
    on_small_slice: declared.OnSmallSlice = Field(
        default=declared.OnSmallSlice.INCONCLUSIVE,
        description="… and makes the verdict `inconclusive`, or is named and left out: `leaveOut`",
    )
    block: Count = Field(default=1, description="consecutive rows of a slice resampled together")
    resamples: Annotated[int, Field(ge=200, le=20000)] = Field(default=2000, description="of the bootstrap")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for column, cuts in self.cuts.items():
            if column not in self.by:
                raise ValueError(f"cuts are of {column!r}, which `by` does not name: {', '.join(self.by)}")
            if not cuts or list(cuts) != sorted(set(cuts)):
                raise ValueError(f"cuts of {column!r} must rise: {list(cuts)}")
        return self


class LoadLimit(Part):
    """The most that one number under load may be."""

    name: Literal["p95_ms", "error_rate", "memory_mb"] = Field(
        description="memory_mb is the largest number of that name that the scoring script puts into its answers"
    )
    at_most: Annotated[float, Field(ge=0)] = Field(description="the most it may be")


class LoadProfile(Part):
    """How the candidate is asked."""

    rps: Annotated[float, Field(gt=0, le=200)] = Field(default=5.0, description="requests a second")
    for_: Duration = Field(
        default=timedelta(seconds=10), alias="for", description="so long, real time; at most PT30S: a pass waits for it"
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not timedelta() < self.for_ <= timedelta(seconds=30):
            raise ValueError("a load profile lasts at most PT30S: a pass waits for it")
        return self


class LoadGate(Part):
    """The candidate loads on the real endpoint and serves there."""

    name: Name = Field(description="the gate's name")
    type: Literal["load"]
    requests: Path = Field(description="JSON lines, one request body a line; sent by name, one after the other")
    profile: LoadProfile = Field(default=LoadProfile(), description="how it is asked")
    metrics: tuple[LoadLimit, ...] = Field(min_length=1, description="all must hold")


class When(Part):
    """When an approval is asked for."""

    risk: tuple[Tier, ...] = Field(min_length=1, description="at these tiers of `metadata.risk.tier`, or at none said")


class ApprovalGate(Part):
    """A person says yes."""

    name: Name = Field(description="the gate's name")
    type: Literal["approval"]
    approvers: tuple[Name, ...] = Field(default=(), description="names under `groups`; empty: anybody")
    expires: Duration = Field(default=timedelta(hours=72), description="then the candidate is rejected")
    count: Count | None = Field(
        default=None, description="people needed; none: by the risk's tier, 2 at high and else 1"
    )
    not_author: bool = Field(default=True, description="who applied or triggered may not approve")
    when: When | None = Field(default=None, description="only then; none: always")


Gate = Annotated[
    ContractGate | EvaluationGate | SlicesGate | LoadGate | ApprovalGate,
    Field(discriminator="type"),
]
People = Annotated[tuple[Said, ...], Field(min_length=1)]
