"""Write one large file of any form: the same hundred thousand rows again and again, and print how many rows it has."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from pyarrow import ipc

from benchmarks.monitors import described
from benchmarks.monitors.data import column_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROWS = 100_000


def main(given: Sequence[str]) -> int:
    """Write the file that is named, of about so many gigabytes."""
    file, gigabytes = Path(given[0]), float(given[1])
    print(write(file, round(gigabytes * (1 << 30)), _block()))
    return 0


def write(file: Path, size: int, block: Any) -> int:  # noqa: ANN401  Arrow ships no types; so below
    """Write blocks until the file is as large; give the number of rows."""
    times = 0
    with file.open("wb") as out:
        writer = _opened(file, out, block)
        text = b"" if writer else _text(file, block)
        while out.tell() < size:
            if writer:
                writer.write_table(block)
            else:
                out.write(text)
            times += 1
        if writer:
            writer.close()
    return times * int(block.num_rows)


def _opened(file: Path, out: Any, block: Any) -> Any:  # noqa: ANN401
    if file.suffix == ".parquet":
        return pq.ParquetWriter(out, block.schema, compression="snappy")
    if file.suffix == ".arrow":
        return ipc.new_file(out, block.schema)
    if file.suffix == ".csv":
        pc.write_csv(block.slice(0, 0), out)
    return None


def _text(file: Path, block: Any) -> bytes:  # noqa: ANN401
    text = io.BytesIO()
    if file.suffix == ".csv":
        pc.write_csv(block, text, pc.WriteOptions(include_header=False))
        return text.getvalue()
    names = [f'"{name}":' for name in block.schema.names]
    columns = [[_json(value) for value in column.to_pylist()] for column in block.columns]
    for row in zip(*columns, strict=True):
        text.write(f"{{{','.join(map(''.join, zip(names, row, strict=True)))}}}\n".encode())
    return text.getvalue()


def _json(value: object) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else repr(value)


def _block() -> Any:  # noqa: ANN401
    columns = described.reference(_ROWS).columns
    arrays = [column_of(one, np.random.default_rng(number), _ROWS, drifted=False) for number, one in enumerate(columns)]
    return pa.Table.from_arrays(arrays, names=[one.name for one in columns])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
