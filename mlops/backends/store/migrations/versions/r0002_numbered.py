"""The revision stands in Alembic's own table, no longer in one of ours."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop the table that said 1."""
    op.drop_table("schema_version")
