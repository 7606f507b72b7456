"""The keys of `spec.monitors`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mlops.domain.declared import monitor as declared
from mlops.spec.document.part import Part
from mlops.spec.fields import BoundText, Count, Duration, Name, Said, SignalName

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
    reference: declared.Reference = Field(
        default=declared.Reference.TRAINING,
        description="what drift is measured against, in the champion's training set",
    )
    relative: bool = Field(
        default=False,
        description="data_drift: distances are multiples of the reference's own variation, the mean and three "
        "deviations of its stretches as long as the window: `<= 1` is what it does by itself",
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
    model: Said | None = Field(
        default=None,
        description="feature_attribution_drift, `mlops monitor run` only: file of the model that answered, text of "
        'LightGBM or `{"linear": {COLUMN: WEIGHT}}`, whose contributions are compared',
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
        if self.quarantine and self.signal != declared.Signal.DATA_QUALITY:
            raise ValueError(f"monitor {self.name!r}: only data_quality quarantines; bad data is not drift")
        if (self.signal == declared.Signal.FAIRNESS) != bool(self.group):
            raise ValueError(f"monitor {self.name!r}: {_GROUP}")
        if self.relative and self.signal != declared.Signal.DATA_DRIFT:
            raise ValueError(f"monitor {self.name!r}: relative is of data_drift only")
        if self.relative and self.limit and self.limit.false_alarms:
            raise ValueError(f"monitor {self.name!r}: a limit is relative or has falseAlarms, not both")
        if self.attributions and self.model:
            raise ValueError(f"monitor {self.name!r}: attributions come from columns or from a model, not from both")
        if self.model and self.signal != declared.Signal.FEATURE_ATTRIBUTION_DRIFT:
            raise ValueError(f"monitor {self.name!r}: model is of feature_attribution_drift only")
        if self.attributions and self.signal != declared.Signal.FEATURE_ATTRIBUTION_DRIFT:
            raise ValueError(f"monitor {self.name!r}: attributions are of feature_attribution_drift only")
        return self
