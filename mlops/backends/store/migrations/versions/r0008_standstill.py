"""All projects can be frozen at once.

For an hour two shapes bore the number before this one: with signed ends of the logs, and with this table, or with both.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS standstill (
        one INTEGER NOT NULL,
        actor TEXT NOT NULL,
        at TEXT NOT NULL,
        reason TEXT NOT NULL,
        CONSTRAINT pk_standstill PRIMARY KEY (one),
        CONSTRAINT ck_standstill_single CHECK (one = 1)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS seal (
        number INTEGER NOT NULL,
        content TEXT NOT NULL,
        "key" TEXT NOT NULL,
        signature TEXT NOT NULL,
        CONSTRAINT pk_seal PRIMARY KEY (number),
        CONSTRAINT ck_seal_from_one CHECK (number > 0)
    )
    """,
)


def upgrade() -> None:
    """Nothing is frozen."""
    for statement in _STATEMENTS:
        op.execute(statement)
