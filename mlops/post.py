"""What comes in and what goes out, as the flows need it: events, where they come from, and the store's part of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from mlops.domain.messages.event import Event, Outcome, Waiting
from mlops.domain.messages.letters import Notice


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something a source delivered.  Until it is `done` with, the source delivers it again."""

    id: str  # the delivery's own name, for messages whose text names nothing
    body: bytes
    tries: int = 1  # how often it was delivered
    handle: object = None  # what the source needs to be done with it


class EventSource(Protocol):
    """A place where events come from.  It may deliver twice, late and out of order; it loses nothing."""

    def receive(self) -> Sequence[Message]:
        """Some of what waits, none when nothing does.  Raises OutsideError."""

    def done(self, message: Message) -> None:
        """Never deliver it again; called after it was stored.  Raises OutsideError."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """An event, or a message that is none, as it is put into the inbox; with an outcome it is settled already."""

    project: str
    source: str
    event: Event
    at: datetime
    outcome: Outcome | None = None
    why: str = ""
    body: str = ""  # kept of what nobody could read


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A row of the inbox."""

    project: str
    source: str
    event: Event
    received: datetime
    copies: int  # how often it came
    outcome: Outcome | None
    why: str
    settled: datetime | None
    body: str = ""


class Inbox(Protocol):
    """The store's memory of events.  What is put in is there once, whatever happens after."""

    def put(self, received: Sequence[Received]) -> tuple[Outcome | None, ...]:
        """Store all or none; DUPLICATE for each that was there, else its outcome.  Raises StateError."""

    def waiting(self, project: str, limit: int = 100) -> tuple[Waiting, ...]:
        """Events without an outcome, in the order received.  `Store.save` gives them one, with what they changed."""

    def listeners(self, address: str) -> tuple[tuple[str, str], ...]:
        """The project and the source's name of everybody who listens there."""

    def kept(self, project: str, last: int = 100) -> tuple[Kept, ...]:
        """The newest rows, oldest first."""

    def forget(self, before: datetime) -> int:
        """Drop what was settled before that; says how many."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A source as the store knows it: all projects that listen at an address hear what comes there."""

    source: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Who hears of which decisions, as the store knows it: it writes the notices with the decisions."""

    channel: str  # the notification's name
    on: tuple[str, ...]


class Channel(Protocol):
    """A way to tell somebody."""

    def send(self, notice: Notice) -> None:
        """Tell; the notice's key lets the receiver know a second try.  Raises OutsideError, without any secret."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A row of the outbox."""

    notice: Notice
    sent: datetime | None
    given_up: datetime | None
    error: str  # of the last try


class Outbox(Protocol):
    """The store's memory of what is to be told.  `Store.save` puts it there with the decision itself."""

    def take(self, project: str, now: datetime, *, lease: timedelta, most: int = 10) -> tuple[Notice, ...]:
        """Notices that are due, oldest first; nobody else gets them before the lease ends, and this try is counted."""

    def sent(self, notice: Notice, now: datetime) -> None:
        """It was told: never again."""

    def failed(self, notice: Notice, error: str, now: datetime, *, again: datetime | None) -> None:
        """It was not; tried again then, or given up."""

    def put_back(self, notice: Notice, again: datetime) -> None:
        """It was not tried after all: the try does not count."""

    def retry(self, project: str, now: datetime) -> int:
        """Try again what was given up or waits; says how many."""

    def kept(self, project: str, last: int = 100) -> tuple[Sent, ...]:
        """The newest rows, oldest first."""

    def depth(self, project: str) -> tuple[int, int]:
        """How many wait, and how many were given up."""

    def next_due(self, project: str) -> datetime | None:
        """When the next is to be tried; None when none waits."""

    def forget(self, before: datetime) -> int:
        """Drop what was told or given up before that; says how many."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a store stands, all projects together; seconds are of the loop's clock."""

    projects: int = 0
    due: int = 0  # wait for a pass, and nobody works on them
    lag: float = 0.0  # how long the longest of these waits
    events: int = 0  # without an outcome
    notices: int = 0  # not told yet
    oldest: float = 0.0  # the oldest of these, since its decision
    given_up: int = 0
