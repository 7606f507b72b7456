"""Which shape a database has, on any of them; a file's is read without SQLAlchemy by `revisions`."""

from typing import Any

import sqlalchemy as sa

from mlops.backends.store.revisions import revision
from mlops.backends.store.schema import alembic_version, metadata

_MAKING = 0x616D6C6B  # one number for all who make or upgrade tables


def found_revision(connection: sa.Connection) -> str | None:
    """The revision; None when nothing of ours is there; a word of its own when it is none of ours."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        return revision(driver)
    tables = set(sa.inspect(connection).get_table_names())
    if alembic_version.name not in tables:
        return "without a revision" if tables & set(metadata.tables) else None
    rows = connection.execute(sa.select(alembic_version.c.version_num)).scalars().all()
    return rows[0] if len(rows) == 1 else "without a revision"


def only_one_makes(connection: sa.Connection) -> None:
    """Wait until nobody else makes or changes tables; until this transaction ends nobody does."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
