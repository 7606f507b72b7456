"""Files of one JSON value a line, read a block at a time on as many threads as there are processors.

Arrow reads a block by the types that it finds there, so that a column may be new, or of another type, further down; a
block in which one column holds values of several types is read line by line, and that column comes as text.
"""

from __future__ import annotations

import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.json as pj

from mlops.backends.tables import collected
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    Block = tuple[int, bytes]
    """Whole lines, and the number of the first one."""

_SIZE = 4 << 20
"""Bytes of a block."""
_LONGEST = 256 << 20
"""Bytes in which a line must end: more is no file of lines."""


def batches(path: Path, size: int = _SIZE, longest: int = _LONGEST) -> Iterator[Any]:
    """Read rows in order, so many bytes at a time; events of the data collector are their rows.

    Raise DataError with the line of what is no JSON object.
    """
    threads = max(len(os.sched_getaffinity(0)), 1)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Any]] = deque()
        for block in _blocks(path, size, longest):
            waiting.append(pool.submit(_read, path, block))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _blocks(path: Path, size: int, longest: int) -> Iterator[Block]:
    first, rest = 1, b""
    with path.open("rb") as file:
        while piece := file.read(size):
            end = piece.rfind(b"\n") + 1
            if not end:
                rest += piece
                if len(rest) > longest:
                    raise DataError(f"{path}:{first}: the line does not end; write one JSON object a line")
                continue
            yield first, (whole := rest + piece[:end])
            first, rest = first + whole.count(b"\n"), piece[end:]
    if rest.strip():
        yield first, rest


def _read(path: Path, block: Block) -> Any:  # noqa: ANN401  Arrow ships no types; so below
    text = block[1]
    if not text.strip():
        return pa.RecordBatch.from_arrays([], names=[])
    options = pj.ReadOptions(use_threads=False, block_size=len(text) + 1)
    try:
        table = pj.read_json(pa.BufferReader(text), read_options=options)
    except pa.ArrowInvalid:
        return _by_line(path, block)
    (batch,) = table.combine_chunks().to_batches() or [pa.RecordBatch.from_arrays([], names=[])]
    return collected.rows(batch, str(path))


def _by_line(path: Path, block: Block) -> Any:  # noqa: ANN401
    first, text = block
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(text.split(b"\n"), first):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path}:{number}: is no JSON ({error}); was the line written to its end?") from error
        if not isinstance(value, dict):
            raise DataError(f"{path}:{number}: holds no JSON object, but {line[:40].decode(errors='replace')}")
        rows += collected.rows_of(value, f"{path}:{number}")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.RecordBatch.from_arrays([_array([row.get(name) for row in rows]) for name in names], names=names)


def _array(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """Give a column; of values that have no common type each comes as it is written in JSON, texts without quotes."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([one if one is None or isinstance(one, str) else json.dumps(one) for one in values])
