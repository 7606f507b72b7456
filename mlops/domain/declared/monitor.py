"""What a project declares of its monitors."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from mlops.domain.data.measurement import Limit


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
    relative: bool = False  # data_drift: distances as multiples of what the reference varies by itself
    aggregate: str = "max"  # of the columns' values: max, mean or median
    expression: Mapping[str, float] = field(default_factory=dict)  # data_quality: a weighted sum of columns …
    bounds: tuple[float, float] | None = None  # … or each column, that must lie within
    group: str | None = None  # fairness: the column whose values are groups of rows …
    smallest_group: int = 30  # … of which those with fewer rows are named and not compared
    attributions: str | None = None  # feature_attribution_drift: what the collected columns of them begin with
    model: str | None = None  # feature_attribution_drift of files: the model whose contributions are compared
    segment: Segment | None = None  # only these rows are looked at
    family: int = 1  # findings that are judged together, the whole and each of its segments: chance is shared out
    limit: Limit | None = None  # judged and shown; what it leads to is said by `quarantine` and by the triggers
    quarantine: bool = False  # a failing window is neither trained on nor judged on
