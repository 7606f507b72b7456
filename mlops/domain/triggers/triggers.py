"""When to train again: what a window does to conditions, when a trigger fires, and when time alone may make it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mlops.domain.data.measurement import Measurement, NoChampionError
from mlops.domain.declared.monitor import Monitor
from mlops.domain.declared.trigger import (
    ChangedCondition,
    CronCondition,
    EveryCondition,
    Leaf,
    ManualCondition,
    MonitorCondition,
    Trigger,
)
from mlops.domain.loop import ConditionState, Loop, TriggerState
from mlops.domain.project import Project
from mlops.domain.triggers.conditions import PreviousTick, last_began, leaves


def monitor_conditions(trigger: Trigger) -> Iterator[tuple[str, MonitorCondition]]:
    """The monitor conditions of a trigger, each with the key of its state."""
    for key, leaf in leaves(trigger.name, trigger.when):
        if isinstance(leaf, MonitorCondition):
            yield key, leaf


def conditions_of(project: Project) -> Iterator[Leaf]:
    """All that the triggers of a project look at."""
    for trigger in project.triggers:
        for _, leaf in leaves(trigger.name, trigger.when):
            yield leaf


def assets_of(project: Project) -> tuple[str, ...]:
    """The assets whose change a trigger waits for."""
    watched = [name for leaf in conditions_of(project) if isinstance(leaf, ChangedCondition) for name in leaf.assets]
    return tuple(dict.fromkeys(watched))


def manual(project: Project) -> ManualCondition:
    """How people ask in this project."""
    found = [leaf for leaf in conditions_of(project) if isinstance(leaf, ManualCondition)]
    return found[0] if found else ManualCondition()


def note(
    project_triggers: tuple[Trigger, ...], loop: Loop, monitor: Monitor, measured: Measurement, end: datetime
) -> Loop:
    """Let every condition on this monitor see its newest window."""
    champion = loop.champion.metrics.get(monitor.metric) if loop.champion else None
    states = dict(loop.conditions)
    for trigger in project_triggers:
        for key, condition in monitor_conditions(trigger):
            if condition.monitor == monitor.name:
                before = states.get(key, ConditionState())
                states[key] = _see(before, condition, monitor, measured, end=end, champion=champion)
    return replace(loop, conditions=states)


def _see(
    state: ConditionState,
    condition: MonitorCondition,
    monitor: Monitor,
    measured: Measurement,
    *,
    end: datetime,
    champion: float | None,
) -> ConditionState:
    """Enter after N of M windows past `enter`; leave with the first window past `exit`.

    A window that cannot be judged neither counts nor resets.
    """
    value = measured.value
    if value is None or not measured.judgeable or measured.samples < monitor.min_samples:
        return state
    if state.end is not None and end <= state.end:
        return state
    try:
        past, quiet = condition.enter.holds(value, champion), condition.exit.holds(value, champion)
    except NoChampionError:
        return state
    if past and measured.by_chance:
        return state
    flags = (*state.flags, past)[-condition.of :]
    if state.inside and quiet:
        return ConditionState(flags=(), inside=False, value=value, end=end)
    inside = state.inside or sum(flags) >= condition.at_least
    return ConditionState(flags=flags, inside=inside, value=value, end=end)


def fires(trigger: Trigger, state: TriggerState, *, holds: bool, loop: Loop, now: datetime) -> bool:
    """Fire when the condition turns true; while it stays true, only after `repeat` since it was last handled."""
    if not holds:
        return False
    if not state.true or state.fired is None:
        return True
    if trigger.repeat is None or loop.attempt is not None or loop.pending is not None:
        return False
    return now >= handled(state.fired, loop) + trigger.repeat


def handled(fired: datetime, loop: Loop) -> datetime:
    """When a firing was dealt with: an attempt that came of it did so when it ended, however it ended."""
    return max(fired, loop.last.ended) if loop.last else fired


def next_time(project: Project, loop: Loop, now: datetime, next_tick: PreviousTick) -> datetime | None:
    """The next moment at which time alone can make a trigger true."""
    moments = [moment for leaf in conditions_of(project) for moment in _moments(leaf, loop, now, next_tick)]
    repeats = [
        handled(state.fired, loop) + trigger.repeat
        for trigger in project.triggers
        if (state := loop.triggers.get(trigger.name)) and state.true and state.fired and trigger.repeat
    ]
    return min((moment for moment in (*moments, *repeats) if moment > now), default=None)


def _moments(leaf: Leaf, loop: Loop, now: datetime, next_tick: PreviousTick) -> Iterator[datetime]:
    if isinstance(leaf, EveryCondition):
        yield last_began(loop) + leaf.period
    if isinstance(leaf, CronCondition):
        yield next_tick(leaf, now)
