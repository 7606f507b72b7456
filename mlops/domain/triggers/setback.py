"""A clock that went back: what is written down as later than now is as old as now, so that nothing waits for ever."""

from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.loop import Loop, Request
from mlops.domain.project import Project

SKEW = timedelta(minutes=1)  # two machines' clocks may differ by as much without any having gone back


def ahead(project: Project, loop: Loop, now: datetime) -> timedelta:
    """How far the clock went back, by the newest moment that it wrote down."""
    known = [loop.breaker_until - project.policy.breaker_hold] if loop.breaker_until else []
    known += [each.at for each in loop.ledger] + ([loop.last.ended] if loop.last else [])
    known += [each.asked for each in (loop.pending, *loop.queue) if each is not None]
    known += [state.fired for state in loop.triggers.values() if state.fired is not None]
    known += [each for each in (loop.labelled_at, loop.assets_at) if each is not None]
    known += [loop.attempt.entered] if loop.attempt else []
    return max(max(known, default=now) - now, timedelta())


def settled(project: Project, loop: Loop, now: datetime) -> Loop:
    """Everything that waits from some moment on waits from now on at the latest."""
    last, attempt = loop.last, loop.attempt
    return replace(
        loop,
        breaker_until=min(loop.breaker_until, now + project.policy.breaker_hold) if loop.breaker_until else None,
        ledger=tuple(replace(each, at=min(each.at, now)) for each in loop.ledger),
        last=replace(last, started=min(last.started, now), ended=min(last.ended, now)) if last else None,
        attempt=replace(attempt, started=min(attempt.started, now), entered=min(attempt.entered, now))
        if attempt
        else None,
        pending=_asked_by(loop.pending, now) if loop.pending else None,
        queue=tuple(_asked_by(each, now) for each in loop.queue),
        triggers={
            name: replace(
                state,
                fired=min(state.fired, now) if state.fired else None,
                since=min(state.since, now) if state.since else None,
            )
            for name, state in loop.triggers.items()
        },
        labelled_at=min(loop.labelled_at, now) if loop.labelled_at else None,
        assets_at=min(loop.assets_at, now) if loop.assets_at else None,
    )


def _asked_by(request: Request, now: datetime) -> Request:
    return replace(request, asked=min(request.asked, now), first=min(request.first, now))
