"""Bring a state file of an older program up to date, all or nothing."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from mlops.backends.store.advice import said
from mlops.ports import StateError

MIGRATIONS = Path(__file__).with_name("migrations")


def configured(connection: sa.Connection | None = None) -> Config:
    """What Alembic needs to know: where the revisions are, and the open transaction that they go into."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: sa.Engine, name: str) -> None:
    """Run what is missing, in one transaction.  Raises StateError: then the file is as it was."""
    try:
        with engine.begin() as connection:
            run(connection)
    except sa.exc.SQLAlchemyError as error:
        raise StateError(said(name, str(getattr(error, "orig", None) or error))) from error


def run(connection: sa.Connection) -> None:
    """Run what is missing inside the caller's transaction."""
    command.upgrade(configured(connection), "head")
