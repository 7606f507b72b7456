"""Write the benchmark's files, each once: row group by row group, so that memory does not grow with rows.

A program of its own: the one that measures must stay small, as a child's peak memory counts its parent's.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.monitors import described
from benchmarks.monitors.families import NUMERIC, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

    from benchmarks.monitors.described import Column, Table

_DRAWS = tuple(NUMERIC.values())


def main(given: Sequence[str]) -> int:
    """Write what is missing of the tables given as PART:ROWS and print where each lies."""
    for one in given:
        part, rows = (int(number) for number in one.split(":"))
        table = described.current(rows, part) if part else described.reference(rows)
        print(ensure(table), flush=True)
    return 0


def ensure(table: Table) -> Path:
    """Give the file of a table, written now if it is not there yet; an interrupted run leaves none."""
    target = described.path(table)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".", suffix=".parquet", dir=target.parent)
    os.close(handle)
    try:
        write(table, Path(aside))
        Path(aside).replace(target)
    finally:
        Path(aside).unlink(missing_ok=True)
    return target


def write(table: Table, target: Path) -> None:
    """Write a table to a file; the same table gives the same rows on any machine with the same numpy."""
    schema = pa.schema([(one.name, pa.float64() if one.levels == 0 else pa.string()) for one in table.columns])
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for group, rows in enumerate(table.groups):
            arrays = [
                column_of(one, _random(table, group, at), rows, drifted=table.drifted)
                for at, one in enumerate(table.columns)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=rows)


def column_of(one: Column, random: Generator, rows: int, *, drifted: bool) -> pa.Array:
    """Draw the values of one column."""
    moved = drifted and one.drifts
    if one.family is None:
        levels = pa.array([f"level {number:03}" for number in range(one.levels)])
        codes = random.choice(one.levels, size=rows, p=shares(one.levels, drifted=moved))
        return levels.take(pa.array(codes))
    values = _DRAWS[one.family](random, rows, one.scale, moved)
    missing = one.nulls_drifted if moved else one.nulls
    return pa.array(values, mask=random.random(rows) < missing) if missing else pa.array(values)


def _random(table: Table, group: int, column: int) -> Generator:
    """Each column of each row group has its own stream: a longer table begins with the rows of a shorter one."""
    return np.random.default_rng([table.seed, table.part, group, column])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
