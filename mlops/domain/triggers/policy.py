"""What waits to be trained, in which order, and what holds it: nothing that was asked for is lost unsaid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from mlops.domain.declared.policy import OnBusy, OnExhausted, ResetBy, Skip, TriggerPolicy
from mlops.domain.loop import Ended, Loop, Outcome, Request
from mlops.domain.project import Project
from mlops.domain.triggers import budget

MANUAL = "manual"  # the trigger of what people ask for
_PATIENCE = 8  # times `debounce`, without a `maxWait`: what never becomes quiet must not wait for ever


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where a request went: `waits`, `coalesced` (one request with `beside`), `queued` behind it, or `dropped`."""

    loop: Loop
    what: str
    beside: Request | None = None


def enqueue(policy: TriggerPolicy, loop: Loop, request: Request) -> Placed:
    """Give a request its place.  The newest has it; what waited keeps its turn through `first`.

    What a person asked for is displaced by another person's request only, and never dropped.
    """
    if policy.on_busy is OnBusy.DROP and loop.attempt is not None and not request.manual:
        return Placed(loop=loop, what="dropped")
    waiting = loop.pending
    if waiting is None:
        return Placed(loop=replace(loop, pending=request), what="waits")
    if policy.on_busy is OnBusy.QUEUE and waiting.trigger != request.trigger:
        return _queued(loop, waiting, request)
    if _outranks(waiting, request):
        return Placed(loop=loop, what="coalesced", beside=waiting)
    return Placed(loop=replace(loop, pending=_instead(waiting, request)), what="coalesced", beside=waiting)


def _outranks(waiting: Request, request: Request) -> bool:
    """A person's before the loop's own, and a broken glass before all."""
    return (waiting.break_glass, waiting.manual) > (request.break_glass, request.manual)


def _instead(waiting: Request, request: Request) -> Request:
    return replace(request, first=waiting.first, held=waiting.held)


def _queued(loop: Loop, waiting: Request, request: Request) -> Placed:
    same = next((each for each in loop.queue if each.trigger == request.trigger), None)
    if same is None:
        return Placed(loop=replace(loop, queue=(*loop.queue, request)), what="queued", beside=waiting)
    queue = tuple(_instead(each, request) if each is same else each for each in loop.queue)
    return Placed(loop=replace(loop, queue=queue), what="coalesced", beside=same)


def taken(loop: Loop) -> Loop:
    """The place once its request has become an attempt: the next of the queue has it, a person's first."""
    if not loop.queue:
        return replace(loop, pending=None)
    following = min(loop.queue, key=lambda each: not each.manual)  # of equals the one that waits longest
    return replace(loop, pending=following, queue=tuple(each for each in loop.queue if each is not following))


@dataclass(frozen=True, kw_only=True)
class Held:
    """Why a request waits, and until when at least (None: until something else changes)."""

    kind: str
    why: str
    until: datetime | None = None
    alert: bool = False


def hold(project: Project, loop: Loop, request: Request, now: datetime) -> Held | None:
    """What holds the waiting request, of several the one that holds it longest; None lets it through."""
    held = list(_holds(project, loop, request, now))
    endless = next((each for each in held if each.until is None), None)
    return endless or max(held, key=lambda each: each.until or now, default=None)


def _holds(project: Project, loop: Loop, request: Request, now: datetime) -> Iterator[Held]:
    policy = project.policy
    if loop.attempt is not None:
        yield Held(kind="busy", why=f"attempt {loop.attempt.number} is under way")
    if loop.frozen is not None:
        yield Held(kind="frozen", why=f"frozen by {loop.frozen.actor}: {loop.frozen.reason}")
    if loop.paused is not None:
        yield Held(kind="paused", why=f"paused by {loop.paused.actor}: {loop.paused.reason}")
    if loop.breaker_until is not None and now < loop.breaker_until and not _resets(policy, request):
        why = f"{loop.failures} attempts failed in a row: nothing starts before {loop.breaker_until:%Y-%m-%d %H:%M}"
        yield Held(kind="breaker", why=why, until=loop.breaker_until)
    if policy.budget is not None and not request.break_glass and request.origin is None:
        yield from _exhausted(project, loop, now)
    skips = policy.manual_skips if request.manual else ()
    if Skip.COOLDOWN not in skips and loop.last is not None and now < (until := _left(loop.last) + policy.cooldown):
        yield Held(kind="cool-down", why=f"cool-down until {until:%Y-%m-%d %H:%M}", until=until)
    if Skip.DEBOUNCE not in skips and now < (until := quiet_at(policy, request)):
        yield Held(kind="debounce", why=f"waiting for quiet until {until:%Y-%m-%d %H:%M}", until=until)


def _left(last: Ended) -> datetime:
    """From when the cool-down runs: an attempt's end, but where a newer one ended it, its beginning."""
    return last.started if last.outcome is Outcome.SUPERSEDED else last.ended


def _resets(policy: TriggerPolicy, request: Request) -> bool:
    return request.manual and ResetBy.MANUAL in policy.breaker_reset_by


def resets_breaker(policy: TriggerPolicy, loop: Loop, request: Request, now: datetime) -> bool:
    """Whether letting this request through closes a breaker that is open."""
    return loop.breaker_until is not None and now < loop.breaker_until and _resets(policy, request)


def quiet_at(policy: TriggerPolicy, request: Request) -> datetime:
    """When a request was left alone for long enough, or has waited for that too long."""
    longest = policy.debounce * _PATIENCE if policy.max_wait is None else policy.max_wait
    return min(request.asked + policy.debounce, request.first + longest)


def _exhausted(project: Project, loop: Loop, now: datetime) -> Iterator[Held]:
    limits = project.policy.budget
    if limits is None:
        return
    for line in budget.lines(limits, project.pipeline, loop.ledger, now):
        if not line.fits:
            until = line.free(limits.per)
            then = f": nothing starts before {until:%Y-%m-%d %H:%M}" if until else ": no run fits"
            why = budget.words(line, limits.per) + then
            yield Held(kind="budget", why=why, until=until, alert=limits.on_exhausted is OnExhausted.ALERT)
