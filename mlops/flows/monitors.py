"""Measure what is due: one window of one monitor a pass, data quality first, so that bad data is set aside in time."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.data import quarantine
from mlops.domain.data.measurement import judge_one
from mlops.domain.data.windows import due, in_force, last_boundary
from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.loop import Change, Loop, Measured, Reading
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.triggers import triggers
from mlops.domain.world import Window
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait
from mlops.ports import Question

_OF_ANSWERS = frozenset(
    {
        Signal.MODEL_PERFORMANCE,
        Signal.PREDICTION_DRIFT,
        Signal.ESTIMATED_PERFORMANCE,
        Signal.FAIRNESS,
        Signal.FEATURE_ATTRIBUTION_DRIFT,
    }
)


def measure(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Measure the oldest window that is due; without a champion nothing is served, so nothing is measured."""
    if loop.champion is None:
        return NOTHING
    project = generation.project
    waiting = sorted(
        (
            (due(project, monitor, _cursor(loop, monitor)), not monitor.quarantine, at, monitor)
            for at, monitor in enumerate(project.monitors)
        ),
        key=lambda each: each[:3],
    )
    if not waiting:
        return NOTHING
    when, _, _, monitor = waiting[0]
    if now < when:
        return Wait(until=when)
    return _window(generation, loop, monitor, now)


def _cursor(loop: Loop, monitor: Monitor) -> datetime:
    """Where the newest window ended; a monitor that is new begins when its generation was applied."""
    reading = loop.readings.get(monitor.name)
    return reading.end if reading else last_boundary(loop.applied, monitor.every)


def _window(generation: Generation, loop: Loop, monitor: Monitor, now: datetime) -> Section:
    end = _cursor(loop, monitor) + monitor.every
    window = _clipped(loop, monitor, Window(start=end - monitor.window, end=end))
    holes = () if monitor.quarantine else in_force(loop.quarantines)
    past = _past(loop, monitor, window)
    question = Question(
        monitor=monitor,
        window=window,
        without=tuple(hole for hole in holes if hole.overlaps(window) or (past and hole.overlaps(past))),
        reference=loop.champion.dataset if loop.champion else None,
        task=generation.project.task,
        past=past,
        look=_look(loop, monitor),
    )
    found = generation.backends.data.measure(generation.project.data, question)
    champion = loop.champion.metrics.get(monitor.metric) if loop.champion else None
    verdict = judge_one(found, monitor.limit, champion) if monitor.limit else None
    measured = Measured(
        at=now,
        monitor=monitor.name,
        signal=monitor.signal,
        metric=monitor.metric,
        window=window,
        measurement=found,
        verdict=verdict,
    )
    return Step(change=_remembered(generation, loop, monitor, measured, question))


def _past(loop: Loop, monitor: Monitor, window: Window) -> Window | None:
    """When the champion answered before a window: what its labels say of it is the reference of an estimate."""
    if monitor.signal != Signal.ESTIMATED_PERFORMANCE or not loop.champion or loop.champion.since >= window.start:
        return None
    return Window(start=loop.champion.since, end=window.start)


def _look(loop: Loop, monitor: Monitor) -> int:
    """Count the looks at the data of one champion: another one has another reference."""
    before = loop.readings.get(monitor.name)
    return before.look + 1 if before and loop.champion and before.champion == loop.champion.since else 1


def _clipped(loop: Loop, monitor: Monitor, window: Window) -> Window:
    """What the model did is measured since it is champion: its predecessor's record is not its own."""
    if monitor.signal not in _OF_ANSWERS or loop.champion is None:
        return window
    start = min(max(window.start, loop.champion.since), window.end)
    return Window(start=start, end=window.end)


def _remembered(generation: Generation, loop: Loop, monitor: Monitor, measured: Measured, question: Question) -> Change:
    found, verdict = measured.measurement, measured.verdict
    before = loop.readings.get(monitor.name)
    end = question.window.end
    reading = Reading(
        end=end,
        value=found.value,
        samples=found.samples,
        verdict=verdict,
        look=question.look,
        champion=loop.champion.since if loop.champion else None,
    )
    after = replace(loop, readings={**loop.readings, monitor.name: reading})
    after = triggers.note(generation.project.triggers, after, monitor, found, end)
    quarantines, decisions = quarantine.after(after.quarantines, monitor, measured)
    after = replace(after, quarantines=quarantines)
    if verdict is not None and (before is None or before.verdict is not verdict):
        decisions = (_turned(monitor, measured), *decisions)
    return Change(loop=after, decisions=decisions, measured=(measured,))


def _turned(monitor: Monitor, measured: Measured) -> Decision:
    found = measured.measurement
    value = f"{found.value:.4g}" if found.value is not None else f"nothing ({found.why})"
    chance = f", chance alone reaches {found.chance:.4g}" if found.chance is not None else ""
    verdict = measured.verdict.word if measured.verdict is not None else "not judged"
    return Decision(
        at=measured.at,
        subject=Subject.MONITOR,
        what=verdict,
        why=f"{monitor.name}: {monitor.metric} {value} over {measured.window}{chance}",
        numbers=Numbers(
            monitor=monitor.name,
            value=found.value,
            samples=found.samples,
            limit=str(monitor.limit.success) if monitor.limit else None,
        ),
    )


def checked_through(generation: Generation, loop: Loop) -> datetime | None:
    """Up to which event time every quarantining monitor has looked; None while nothing is served yet."""
    if loop.champion is None:
        return None
    ends = [_cursor(loop, monitor) for monitor in generation.project.monitors if monitor.quarantine]
    return min(ends, default=None)
