"""When to train again: conditions over state, and the moment at which one turns true."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.declared.monitor import Monitor
from mlops.domain.declared.trigger import (
    AllOf,
    AnyOf,
    Condition,
    CronCondition,
    EveryCondition,
    MonitorCondition,
    Not,
    RowsCondition,
    Trigger,
)
from mlops.domain.loop import ConditionState, Loop, TriggerState
from mlops.domain.measurement import Measurement, NoChampionError
from mlops.domain.project import Project

PreviousTick = Callable[[CronCondition, datetime], datetime]  # the newest tick that is not after a moment


def monitor_conditions(trigger: Trigger) -> Iterator[tuple[str, MonitorCondition]]:
    """The monitor conditions of a trigger, each with the key of its state."""
    yield from _monitor_conditions(trigger.name, trigger.when)


def _monitor_conditions(key: str, condition: Condition) -> Iterator[tuple[str, MonitorCondition]]:
    match condition:
        case MonitorCondition():
            yield key, condition
        case AllOf() | AnyOf():
            for at, part in enumerate(condition.conditions):
                yield from _monitor_conditions(f"{key}/{at}", part)
        case Not():
            yield from _monitor_conditions(f"{key}/not", condition.condition)


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


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Whether a condition holds, and why, in words."""

    holds: bool
    why: str


def truth(trigger: Trigger, loop: Loop, now: datetime, previous_tick: PreviousTick) -> Truth:
    """Evaluate a trigger's condition on the state."""
    fired = loop.triggers.get(trigger.name, TriggerState()).fired
    facts = _Facts(loop=loop, now=now, handled=fired or loop.started, previous_tick=previous_tick)
    return _truth(trigger.name, trigger.when, facts)


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What conditions look at."""

    loop: Loop
    now: datetime
    handled: datetime  # when the trigger last fired
    previous_tick: PreviousTick


def _truth(key: str, condition: Condition, facts: _Facts) -> Truth:
    match condition:
        case MonitorCondition():
            return _monitor_truth(condition, facts.loop.conditions.get(key, ConditionState()))
        case EveryCondition():
            began = last_began(facts.loop)
            return Truth(holds=facts.now - began >= condition.period, why=f"last attempt began {began:%Y-%m-%d}")
        case CronCondition():
            tick = facts.previous_tick(condition, facts.now)
            return Truth(holds=tick > facts.handled, why=f"tick {tick:%Y-%m-%d %H:%M} of '{condition.cron}'")
        case RowsCondition():
            rows = facts.loop.labelled or 0
            return Truth(holds=rows >= condition.at_least, why=f"{rows} of {condition.at_least} new labelled rows")
        case Not():
            inner = _truth(f"{key}/not", condition.condition, facts)
            return Truth(holds=not inner.holds, why=f"not ({inner.why})")
        case AllOf() | AnyOf():
            parts = [_truth(f"{key}/{at}", part, facts) for at, part in enumerate(condition.conditions)]
            every = isinstance(condition, AllOf)
            holds = all(p.holds for p in parts) if every else any(p.holds for p in parts)
            return Truth(holds=holds, why=(" and " if every else " or ").join(p.why for p in parts))


def _monitor_truth(condition: MonitorCondition, state: ConditionState) -> Truth:
    value = "not measured" if state.value is None else f"{state.value:.4g}"
    bound = f"until {condition.exit}" if state.inside else str(condition.enter)
    count = f" ({sum(state.flags)} of {condition.at_least} in {condition.of} windows)" if condition.of > 1 else ""
    return Truth(holds=state.inside, why=f"{condition.monitor} {value}, {bound}{count}")


def last_began(loop: Loop) -> datetime:
    """When the last attempt began; without one, when the champion took over, or the loop."""
    if loop.attempt is not None:
        return loop.attempt.started
    if loop.last is not None:
        return loop.last.started
    return loop.champion.since if loop.champion else loop.started


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
    moments = [moment for trigger in project.triggers for moment in _moments(trigger.when, loop, now, next_tick)]
    repeats = [
        handled(state.fired, loop) + trigger.repeat
        for trigger in project.triggers
        if (state := loop.triggers.get(trigger.name)) and state.true and state.fired and trigger.repeat
    ]
    return min((moment for moment in (*moments, *repeats) if moment > now), default=None)


def _moments(condition: Condition, loop: Loop, now: datetime, next_tick: PreviousTick) -> Iterator[datetime]:
    match condition:
        case EveryCondition():
            yield last_began(loop) + condition.period
        case CronCondition():
            yield next_tick(condition, now)
        case AllOf() | AnyOf():
            for part in condition.conditions:
                yield from _moments(part, loop, now, next_tick)
        case Not():
            yield from _moments(condition.condition, loop, now, next_tick)
        case MonitorCondition() | RowsCondition():
            return


ROWS_EVERY = timedelta(days=1)  # how often new labelled rows are counted, when a trigger asks


def counts_rows(project: Project) -> bool:
    """Whether any trigger looks at the number of labelled rows."""

    def asks(condition: Condition) -> bool:
        match condition:
            case RowsCondition():
                return True
            case AllOf() | AnyOf():
                return any(map(asks, condition.conditions))
            case Not():
                return asks(condition.condition)
            case MonitorCondition() | EveryCondition() | CronCondition():
                return False

    return any(asks(trigger.when) for trigger in project.triggers)
