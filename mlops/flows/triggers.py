"""Let triggers fire into the one waiting place, and let what waits through when nothing holds it."""

from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain import answers, triggers
from mlops.domain import attempt as attempts
from mlops.domain.decision import Decision, Numbers, Subject
from mlops.domain.declared.trigger import Trigger
from mlops.domain.loop import Change, Loop, Request, TriggerState
from mlops.domain.triggers import Held
from mlops.domain.windows import TrainingWindows, subtract, training_windows
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait
from mlops.flows.monitors import checked_through
from mlops.flows.schedule import next_tick, previous_tick

BOOTSTRAP = "bootstrap"  # the trigger that every project has: there is no champion


def fire(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Evaluate all triggers on the state; whatever turned true takes the waiting place."""
    if loop.champion is None:
        return _bootstrap(loop, now)
    for trigger in generation.project.triggers:
        change = _evaluate(trigger, loop, now)
        if change is not None:
            return Step(change=change)
    return Wait(until=triggers.next_time(generation.project, loop, now, next_tick))


def _bootstrap(loop: Loop, now: datetime) -> Section:
    if loop.attempt is not None or loop.pending is not None:
        return NOTHING
    return Step(change=_asked(loop, BOOTSTRAP, "there is no champion yet", now))


def _evaluate(trigger: Trigger, loop: Loop, now: datetime) -> Change | None:
    truth = triggers.truth(trigger, loop, now, previous_tick)
    before = loop.triggers.get(trigger.name, TriggerState())
    if triggers.fires(trigger, before, holds=truth.holds, loop=loop, now=now):
        after = _with(loop, trigger, TriggerState(true=True, fired=now))
        # Firing uses up a cron's tick: that it no longer holds then is no news.
        left = triggers.truth(trigger, after, now, previous_tick).holds
        return _asked(_with(loop, trigger, TriggerState(true=left, fired=now)), trigger.name, truth.why, now)
    answer = answers.changed(trigger, loop, truth)
    if answer is None:
        return None
    said = Decision(
        at=now,
        subject=Subject.TRIGGER,
        what=answer.what,
        why=f"{trigger.name}: {answer.why}",
        numbers=Numbers(trigger=trigger.name),
    )
    return Change(loop=_with(loop, trigger, answer.state), decisions=(said,))


def _with(loop: Loop, trigger: Trigger, state: TriggerState) -> Loop:
    return replace(loop, triggers={**loop.triggers, trigger.name: state})


def _asked(loop: Loop, trigger: str, why: str, now: datetime) -> Change:
    key = attempts.request_key(loop, trigger, now)
    return ask(loop, Request(key=key, trigger=trigger, why=why, asked=now, first=now))


def ask(loop: Loop, request: Request) -> Change:
    """Put a request into the waiting place; what waited there is coalesced into it, and that is recorded."""
    waiting = loop.pending
    said = [_decision(request.asked, "fired", f"{request.trigger}: {request.why}", request)]
    if waiting is not None:
        what = f"{request.trigger} and {waiting.trigger} become one request, waiting since {waiting.first:%Y-%m-%d}"
        said.append(_decision(request.asked, "coalesced", what, request))
    return Change(loop=triggers.enqueue(loop, request), decisions=tuple(said))


def admit(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Let the waiting request through, or record once what holds it."""
    request = loop.pending
    if request is None:
        return NOTHING
    project = generation.project
    held = triggers.hold(project.policy, loop, request, now)
    windows = training_windows(project, now, loop.quarantines, checked_through(generation, loop))
    held = held or _too_little(generation, windows, now)
    if held is None:
        return Step(change=attempts.start(loop, request, windows, now))
    if request.held == held.kind:
        return Wait(until=held.until)
    said = _decision(now, "held", f"{request.trigger} waits: {held.why}", request)
    return Step(change=Change(loop=replace(loop, pending=replace(request, held=held.kind)), decisions=(said,)))


def _too_little(generation: Generation, windows: TrainingWindows, now: datetime) -> Held | None:
    """An empty data window holds the request; it does not start an attempt that can only fail."""
    project, data = generation.project, generation.backends.data
    rows = sum(data.labelled(project.data, part) for part in subtract(windows.train, windows.without))
    needed = project.pipeline.min_rows
    if rows >= needed:
        return None
    why = f"{rows} labelled rows to train on in {windows.train}, {needed} needed"
    return Held(kind="too little data", why=why, until=now + timedelta(days=1))


def _decision(at: datetime, what: str, why: str, request: Request) -> Decision:
    return Decision(
        at=at,
        subject=Subject.TRIGGER,
        what=what,
        why=why,
        numbers=Numbers(trigger=request.trigger, key=request.key),
        actor=request.actor,
    )
