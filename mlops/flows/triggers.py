"""Let triggers fire into the one waiting place, and let what waits through when nothing holds it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain import attempt as attempts
from mlops.domain.data.windows import TrainingWindows, subtract, training_windows
from mlops.domain.declared.policy import TriggerPolicy
from mlops.domain.declared.trigger import ManualCondition, Trigger
from mlops.domain.loop import Change, Loop, Request, TriggerState
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.triggers import answers, conditions, policy, triggers, watched
from mlops.domain.triggers.policy import Held
from mlops.flows import lookout
from mlops.flows.context import NOTHING, Context, Generation, Section, Step, Wait
from mlops.flows.monitors import checked_through
from mlops.flows.schedule import next_tick, previous_tick

BOOTSTRAP = "bootstrap"  # the trigger that every project has: there is no champion


def fire(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Evaluate all triggers on the state; whatever turned true takes the waiting place."""
    rules = generation.project.policy
    if generation.project.comes_from(generation.platform.environment) is not None:
        return NOTHING  # nothing is trained here: it would have passed by the environments before
    if loop.champion is None:
        return _bootstrap(rules, loop, now)
    for trigger in generation.project.triggers:
        if isinstance(trigger.when, ManualCondition):
            continue  # people fire it, by a command
        change = _evaluate(rules, trigger, loop, now)
        if change is not None:
            return Step(change=change)
    return Wait(until=triggers.next_time(generation.project, loop, now, next_tick))


def _bootstrap(rules: TriggerPolicy, loop: Loop, now: datetime) -> Section:
    if loop.attempt is not None or loop.pending is not None:
        return NOTHING
    return Step(change=_asked(rules, loop, BOOTSTRAP, "there is no champion yet", now))


def _evaluate(rules: TriggerPolicy, trigger: Trigger, loop: Loop, now: datetime) -> Change | None:
    truth = conditions.truth(trigger, loop, now, previous_tick)
    before = loop.triggers.get(trigger.name, TriggerState())
    if triggers.fires(trigger, before, holds=truth.holds, loop=loop, now=now):
        state = TriggerState(true=True, fired=now, since=before.since, answers=answers.answered(truth))
        # Firing uses up a cron's tick: that it no longer holds then is no news.
        left = conditions.truth(trigger, _with(loop, trigger, state), now, previous_tick).holds
        fired = _with(loop, trigger, replace(state, true=left))
        return _asked(rules, fired, trigger.name, truth.why, now, tree=answers.tree(truth))
    answer = answers.changed(trigger, loop, truth, now)
    if answer is None:
        return None
    said = Decision(
        at=now,
        subject=Subject.TRIGGER,
        what=answer.what,
        why=f"{trigger.name}: {answer.why}",
        numbers=Numbers(trigger=trigger.name, **answers.tree(truth)),
    )
    return Change(loop=_with(loop, trigger, answer.state), decisions=(said,))


def _with(loop: Loop, trigger: Trigger, state: TriggerState) -> Loop:
    return replace(loop, triggers={**loop.triggers, trigger.name: state})


def _asked(
    rules: TriggerPolicy, loop: Loop, trigger: str, why: str, now: datetime, *, tree: Mapping[str, str] | None = None
) -> Change:
    key = attempts.request_key(loop, trigger, now)
    return ask(rules, loop, Request(key=key, trigger=trigger, why=why, asked=now, first=now), tree)


def ask(rules: TriggerPolicy, loop: Loop, request: Request, tree: Mapping[str, str] | None = None) -> Change:
    """Give a request its place; what became of it, and of what waited there, is recorded."""
    placed = policy.enqueue(rules, loop, request)
    fired = _decision(request.asked, "fired", f"{request.trigger}: {request.why}", request)
    said = [replace(fired, numbers={**fired.numbers, **(tree or {})})]
    if placed.what != "waits":
        said.append(_decision(request.asked, placed.what, _became(placed, request), request))
    return Change(loop=placed.loop, decisions=tuple(said))


def _became(placed: policy.Placed, request: Request) -> str:
    beside = placed.beside
    if beside is None:
        return f"{request.trigger} is not waited for: an attempt is under way, and the project says `onBusy: drop`"
    if placed.what == "queued":
        return f"{request.trigger} has its turn after {beside.trigger}"
    return f"{request.trigger} and {beside.trigger} become one request, waiting since {beside.first:%Y-%m-%d}"


def admit(context: Context, generation: Generation, loop: Loop, now: datetime) -> Section:
    """Let the waiting request through, or record once what holds it."""
    request = loop.pending
    if request is None:
        return NOTHING
    held = held_by(generation, loop, request, now)
    if held is None:
        windows = _windows(generation, loop, now)
        # The attempt trains on what is there now; a change that came since the last look is not asked for again.
        fresh = watched.used(lookout.seen(context, generation, loop, now))
        return Step(change=_let_through(generation, fresh, request, windows, now))
    if request.held == held.kind and request.held_until == held.until:
        return Wait(until=held.until)
    waiting = replace(request, held=held.kind, held_why=held.why, held_until=held.until)
    known = request.held == held.kind  # until another moment, which is no news of its own
    said = () if known else (_held(now, request, held),)
    return Step(change=Change(loop=replace(loop, pending=waiting), decisions=said))


def held_by(generation: Generation, loop: Loop, request: Request, now: datetime) -> Held | None:
    """What holds a request: the policy, or too few rows where it is to be trained here."""
    held = policy.hold(generation.project, loop, request, now)
    if held is not None or request.origin is not None:
        return held
    return _too_little(generation, _windows(generation, loop, now), now)


def _windows(generation: Generation, loop: Loop, now: datetime) -> TrainingWindows:
    return training_windows(generation.project, now, loop.quarantines, checked_through(generation, loop))


def _held(now: datetime, request: Request, held: Held) -> Decision:
    """What people are told of when they asked to be is a decision by a name of its own."""
    what = "budget exhausted" if held.alert else "held"
    said = _decision(now, what, f"{request.trigger} waits: {held.why}", request)
    until = held.until.isoformat() if held.until else None
    return replace(said, numbers={**said.numbers, "held": held.kind, "until": until})


def _let_through(
    generation: Generation, loop: Loop, request: Request, windows: TrainingWindows, now: datetime
) -> Change:
    """Start the attempt; whoever closed the breaker by asking, or went past the budget, is on record."""
    project = generation.project
    said: list[Decision] = []
    if policy.resets_breaker(project.policy, loop, request, now):
        why = f"{request.actor} asked for an attempt after {loop.failures} that failed: {request.why}"
        said.append(_decision(now, "breaker reset", why, request))
        loop = replace(loop, breaker_until=None, breaker_code="")
    past = policy.hold(project, loop, replace(request, break_glass=False), now) if request.break_glass else None
    if past is not None:
        said.append(_decision(now, "glass broken", f"{request.actor}: {request.why}; {past.why}", request))
    change = attempts.start(project, loop, request, windows, now)
    return replace(change, decisions=(*said, *change.decisions))


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
