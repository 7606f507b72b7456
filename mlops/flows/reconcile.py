"""One pass: look, decide, do at most one thing, remember it with its reasons in one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from mlops.domain.loop import Loop
from mlops.domain.records.decision import Decision
from mlops.flows import (
    attempt,
    endpoint,
    inbox,
    lookout,
    monitors,
    offers,
    outbox,
    rollback,
    standing,
    supersede,
    triggers,
)
from mlops.flows.context import Context, Section, Step, must_be_here
from mlops.flows.recording import Recorder
from mlops.ports import ConflictError, GoneError, OutsideError, StateError


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a pass did.  `acted`: call again at once.  Else nothing is to be done before `waiting_for`.

    `waiting_for` is "operation" while something of Azure's is under way or had trouble (look again soon), a moment of
    the loop's clock when something is due then, None when only a person or new state can set it going.
    """

    acted: bool
    waiting_for: Literal["operation"] | datetime | None = None
    did: str = ""
    decisions: tuple[Decision, ...] = ()
    trouble: tuple[str, ...] = ()


def reconcile(context: Context) -> Pass:
    """Make one pass.  Raises StateError when the state cannot be read or written: then nothing was done outside."""
    with context.watching.a_pass(context.name) as ended:
        done = _pass(context)
        ended(done)
    return done


def _pass(context: Context) -> Pass:
    loop = context.store.load(context.name)
    if loop is None:
        raise GoneError(f"there is no project {context.name!r} here: run mlops apply -f project.yaml")
    must_be_here(loop)
    now = context.clock.now()
    recorder = Recorder(loop, now)
    listening = recorder.listening(context)
    # Frozen for all projects is as good as frozen, but it is not this loop's to remember.
    stands = replace(loop, frozen=loop.frozen or listening.store.frozen())
    troubles: list[str] = []
    waits: list[Section] = []
    for section in _sections(listening, stands, now):
        try:
            found = section()
        except OutsideError as error:
            troubles.append(str(error))
            continue
        if isinstance(found, Step):
            return _remember(context, recorder.on_record(_own(found, loop)), troubles)
        waits.append(found)
    return _waiting(waits, troubles, now)


def _own(step: Step, loop: Loop) -> Step:
    if step.change is None:
        return step
    return replace(step, change=replace(step.change, loop=replace(step.change.loop, frozen=loop.frozen)))


def _sections(context: Context, loop: Loop, now: datetime) -> Iterator[Callable[[], Section]]:
    """What is done first comes first: what serves, then what is under way, then what is new."""
    current = context.generation(loop.generation)
    yield lambda: inbox.take(context.store, current, loop, now)
    yield lambda: standing.clock(current, loop, now)
    under_way, going_back = loop.attempt, loop.rollback
    if going_back is not None and rollback.may_begin(loop):
        yield lambda: rollback.go_back(current, loop, going_back, now)
    if under_way is not None:
        pinned = context.generation(under_way.generation)
        if going_back is None:
            yield lambda: supersede.give_way(current, pinned, loop, now)
        yield lambda: attempt.bring_on(pinned, loop, under_way, now)
    if loop.rollout is None and going_back is None:
        yield lambda: endpoint.keep(current, loop, now)
    yield lambda: monitors.measure(current, loop, now)
    yield lambda: lookout.count(current, loop, now)
    yield lambda: lookout.look(context, current, loop, now)
    yield lambda: standing.breaker(current, loop, now)
    yield lambda: offers.look(current, loop, now)
    yield lambda: triggers.fire(current, loop, now)
    if going_back is None:
        yield lambda: triggers.admit(context, current, loop, now)
    yield lambda: outbox.tell(context, current, now)


def _remember(context: Context, step: Step, troubles: list[str]) -> Pass:
    if step.change is None:
        return Pass(acted=True, did=step.did, trouble=tuple(troubles))
    try:
        context.store.save(step.change, context.claim)
    except ConflictError:
        # Somebody decided in between.  The effect, if there was one, is idempotent; the next pass sees both.
        return Pass(acted=True, did=step.did, trouble=tuple(troubles))
    return Pass(acted=True, did=step.did, decisions=step.change.decisions, trouble=tuple(troubles))


def _waiting(waits: list[Section], troubles: list[str], now: datetime) -> Pass:
    found = [wait for wait in waits if not isinstance(wait, Step)]
    if troubles or any(wait.operation for wait in found):
        return Pass(acted=False, waiting_for="operation", trouble=tuple(troubles))
    moments = [wait.until for wait in found if wait.until is not None and wait.until > now]
    return Pass(acted=False, waiting_for=min(moments, default=None))


def settle(context: Context, passes: int = 1000) -> Pass:
    """Make passes until there is nothing to do; returns the last, with the decisions of all."""
    decisions: list[Decision] = []
    for _ in range(passes):
        done = reconcile(context)
        decisions.extend(done.decisions)
        if not done.acted:
            return Pass(acted=False, waiting_for=done.waiting_for, decisions=tuple(decisions), trouble=done.trouble)
    raise StateError(f"{context.name} still acts after {passes} passes: something undoes what it does")
