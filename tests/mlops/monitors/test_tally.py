"""Counting chunk by chunk is counting, whatever the chunks, and whatever they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.monitors import categorical, numeric, sums, tally
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.tally import CategoricalTally, NumericTally

if TYPE_CHECKING:
    from mlops.monitors.numeric import NumericState

LARGE = 3 * tally.FEW
special = st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -1e300, 0.0, -0.0, -1e-60, -1e-42, 5.0])


def _tallied(chunks: list[np.ndarray], centre: float) -> NumericState:
    counted = NumericTally(centre)
    for chunk in chunks:
        counted.add(chunk, nulls=1, mistyped=2)
    return counted.state()


def _counts(state: NumericState) -> tuple[object, ...]:
    scalars = (state.low, state.high, state.nulls, state.nans, state.below, state.above, state.mistyped)
    return (*scalars, state.cells.tolist(), state.counts.tolist())


@st.composite
def _chunks(draw: st.DrawFn) -> list[np.ndarray]:
    """Some large chunks and some small ones, of a column with atoms, and with special values strewn in."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    chunks = []
    for size in draw(st.lists(st.sampled_from([0, 7, LARGE]), min_size=1, max_size=3)):
        values = random.normal(3, draw(st.sampled_from([1e-9, 1.0, 1e9])), size)
        values[random.random(size) < draw(st.sampled_from([0.0, 0.3]))] = draw(st.sampled_from([0.0, 1.5, -0.0]))
        for one in draw(st.lists(special, max_size=3)) if size else ():
            values[random.integers(size)] = one
        chunks.append(values)
    return chunks


@settings(max_examples=60)
@given(_chunks(), st.sampled_from([0.0, 3.0, -1e6]))
def test_a_tally_of_chunks_is_the_count_of_each_added_up(chunks: list[np.ndarray], centre: float) -> None:
    expected = numeric.merge([numeric.count(chunk, centre=centre, nulls=1, mistyped=2) for chunk in chunks])

    found = _tallied(chunks, centre)

    assert _counts(found) == _counts(expected)
    assert found.rows == sum(map(len, chunks)) + 3 * len(chunks)
    assert sums.value(found.offsets) == pytest.approx(sums.value(expected.offsets), rel=1e-9, abs=1e-9)
    assert sums.value(found.squares) == pytest.approx(sums.value(expected.squares), rel=1e-9)
    proven = ~np.isnan(found.atoms)
    assert found.atoms[proven].tolist() == expected.atoms[proven].tolist()


def _two(first: float, second: float) -> list[np.ndarray]:
    """Two large chunks of one value each; 1.0 and 1.001 share a cell."""
    return [np.full(LARGE, first), np.full(LARGE, second)]


@pytest.mark.parametrize(
    ("chunks", "atoms"),
    [
        (_two(1.0, 1.0), [1.0]),
        (_two(1.0, 1.001), [np.nan]),
        (_two(1.0, 2.0), [1.0, 2.0]),
        ([np.concatenate([*_two(1.0, 1.001)])], [np.nan]),
        ([np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], LARGE)], [1.0, 2.0, 3.0, 4.0, 5.0]),
        ([np.repeat([1.0, 1.001, 2.0, 3.0, 4.0, 5.0], LARGE)], [np.nan, 2.0, 3.0, 4.0, 5.0]),
        ([np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], LARGE), np.array([1.001])], [np.nan, 2.0, 3.0, 4.0, 5.0]),
        ([np.repeat([1.0, 2.0], LARGE), np.repeat([1.0, 2.001], LARGE)], [1.0, np.nan]),
    ],
)
def test_a_cell_is_known_for_one_value_only_where_every_chunk_shows_it(
    chunks: list[np.ndarray], atoms: list[float]
) -> None:
    np.testing.assert_array_equal(_tallied(chunks, 0.0).atoms, np.array(atoms))


def test_levels_add_up_over_chunks_and_unused_ones_do_not_count() -> None:
    counted = CategoricalTally()
    counted.add(["a", "b", "unused"], np.array([2, 3, 0]), nulls=1)
    counted.add(["b", "c"], np.array([1, 4]), mistyped=2)

    assert counted.state() == CategoricalState(levels=(("a", 2), ("b", 4), ("c", 4)), nulls=1, mistyped=2)


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=4), st.integers(0, 3))
def test_a_column_of_keys_stays_small_and_is_the_same_sum_in_any_order(sizes: list[int], turn: int) -> None:
    """More levels than are kept: each counts in the bucket of its name, whoever notices first."""
    parts = [{f"key {number}": 1 for number in range(start, start + size)} for start, size in enumerate(sizes)]
    counted = CategoricalTally()
    for part in parts:
        counted.add(list(part), np.ones(len(part), dtype=np.intp))
    turned = [categorical.from_counts(part) for part in parts[turn % len(parts) :] + parts[: turn % len(parts)]]

    found = counted.state()

    assert found == categorical.merge(turned)
    assert found.present == sum(sizes)
    assert len(found.levels) <= categorical.MOST_LEVELS
    assert found.folded == (len({key for part in parts for key in part}) > categorical.MOST_LEVELS)
