"""What the template draws: bars, curves and intervals, each with its place."""

from dataclasses import dataclass

from mlops.domain.data.measurement import Bound
from mlops.domain.declared.monitor import Monitor
from mlops.domain.declared.trigger import AllOf, AnyOf, Condition, MonitorCondition, Not
from mlops.domain.loop import Attempt, Measured, MetricResult, Outcome, Quarantine
from mlops.domain.project import Project
from mlops.report.geometry import LEFT, RIGHT, WIDTH, TimeAxis, ValueAxis, axis_around, polyline
from mlops.report.skill import Bought, Skill
from mlops.report.story import Story

_NAMED_COLUMNS = 3  # columns named beside a drift curve: those that moved most


@dataclass(frozen=True, kw_only=True)
class Span:
    """A bar on the time axis."""

    x: float
    width: float
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A horizontal line at a limit."""

    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One monitor over time."""

    monitor: Monitor
    axis: ValueAxis
    lines: tuple[str, ...]  # broken where nothing could be measured
    marks: tuple[Mark, ...]
    cut: bool  # values above the axis are drawn at its edge
    highest: float
    moved: tuple[str, ...]  # the columns behind the highest value


@dataclass(frozen=True, kw_only=True)
class Bars:
    """A year's two bars."""

    skill: Skill
    x: float
    width: float
    served: tuple[float, float]  # y, height
    first: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A gate's difference and its interval, drawn in a cell 160 wide."""

    metric: MetricResult
    zero: float
    low: float
    high: float
    delta: float
    needed: float


def serving(story: Story, axis: TimeAxis) -> tuple[Span, ...]:
    """Which model version was the champion, from its promotion to the next."""
    promoted = [
        (attempt.ended, attempt.candidate.version)
        for attempt in story.attempts
        if attempt.outcome is Outcome.PROMOTED and attempt.ended and attempt.candidate
    ]
    ends = [moment for moment, _ in promoted[1:]] + [axis.end]
    return tuple(
        Span(x=axis.x(start), width=axis.x(end) - axis.x(start), text=f"version {version}", kind=f"c{number % 2}")
        for number, ((start, version), end) in enumerate(zip(promoted, ends, strict=True))
    )


def attempt_bar(attempt: Attempt, axis: TimeAxis) -> Span:
    """An attempt from its start to its end."""
    x = axis.x(attempt.started)
    outcome = attempt.outcome.value if attempt.outcome else "running"
    text = (
        f"{attempt.started:%Y-%m-%d}, attempt {attempt.number} for {attempt.request.trigger}: {outcome}. {attempt.why}"
    )
    width = axis.x(attempt.ended) - x if attempt.ended else 2.0
    return Span(x=x, width=max(width, 2.0), text=text, kind=outcome.replace(" ", "-"))


def quarantine_band(each: Quarantine, axis: TimeAxis) -> Span:
    """Event time that was set aside."""
    x = axis.x(each.window.start)
    return Span(
        x=x, width=max(axis.x(each.window.end) - x, 1.5), text=f"{each.monitor}: {each.window}", kind="set-aside"
    )


def curve(story: Story, monitor: Monitor, axis: TimeAxis) -> Curve:
    """One monitor over time, with its limits and where triggers are entered."""
    measured = [each for each in story.measured if each.monitor == monitor.name and not each.deployment]
    values = [each.measurement.value for each in measured if each.measurement.value is not None]
    bounds = _bounds(story.project, monitor)
    # One wild window must not flatten the rest: the axis ends at four times the highest limit.
    highest_limit = max((bound.offset for _, bound in bounds if not bound.factor), default=0.0)
    scale = axis_around(
        [*values, *(bound.offset for _, bound in bounds if not bound.factor)],
        ceiling=highest_limit * 4 if highest_limit > 0 else float("inf"),
    )
    peak = max(
        (each for each in measured if each.measurement.value is not None),
        key=lambda each: each.measurement.value or 0.0,
        default=None,
    )
    parts = sorted(peak.measurement.parts, key=lambda part: -part[1])[:_NAMED_COLUMNS] if peak else []
    marks = tuple(Mark(y=scale.y(bound.offset), text=f"{name} {bound}") for name, bound in bounds if not bound.factor)
    return Curve(
        monitor=monitor,
        axis=scale,
        lines=_lines(measured, axis, scale),
        marks=marks,
        cut=any(value > scale.high for value in values),
        highest=max(values, default=0.0),
        moved=tuple(f"{name} {value:.2f}" for name, value in parts),
    )


def _lines(measured: list[Measured], axis: TimeAxis, scale: ValueAxis) -> tuple[str, ...]:
    lines: list[list[tuple[float, float]]] = [[]]
    for each in measured:
        if each.measurement.value is None:
            lines.append([])
        else:
            lines[-1].append((axis.x(each.window.end), scale.y(each.measurement.value)))
    return tuple(polyline(line) for line in lines if line)


def _bounds(project: Project, monitor: Monitor) -> list[tuple[str, Bound]]:
    """The limits worth a line: the monitor's own, and where a trigger is entered."""
    found = [("fine", monitor.limit.success)] if monitor.limit else []
    for trigger in project.triggers:
        found += [
            (trigger.name, each.enter) for each in _monitor_conditions(trigger.when) if each.monitor == monitor.name
        ]
    return found


def _monitor_conditions(condition: Condition) -> list[MonitorCondition]:
    match condition:
        case MonitorCondition():
            return [condition]
        case AllOf() | AnyOf():
            return [each for part in condition.conditions for each in _monitor_conditions(part)]
        case Not():
            return _monitor_conditions(condition.condition)
        case _:
            return []


def bars(answer: Bought | None) -> tuple[tuple[Bars, ...], ValueAxis] | None:
    """Skill per year; None when there is none."""
    if answer is None or not answer.years:
        return None
    values = [value for year in answer.years for value in (year.served, year.first) if value is not None]
    scale = axis_around([*values, 0.5], height=190.0)
    room = (WIDTH - LEFT - RIGHT) / len(answer.years)
    return tuple(_bar(year, LEFT + room * number, room, scale) for number, year in enumerate(answer.years)), scale


def _bar(skill: Skill, x: float, room: float, scale: ValueAxis) -> Bars:
    def extent(value: float) -> tuple[float, float]:
        top, bottom = sorted((scale.y(value), scale.y(0.0)))
        return top, max(round(bottom - top, 1), 0.8)

    first = extent(skill.first) if skill.first is not None else None
    return Bars(skill=skill, x=round(x, 1), width=round(room, 1), served=extent(skill.served), first=first)


def intervals(attempt: Attempt) -> tuple[Interval, ...]:
    """What the gate compared, metric by metric; nothing at the first training."""
    return tuple(found for gate in attempt.gates for metric in gate.metrics if (found := _interval(metric)) is not None)


def _interval(metric: MetricResult) -> Interval | None:
    if metric.low is None or metric.high is None or metric.delta is None:
        return None
    reach = max(abs(metric.low), abs(metric.high), abs(metric.min_delta or 0.0), 1e-9) * 1.15

    def x(value: float) -> float:
        return round(80 + 76 * value / reach, 1)

    return Interval(
        metric=metric,
        zero=x(0.0),
        low=x(metric.low),
        high=x(metric.high),
        delta=x(metric.delta),
        needed=x(metric.min_delta or 0.0),
    )
