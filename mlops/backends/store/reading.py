"""Read a state file without SQLAlchemy, whose import alone would take longer than `status` may."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from mlops.backends.store.advice import said
from mlops.backends.store.codec import UnreadableError, load
from mlops.domain.loop import Loop
from mlops.ports import StateError


def read_loops(path: Path) -> tuple[Loop, ...]:
    """All loops of a state file, by name.  Writes nothing.  Raises StateError."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            rows = connection.execute("select state, version from loop order by project").fetchall()
        return tuple(replace(load(Loop, state), version=version) for state, version in rows)
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # made, but nothing was ever applied
            return ()
        raise StateError(said(str(path), str(error))) from error
    except (sqlite3.Error, UnreadableError) as error:
        raise StateError(said(str(path), str(error))) from error
