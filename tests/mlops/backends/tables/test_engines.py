"""Shares of files, counted anywhere in any order, add up to the profile of all rows."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from mlops.backends.tables import count, engines, pieces
from mlops.backends.tables.sources import find
from mlops.domain.data.data_error import DataError
from mlops.monitors import profile as profiles
from mlops.monitors import saved
from mlops.monitors.profile import Bounds, Broken

if TYPE_CHECKING:
    from pathlib import Path

RULES = (
    Bounds(name="x", weights=(("x", 1.0),), low=-1.0, high=1.0),
    Bounds(name="both", weights=(("x", 1.0), ("n", -0.5)), high=0.5),
    Bounds(name="gone", weights=(("x", 1.0), ("none", 1.0))),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with parquet of many row groups, CSV, and a file that lacks a column; some values are missing."""
    random = np.random.default_rng(5)
    for name, size in (("a", 250_000), ("b", 900), ("c", 800)):
        x, n = random.normal(size=size), random.integers(0, 5, size)
        there = random.random(size) > 0.1
        columns = {"x": pa.array(x, mask=~there), "n": pa.array(n), "c": random.choice(["u", "v"], size)}
        table = pa.table(columns if name != "c" else {name: columns[name] for name in ("x", "c")})
        if name == "b":
            pc.write_csv(table, tmp_path / "b.csv")
        else:
            pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=40_000)
    return tmp_path


def test_shares_add_up_to_one_profile_over_all(folder: Path) -> None:
    whole = count.profile([folder])
    sources = find([folder])

    shares = pieces.divide(sources)
    found = engines.profile(sources, pieces.Order(schema=whole.schema), engines.Local())

    assert [(share.source.path.name, len(share.groups)) for share in shares] == [
        ("a.parquet", 3),
        ("a.parquet", 3),
        ("a.parquet", 1),
        ("b.csv", 0),
        ("c.parquet", 1),
    ]
    assert saved.to_bytes(found) == saved.to_bytes(whole)


def test_many_profiles_are_added_up_a_few_at_a_time() -> None:
    one = count.profile_of(pa.table({"x": [1.0, 2.0]}).to_batches())

    found = engines.added(one for _ in range(40))

    assert (found.rows, profiles.numeric_column(found, "x").counts.tolist()) == (80, [40, 40])


def test_processes_count_what_threads_do(folder: Path) -> None:
    """In a process of its own, which may start others; the order in which shares come back does not matter."""
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from mlops.backends.tables import count, engines, pieces\n"
        "from mlops.backends.tables.sources import find\nfrom mlops.monitors import saved\n"
        "if __name__ == '__main__':\n"
        "    sources = find([Path(sys.argv[1])])\n"
        "    order = pieces.Order(schema=count.profile([Path(sys.argv[1])]).schema)\n"
        "    found = {saved.to_bytes(engines.profile(sources, order, one)) for one in "
        "(engines.Local(), engines.Local(2))}\n"
        "    print(len(found))\n"
    )
    file = folder / "both.py"
    file.write_text(program)
    (folder / "in").mkdir()
    (folder / "a.parquet").rename(folder / "in" / "a.parquet")

    done = subprocess.run(
        [sys.executable, file, folder / "in"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert done.stdout.strip() == "1"


def test_rules_of_rows_are_asked_as_of_rows_at_hand(folder: Path) -> None:
    table = pq.read_table(folder / "a.parquet")
    schema = profiles.Schema(centres=(("x", 0.0), ("n", 0.0)), bounds=RULES[:2])
    columns = {name: table[name].to_pylist() for name in ("x", "n")}
    by_row = profiles.profile({name: values[:50_000] for name, values in columns.items()}, schema=schema)
    pq.write_table(table.slice(0, 50_000), folder / "d.parquet", row_group_size=7_000)

    order = pieces.Order(schema=profiles.Schema(centres=schema.centres, bounds=RULES))
    found = engines.profile(find([folder / "d.parquet"]), order, engines.Local())

    assert found.rules == {**by_row.rules, "gone": Broken(asked=0, broken=0)}
    assert 0 < found.rules["both"].broken < found.rules["both"].asked < 50_000


def test_tables_at_hand_and_datasets_are_counted_like_files(folder: Path) -> None:
    """A dataset's partitions are columns, and what it filters out is not counted."""
    dataset = pytest.importorskip("pyarrow.dataset")
    table = pa.table({"x": [1.0, 2.0, None, 4.0], "day": ["mo", "mo", "tu", "tu"]})
    pq.write_to_dataset(table, folder / "set", partition_cols=["day"])
    whole = count.profile_of(table.to_batches())

    found = dataset.dataset(folder / "set", partitioning="hive")

    assert count.profile_of(found.to_batches(), like=whole.schema).columns == whole.columns
    only = count.profile_of(found.to_batches(filter=dataset.field("day") == "tu"), like=whole.schema)
    assert (only.rows, only.columns["day"]) == (2, profiles.categorical_column(only, "day"))
    with pytest.raises(DataError, match="no column can be measured"):
        count.profile_of([])


def test_one_share_that_cannot_be_read_ends_the_count(folder: Path) -> None:
    sources = find([folder])
    schema = count.profile([folder]).schema
    data = bytearray((folder / "a.parquet").read_bytes())
    data[1000:90_000] = bytes(89_000)
    (folder / "a.parquet").write_bytes(data)

    with pytest.raises(DataError, match=r"a\.parquet: cannot be read to its end"):
        engines.profile(sources, pieces.Order(schema=schema), engines.Local())
