"""Arrow's arrays as what a tally counts: numbers without nulls, or levels with their counts.

Values are read from Arrow's own memory: `to_numpy` would import pandas, which takes longer than most files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mlops.monitors.sweeps import best

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = Any
    Numbers = tuple[NDArray[np.float64], int, int]
    """The values that are numbers, the count of nulls, and of values that are no numbers."""
    Levels = tuple[list[str], NDArray[np.intp], int, int]
    """Levels, the count of each, the count of nulls, and of values that are no levels."""

_MICROSECONDS = 1e6


def numbers(array: Array) -> Numbers:
    """Read numbers; texts that spell a number count as that number, other values are mistyped."""
    kind = array.type
    if pa.types.is_dictionary(kind) or is_text(kind):
        return _spelled(array)
    if pa.types.is_null(kind):
        return np.empty(0), len(array), 0
    if pa.types.is_boolean(kind):
        array = array.cast(pa.int8())
    elif not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        return np.empty(0), array.null_count, len(array) - array.null_count
    if kind != pa.float64():
        array = array.cast(pa.float64(), safe=False)
    return _floats(array)


def moments(array: Array) -> Numbers:
    """Read moments as seconds since 1970; one without a time zone is taken as UTC, what is no moment is mistyped."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.empty(0), len(array), 0
    if is_text(kind):
        try:
            array = array.cast(pa.timestamp("us", tz="UTC"))
        except pa.ArrowInvalid:
            return np.empty(0), array.null_count, len(array) - array.null_count
    elif not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return np.empty(0), array.null_count, len(array) - array.null_count
    whole = array.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).cast(pa.float64(), safe=False)
    values, nulls, mistyped = _floats(whole)
    return values / _MICROSECONDS, nulls, mistyped


def lengths(array: Array) -> Numbers:
    """Read texts as their numbers of characters."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not is_text(array.type):
        return np.empty(0), array.null_count, len(array) - array.null_count
    from pyarrow.compute import utf8_length  # noqa: PLC0415  takes longer than to count a file's column

    return numbers(utf8_length(array))


def levels(array: Array) -> Levels:
    """Read levels: texts, truth values, and numbers as they are written in JSON."""
    kind = array.type
    if pa.types.is_null(kind):
        return [], np.empty(0, dtype=np.intp), len(array), 0
    if not pa.types.is_dictionary(kind):
        if not (is_text(kind) or _is_plain(kind)):
            return [], np.empty(0, dtype=np.intp), array.null_count, len(array) - array.null_count
        array = array.dictionary_encode()
    nulls = array.null_count
    indices = array.indices if array.indices.type == pa.int32() else array.indices.cast(pa.int32())
    slots = _view(indices, np.dtype(np.int32))
    bits = np.frombuffer(indices.buffers()[0], dtype=np.uint8) if nulls else None
    counts = best().codes(slots, bits, indices.offset, len(array.dictionary))
    return [_level(value) for value in array.dictionary.to_pylist()], counts, nulls, 0


def is_text(kind: Any) -> bool:  # noqa: ANN401  Arrow ships no types; so below
    """Say whether a type holds text, plain or as a dictionary."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_moment(kind: Any) -> bool:  # noqa: ANN401
    """Say whether a type holds moments or days."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def is_number(kind: Any) -> bool:  # noqa: ANN401
    """Say whether a type holds numbers."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def is_nothing(kind: Any) -> bool:  # noqa: ANN401
    """Say whether a type is that of nulls only."""
    return bool(pa.types.is_null(kind))


def is_measured(kind: Any) -> bool:  # noqa: ANN401
    """Say whether values of a type can be measured at all; a column of nulls only can."""
    return is_text(kind) or is_moment(kind) or _is_plain(kind) or bool(pa.types.is_null(kind))


def _is_plain(kind: Any) -> bool:  # noqa: ANN401
    return bool(pa.types.is_boolean(kind) or is_number(kind))


def _level(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _floats(array: Array) -> Numbers:
    values = _view(array, np.dtype(np.float64))
    if not array.null_count:
        return values, 0, 0
    bits = np.frombuffer(array.buffers()[0], dtype=np.uint8)
    return best().present(values, bits, array.offset), array.null_count, 0


def _spelled(array: Array) -> Numbers:
    """Read each different text once."""
    array = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    read = np.array([_number(value) for value in array.dictionary.to_pylist()], dtype=np.float64)
    is_one = np.array([_is_spelled(value) for value in array.dictionary.to_pylist()], dtype=bool)
    slots = _view(array.indices, np.dtype(str(array.indices.type)))
    slots = slots[_valid(array.indices)] if array.null_count else slots
    right = is_one[slots] if len(slots) else np.empty(0, dtype=bool)
    return read[slots[right]], array.null_count, int(len(slots) - right.sum())


def _number(text: Any) -> float:  # noqa: ANN401
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


def _is_spelled(text: Any) -> bool:  # noqa: ANN401
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True


def _view(array: Array, kind: np.dtype[Any]) -> NDArray[Any]:
    data = array.buffers()[1]
    if not len(array):
        return np.empty(0, dtype=kind)
    return np.frombuffer(data, dtype=kind, count=len(array), offset=array.offset * kind.itemsize)


def _valid(array: Array) -> NDArray[np.bool_]:
    bits = np.frombuffer(array.buffers()[0], dtype=np.uint8)
    first, end = array.offset, array.offset + len(array)
    return np.unpackbits(bits[first // 8 : (end + 7) // 8], bitorder="little")[first % 8 :][: len(array)].view(np.bool_)
