"""All projects can be frozen at once."""

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENT = """
    CREATE TABLE standstill (
        one INTEGER NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        reason TEXT NOT NULL,
        CONSTRAINT pk_standstill PRIMARY KEY (one),
        CONSTRAINT ck_standstill_single CHECK (one = 1)
    )
    """


def upgrade() -> None:
    """Nothing is frozen."""
    op.execute(_STATEMENT)
