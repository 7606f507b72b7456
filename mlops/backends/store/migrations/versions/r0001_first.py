"""The tables as the first program made them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """
    CREATE TABLE schema_version (
        version INTEGER NOT NULL,
        CONSTRAINT pk_schema_version PRIMARY KEY (version)
    )
    """,
    """
    CREATE TABLE project (
        name TEXT NOT NULL,
        generation INTEGER NOT NULL,
        text TEXT NOT NULL,
        path TEXT NOT NULL,
        platform TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        CONSTRAINT pk_project PRIMARY KEY (name, generation)
    )
    """,
    """
    CREATE TABLE loop (
        project TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        version INTEGER NOT NULL,
        champion_model TEXT,
        champion_deployment TEXT,
        state TEXT NOT NULL,
        CONSTRAINT pk_loop PRIMARY KEY (project),
        CONSTRAINT ck_loop_champion_whole CHECK ((champion_model is null) = (champion_deployment is null)),
        CONSTRAINT uq_loop_endpoint UNIQUE (endpoint)
    )
    """,
    """
    CREATE TABLE attempt (
        project TEXT NOT NULL,
        number INTEGER NOT NULL,
        request_key TEXT NOT NULL,
        job TEXT NOT NULL,
        active BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        CONSTRAINT pk_attempt PRIMARY KEY (project, number),
        CONSTRAINT uq_attempt_project_request_key UNIQUE (project, request_key),
        CONSTRAINT uq_attempt_job UNIQUE (job)
    )
    """,
    """
    CREATE TABLE rollout (
        project TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        deployment TEXT NOT NULL,
        active BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        CONSTRAINT pk_rollout PRIMARY KEY (project, attempt)
    )
    """,
    """
    CREATE TABLE measurement (
        id {number} NOT NULL,
        project TEXT NOT NULL,
        monitor TEXT NOT NULL,
        deployment TEXT NOT NULL,
        window_end TEXT NOT NULL,
        at TEXT NOT NULL,
        value FLOAT,
        samples INTEGER NOT NULL,
        verdict TEXT,
        state TEXT NOT NULL,
        CONSTRAINT pk_measurement PRIMARY KEY (id),
        CONSTRAINT uq_measurement_project_monitor_deployment_window_end_at
            UNIQUE (project, monitor, deployment, window_end, at)
    )
    """,
    """
    CREATE TABLE decision (
        project TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        at TEXT NOT NULL,
        subject TEXT NOT NULL,
        what TEXT NOT NULL,
        why TEXT NOT NULL,
        numbers TEXT NOT NULL,
        actor TEXT NOT NULL,
        attempt INTEGER,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        CONSTRAINT pk_decision PRIMARY KEY (project, sequence),
        CONSTRAINT ck_decision_from_one CHECK (sequence > 0),
        CONSTRAINT uq_decision_hash UNIQUE (hash)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_attempt_one_active ON attempt (project) WHERE active
    """,
    """
    CREATE UNIQUE INDEX uq_rollout_one_active ON rollout (project) WHERE active
    """,
    "insert into schema_version values (1)",
)


def upgrade() -> None:
    """Make all tables; a file that has them is of this revision, from before revisions were numbered."""
    if sa.inspect(op.get_bind()).has_table("schema_version"):
        return
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "SERIAL"  # counts by itself
    for statement in _STATEMENTS:
        op.execute(statement.replace("{number}", number))
