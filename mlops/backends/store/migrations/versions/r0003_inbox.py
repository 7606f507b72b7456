"""Events have an inbox, and who listens where is known."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """
    CREATE TABLE inbox (
        number {number} NOT NULL,
        project TEXT NOT NULL,
        source TEXT NOT NULL,
        event_id TEXT NOT NULL,
        type TEXT NOT NULL,
        kind TEXT,
        subject TEXT NOT NULL,
        about TEXT NOT NULL,
        position TEXT NOT NULL,
        happened TEXT,
        received TEXT NOT NULL,
        copies INTEGER NOT NULL,
        outcome TEXT,
        why TEXT NOT NULL,
        settled TEXT,
        body TEXT NOT NULL,
        CONSTRAINT pk_inbox PRIMARY KEY (number),
        CONSTRAINT uq_inbox_project_source_event_id UNIQUE (project, source, event_id),
        CONSTRAINT ck_inbox_settled_whole CHECK ((outcome is null) = (settled is null)),
        CONSTRAINT ck_inbox_came CHECK (copies > 0)
    )
    """,
    "CREATE INDEX ix_inbox_waiting ON inbox (project, number) WHERE outcome IS NULL",
    "CREATE INDEX ix_inbox_position ON inbox (project, source, subject, position)",
    """
    CREATE TABLE listener (
        project TEXT NOT NULL,
        source TEXT NOT NULL,
        address TEXT NOT NULL,
        CONSTRAINT pk_listener PRIMARY KEY (project, source)
    )
    """,
    "CREATE INDEX ix_listener_address ON listener (address)",
)


def upgrade() -> None:
    """Nobody listens until the project file is applied again."""
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "SERIAL"  # counts by itself
    for statement in _STATEMENTS:
        op.execute(statement.replace("{number}", number))
