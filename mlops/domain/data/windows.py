"""Which stretch of event time is measured, trained on and judged on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.declared.pipeline import Pipeline
from mlops.domain.loop import Quarantine
from mlops.domain.project import Project
from mlops.domain.world import Window

EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday: weekly windows begin on Mondays


def last_boundary(moment: datetime, every: timedelta) -> datetime:
    """The newest multiple of `every` that is not after `moment`."""
    return EPOCH + (moment - EPOCH) // every * every


def lag(project: Project, monitor: Monitor) -> timedelta:
    """How long after its end a window can be measured: late rows, and late labels where it needs them."""
    return project.data.grace + (project.data.delay if _waits_for_labels(monitor) else timedelta())


def _waits_for_labels(monitor: Monitor) -> bool:
    """Whether its numbers are of labels: what groups are predicted can be told without."""
    if monitor.signal == Signal.FAIRNESS:
        return not monitor.metric.startswith("demographic_parity")
    return monitor.signal == Signal.MODEL_PERFORMANCE


def due(project: Project, monitor: Monitor, cursor: datetime) -> datetime:
    """When the next window of a monitor can be measured, its newest having ended at `cursor`."""
    return cursor + monitor.every + lag(project, monitor)


def subtract(window: Window, without: tuple[Window, ...]) -> tuple[Window, ...]:
    """What is left of a window."""
    left: list[Window] = []
    start = window.start
    for hole in sorted(without):
        if not hole.overlaps(window):
            continue
        if hole.start > start:
            left.append(Window(start=start, end=hole.start))
        start = max(start, hole.end)
    if start < window.end:
        left.append(Window(start=start, end=window.end))
    return tuple(left)


def reaching_back(end: datetime, length: timedelta, without: tuple[Window, ...]) -> Window:
    """The window before `end` that has `length` outside the holes: it reaches further back past each hole."""
    start = end
    for hole in sorted(without, key=lambda each: each.end, reverse=True):
        if hole.start >= start:
            continue
        free = max(start - hole.end, timedelta())
        if free >= length:
            break
        length -= free
        start = min(start, hole.start)
    return Window(start=start - length, end=end)


def in_force(quarantines: tuple[Quarantine, ...]) -> tuple[Window, ...]:
    """What is quarantined and not released."""
    return tuple(each.window for each in quarantines if each.released is None)


@dataclass(frozen=True, kw_only=True)
class TrainingWindows:
    """What an attempt trains on, what its gate judges on, and what is left out of both."""

    train: Window
    holdout: Window
    without: tuple[Window, ...]


def training_windows(
    project: Project, now: datetime, quarantines: tuple[Quarantine, ...], checked: datetime | None
) -> TrainingWindows:
    """Hold out the newest labelled, checked and sound event time; train on what lies before it.

    `checked` is the end of the newest window that every quarantining monitor has measured: what nobody looked at yet
    is not used.
    """
    end = last_boundary(now - project.data.delay - project.data.grace, timedelta(days=1))
    end = min(end, checked) if checked is not None else end
    holes = (*in_force(quarantines), *(each.window for each in project.pipeline.exclude))
    holdout = reaching_back(end, project.pipeline.holdout, holes)
    train = _train(project.pipeline, holdout.start, holes)
    whole = Window(start=train.start, end=end)
    return TrainingWindows(train=train, holdout=holdout, without=tuple(h for h in sorted(holes) if h.overlaps(whole)))


def _train(pipeline: Pipeline, end: datetime, holes: tuple[Window, ...]) -> Window:
    """As far back as the window reaches outside the holes, but not before `since`; without a window from there on."""
    since = min(pipeline.since, end) if pipeline.since else None
    if pipeline.window is None:
        return Window(start=since or end, end=end)
    found = reaching_back(end, pipeline.window, holes)
    return found if since is None else Window(start=max(found.start, since), end=end)
