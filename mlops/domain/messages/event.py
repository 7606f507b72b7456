"""An event, and what may become of it."""

import enum
from dataclasses import dataclass
from datetime import datetime

from mlops.domain.declared.source import Kind


class Outcome(enum.StrEnum):
    """What became of an event.  Every event has one in the end; none is dropped."""

    STARTED = "started"  # it made the loop look
    COALESCED = "coalesced"  # the loop was about to look for the same reason
    STALE = "stale"  # a newer event about the same thing came before
    DUPLICATE = "duplicate"  # it came before
    IGNORED = "ignored"  # not about this project, or nothing listens to its kind
    UNKNOWN = "unknown"  # nobody knows its form or its type; its text is kept
    DEAD = "dead"  # it was delivered again and again without ever being stored: kept unread


ACCEPTED = (Outcome.STARTED, Outcome.COALESCED)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event as its source tells it."""

    id: str  # unique at its source: the same again is the same event
    type: str  # the source's own word
    kind: Kind | None  # None: a type that says nothing to us
    subject: str  # what it is about; order counts among events of one subject
    about: str = ""  # the subject's own name: a job, an endpoint, NAME:VERSION, a path
    order: str = ""  # greater is newer; empty: its source gives no order
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An event that was received, and whose outcome is open."""

    source: str
    event: Event
    highest: str = ""  # the highest order accepted before for the same subject


@dataclass(frozen=True, kw_only=True)
class Settled:
    """An event with its outcome, saved together with what it changed."""

    source: str
    id: str
    outcome: Outcome
    why: str
    at: datetime  # the loop's time
