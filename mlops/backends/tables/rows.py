"""Rows of files, for signals that need columns together: all rows of a window, never a sample of them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mlops.backends.tables import aligned, pieces
from mlops.backends.tables.arrays import is_text
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlops.backends.tables.sources import Source

    Column = NDArray[np.generic] | list[object]
    Columns = Mapping[str, Column]


def read(
    sources: Sequence[Source],
    *,
    names: Sequence[str] = (),
    time: str = "",
    start: float = -math.inf,
    end: float = math.inf,
) -> Columns:
    """Read these columns, or all; with `time` only rows of these moments.  A file without a column has nulls there.

    Raise DataError.
    """
    found: dict[str, list[Any]] = {}
    rows = 0
    for source in sources:
        for piece in pieces.pieces(pieces.Share(source=source)):
            mask = pieces.inside(piece, time, start, end) if time else None
            count = piece.rows if mask is None else int(mask.sum())
            for name in (one for one in names or piece.types if one in piece.types):
                # What came before a column did is null in it.
                held = found.setdefault(name, [pa.nulls(rows)] if rows else [])
                held += pieces.chosen(piece.chunks(name), mask)
            for name in found.keys() - piece.types.keys():
                found[name].append(pa.nulls(count))
            rows += count
    return {name: _column(chunks) for name, chunks in found.items()}


def newest(sources: Sequence[Source], time: str) -> float | None:
    """Give the moment of the newest row, in seconds since 1970; None where there is none.  Raise DataError."""
    moments = [
        float(np.nanmax(found))
        for source in sources
        for piece in pieces.pieces(pieces.Share(source=source))
        if len(found := pieces.moments(piece, time)) and not np.isnan(found).all()
    ]
    return max(moments, default=None)


def labels(sources: Sequence[Source], key: str, label: str) -> dict[str, object]:
    """Read labels by their key; of several the last one counts: a label can be corrected.  Raise DataError."""
    found: dict[str, object] = {}
    for source in sources:
        table = read([source], names=(key, label))
        gone = [name for name in (key, label) if name not in table]
        if gone:
            raise DataError(
                f"{source.path}: labels need the columns {key} and {label}, and {', '.join(gone)} is not there"
            )
        known = ((one, value) for one, value in zip(keys(table[key]), listed(table[label]), strict=True))
        found |= {one: value for one, value in known if one is not None and value is not None}
    return found


def keys(column: Column) -> list[str | None]:
    """Give keys as texts: 1 and 1.0, or a day as a date and as a text, are the same key; a null is none."""
    return [_key(value) for value in listed(column)]


def listed(column: Column) -> list[object]:
    """Give a column's values, None for a null."""
    if not isinstance(column, np.ndarray):
        return column
    if column.dtype.kind == "M":
        return [None if np.isnat(value) else value for value in column]
    return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124 - NaN


def _key(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text[:10] if isinstance(value, np.datetime64) and text.endswith("T00:00:00.000000") else text


def _column(chunks: Sequence[Any]) -> Column:
    """Join the pieces of a column; where files hold it as different things, its values stand as they are."""
    plain = [one.dictionary_decode() if pa.types.is_dictionary(one.type) else one for one in chunks]
    plain = [one.cast(pa.string()) if is_text(one.type) else one for one in plain]
    types = {one.type for one in plain if not pa.types.is_null(one.type)}
    if len(types) > 1:
        return list(itertools.chain.from_iterable(one.to_pylist() for one in plain))
    kind = types.pop() if types else pa.null()
    return aligned.column(pa.chunked_array([one.cast(kind) for one in plain], type=kind))
