"""The same store on each database that can hold one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.postgres import open_postgres
from mlops.domain.loop import Change
from tests.mlops.backends.store.kept import LOOP, SAID, applied


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be: a file, or a database on a server."""
    if request.param == "sqlite":
        return str(tmp_path / "state.sqlite3")
    made: str = request.getfixturevalue("postgresql").database()
    return made


def opened(url: str) -> Database:
    """As a process opens it whose clock is in the test's hand."""
    return open_postgres(url, own_time=False) if url.startswith("postgresql:") else open_sqlite(Path(url))


@pytest.fixture
def kept(url: str) -> Iterator[Database]:
    """A store that knows the project `rain`."""
    store = opened(url)
    store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
    yield store
    store.close()
