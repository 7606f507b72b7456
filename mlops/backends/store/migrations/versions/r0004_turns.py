"""Who works on a project and when it is next looked at: several controllers take turns."""

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    """
    CREATE TABLE turn (
        project TEXT NOT NULL,
        due FLOAT NOT NULL,
        owner TEXT,
        until FLOAT,
        fence INTEGER NOT NULL,
        nudges INTEGER NOT NULL,
        CONSTRAINT pk_turn PRIMARY KEY (project),
        CONSTRAINT ck_turn_lease_whole CHECK ((owner is null) = (until is null))
    )
    """,
    "CREATE INDEX ix_turn_due ON turn (due, fence)",
    "insert into turn select project, 0, null, null, 0, 0 from loop",
)


def upgrade() -> None:
    """Every project is looked at at once."""
    for statement in _STATEMENTS:
        op.execute(statement)
