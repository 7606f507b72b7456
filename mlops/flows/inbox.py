"""Events in: what sources deliver is stored first, and then only makes the loop look sooner."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.declared.source import FolderSource, QueueSource, Source, SqsSource
from mlops.domain.loop import Change, Loop
from mlops.domain.messages.envelopes import MalformedError, clean, digest, parse
from mlops.domain.messages.event import Event, Outcome
from mlops.domain.messages.hearing import settle
from mlops.domain.project import Platform, Project
from mlops.flows.context import NOTHING, Context, Generation, Section, Step
from mlops.ports import GoneError, OutsideError, Store
from mlops.post import EventSource, Listening, Message, Received

TRIES = 5
"""A message that was delivered more often than this was never stored: it is put aside unread."""
KEEP = timedelta(days=90)
"""How long settled events are remembered: longer than any source delivers again."""
_MOST = 50
"""Batches of one source in one go, so that a flood does not keep the loop from its work."""
_KEPT = 16_384


@dataclass(frozen=True, kw_only=True)
class Drained:
    """What came in: new events, copies of known ones, and what had trouble (its messages come again)."""

    new: int = 0
    copies: int = 0
    trouble: tuple[str, ...] = ()


def drain(context: Context) -> Drained:
    """Move what waits at the project's sources into the inbox of everybody who listens there.  Raises StateError.

    A message is done with only after its rows are committed: whatever breaks in between, it comes again.
    """
    loop = context.store.load(context.name)
    if loop is None:
        raise GoneError(f"there is no project {context.name!r} here: run mlops apply -f project.yaml")
    generation = context.generation(loop.generation)
    total = Drained()
    for name, source in context.sources(generation).items():
        total = _plus(total, _drain_one(context, generation, name, source))
    if total.new:
        context.store.inbox.forget(context.clock.now() - KEEP)
    return total


def _plus(one: Drained, other: Drained) -> Drained:
    return Drained(new=one.new + other.new, copies=one.copies + other.copies, trouble=(*one.trouble, *other.trouble))


def _drain_one(context: Context, generation: Generation, name: str, source: EventSource) -> Drained:
    address = address_of(next(one for one in generation.project.sources if one.name == name), generation)
    total = Drained()
    try:
        for _ in range(_MOST):
            messages = source.receive()
            if not messages:
                break
            for message in messages:
                total = _plus(total, _store(context, (context.name, name), address, message))
                source.done(message)
    except OutsideError as error:
        return replace(total, trouble=(f"events of {name}: {error}",))
    return total


def _store(context: Context, own: tuple[str, str], address: str, message: Message) -> Drained:
    heard = {own, *context.store.inbox.listeners(address)}
    return put(context.store, heard, message, context.clock.now())


def put(store: Store, heard: Iterable[tuple[str, str]], message: Message, now: datetime) -> Drained:
    """Store a message for each project and source that hears it, or for none.  Raises StateError."""
    rows = [row for project, source in sorted(heard) for row in received(message, project, source, now)]
    outcomes = store.inbox.put(rows)
    copies = sum(outcome is Outcome.DUPLICATE for outcome in outcomes)
    return Drained(new=len(outcomes) - copies, copies=copies)


def received(message: Message, project: str, source: str, now: datetime) -> Iterator[Received]:
    """What is put into the inbox for a message, whatever it holds."""
    body = clean(message.body.decode("utf-8", "replace"), _KEPT)

    def unread(outcome: Outcome, why: str) -> Received:
        event = Event(id=digest(message.body), type="", kind=None, subject="")
        return Received(project=project, source=source, event=event, at=now, outcome=outcome, why=why, body=body)

    if message.tries > TRIES:
        yield unread(Outcome.DEAD, f"delivered {message.tries} times without ever being done with")
        return
    try:
        events = parse(message.body, message.id)
    except MalformedError as error:
        yield unread(Outcome.UNKNOWN, str(error))
        return
    for event in events:
        kept = body if event.kind is None else ""
        yield Received(project=project, source=source, event=event, at=now, body=kept)


def take(store: Store, generation: Generation, loop: Loop, now: datetime) -> Section:
    """Give waiting events their outcome, in one transaction with what they change."""
    waiting = store.inbox.waiting(loop.project)
    if not waiting:
        return NOTHING
    sources = {source.name: source for source in generation.project.sources}
    after, settled = settle(loop, waiting, sources, now)
    return Step(change=Change(loop=after, settled=settled))


def addresses(project: Project, platform: Platform) -> tuple[Listening, ...]:
    """Where the project's events come from, by name."""
    return tuple(Listening(source=one.name, address=_address(one, project, platform)) for one in project.sources)


def address_of(source: Source, generation: Generation) -> str:
    """The same for all who listen at one place."""
    return _address(source, generation.project, generation.platform)


def _address(source: Source, project: Project, platform: Platform) -> str:
    match source.place:
        case QueueSource() as queue:
            return queue_url(queue, platform)
        case SqsSource(url=url):
            return url
        case FolderSource(path=path):
            return f"folder {path}"
    return f"own {project.name} {source.name}"


def queue_url(place: QueueSource, platform: Platform) -> str:
    """The queue's address; a key names one of the platform's storage account."""
    if place.url:
        return place.url
    return f"https://{platform.storage_account}.queue.core.windows.net/{platform.queues.get(place.key or '', '')}"
