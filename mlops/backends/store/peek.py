"""Is anything due?  Asked every second, for ever: one statement on one connection that stays open."""

from datetime import datetime
from threading import Lock
from typing import Any

import sqlalchemy as sa

from mlops.backends.store.advice import said
from mlops.domain.claim import LONGEST_WAIT
from mlops.ports import StateError

_LONGEST = LONGEST_WAIT.total_seconds()
_QUERY = (
    "select (select min(due) from turn), (select max(due) from turn)"  # both ends of an index, whatever is known of it
)


class Peek:
    """Answers from the index alone, past SQLAlchemy, which would take longer than the database does."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._lock = Lock()
        self._connection: Any = None

    def __call__(self, now: datetime) -> bool:
        """Whether any project may be claimed, or is claimed already.  Raises StateError."""
        at = now.timestamp()
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._engine.raw_connection()
                first, last = self._connection.driver_connection.execute(_QUERY).fetchone()
            except (sa.exc.SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
                self._drop()
                raise StateError(said(self._name, str(getattr(error, "orig", None) or error))) from error
        return first is not None and bool(first <= at or last > at + _LONGEST)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
