"""Draw what came of it: quality, champions and events of each version; one HTML file, nothing from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from mlops.report.geometry import LEFT, RIGHT, WIDTH, TimeAxis, ValueAxis, polyline
from mlops.simulation.results import Event, Result
from mlops.simulation.summary import asides, rows
from mlops.simulation.timetable import DAY

_TEMPLATE = Path(__file__).parent / "picture.html.jinja"
HEIGHT = 170.0
_MONTHS = 14
_WIDE = 14  # a mark
SHAPES = {
    "promoted": "M0,-6 L6,5 L-6,5 Z",
    "rejected": "M-5,-5 L5,5 M5,-5 L-5,5",
    "rolled back": "M0,6 L6,-5 L-6,-5 Z",
    "failed": "M-5,-5 H5 V5 H-5 Z",
    "aborted": "M-5,0 H5",
    "edited": "M0,-6 L6,0 L0,6 L-6,0 Z",
}
"""Events differ in shape as well as in colour."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch of time."""

    x: float
    width: float
    text: str
    label: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An event; `row` keeps neighbours apart."""

    x: float
    row: int
    event: Event


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One version."""

    result: Result
    scale: ValueAxis
    line: str
    limit: float
    reigns: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    spells: tuple[Bar, ...]
    said: str  # for those who do not see the picture


def render(results: Sequence[Result], seed: int) -> str:
    """One HTML file."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    axis = TimeAxis(start=results[0].start, end=results[0].end)
    scale = _scale(results)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        results=results,
        seed=seed,
        panels=tuple(_panel(each, axis, scale) for each in results),
        ticks=tuple((axis.x(moment), f"{moment:%b %Y}") for moment in _months(axis)),
        shapes=SHAPES,
        height=HEIGHT,
        width=WIDTH,
        left=LEFT,
        right=RIGHT,
        rows=rows(results),
        asides=asides(results),
    )


def _scale(results: Sequence[Result]) -> ValueAxis:
    """The same for all versions, so that they can be compared by eye."""
    values = [value for each in results for _, value in each.quality]
    # Days without answers are drawn at the lower edge: they must not flatten all the others.
    low = min([*(value for value in values if value >= results[0].worst), results[0].degraded_below])
    high = max([*values, results[0].best])
    room = max((high - low) * 0.08, 0.01)
    return ValueAxis(low=low - room, high=high + room, height=HEIGHT)


def _months(axis: TimeAxis) -> list[datetime]:
    """First days of months, as many as have room."""
    count = (axis.end.year - axis.start.year) * 12 + axis.end.month - axis.start.month + 1
    step = max(1, -(-count // _MONTHS))
    first = axis.start.year * 12 + axis.start.month - 1
    days = [
        datetime((first + at) // 12, (first + at) % 12 + 1, 1, tzinfo=axis.start.tzinfo) for at in range(0, count, step)
    ]
    return [day for day in days if axis.start <= day < axis.end]


def _panel(result: Result, axis: TimeAxis, scale: ValueAxis) -> Panel:
    points = [(axis.x(result.start + (day + 0.5) * DAY), scale.y(value)) for day, value in result.quality]
    return Panel(
        result=result,
        scale=scale,
        line=polyline(points),
        limit=scale.y(result.degraded_below),
        reigns=_reigns(result, axis),
        marks=_marks(result, axis),
        spells=tuple(
            _bar(axis, window.start, window.end, f"{name}: {window}", kind=name.replace(" ", "-"))
            for name, window in result.spells
        ),
        said=(
            f"Quality over {result.days:g} days: {result.mean_right:.3f} of answers right on average, "
            f"{result.days_degraded:g} days degraded, {result.outcomes['promoted']} champions. "
            "The events are listed below."
        ),
    )


def _bar(axis: TimeAxis, start: datetime, end: datetime, text: str, *, label: str = "", kind: str = "") -> Bar:
    x = axis.x(start)
    return Bar(x=x, width=max(round(axis.x(end) - x, 1), 1.5), text=text, label=label, kind=kind)


def _reigns(result: Result, axis: TimeAxis) -> tuple[Bar, ...]:
    return tuple(
        _bar(
            axis,
            each.since,
            each.until or result.end,
            f"{each.model} from {each.since:%Y-%m-%d}",
            label=each.model.rpartition(":")[2],
            kind=f"c{number % 2}",
        )
        for number, each in enumerate(result.reigns)
    )


def _marks(result: Result, axis: TimeAxis) -> tuple[Mark, ...]:
    places = [(axis.x(event.at), event) for event in result.events]
    marks: list[Mark] = []
    for x, event in places:
        close = bool(marks) and x - marks[-1].x < _WIDE
        marks.append(Mark(x=x, row=(marks[-1].row + 1) % 3 if close else 0, event=event))
    return tuple(marks)
