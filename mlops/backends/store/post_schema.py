"""The tables of what comes in and goes out: events, notices, and who listens and is told."""

import sqlalchemy as sa

from mlops.backends.store.schema import metadata

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),  # the order in which they were received
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("happened", sa.Text),
    sa.Column("received", sa.Text, nullable=False),
    sa.Column("copies", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("settled", sa.Text),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "source", "event_id"),  # what arrives twice counts once
    sa.CheckConstraint("(outcome is null) = (settled is null)", name="settled_whole"),
    sa.CheckConstraint("copies > 0", name="came"),
)
sa.Index(
    "ix_inbox_waiting",
    inbox.c.project,
    inbox.c.number,
    sqlite_where=inbox.c.outcome.is_(None),
    postgresql_where=inbox.c.outcome.is_(None),
)
sa.Index("ix_inbox_position", inbox.c.project, inbox.c.source, inbox.c.subject, inbox.c.position)

listener = sa.Table(
    "listener",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False, index=True),
)

subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("pattern", sa.Text, primary_key=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent", sa.Text),
    sa.Column("given_up", sa.Text),
    sa.Column("error", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "sequence", "channel"),  # one notice a decision and channel
    sa.ForeignKeyConstraint(["project", "sequence"], ["decision.project", "decision.sequence"]),
    sa.CheckConstraint("sent is null or given_up is null", name="one_end"),
)
_waits = sa.and_(outbox.c.sent.is_(None), outbox.c.given_up.is_(None))
sa.Index("ix_outbox_waiting", outbox.c.project, outbox.c.due, sqlite_where=_waits, postgresql_where=_waits)
