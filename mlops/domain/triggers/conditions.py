"""Whether a trigger's condition holds on the state, and why: a tree of answers, one for each of its parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mlops.domain.declared.trigger import (
    AllOf,
    AnyOf,
    Catchup,
    ChangedCondition,
    Condition,
    CronCondition,
    EventCondition,
    EveryCondition,
    Leaf,
    ManualCondition,
    MonitorCondition,
    Not,
    ReadyCondition,
    Rows,
    RowsCondition,
    Trigger,
)
from mlops.domain.loop import ConditionState, Loop, TriggerState

PreviousTick = Callable[[CronCondition, datetime], datetime]  # the newest tick that is not after a moment
PUNCTUAL = timedelta(hours=1)  # without `catchup`, a tick counts when somebody looked within this


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Whether a condition holds, and why, in words; the parts of one that is made of others have theirs."""

    key: str  # its place: the trigger's name, and where in it
    holds: bool
    why: str
    parts: tuple["Truth", ...] = ()

    def leaves(self) -> Iterator["Truth"]:
        """The answers that are not made of others."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def parts_of(key: str, condition: Condition) -> Iterator[tuple[str, Condition]]:
    """What a condition is made of, each with the key of its place."""
    match condition:
        case AllOf() | AnyOf():
            yield from ((f"{key}/{at}", part) for at, part in enumerate(condition.conditions))
        case Not():
            yield f"{key}/not", condition.condition
        case _:
            return


def leaves(key: str, condition: Condition) -> Iterator[tuple[str, Leaf]]:
    """The conditions that are not made of others, each with the key of its place."""
    if not isinstance(condition, (AllOf, AnyOf, Not)):
        yield key, condition
        return
    for place, part in parts_of(key, condition):
        yield from leaves(place, part)


def truth(trigger: Trigger, loop: Loop, now: datetime, previous_tick: PreviousTick) -> Truth:
    """Evaluate a trigger's condition on the state."""
    state = loop.triggers.get(trigger.name)
    facts = _Facts(loop=loop, now=now, handled=_handled(state, loop), previous_tick=previous_tick)
    return _truth(trigger.name, trigger.when, facts)


def _handled(state: TriggerState | None, loop: Loop) -> datetime:
    """Up to when a trigger was dealt with; one that is new begins with the generation that brought it."""
    if state is None:
        return loop.applied
    return state.fired or state.since or loop.started


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What conditions look at."""

    loop: Loop
    now: datetime
    handled: datetime  # when the trigger last fired
    previous_tick: PreviousTick


def _truth(key: str, condition: Condition, facts: _Facts) -> Truth:
    parts = tuple(_truth(place, part, facts) for place, part in parts_of(key, condition))
    match condition:
        case Not():
            return Truth(key=key, holds=not parts[0].holds, why=f"not ({parts[0].why})", parts=parts)
        case AllOf():
            return Truth(key=key, holds=all(p.holds for p in parts), why=" and ".join(map(_word, parts)), parts=parts)
        case AnyOf():
            return Truth(key=key, holds=any(p.holds for p in parts), why=" or ".join(map(_word, parts)), parts=parts)
        case _:
            holds, why = _leaf(key, condition, facts)
            return Truth(key=key, holds=holds, why=why)


def _word(part: Truth) -> str:
    return f"({part.why})" if len(part.parts) > 1 else part.why


def _leaf(key: str, leaf: Leaf, facts: _Facts) -> tuple[bool, str]:  # noqa: PLR0911 - one a condition
    loop, now = facts.loop, facts.now
    match leaf:
        case MonitorCondition():
            return _monitor(leaf, loop.conditions.get(key, ConditionState()))
        case EveryCondition():
            began = last_began(loop)
            return now - began >= leaf.period, f"last attempt began {began:%Y-%m-%d}"
        case CronCondition():
            return _cron(leaf, facts)
        case RowsCondition():
            labels = leaf.rows is Rows.LABELS
            count = (loop.labelled if labels else loop.collected) or 0
            return count >= leaf.at_least, f"{count} of {leaf.at_least} new {'labelled ' if labels else ''}rows"
        case ReadyCondition():
            return _ready(leaf, loop)
        case ChangedCondition():
            return _changed(leaf, loop)
        case EventCondition():
            return _heard(leaf, facts)
        case ManualCondition():
            return False, "a person has to ask: mlops trigger"


def _monitor(condition: MonitorCondition, state: ConditionState) -> tuple[bool, str]:
    value = "not measured" if state.value is None else f"{state.value:.4g}"
    bound = f"until {condition.exit}" if state.inside else str(condition.enter)
    count = f" ({sum(state.flags)} of {condition.at_least} in {condition.of} windows)" if condition.of > 1 else ""
    return state.inside, f"{condition.monitor} {value}, {bound}{count}"


def _cron(condition: CronCondition, facts: _Facts) -> tuple[bool, str]:
    tick = facts.previous_tick(condition, facts.now)
    why = f"tick {tick:%Y-%m-%d %H:%M} of '{condition.cron}'"
    if tick <= facts.handled:
        return False, why
    if condition.catchup is Catchup.NONE and facts.now - tick > PUNCTUAL:
        return False, f"{why} was missed"
    return True, why


def _ready(condition: ReadyCondition, loop: Loop) -> tuple[bool, str]:
    found = loop.arrived.get(arrival_key(condition))
    if found is None:
        return False, "labels not counted yet"
    return found >= condition.share, f"{found:.0%} of the labels that are due have come, {condition.share:.0%} needed"


def arrival_key(condition: ReadyCondition) -> str:
    """Under which the share of arrived labels is remembered."""
    return f"{condition.over.total_seconds():.0f}"


def _changed(condition: ChangedCondition, loop: Loop) -> tuple[bool, str]:
    found = [(name, loop.assets[name]) for name in condition.assets if name in loop.assets]
    changed = [f"{name} is {seen.version or 'gone'}, was {seen.used or 'none'}" for name, seen in found if seen.changed]
    return bool(changed), ", ".join(changed) or f"{', '.join(condition.assets)} as at the last attempt"


def _heard(condition: EventCondition, facts: _Facts) -> tuple[bool, str]:
    last, began = facts.loop.heard.get(condition.source), last_began(facts.loop)
    if last is None:
        return False, f"{condition.source} was not heard yet"
    new = last.at > max(facts.handled, began)
    return new, f"{condition.source} was heard {last.at:%Y-%m-%d %H:%M}" + (f": {last.subject}" if new else "")


def last_began(loop: Loop) -> datetime:
    """When the last attempt began; without one, when the champion took over, or the loop."""
    if loop.attempt is not None:
        return loop.attempt.started
    if loop.last is not None:
        return loop.last.started
    return loop.champion.since if loop.champion else loop.started
