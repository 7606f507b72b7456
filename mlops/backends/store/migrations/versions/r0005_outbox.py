"""Decisions are told: notices are written with them."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    """
    CREATE TABLE subscriber (
        project TEXT NOT NULL,
        channel TEXT NOT NULL,
        pattern TEXT NOT NULL,
        CONSTRAINT pk_subscriber PRIMARY KEY (project, channel, pattern)
    )
    """,
    """
    CREATE TABLE outbox (
        "key" TEXT NOT NULL,
        project TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        channel TEXT NOT NULL,
        due FLOAT NOT NULL,
        tries INTEGER NOT NULL,
        sent TEXT,
        given_up TEXT,
        error TEXT NOT NULL,
        CONSTRAINT pk_outbox PRIMARY KEY ("key"),
        CONSTRAINT uq_outbox_project_sequence_channel UNIQUE (project, sequence, channel),
        CONSTRAINT fk_outbox_project_sequence FOREIGN KEY(project, sequence) REFERENCES decision (project, sequence),
        CONSTRAINT ck_outbox_one_end CHECK (sent is null or given_up is null)
    )
    """,
    "CREATE INDEX ix_outbox_waiting ON outbox (project, due) WHERE sent IS NULL AND given_up IS NULL",
)


def upgrade() -> None:
    """Nobody is told until the project file is applied again."""
    for statement in _STATEMENTS:
        op.execute(statement)
