"""The tables of events and of who listens where."""

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
