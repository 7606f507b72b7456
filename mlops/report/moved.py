"""Draw what moved: a reference beside one window or several, one HTML file with nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from mlops.domain.data.measurement import Verdict
from mlops.monitors import histograms
from mlops.report.geometry import ValueAxis, axis_around, polyline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops.monitors.compare import Compared, Comparison, Value
    from mlops.monitors.histograms import Bar
    from mlops.monitors.profile import Profile

_TEMPLATE = Path(__file__).parent / "moved.html.jinja"
WIDTH, HEIGHT, TREND = 420.0, 150.0, 90.0
_TINY = 1e-4
_SHORT = {
    "population_stability_index": "PSI",
    "jensen_shannon_distance": "Jensen-Shannon",
    "chebyshev_distance": "Chebyshev",
    "normalized_wasserstein_distance": "Wasserstein / deviation",
    "kolmogorov_smirnov_distance": "Kolmogorov-Smirnov",
}


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One window: its name, what it was found to be, and its rows."""

    name: str
    comparison: Comparison
    profile: Profile


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One bar, twice: where each side's rectangle stands."""

    bar: Bar
    x: float
    width: float
    reference: tuple[float, float]  # y, height
    current: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A metric over the windows."""

    metric: str
    axis: ValueAxis
    line: str
    points: tuple[tuple[float, float, str, str], ...]  # x, y, what it says, verdict
    limit: float | None
    """Where the limit's line lies; None without one."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its last window, its pictures, and since when it fails."""

    last: Compared
    since: str
    drawn: tuple[Drawn, ...]
    trend: Trend | None

    @property
    def chance(self) -> str:
        """The corrected p-value, as exactly as anybody needs it."""
        p = self.last.adjusted
        return "" if p is None else "< 0.0001" if p < _TINY else f"{p:.2g}"

    @property
    def values(self) -> tuple[tuple[str, Value], ...]:
        """Each distance by the name that people use."""
        return tuple((_SHORT[value.metric], value) for value in self.last.values)


def render(reference: Profile, looked: Sequence[Looked]) -> str:
    """Draw the last window in full, and all of them, oldest first, as a trend."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    last = looked[-1]
    columns = [_column(number, reference, looked) for number in range(len(last.comparison.columns))]
    counts = {verdict.word: sum(one.last.verdict is verdict for one in columns) for verdict in Verdict}
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        last=last,
        looked=looked,
        columns=sorted(columns, key=_loudest),
        counts=counts,
        width=WIDTH,
        height=HEIGHT,
        trend_height=TREND,
    )


def _loudest(column: Column) -> tuple[int, float, str]:
    over = [value.value / value.limit for value in column.last.values if value.limit]
    return -column.last.verdict, -max(over, default=0.0), column.last.column


def _column(number: int, reference: Profile, looked: Sequence[Looked]) -> Column:
    seen = [one.comparison.columns[number] for one in looked]
    last = seen[-1]
    found = histograms.bars(reference.columns[last.column], looked[-1].profile.columns[last.column])
    names = [one.name for one in looked]
    return Column(last=last, since=_since(seen, names), drawn=_drawn(found), trend=_trend(seen, names))


def _since(seen: Sequence[Compared], names: Sequence[str]) -> str:
    """Name the window from which on it fails without a break; nothing when it does not fail."""
    begun = ""
    for one, name in zip(seen, names, strict=True):
        begun = (begun or name) if one.verdict is Verdict.FAIL else ""
    return begun


def _drawn(found: tuple[Bar, ...]) -> tuple[Drawn, ...]:
    if not found:
        return ()
    highest = max(max(bar.reference, bar.current) for bar in found if not bar.rest)  # which is drawn to the upper edge
    scale = ValueAxis(low=0.0, high=highest or 1.0, height=HEIGHT)
    room = WIDTH / len(found)

    def extent(share: float) -> tuple[float, float]:
        top = scale.y(share)
        return top, round(HEIGHT - top, 1)

    return tuple(
        Drawn(
            bar=bar,
            x=round(number * room, 1),
            width=round(room, 1),
            reference=extent(bar.reference),
            current=extent(bar.current),
        )
        for number, bar in enumerate(found)
    )


def _trend(seen: Sequence[Compared], names: Sequence[str]) -> Trend | None:
    """Follow the metric that is nearest to its limit, or past it, in the last window."""
    limited = [value for value in seen[-1].values if value.limit]
    if len(seen) == 1 or not limited:
        return None
    chosen = max(limited, key=lambda value: value.value / (value.limit or 1.0))
    values = [next((value for value in one.values if value.metric == chosen.metric), None) for one in seen]
    scale = axis_around([*(value.value for value in values if value), chosen.limit or 0.0], height=TREND)
    step = WIDTH / max(len(seen) - 1, 1)
    points = tuple(
        (
            round(number * step, 1),
            scale.y(value.value),
            f"{name}: {value.value:.3g}, {one.verdict.word}",
            one.verdict.word,
        )
        for number, (value, name, one) in enumerate(zip(values, names, seen, strict=True))
        if value is not None
    )
    return Trend(
        metric=_SHORT[chosen.metric],
        axis=scale,
        line=polyline([(x, y) for x, y, _, _ in points]),
        points=points,
        limit=scale.y(chosen.limit) if chosen.limit else None,
    )
