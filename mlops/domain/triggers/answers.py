"""What a trigger answers: each change of the answer is recorded once, so that the log says why nothing happened."""

from dataclasses import dataclass, replace
from datetime import datetime

from mlops.domain.declared.trigger import Trigger
from mlops.domain.loop import Answered, Loop, TriggerState
from mlops.domain.triggers.conditions import Truth
from mlops.domain.triggers.triggers import handled


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A trigger's new answer that led to no request: the word and the reason for the log, and the state it leaves."""

    what: str
    why: str
    state: TriggerState


def answered(truth: Truth) -> tuple[Answered, ...]:
    """What each part of a condition says, to be remembered."""
    return tuple(Answered(key=each.key, holds=each.holds, why=each.why) for each in truth.leaves())


def tree(truth: Truth) -> dict[str, str]:
    """What each part of a condition says, for the log: by its place."""
    return {each.key: f"{'true' if each.holds else 'false'}: {each.why}" for each in truth.leaves()}


def changed(trigger: Trigger, loop: Loop, truth: Truth, now: datetime) -> Answer | None:
    """The answer of a trigger that does not fire; None while it is what was recorded last."""
    before, parts = loop.triggers.get(trigger.name), answered(truth)
    if before is None and not truth.holds:
        return Answer(what="not yet", why=truth.why, state=TriggerState(since=now, answers=parts))
    if before is None:
        return None
    if before.true and not truth.holds:
        return Answer(what="gone", why=truth.why, state=replace(before, true=False, answers=parts))
    if truth.holds and _outlived(before, loop) and loop.last is not None:
        after = f"attempt {loop.last.number} ({loop.last.outcome.value})"
        why = f"{truth.why}; still so after {after}: {_again(trigger, loop)}"
        return Answer(what="stays", why=why, state=replace(before, noted=loop.last.number, answers=parts))
    if not truth.holds and _turned(before.answers, parts):
        return Answer(what="still not", why=truth.why, state=replace(before, answers=parts))
    return None


def _turned(before: tuple[Answered, ...], now: tuple[Answered, ...]) -> bool:
    """Whether a part of a condition, which has several, answers otherwise than when it was last said."""
    known = {each.key: each.holds for each in before}
    return len(now) > 1 and any(known.get(each.key, each.holds) is not each.holds for each in now)


def _outlived(state: TriggerState, loop: Loop) -> bool:
    """Whether an attempt ended since it fired, nothing is on its way, and that was not said yet."""
    busy = loop.attempt is not None or loop.pending is not None
    if busy or loop.last is None or state.fired is None:
        return False
    return loop.last.ended >= state.fired and state.noted != loop.last.number


def _again(trigger: Trigger, loop: Loop) -> str:
    fired = loop.triggers[trigger.name].fired
    if trigger.repeat is None or fired is None:
        return "it has no `repeat`, so it fires again only after it was gone"
    return f"it fires again on {handled(fired, loop) + trigger.repeat:%Y-%m-%d %H:%M}"
