"""The tables.  Every invariant that SQL can hold stands here as a constraint, not only in code."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

alembic_version = sa.Table(  # as Alembic makes it; a change of a table below needs a revision in migrations/
    "alembic_version",
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

project = sa.Table(
    "project",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

loop = sa.Table(
    "loop",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("endpoint", sa.Text, nullable=False, unique=True),  # two projects on one endpoint would fight over it
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("champion_model", sa.Text),
    sa.Column("champion_deployment", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.CheckConstraint("(champion_model is null) = (champion_deployment is null)", name="champion_whole"),
)

turn = sa.Table(  # beside the state, because it is written far more often and is far smaller
    "turn",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("due", sa.Float, nullable=False),  # moments here are seconds since 1970, UTC
    sa.Column("owner", sa.Text),
    sa.Column("until", sa.Float),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("nudges", sa.Integer, nullable=False),
    sa.CheckConstraint("(owner is null) = (until is null)", name="lease_whole"),
    sa.Index("ix_turn_due", "due", "fence"),  # of those that are due alike, who had fewer turns comes first
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("request_key", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False, unique=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "request_key"),  # one attempt a request, however often it is delivered
)
sa.Index(  # single flight
    "uq_attempt_one_active",
    attempt.c.project,
    unique=True,
    sqlite_where=attempt.c.active,
    postgresql_where=attempt.c.active,
)

rollout = sa.Table(
    "rollout",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("deployment", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
sa.Index(
    "uq_rollout_one_active",
    rollout.c.project,
    unique=True,
    sqlite_where=rollout.c.active,
    postgresql_where=rollout.c.active,
)

measurement = sa.Table(
    "measurement",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("monitor", sa.Text, nullable=False),
    sa.Column("deployment", sa.Text, nullable=False),
    sa.Column("window_end", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("samples", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "monitor", "deployment", "window_end", "at"),
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("numbers", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.CheckConstraint("sequence > 0", name="from_one"),
)

standstill = sa.Table(  # of all projects: one row, or none
    "standstill",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.CheckConstraint("one = 1", name="single"),
)

inputs = sa.Table(  # what decisions were made on; one row for all of one save
    "inputs",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # of the state that they led to
    sa.Column("first_decision", sa.Integer, nullable=False),
    sa.Column("last_decision", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # JSON, compressed
    sa.UniqueConstraint("project", "first_decision"),
    sa.ForeignKeyConstraint(["project", "first_decision"], ["decision.project", "decision.sequence"]),
    sa.CheckConstraint("first_decision <= last_decision", name="in_order"),
)
