"""Read a state file without SQLAlchemy, whose import alone would take longer than `status` may."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mlops.backends.store.advice import said, unreadable
from mlops.backends.store.codec import UnreadableError, load
from mlops.backends.store.revisions import Shape, refusal, revision, shape
from mlops.domain.loop import Loop, Word
from mlops.ports import StateError


def read_loops(path: Path) -> tuple[Loop, ...]:
    """All loops of a state file, by name.  Writes nothing.  Raises StateError."""
    with _reading(path) as connection:
        found = revision(connection)
        refused = refusal(str(path), found)
        if refused:
            raise StateError(refused)
        if shape(found) is Shape.EMPTY:
            return ()
        rows = connection.execute("select state, version from loop order by project").fetchall()
        loops = tuple(replace(load(Loop, state), version=version) for state, version in rows)
        return tuple(replace(loop, frozen=loop.frozen or _frozen(connection)) for loop in loops)


def _frozen(connection: sqlite3.Connection) -> Word | None:
    """Who froze all projects."""
    row = connection.execute("select actor, at, reason from standstill").fetchone()
    return Word(actor=row[0], at=datetime.fromisoformat(row[1]), reason=row[2]) if row else None


def read_revision(path: Path) -> str | None:
    """The revision of a state file; None when nothing was ever saved in it.  Raises StateError."""
    with _reading(path) as connection:
        return revision(connection)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StateError(said(str(path), str(error))) from error
    except UnreadableError as error:
        raise StateError(unreadable(str(path), str(error))) from error
