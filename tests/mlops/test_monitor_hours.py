"""Profiles by the hour: a window is their sum, and no file is read twice."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops.backends.tables import engines
from mlops.backends.tables.hours import Hours
from mlops.backends.tables.pieces import Order
from mlops.backends.tables.sources import find
from mlops.domain.data.data_error import DataError
from mlops.domain.world import Window
from mlops.monitors.profile import Schema
from tests.mlops.monitor_project import run, write_project

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = Schema(centres=(("x", 0.0),), categorical=("c",))


def _table(first: str, hours: int, seed: int) -> pa.Table:
    """Return sixty rows an hour."""
    random = np.random.default_rng(seed)
    moments = np.datetime64(first) + np.arange(60 * hours) * np.timedelta64(60, "s")
    return pa.table(
        {"at": moments, "x": random.normal(size=len(moments)), "c": random.choice(["a", "b"], len(moments))}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three files, of six hours each, that meet in the middle of an hour."""
    (tmp_path / "in").mkdir()
    for number, first in enumerate(("2026-03-01T00:30", "2026-03-01T06:30", "2026-03-01T12:30")):
        pq.write_table(_table(first, 6, number), tmp_path / "in" / f"{number}.parquet", row_group_size=100)
    return tmp_path


def _take(folder: Path, schema: Schema = SCHEMA, at_once: int = 64) -> tuple[Hours, list[str]]:
    hours = Hours(folder / "states", schema, "at")
    read = hours.take(find([folder / "in"]), engines.Local(), lambda _sources: None, at_once=at_once)
    return hours, [source.path.name for source in read]


def _spoil(path: Path) -> None:
    """Make a file unreadable without that being seen: whoever opens it fails."""
    was = path.stat()
    path.write_bytes(b"x" * was.st_size)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _window(start: int, end: int) -> Window:
    return Window(start=datetime(2026, 3, 1, start, tzinfo=UTC), end=datetime(2026, 3, 1, end, tzinfo=UTC))


def test_a_window_is_the_sum_of_its_hours(folder: Path) -> None:
    hours, _ = _take(folder)
    window = _window(3, 15)
    start, end = window.start.timestamp(), window.end.timestamp()
    at_once = engines.profile(
        find([folder / "in"]), Order(schema=SCHEMA, time="at", start=start, end=end), engines.Local()
    )

    found = hours.profile(window)

    assert (found.rows, found.columns, found.types) == (720, at_once.columns, at_once.types)
    assert hours.missing(window) == ()
    assert hours.missing(_window(17, 20)) == (_window(19, 20).start,)


def test_a_late_hour_is_added_without_reading_the_others(folder: Path) -> None:
    """The late file lies in the middle of hours that are counted, and the others could not be read any more."""
    before, _ = _take(folder)
    for number in range(3):
        _spoil(folder / "in" / f"{number}.parquet")
    pq.write_table(_table("2026-03-01T08:00", 2, 9), folder / "in" / "late.parquet")

    after, read = _take(folder)

    assert read == ["late.parquet"]
    rows = [hours.profile(window).rows for hours in (before, after) for window in (_window(7, 8), _window(8, 10))]
    assert rows == [60, 120, 60, 240]


def test_a_file_that_grew_replaces_what_was_counted_of_it(folder: Path) -> None:
    _take(folder)
    pq.write_table(_table("2026-03-01T12:30", 8, 2), folder / "in" / "2.parquet")

    hours, read = _take(folder)

    assert read == ["2.parquet"]
    assert hours.profile(_window(0, 23)).rows == 60 * (6 + 6 + 8)
    kept = list((folder / "states").rglob("*.profile"))
    assert len(kept) == 7 + 7 + 9  # nothing is left of what it was


