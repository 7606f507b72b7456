"""The benchmark's files hold what their description says, and the floor reads all of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.monitors import data, described
from benchmarks.monitors.families import CONTINUOUS, NUMERIC

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_there_are_five_columns_of_each_family_and_half_of_them_drift() -> None:
    columns = described.columns()

    numeric = [one for one in columns if one.family is not None]
    levels = [one for one in columns if one.family is None]

    assert Counter(one.family for one in numeric) == dict.fromkeys(range(len(NUMERIC)), 5)
    assert [one.levels for one in levels] == [3, 4, 5, 8, 10, 12, 20, 30, 50, 100]
    assert (sum(one.drifts for one in numeric), sum(one.drifts for one in levels)) == (20, 5)
    assert Counter(one.drifts for one in numeric if one.nulls) == {True: 4, False: 4}
    assert {one.family for one in numeric if one.nulls} == set(range(len(NUMERIC)))


def test_a_description_has_one_name_and_another_description_another() -> None:
    names = [
        described.path(table).name
        for table in (
            described.reference(ROWS),
            described.reference(ROWS + 1),
            described.current(ROWS),
            described.current(ROWS, 2),
            replace(described.current(ROWS), seed=2),
            replace(described.current(ROWS), columns=described.columns()[:-1]),
        )
    ]

    assert len(set(names)) == len(names)
    assert described.path(described.reference(ROWS)).name == names[0]


def test_files_are_cut_into_groups_and_parts_that_lose_no_row() -> None:
    assert described.reference(600_000).groups == (250_000, 250_000, 100_000)
    assert [(t.part, t.rows) for t in described.parts(25, 10)] == [(1, 10), (2, 10), (3, 5)]


@pytest.mark.parametrize(
    ("wanted", "limit", "expected"), [(50, 20_000, 50), (100, 20_000, 70), (100, 0, 0)], ids=["all", "some", "none"]
)
def test_as_many_whole_parts_are_written_as_the_limit_allows(wanted: int, limit: int, expected: int) -> None:
    assert described.affordable(wanted, limit=limit, taken=0, each=10) == expected


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        data.write(described.current(ROWS), tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_file_is_written_once_outside_the_checkout(cache: Path) -> None:
    first = data.ensure(described.reference(ROWS))
    first.write_text("still here")

    assert data.ensure(described.reference(ROWS)).read_text() == "still here"
    assert list((cache / "aml-kit" / "bench" / "data").iterdir()) == [first]


def test_what_drifts_is_drawn_differently_and_what_does_not_is_drawn_alike() -> None:
    moved = []
    for one in described.columns():
        before, after = (
            data.column_of(one, np.random.default_rng(7), ROWS, drifted=drifted) for drifted in (False, True)
        )
        moved.append(not before.equals(after))

    assert moved == [one.drifts for one in described.columns()]


@pytest.mark.parametrize("family", CONTINUOUS)
def test_a_continuous_family_repeats_no_value(family: str) -> None:
    values = NUMERIC[family](np.random.default_rng(7), ROWS, 1.0, False)  # noqa: FBT003

    assert len(np.unique(values)) == ROWS


def test_nulls_come_as_often_as_described(tmp_path: Path) -> None:
    table = described.current(20_000)
    data.write(table, tmp_path / "file")

    read = pq.read_table(tmp_path / "file")

    rates = {one.name: read[one.name].null_count / table.rows for one in table.columns}
    expected = {one.name: one.nulls_drifted if one.drifts else one.nulls for one in table.columns}
    assert {name: round(rate, 2) for name, rate in rates.items()} == expected


def test_the_floor_decodes_every_value_of_every_file(tmp_path: Path) -> None:
    small = replace(described.reference(ROWS), columns=(described.columns()[0], described.columns()[-1]))
    for name in ("one", "two"):
        data.write(small, tmp_path / name)

    command = [sys.executable, "-m", "benchmarks.monitors.floor", str(tmp_path / "one"), str(tmp_path / "two")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.split() == [str(2 * 2 * ROWS)]
