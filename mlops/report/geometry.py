"""Where things go in the drawings: pure arithmetic, so that the template only writes it down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

WIDTH = 960.0
LEFT = 56.0  # room for the numbers of the vertical axis
RIGHT = 12.0


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class TimeAxis:
    """Event time from left to right."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        """Where a moment stands; what lies outside is moved to the edge."""
        whole = max((self.end - self.start).total_seconds(), 1.0)
        share = min(max((moment - self.start).total_seconds() / whole, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """New Year's days, as many as have room."""
        years = self.end.year - self.start.year + 1
        step = max(1, math.ceil(years / 18))
        starts = (datetime(year, 1, 1, tzinfo=UTC) for year in range(self.start.year, self.end.year + 1, step))
        return tuple(Tick(at=self.x(day), text=str(day.year)) for day in starts if self.start <= day <= self.end)


@dataclass(frozen=True, kw_only=True)
class ValueAxis:
    """Values from bottom to top of a drawing `height` high."""

    low: float
    high: float
    height: float = 150.0

    def y(self, value: float) -> float:
        """Where a value stands; what lies outside is moved to the edge."""
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return round(self.height - share * self.height, 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Round numbers, four to eight of them."""
        span = self.high - self.low
        step = 10 ** math.floor(math.log10(span))
        while span / step < 4:  # noqa: PLR2004 -- as said above
            step /= 2
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(Tick(at=self.y(n * step), text=f"{n * step:g}") for n in range(first, last + 1))


def axis_around(values: Sequence[float], *, height: float = 150.0, ceiling: float = math.inf) -> ValueAxis:
    """An axis that shows zero and all values up to `ceiling`."""
    sound = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *sound]), min(max([0.0, *sound]), ceiling)
    if high <= low:
        high = low + 1.0
    room = (high - low) * 0.06
    return ValueAxis(low=low - (room if low < 0 else 0.0), high=high + room, height=height)


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """As SVG's `points` wants them."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)
