"""Rows kept as parquet while they are counted: all of them, or no folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from mlops.__main__ import main
from mlops.backends.tables.count import profile
from mlops.measuring.files import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def _run(*arguments: object) -> int:
    return main(["monitor", "profile", *map(str, arguments)])


def test_the_kept_rows_are_those_that_were_counted(tmp_path: Path) -> None:
    early = [{"x": number, "c": "a" * 400} for number in range(12_000)]
    late = [{"x": number + 0.5, "c": "b", "new": number} for number in range(200)]
    source = _write(tmp_path / "t.jsonl", [*early, *late])

    assert _run(source, "-o", tmp_path / "t.profile", "--rows", tmp_path / "rows") == 0

    counted, kept = load(tmp_path / "t.profile"), tmp_path / "rows"
    assert profile([kept], like=counted.schema).columns == counted.columns
    parts = [pq.read_table(part).to_pylist() for part in sorted(kept.iterdir())]
    rows = [{name: value for name, value in row.items() if value is not None} for part in parts for row in part]
    assert rows == [*early, *late]
    assert len(parts) > 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows", "t.jsonl", "t.profile"]


@pytest.mark.parametrize(
    ("rows", "prepare", "said"),
    [
        ('{"x": 1}\n{"x": ', lambda _: None, "t.jsonl:2: is no JSON"),
        ('{"x": 1}\n', lambda folder: (folder / "mine").mkdir(parents=True), "rows: is there already; name a new fold"),
        ('{"x": 1}\n', lambda folder: folder.write_text("mine"), "rows: is there already; name a new folder, or delet"),
        ('{"x": 1}\n', lambda folder: (folder.parent / "t.jsonl").rename(folder.parent / "u.parquet"), "no such file"),
    ],
)
def test_where_something_is_wrong_nothing_is_kept_and_nothing_lost(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: str,
    prepare: Callable[[Path], object],
    said: str,
) -> None:
    (tmp_path / "t.jsonl").write_text(rows)
    prepare(tmp_path / "rows")
    before = sorted(tmp_path.rglob("*"))

    assert _run(tmp_path / "t.jsonl", "-o", tmp_path / "t.profile", "--rows", tmp_path / "rows") == 2

    assert said in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _write(tmp_path / "t.jsonl", [{"x": 1}])

    assert _run(source, "-o", tmp_path / "t.profile", "--rows", source / "rows") == 2

    assert "rows: cannot be written (Not a directory)" in capsys.readouterr().err


def test_parquet_is_not_kept_as_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _write(tmp_path / "t.jsonl", [{"x": 1}])
    assert _run(source, "-o", tmp_path / "t.profile", "--rows", tmp_path / "rows") == 0

    assert _run(tmp_path / "rows", "-o", tmp_path / "t.profile", "--rows", tmp_path / "again") == 2

    assert "parquet already; --rows is for JSON lines, CSV and Arrow" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()
