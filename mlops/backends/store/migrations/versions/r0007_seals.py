"""Where all logs end is signed, at intervals."""

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS = (
    """
    CREATE TABLE seal (
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
    """Nothing is signed yet."""
    for statement in _STATEMENTS:
        op.execute(statement)
