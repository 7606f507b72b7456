"""Notices out: told at least once, each by its key, later and later while a channel is in trouble."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.messages.letters import Notice
from mlops.domain.project import Project
from mlops.domain.records.decision import Decision, Subject
from mlops.flows.context import NOTHING, Context, Generation, Section, Step, Wait
from mlops.ports import OutsideError
from mlops.post import Channel, Outbox, Telling

LEASE = timedelta(minutes=2)
"""For this long a notice that is being told is nobody else's: longer than a channel may take."""
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
TRIES = 80
"""About three days of tries, an hour apart in the end; then it is given up, and shown so."""
KEEP = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Told:
    """How many notices went out, and what had trouble."""

    sent: int = 0
    given_up: int = 0
    trouble: tuple[str, ...] = ()


def tell(context: Context, generation: Generation, now: datetime) -> Section:
    """Tell what is due.  A notice whose end could not be written down is told again, with the same key.

    Raises OutsideError when nothing could be told, StateError.
    """
    if context.channels is None:  # another process does
        return NOTHING
    due = context.store.outbox.next_due(context.name)
    if due is None:
        return NOTHING
    if now < due <= now + LONGEST:
        return Wait(until=due)
    told = _deliver(context, context.channels(generation), now)
    if told.trouble and not told.sent:
        raise OutsideError("; ".join(told.trouble))
    said = [f"told {told.sent} of {told.sent + len(told.trouble)}"] if told.sent else []
    return Step(did="; ".join((*said, *told.trouble))) if said or told.given_up else NOTHING


def _deliver(context: Context, channels: Mapping[str, Channel], now: datetime) -> Told:
    box = context.store.outbox
    total, broken = Told(), dict[str, datetime]()
    for notice in box.take(context.name, now, lease=LEASE):
        if notice.channel in broken:  # one that is in trouble is not asked again and again
            box.put_back(notice, broken[notice.channel])
            continue
        total, again = _tell(box, channels.get(notice.channel), notice, total, context.clock.now)
        if again is not None:
            broken[notice.channel] = again
    if total.sent:
        box.forget(now - KEEP)
    return total


def _tell(
    box: Outbox, channel: Channel | None, notice: Notice, total: Told, clock: Callable[[], datetime]
) -> tuple[Told, datetime | None]:
    """The new total; and when the channel is to be tried again, if it failed."""
    if channel is None:
        box.failed(notice, "the project has no such notification any more", clock(), again=None)
        return replace(total, given_up=total.given_up + 1), None
    try:
        channel.send(notice)
    except OutsideError as error:
        said = str(error)
        again = clock() + backoff(notice.tries) if notice.tries < TRIES else None
        box.failed(notice, said, clock(), again=again)
        until = f"again at {again:%Y-%m-%d %H:%M:%S}" if again else f"given up after {notice.tries} tries"
        trouble = (*total.trouble, f"notification {notice.channel}: {said}; {until}")
        return replace(total, trouble=trouble, given_up=total.given_up + (again is None)), again
    box.sent(notice, clock())
    return replace(total, sent=total.sent + 1), None


def backoff(tries: int) -> timedelta:
    """Twice as long after each try, up to an hour."""
    return min(FIRST * (1 << min(tries - 1, 16)), LONGEST)


def tellings(project: Project) -> tuple[Telling, ...]:
    """Who is told of what."""
    return tuple(Telling(channel=each.name, on=each.on) for each in project.notifications)


def sample(project: str, channel: str, now: datetime) -> Notice:
    """A notice of nothing, to see whether a channel works."""
    said = Decision(at=now, subject=Subject.PROJECT, what="test", why="a person asked whether this channel works")
    return Notice(project=project, channel=channel, sequence=0, key=f"test-{now.timestamp():.6f}", decision=said)
