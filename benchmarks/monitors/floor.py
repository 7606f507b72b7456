"""The floor: decode all columns of the files of a comparison and drop them; nothing that reads them can be faster.

A task per file and column on two threads, strings as dictionary, row group by row group.  The whole process counts.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence

_THREADS = 2


def main(paths: Sequence[str]) -> int:
    """Decode the files.  Prints how many values they hold, so that a run that read nothing is seen."""
    pa.set_cpu_count(1)
    footers = {path: pq.read_metadata(path, memory_map=True) for path in paths}
    tasks = [(path, footers[path], at) for path in paths for at in range(footers[path].num_columns)]
    with ThreadPoolExecutor(_THREADS) as pool:
        print(sum(pool.map(_decode, *zip(*tasks, strict=True))))
    return 0


def _decode(path: str, footer: pq.FileMetaData, at: int) -> int:
    column = footer.schema.column(at)
    text = [column.path] if column.physical_type == "BYTE_ARRAY" else []
    with pq.ParquetFile(path, metadata=footer, memory_map=True, pre_buffer=False, read_dictionary=text) as file:
        return sum(
            len(file.read_row_group(group, columns=[column.path], use_threads=False))
            for group in range(footer.num_row_groups)
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
