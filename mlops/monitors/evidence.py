"""What a monitor is given to look at, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mlops.domain.measurement import Measurement
    from mlops.monitors.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Predictions whose labels are known by now, in one order; `waiting` counts those still without a label."""

    labels: Sequence[float]
    scores: Sequence[float]
    waiting: int = 0


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


class Monitor(Protocol):
    """Turns evidence into a number.  It has no threshold and no opinion; a module satisfies it."""

    @property
    def METRICS(self) -> Mapping[str, str]:  # noqa: N802 - a module's constant
        """Names of what it can measure, each with one sentence of meaning."""

    def measure(self, name: str, metric: str, evidence: Evidence) -> Measurement:
        """Measure under the name the project gave.

        What cannot be measured has the value None and says why.  Raise KeyError for an unknown metric.
        """
