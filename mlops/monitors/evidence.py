"""What a monitor is given to look at, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from mlops.domain.data.measurement import Measurement
    from mlops.monitors.profile import Profile

    Table = Mapping[str, NDArray[np.generic] | Sequence[object]]
    """Columns of one length, by name; None, NaN or an empty value is a null."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Predictions whose labels are known by now, in one order; `waiting` counts those still without a label."""

    labels: Sequence[float]
    scores: Sequence[float]
    waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which column means what; a role that no column has is None."""

    label: str | None = None
    prediction: str | None = None
    """The predicted class, or the predicted number."""
    probability: str | None = None
    """The probability of label 1."""
    key: str | None = None
    group: str | None = None
    """Whose rows are to be treated alike (fairness)."""
    attributions: str | None = None
    """What the columns of attributions begin with: with `shap_`, `shap_age` is what the feature `age` contributed."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows themselves, for what counts of columns cannot give: columns seen together."""

    current: Table
    reference: Table | None = None
    roles: Roles = Roles()
    model: object | None = None
    """The model that answered, where attributions are computed of it (see `contributions.of_model`)."""
    smallest_group: int = 30
    """Groups with fewer rows are named, and not compared."""

    @staticmethod
    def count(table: Table) -> int:
        """Give the number of rows.  Raise ValueError where columns differ in length: rows would not belong together."""
        lengths = {name: len(column) for name, column in table.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"columns of one table have one length, not {said}")
        return next(iter(lengths.values()), 0)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was seen in a window.  A part that is None is not there: then there is nothing to measure, never a 0."""

    current: Profile | None = None
    reference: Profile | None = None
    columns: tuple[str, ...] = ()
    """Columns (or rules) to measure; empty means all that the metric can be asked of."""
    scored: Scored | None = None
    newest: datetime | None = None
    """Event time of the newest row there is."""
    now: datetime | None = None
    rate: float | None = None
    """Chance of a false alarm that one look may have: the measurement says then what chance exceeds so often."""
    stretches: tuple[Profile, ...] | None = None
    """Parts of the reference as long as the window, where distances are asked as multiples of its own variation."""
    rows: Rows | None = None
    """The rows of the window and of the reference, for signals that need columns together."""


class Monitor(Protocol):
    """Turns evidence into a number.  It has no threshold and no opinion; a module satisfies it."""

    @property
    def METRICS(self) -> Mapping[str, str]:  # noqa: N802 - a module's constant
        """Names of what it can measure, each with one sentence of meaning."""

    def measure(self, name: str, metric: str, evidence: Evidence) -> Measurement:
        """Measure under the name the project gave.

        What cannot be measured has the value None and says why.  Raise KeyError for an unknown metric.
        """
