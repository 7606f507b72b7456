"""A state file: written through, clear words when it cannot be, and values that keep their types."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mlops.backends.store.codec import UnreadableError, dump, load
from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.reading import read_loops
from mlops.domain.data.measurement import Measurement
from mlops.domain.loop import Change, Loop, Measured
from mlops.domain.records.decision import broken_at
from mlops.domain.world import ModelVersion
from mlops.ports import StateError
from tests.mlops.backends.store.kept import FULL, LOOP, MEASURED, SAID, applied


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = open_sqlite(tmp_path / "state.sqlite3")
    opened.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
    yield opened
    opened.close()


def test_the_file_is_written_through_before_a_save_returns(store: Database) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_what_is_no_state_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_text("something else, long enough to be looked at " * 50, encoding="utf-8")
    with pytest.raises(StateError, match="no state file of ours"):
        open_sqlite(path)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateError, match="choose another folder with --home"):
        open_sqlite(tmp_path / "file" / "state.sqlite3")


def test_a_full_disk_is_one_clear_error_and_the_last_save_stands(store: Database) -> None:
    """SQLite's own limit on pages stands in for the disk: the same code path, without needing to mount anything."""
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = replace(SAID, why="x" * 100_000)
    # The limit holds for a connection; the pool gives the same one again.
    with pytest.raises(StateError, match="database or disk is full; free some space there, or choose another"):
        store.save(Change(loop=replace(LOOP, version=1, attempts=5), decisions=(long,)))

    found = store.load("rain")
    assert found is not None
    assert (found.version, found.attempts) == (1, 0)
    assert broken_at(store.decisions("rain")) is None


KILLED_WHILE_SAVING = """
import sys
from dataclasses import replace
from pathlib import Path
from mlops.backends.store.database import open_sqlite
from mlops.domain.loop import Change
from tests.mlops.backends.store.kept import SAID
store = open_sqlite(Path(sys.argv[1]))
loop = store.load("rain")
while True:
    loop = store.save(Change(loop=replace(loop, attempts=loop.attempts + 1), decisions=(SAID,)))
    print(loop.version, flush=True)
"""


def test_kill_minus_9_while_saving_leaves_state_and_decisions_together(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    root = Path(__file__).parents[4]
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED_WHILE_SAVING, str(path)],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert process.stdout is not None
        with process.stdout as lines:
            acknowledged = [int(lines.readline()) for _ in range(20)][-1]
            process.send_signal(signal.SIGKILL)
            process.wait()
        found = store.load("rain")
        assert found is not None
        assert found.version >= acknowledged  # what was said to be saved is saved
        assert found.attempts == found.version - 1
        assert len(store.decisions("rain")) == found.version
        assert broken_at(store.decisions("rain")) is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_values_keep_their_types_through_json() -> None:
    assert load(Loop, dump(FULL)) == FULL
    assert load(Measured, dump(MEASURED)) == MEASURED
    lost = replace(MEASURED, measurement=Measurement(monitor="drift", value=math.nan, samples=0), verdict=None)
    assert math.isnan(load(Measured, dump(lost)).measurement.value or 0)


def test_a_field_of_a_newer_program_is_passed_over_and_a_missing_one_is_an_error() -> None:
    assert load(ModelVersion, '{"name":"m","version":"1","digest":"d","later":1}').name == "m"
    with pytest.raises(UnreadableError, match="ModelVersion"):
        load(ModelVersion, '{"name":"m"}')


def test_a_file_in_which_nothing_was_ever_saved_has_no_loops(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    path.touch()

    assert read_loops(path) == ()
