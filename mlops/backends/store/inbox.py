"""The inbox in the store: an event is there once, and gets its outcome with what it changed."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mlops.backends.redaction import hide
from mlops.backends.store import claims
from mlops.backends.store.post_schema import inbox, listener
from mlops.domain.declared.source import Kind
from mlops.domain.messages.event import ACCEPTED, Event, Outcome, Settled, Waiting
from mlops.post import Kept, Listening, Received

Transaction = Callable[[], AbstractContextManager[sa.Connection]]


class StoredInbox:
    """Keeps the promises of `post.Inbox`."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    def put(self, received: Sequence[Received]) -> tuple[Outcome | None, ...]:
        """Store all or none."""
        with self._transaction() as connection:
            return tuple(_put(connection, each) for each in received)

    def waiting(self, project: str, limit: int = 100) -> tuple[Waiting, ...]:
        """Events without an outcome, in the order received."""
        query = (
            sa.select(inbox)
            .where(inbox.c.project == project, inbox.c.outcome.is_(None))
            .order_by(inbox.c.number)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
            return tuple(
                Waiting(source=row.source, event=_event(row), highest=_highest(connection, row)) for row in rows
            )

    def listeners(self, address: str) -> tuple[tuple[str, str], ...]:
        """The project and the source's name of everybody who listens there."""
        query = sa.select(listener.c.project, listener.c.source).where(listener.c.address == address)
        with self._reading() as connection:
            return tuple(sorted((row.project, row.source) for row in connection.execute(query)))

    def kept(self, project: str, last: int = 100) -> tuple[Kept, ...]:
        """The newest rows, oldest first."""
        query = sa.select(inbox).where(inbox.c.project == project).order_by(inbox.c.number.desc()).limit(last)
        with self._reading() as connection:
            return tuple(_kept(row) for row in reversed(connection.execute(query).all()))

    def forget(self, before: datetime) -> int:
        """Drop what was settled before that."""
        old = sa.delete(inbox).where(inbox.c.outcome.is_not(None), inbox.c.settled < before.isoformat())
        with self._transaction() as connection:
            return connection.execute(old).rowcount


def write_settled(connection: sa.Connection, project: str, settled: Sequence[Settled]) -> None:
    """Give events their outcome, inside the transaction of what they changed."""
    for each in settled:
        connection.execute(
            sa.update(inbox)
            .where(inbox.c.project == project, inbox.c.source == each.source, inbox.c.event_id == each.id)
            .values(outcome=each.outcome.value, why=each.why, settled=each.at.isoformat())
        )


def write_listeners(connection: sa.Connection, project: str, listening: Sequence[Listening]) -> None:
    """Who listens where, as the newest generation says; inside its transaction."""
    connection.execute(sa.delete(listener).where(listener.c.project == project))
    for each in listening:
        connection.execute(sa.insert(listener).values(project=project, source=each.source, address=each.address))


def write_gone(connection: sa.Connection, project: str, at: datetime) -> None:
    """A project that was removed hears nothing more, and leaves no event without an outcome."""
    write_listeners(connection, project, ())
    waiting = sa.update(inbox).where(inbox.c.project == project, inbox.c.outcome.is_(None))
    why = "the project was removed"
    connection.execute(waiting.values(outcome=Outcome.IGNORED.value, why=why, settled=at.isoformat()))


def _put(connection: sa.Connection, received: Received) -> Outcome | None:
    """Two may store the same at once: the database's constraint says who was first."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(inbox).values(**_row(received)))
    except sa.exc.IntegrityError:
        same = (
            inbox.c.project == received.project,
            inbox.c.source == received.source,
            inbox.c.event_id == received.event.id,
        )
        copied = connection.execute(sa.update(inbox).where(*same).values(copies=inbox.c.copies + 1))
        if copied.rowcount != 1:  # another constraint: nothing is lost, and nothing is hidden
            raise
        return Outcome.DUPLICATE
    if received.outcome is None:
        claims.nudge(connection, received.project)
    return received.outcome


def _row(received: Received) -> dict[str, Any]:
    event = received.event
    return {
        "project": received.project,
        "source": received.source,
        "event_id": event.id,
        "type": event.type,
        "kind": event.kind.value if event.kind else None,
        "subject": event.subject,
        "about": event.about,
        "position": event.order,
        "happened": event.at.isoformat() if event.at else None,
        "received": received.at.isoformat(),
        "copies": 1,
        "outcome": received.outcome.value if received.outcome else None,
        "why": received.why,
        "settled": received.at.isoformat() if received.outcome else None,
        "body": hide(received.body),
    }


def _highest(connection: sa.Connection, row: sa.Row[Any]) -> str:
    """The highest order that was accepted of the row's subject."""
    if not row.position:
        return ""
    found = connection.execute(
        sa.select(sa.func.max(inbox.c.position)).where(
            inbox.c.project == row.project,
            inbox.c.source == row.source,
            inbox.c.subject == row.subject,
            inbox.c.outcome.in_([outcome.value for outcome in ACCEPTED]),
        )
    ).scalar()
    return found or ""


def _event(row: sa.Row[Any]) -> Event:
    return Event(
        id=row.event_id,
        type=row.type,
        kind=Kind(row.kind) if row.kind else None,
        subject=row.subject,
        about=row.about,
        order=row.position,
        at=datetime.fromisoformat(row.happened) if row.happened else None,
    )


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(
        project=row.project,
        source=row.source,
        event=_event(row),
        received=datetime.fromisoformat(row.received),
        copies=row.copies,
        outcome=Outcome(row.outcome) if row.outcome else None,
        why=row.why,
        settled=datetime.fromisoformat(row.settled) if row.settled else None,
        body=row.body,
    )