def test_the_sum_of_a_day_is_kept_until_something_of_it_comes_late(folder: Path) -> None:
    """The hours themselves are not read again, and a late one makes another sum."""
    before, _ = _take(folder)
    day = Window(start=_window(0, 1).start, end=datetime(2026, 3, 2, tzinfo=UTC))
    first = before.profile(day)
    hourly = list((folder / "states").rglob("*.profile"))
    whole = {path: path.read_bytes() for path in hourly}
    for path in hourly:
        path.write_bytes(b"")

    again = before.profile(day)

    assert (first.rows, again.rows, again.columns) == (18 * 60, 18 * 60, first.columns)
    for path, data in whole.items():
        path.write_bytes(data)
    pq.write_table(_table("2026-03-01T20:00", 1, 9), folder / "in" / "late.parquet")
    after, _ = _take(folder)
    assert after.profile(day).rows == 19 * 60
    assert len(list((folder / "states").rglob("*.day"))) == 1


def test_an_interrupted_run_goes_on_where_it_was(folder: Path) -> None:
    """It ends at the last file, as the power might; what was counted by then is not counted again."""
    whole = (folder / "in" / "2.parquet").read_bytes()
    (folder / "in" / "2.parquet").write_bytes(whole[:-99])
    with pytest.raises(DataError, match=r"2\.parquet: cannot be read to its end"):
        _take(folder, at_once=1)
    for number in range(2):
        _spoil(folder / "in" / f"{number}.parquet")
    (folder / "in" / "2.parquet").write_bytes(whole)

    hours, read = _take(folder)

    assert read == ["2.parquet"]
    assert hours.profile(_window(0, 23)).rows == 18 * 60


def test_what_was_counted_for_another_reference_is_counted_again(folder: Path) -> None:
    _take(folder)

    hours, read = _take(folder, Schema(centres=(("x", 1.0),), categorical=("c",)))

    assert len(read) == 3
    assert hours.profile(_window(0, 23)).rows == 18 * 60


def test_a_damaged_note_or_a_profile_that_is_gone_is_not_passed_over(folder: Path) -> None:
    _take(folder)
    note, *_ = sorted((folder / "states" / "files").iterdir())
    note.write_text("{")
    hours, read = _take(folder)
    assert len(read) == 1
    one, *_ = sorted((folder / "states").rglob("*.profile"))
    one.unlink()

    with pytest.raises(DataError, match="remove its note in files/ to count again"):
        hours.profile(_window(0, 23))


def test_rows_without_a_moment_are_told_and_half_hours_refused(folder: Path) -> None:
    table = _table("2026-03-02T00:00", 1, 7)
    gone = pa.nulls(5, table["at"].type), table["x"].slice(0, 5), table["c"].slice(0, 5)
    pq.write_table(pa.concat_tables([table, pa.table(gone, names=["at", "x", "c"])]), folder / "in" / "3.parquet")

    hours, _ = _take(folder)

    assert hours.undated == 5
    window = _window(0, 1)
    with pytest.raises(DataError, match="end it on the hour"):
        hours.profile(Window(start=window.start, end=window.end.replace(minute=30)))


def test_two_runs_do_not_count_into_one_folder_at_a_time(folder: Path) -> None:
    _take(folder)
    with (folder / "states" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(DataError, match="another run counts into it just now; run again when it has ended"):
            _take(folder)


def test_the_command_reads_new_files_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By default its windows end with the newest hour there is; an hour of which there is nothing is told."""
    write_project(tmp_path)
    table = pq.read_table(tmp_path / "same.parquet")
    (tmp_path / "in").mkdir()
    pq.write_table(table.slice(0, 200), tmp_path / "in" / "a.parquet")
    arguments = ("--current", "@in", "--states", "@states", "--monitor", "drift", "--monitor", "rows")
    first = _told(tmp_path, capsys, *arguments)
    pq.write_table(table.slice(201), tmp_path / "in" / "b.parquet")

    second = _told(tmp_path, capsys, *arguments)

    assert [one["read"] for one in (first, second)] == [
        [f"{tmp_path}/in/a.parquet", f"{tmp_path}/reference.parquet"],
        [f"{tmp_path}/in/b.parquet", f"{tmp_path}/reference.parquet"],
    ]
    (rows,) = (one for one in second["monitors"] if one["monitor"] == "rows")
    assert (rows["value"], rows["window"]["end"], len(rows["missingHours"])) == (28, "2026-04-10T19:00:00+00:00", 140)


def _told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    run(folder, *arguments, "--output", "json")
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said
