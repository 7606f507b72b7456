"""Columns of one length: each row's value where it stands, NaN or None where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mlops.backends.tables.arrays import is_moment, is_number, is_text
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MICROSECONDS = 1e6


def numbers(array: Any) -> Floats:  # noqa: ANN401  Arrow ships no types; so below
    """Give the number of each row; NaN for a null and for what is no number."""
    array = _plain(array)
    kind = array.type
    if pa.types.is_boolean(kind):
        array = array.cast(pa.int8())
    elif is_text(kind):
        return np.array([_number(text) for text in array.to_pylist()], dtype=np.float64)
    elif not is_number(kind):
        return np.full(len(array), np.nan)
    return _floats(array.cast(pa.float64(), safe=False))


def moments(array: Any, column: str) -> Floats:  # noqa: ANN401
    """Give the moment of each row as seconds since 1970, UTC where it says nothing; NaN for a null.

    Raise DataError for a column that holds something else.
    """
    array = _plain(array)
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if not (is_text(array.type) or is_moment(array.type)):
        raise DataError(f"column {column!r} says when a row was made, but it holds {array.type}, no moments")
    try:
        whole = _timestamps(array).cast(pa.timestamp("us"), safe=False)
    except pa.ArrowInvalid as error:
        said = str(error).splitlines()[0]
        raise DataError(f"column {column!r} says when a row was made, but holds what is no moment ({said})") from error
    return _floats(whole.cast(pa.int64()).cast(pa.float64(), safe=False)) / _MICROSECONDS


def column(array: Any) -> NDArray[np.generic] | list[object]:  # noqa: ANN401
    """Give a column as monitors take it: numbers and moments as an array, all else as a list."""
    array = _plain(array)
    if is_number(array.type):
        return _numeric(array)
    if is_moment(array.type):
        whole = array.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        missing = np.iinfo(np.int64).min  # which numpy reads as "no moment"
        return np.array([missing if one is None else one for one in whole.to_pylist()], dtype="datetime64[us]")
    found: list[object] = array.to_pylist()
    return found


def _numeric(array: Any) -> NDArray[np.generic] | list[object]:  # noqa: ANN401
    """Keep whole numbers whole: as floats, keys above 2**53 would fall together."""
    if not pa.types.is_integer(array.type):
        return _floats(array.cast(pa.float64(), safe=False))
    if array.null_count or array.type == pa.uint64():
        values: list[object] = array.to_pylist()
        return values
    whole = array.cast(pa.int64())
    return np.frombuffer(whole.buffers()[1], dtype=np.int64, count=len(whole), offset=8 * whole.offset)


def _plain(array: Any) -> Any:  # noqa: ANN401
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _timestamps(array: Any) -> Any:  # noqa: ANN401
    if not is_text(array.type):
        return array
    try:
        return array.cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:  # without a zone
        return array.cast(pa.timestamp("us"))


def _floats(array: Any) -> Floats:  # noqa: ANN401
    values = np.frombuffer(array.buffers()[1], dtype=np.float64, count=len(array), offset=8 * array.offset)
    if not array.null_count:
        return values
    bits = np.frombuffer(array.buffers()[0], dtype=np.uint8)
    first = array.offset
    valid = np.unpackbits(bits[first // 8 : (first + len(array) + 7) // 8], bitorder="little")[first % 8 :]
    return np.where(valid[: len(array)].view(np.bool_), values, np.nan)


def _number(text: object) -> float:
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.nan
