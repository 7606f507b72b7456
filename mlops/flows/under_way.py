"""An operation of the platform that does not end: it is waited for, and past the deadline people are told, once."""

from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.loop import Busy, Change, Loop
from mlops.domain.records.decision import Decision, Subject
from mlops.flows.context import Section, Step, Wait


def under_way(loop: Loop, what: str, deadline: timedelta, now: datetime) -> Section:
    """Wait for it: nothing can be asked of an endpoint meanwhile, and nothing of ours ends what the platform does."""
    busy = loop.busy
    if busy is None or busy.what != what or busy.since > now:
        return Step(change=Change(loop=replace(loop, busy=Busy(what=what, since=now))))
    if busy.said or now - busy.since <= deadline:
        return Wait(operation=True)
    why = f"{what} has not ended since {busy.since:%Y-%m-%d %H:%M}, for more than {deadline}: it is waited for"
    said = _decision(loop, "stuck", why, now)
    return Step(change=Change(loop=replace(loop, busy=replace(busy, said=True)), decisions=(said,)))


def over(loop: Loop, now: datetime) -> Step | None:
    """It ended; who was told that it does not is told so."""
    busy = loop.busy
    if busy is None:
        return None
    said = (_decision(loop, "goes on", f"{busy.what} has ended", now),) if busy.said else ()
    return Step(change=Change(loop=replace(loop, busy=None), decisions=said))


def _decision(loop: Loop, what: str, why: str, now: datetime) -> Decision:
    return Decision(at=now, subject=Subject.ENDPOINT, what=what, why=why, numbers={"endpoint": loop.endpoint})
