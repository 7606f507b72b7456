"""A piece of an array is read as the values in it, wherever it begins in Arrow's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.backends.tables import arrays

if TYPE_CHECKING:
    from collections.abc import Callable

pieces = st.tuples(st.integers(0, 30), st.integers(0, 30))


def _of(kind: Any) -> Callable[[list[Any]], Any]:  # noqa: ANN401  Arrow ships no types
    return lambda values: pa.array(values, kind)


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int16()], ids=str)
@given(st.lists(st.none() | st.integers(-100, 100), max_size=40), pieces)
def test_a_piece_of_numbers_is_its_numbers(kind: Any, values: list[int | None], piece: tuple[int, int]) -> None:  # noqa: ANN401
    start, length = piece
    expected = [value for value in values[start : start + length] if value is not None]

    found, nulls, mistyped = arrays.numbers(pa.array(values, kind).slice(start, length))

    assert (found.tolist(), nulls, mistyped) == (expected, len(values[start : start + length]) - len(expected), 0)


@pytest.mark.parametrize(
    "made", [_of(pa.string()), _of(pa.large_string()), lambda values: pa.array(values, pa.string()).dictionary_encode()]
)
@given(st.lists(st.none() | st.sampled_from(["a", "b", "1.5"]), max_size=40), pieces)
def test_a_piece_of_texts_is_its_levels_its_lengths_and_what_they_spell(
    made: Callable[[list[Any]], Any], values: list[str | None], piece: tuple[int, int]
) -> None:
    start, length = piece
    part = values[start : start + length]
    there = [value for value in part if value is not None]
    array = made(values).slice(start, length)

    levels, counts, nulls, mistyped = arrays.levels(array)
    assert {level: count for level, count in zip(levels, counts.tolist(), strict=True) if count} == {
        level: there.count(level) for level in there
    }
    assert (nulls, mistyped) == (len(part) - len(there), 0)
    assert arrays.lengths(array)[0].tolist() == [len(value) for value in there]
    spelled, nulls, mistyped = arrays.numbers(array)
    assert (spelled.tolist(), nulls) == ([1.5] * there.count("1.5"), len(part) - len(there))
    assert mistyped == len(there) - there.count("1.5")


@given(st.lists(st.none() | st.booleans(), max_size=40), pieces)
def test_a_piece_of_truth_values_is_its_levels(values: list[bool | None], piece: tuple[int, int]) -> None:
    start, length = piece
    part = values[start : start + length]

    levels, counts, nulls, _ = arrays.levels(pa.array(values, pa.bool_()).slice(start, length))

    found = {level: count for level, count in zip(levels, counts.tolist(), strict=True) if count}
    assert found == {name: part.count(value) for name, value in (("true", True), ("false", False)) if part.count(value)}
    assert nulls == part.count(None)
