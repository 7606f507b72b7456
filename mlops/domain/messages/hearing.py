"""What an event does to a loop: nothing but that something is looked at again, and sooner."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.declared.source import Kind, Source
from mlops.domain.loop import Heard, Loop
from mlops.domain.messages.event import ACCEPTED, Event, Outcome, Settled, Waiting
from mlops.domain.triggers.watched import ROWS_EVERY

OFTEN = timedelta(minutes=1)
"""Events have the data counted no more often than this: a count reads it."""


def settle(
    loop: Loop, waiting: tuple[Waiting, ...], sources: Mapping[str, Source], now: datetime
) -> tuple[Loop, tuple[Settled, ...]]:
    """Give each event its outcome, in the order received; `sources` are the project's, by name."""
    settled: list[Settled] = []
    highest: dict[tuple[str, str], str] = {}
    looked: set[str] = set()
    for each in waiting:
        event, place = each.event, (each.source, each.event.subject)
        newest = max(each.highest, highest.get(place, ""))
        outcome, why, after = _one(loop, each, newest, sources.get(each.source), now)
        if outcome is Outcome.STARTED and why in looked:
            outcome = Outcome.COALESCED
        if outcome in ACCEPTED:
            looked.add(why)
            loop = after
            highest[place] = max(newest, event.order)
        settled.append(Settled(source=each.source, id=event.id, outcome=outcome, why=why, at=now))
    return loop, tuple(settled)


def _one(loop: Loop, each: Waiting, newest: str, source: Source | None, now: datetime) -> tuple[Outcome, str, Loop]:
    event = each.event
    if source is None:
        return Outcome.UNKNOWN, f"the project has no source {each.source!r} any more", loop
    kind = event.kind or source.means
    if kind is None:
        return Outcome.UNKNOWN, f"type {event.type!r} says nothing to us: `means` of the source may say it", loop
    if kind not in source.hears:
        return Outcome.IGNORED, f"the source hears nothing of kind {kind.value}", loop
    if event.order and newest and event.order <= newest:
        return Outcome.STALE, "an event of this subject with the same or a higher order came before", loop
    outcome, why, after = _effect(loop, each, kind, now)
    if outcome is Outcome.IGNORED:
        return outcome, why, loop
    heard = Heard(at=now, event=event.id, subject=event.subject)
    return outcome, why, replace(after, heard={**after.heard, each.source: heard})


def _effect(loop: Loop, each: Waiting, kind: Kind, now: datetime) -> tuple[Outcome, str, Loop]:
    """What is looked at again.  Truth is what that look finds, whatever the event says."""
    match kind:
        case Kind.RUN:
            return _run(loop, each.event)
        case Kind.ENDPOINT:
            return _endpoint(loop, each.event)
        case Kind.DATA:
            return _data(loop, now)
        case Kind.MODEL:
            return Outcome.STARTED, "assets that triggers watch are looked at", replace(loop, assets_at=None)
        case Kind.REQUEST:
            return Outcome.STARTED, f"triggers that name {each.source} are looked at", loop
    return Outcome.IGNORED, "the service talks of the subscription itself", loop


def _data(loop: Loop, now: datetime) -> tuple[Outcome, str, Loop]:
    """Counted again, but not more often than once a minute, however many files come."""
    why, counted = "what is new in the data is counted", loop.labelled_at
    again = replace(loop, labelled_at=None, assets_at=None)
    if counted is None or counted > now:
        return Outcome.STARTED, why, again
    if counted + ROWS_EVERY <= now + OFTEN:
        return Outcome.COALESCED, why, replace(loop, assets_at=None)
    if counted + OFTEN > now:
        again = replace(again, labelled_at=counted + OFTEN - ROWS_EVERY)
    return Outcome.STARTED, why, again


def _run(loop: Loop, event: Event) -> tuple[Outcome, str, Loop]:
    job = loop.attempt.job if loop.attempt else ""
    if job and event.about.lower() == job.lower():
        return Outcome.STARTED, f"the attempt looks at its job {job}", loop
    return Outcome.IGNORED, "no attempt of this project waits for that run", loop


def _endpoint(loop: Loop, event: Event) -> tuple[Outcome, str, Loop]:
    if event.about and event.about.lower() != loop.endpoint.lower():
        return Outcome.IGNORED, f"it is about another endpoint than {loop.endpoint}", loop
    outcome = Outcome.COALESCED if loop.checked is None else Outcome.STARTED
    return outcome, f"the endpoint {loop.endpoint} is compared with what it should be", replace(loop, checked=None)
