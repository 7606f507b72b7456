"""What is looked at before any trigger: a clock that went back, a breaker that other code may close."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.declared.policy import ResetBy
from mlops.domain.loop import Change, Loop
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.triggers import setback, watched
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait


def clock(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Let nothing wait for a time that a clock showed before it was set right."""
    back = setback.ahead(generation.project, loop, now)
    if back <= setback.SKEW:
        return NOTHING
    why = f"the clock went back by {back}: what waits for a time waits from now on"
    said = Decision(
        at=now, subject=Subject.PROJECT, what="clock set back", why=why, numbers=Numbers(seconds=back.total_seconds())
    )
    return Step(change=Change(loop=setback.settled(generation.project, loop, now), decisions=(said,)))


def breaker(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Close an open breaker when the training code is another than when it opened: it is worth another try."""
    until, rules = loop.breaker_until, generation.project.policy
    if until is None or now >= until or loop.attempt is not None or ResetBy.CODE not in rules.breaker_reset_by:
        return NOTHING
    code = generation.backends.assets.version(watched.CODE)
    if not loop.breaker_code and code:
        return Step(change=Change(loop=replace(loop, breaker_code=code)))
    if code in {loop.breaker_code, ""}:
        return Wait(until=min(now + watched.ASSETS_EVERY, until))
    why = f"the training code is {code[:12]}, was {loop.breaker_code[:12]} when {loop.failures} attempts had failed"
    said = Decision(at=now, subject=Subject.TRIGGER, what="breaker reset", why=why, numbers=Numbers(code=code))
    return Step(change=Change(loop=replace(loop, breaker_until=None, breaker_code="", failures=0), decisions=(said,)))
