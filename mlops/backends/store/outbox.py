"""The outbox in the store: a notice is written with its decision, and stays until it was told or given up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from mlops.backends.redaction import hide
from mlops.backends.store.inbox import Transaction
from mlops.backends.store.post_schema import outbox, subscriber
from mlops.backends.store.reading_rows import recorded
from mlops.backends.store.schema import decision
from mlops.domain.messages.letters import Notice, told
from mlops.domain.records.decision import Recorded
from mlops.post import Sent, Telling

FAR = timedelta(days=1)
"""No try is put off longer: a due time further ahead was written by a clock that went wrong."""
_WAITS = sa.and_(outbox.c.sent.is_(None), outbox.c.given_up.is_(None))
_ORDER = (outbox.c.sequence, outbox.c.channel)
_WHOLE = sa.select(outbox, decision).join(
    decision, sa.and_(decision.c.project == outbox.c.project, decision.c.sequence == outbox.c.sequence)
)


class StoredOutbox:
    """Keeps the promises of `post.Outbox`."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    def take(self, project: str, now: datetime, *, lease: timedelta, most: int = 10) -> tuple[Notice, ...]:
        """What is due, and nobody else's before the lease ends."""
        at = now.timestamp()
        due = sa.or_(outbox.c.due <= at, outbox.c.due > at + FAR.total_seconds())
        with self._reading() as connection:
            if not connection.execute(sa.select(sa.exists().where(outbox.c.project == project, _WAITS, due))).scalar():
                return ()
        found = (
            sa.select(outbox.c.key)
            .where(outbox.c.project == project, _WAITS, due)
            .order_by(*_ORDER)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("found")
        )
        with self._transaction() as connection:
            taken = connection.execute(
                sa.update(outbox)
                .where(outbox.c.key.in_(sa.select(found.c.key)))
                .values(due=at + lease.total_seconds(), tries=outbox.c.tries + 1)
                .returning(outbox.c.key)
            ).scalars()
            rows = connection.execute(_WHOLE.where(outbox.c.key.in_(list(taken))).order_by(*_ORDER))
            return tuple(_notice(row) for row in rows)

    def sent(self, notice: Notice, now: datetime) -> None:
        """It was told."""
        self._update(notice, sent=now.isoformat(), error="")

    def failed(self, notice: Notice, error: str, now: datetime, *, again: datetime | None) -> None:
        """It was not."""
        said = hide(error)
        if again is None:
            self._update(notice, given_up=now.isoformat(), error=said)
        else:
            self._update(notice, due=again.timestamp(), error=said)

    def put_back(self, notice: Notice, again: datetime) -> None:
        """It was not tried."""
        self._update(notice, due=again.timestamp(), tries=outbox.c.tries - 1)

    def retry(self, project: str, now: datetime) -> int:
        """Try again what was given up or waits."""
        unsent = sa.update(outbox).where(outbox.c.project == project, outbox.c.sent.is_(None))
        with self._transaction() as connection:
            return connection.execute(unsent.values(given_up=None, tries=0, due=now.timestamp())).rowcount

    def kept(self, project: str, last: int = 100) -> tuple[Sent, ...]:
        """The newest rows, oldest first."""
        query = (
            _WHOLE.where(outbox.c.project == project)
            .order_by(outbox.c.sequence.desc(), outbox.c.channel.desc())
            .limit(last)
        )
        with self._reading() as connection:
            return tuple(_sent(row) for row in reversed(connection.execute(query).all()))

    def depth(self, project: str) -> tuple[int, int]:
        """How many wait, and how many were given up."""
        query = sa.select(sa.func.count().filter(_WAITS), sa.func.count().filter(outbox.c.given_up.is_not(None))).where(
            outbox.c.project == project, outbox.c.sent.is_(None)
        )
        with self._reading() as connection:
            waits, given_up = connection.execute(query).one()
            return waits, given_up

    def next_due(self, project: str) -> datetime | None:
        """When the next is to be tried."""
        query = sa.select(sa.func.min(outbox.c.due)).where(outbox.c.project == project, _WAITS)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return datetime.fromtimestamp(found, UTC) if found is not None else None

    def forget(self, before: datetime) -> int:
        """Drop what is over."""
        limit = before.isoformat()
        with self._transaction() as connection:
            return connection.execute(
                sa.delete(outbox).where(sa.or_(outbox.c.sent < limit, outbox.c.given_up < limit))
            ).rowcount

    def _update(self, notice: Notice, **values: Any) -> None:  # noqa: ANN401 - what a column takes
        with self._transaction() as connection:
            connection.execute(sa.update(outbox).where(outbox.c.key == notice.key).values(**values))


def write_notices(connection: sa.Connection, project: str, records: Sequence[Recorded]) -> None:
    """A notice for everybody who asked to be told of a decision; inside the decision's own transaction."""
    if not records:
        return
    query = sa.select(subscriber.c.channel, subscriber.c.pattern).where(subscriber.c.project == project)
    patterns: dict[str, list[str]] = {}
    for row in connection.execute(query):
        patterns.setdefault(row.channel, []).append(row.pattern)
    rows = [
        {
            "project": project,
            "sequence": record.sequence,
            "channel": channel,
            "key": sha256(f"{record.hash} {channel}".encode()).hexdigest(),
            "due": 0.0,
            "tries": 0,
            "error": "",
        }
        for record in records
        for channel in sorted(patterns)
        if told(patterns[channel], record.decision)
    ]
    if rows:
        connection.execute(sa.insert(outbox), rows)


def write_subscribers(connection: sa.Connection, project: str, telling: Sequence[Telling]) -> None:
    """Who is told what, as the newest generation says; inside its transaction."""
    connection.execute(sa.delete(subscriber).where(subscriber.c.project == project))
    for each in telling:
        for pattern in dict.fromkeys(each.on):
            connection.execute(sa.insert(subscriber).values(project=project, channel=each.channel, pattern=pattern))


def _notice(row: sa.Row[Any]) -> Notice:
    return Notice(
        project=row.project,
        channel=row.channel,
        sequence=row.sequence,
        key=row.key,
        decision=recorded(row).decision,
        tries=row.tries,
    )


def _sent(row: sa.Row[Any]) -> Sent:
    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    return Sent(notice=_notice(row), sent=moment(row.sent), given_up=moment(row.given_up), error=row.error)
