"""Counts add up: in any order, over any partition, and back from their saved form."""

from __future__ import annotations

import json
import math
import zlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitors import categorical, cells, numeric, profile, saved, sums
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.profile import Bounds, Broken, DoesNotFitError, Profile, Schema

anything = st.lists(st.floats(width=64), max_size=40)
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
moderate = st.floats(min_value=-1e6, max_value=1e6)
json_values = st.lists(st.none() | st.floats() | st.integers(-5, 5) | st.text(max_size=2) | st.booleans(), max_size=20)

SCHEMA = Schema(
    centres=(("a", 0.5), ("b", -2.0)),
    categorical=("c",),
    bounds=(Bounds(name="a near b", weights=(("a", 1.0), ("b", -1.0)), low=-1.0, high=1.0),),
)


def _profile(values: list[object], *sources: str) -> Profile:
    return profile.profile({"a": values, "b": values[::-1], "c": values}, schema=SCHEMA, sources=sources)


@given(st.lists(moderate, max_size=30))
def test_a_sum_is_exact_whatever_the_order(values: list[float]) -> None:
    total = sums.exact_sum(values)
    assert sums.exact_sum(sorted(values)) == total
    assert sum((Fraction(part) for part in total), Fraction()) == sum((Fraction(v) for v in values), Fraction())


@given(anything, anything, anything, finite)
def test_parts_of_a_column_add_up_to_the_whole_in_any_order(
    one: list[float], two: list[float], three: list[float], centre: float
) -> None:
    parts = [numeric.count(np.array(p, dtype=float), centre=centre, nulls=len(p)) for p in (one, two, three)]
    whole = np.array(one + two + three, dtype=float)
    expected = numeric.count(whole, centre=centre, nulls=len(whole))
    assert numeric.merge(parts) == expected
    assert numeric.merge([parts[2], numeric.merge([parts[1], parts[0]])]) == expected


@given(anything, finite)
def test_every_row_is_counted_once_whatever_it_holds(values: list[float], centre: float) -> None:
    state = numeric.count(np.array(values, dtype=float), centre=centre, nulls=3, mistyped=2)
    assert state.rows == len(values) + 5


@given(st.lists(moderate, min_size=1, max_size=50), moderate)
def test_cells_keep_the_order_of_values_and_hold_them(values: list[float], centre: float) -> None:
    offsets = np.sort(np.array(values) - centre)
    numbers = cells.cell_numbers(offsets)
    as_counted = offsets.astype(np.float32).astype(float)
    assert (np.diff(numbers) >= 0).all()
    assert (cells.lower_edges(numbers) <= as_counted).all()
    # Below zero the edge further from zero is not part of the cell, above zero it is the same way round.
    assert (as_counted <= cells.upper_edges(numbers)).all()


def test_a_cell_is_at_most_an_eighth_of_a_bit_wide() -> None:
    one = cells.cell_numbers(np.array([1.0]))
    assert cells.lower_edges(one).tolist() == [1.0]
    assert cells.upper_edges(one).tolist() == [1.0078125]


def test_states_around_different_centres_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one centre to add up, these have \[0.0, 1.0\]"):
        numeric.merge([numeric.empty(0.0), numeric.empty(1.0)])


def test_a_long_column_counts_like_its_short_parts() -> None:
    values = np.round(np.random.default_rng(1).normal(size=150_000), 1)
    parts = [numeric.count(part, centre=0.0) for part in np.array_split(values, 3)]
    long, short = numeric.count(values, centre=0.0), numeric.merge(parts)
    assert (long.cells == short.cells).all()
    assert (long.counts == short.counts).all()
    # Crowded cells of the long column were looked into, and hold what all cells of the short ones are known to hold.
    proven = ~np.isnan(long.atoms)
    assert proven.sum() > 10
    assert (long.atoms[proven] == short.atoms[proven]).all()
    assert long.mean == pytest.approx(short.mean, abs=1e-12)


def test_mean_and_deviation_are_those_of_the_finite_values() -> None:
    state = numeric.count(np.array([1.0, 2.0, 6.0, np.nan, np.inf]), centre=2.0)
    assert (state.mean, state.deviation) == pytest.approx((3.0, math.sqrt(14 / 3)))
    assert (state.low, state.high, state.nans, state.above) == (1.0, 6.0, 1, 1)


def test_a_level_that_never_came_is_not_a_lost_level() -> None:
    assert categorical.from_counts({"a": 2, "b": 0}) == CategoricalState(levels=(("a", 2),), nulls=0, mistyped=0)


@given(json_values, json_values)
def test_days_add_up_to_the_profile_of_all_their_rows(one: list[object], two: list[object]) -> None:
    # Columns are built apart, since b is reversed within a day.
    together = {"a": one + two, "b": one[::-1] + two[::-1], "c": one + two}
    expected = profile.profile(together, schema=SCHEMA, sources=["day 1", "day 2"])
    days = [_profile(one, "day 1"), _profile(two, "day 2")]
    assert profile.merge(days) == expected
    assert profile.merge(days[::-1]) == expected


@given(json_values)
def test_a_saved_profile_comes_back_equal_and_saves_to_equal_bytes(values: list[object]) -> None:
    one = _profile(values, "day 1")
    data = saved.to_bytes(one)
    assert saved.from_bytes(data) == one
    assert saved.to_bytes(saved.from_bytes(data)) == data


def test_a_saved_profile_is_small() -> None:
    values = np.random.default_rng(1).lognormal(size=1_000_000)
    schema = Schema(centres=(("x", 1.0),))
    assert len(saved.to_bytes(profile.profile({"x": values}, schema=schema))) < 8_000


def test_what_is_counted_twice_is_refused() -> None:
    with pytest.raises(DoesNotFitError, match="counted twice: day 1"):
        profile.merge([_profile([1.0], "day 1"), _profile([2.0], "day 1")])


def test_profiles_of_different_schemas_are_refused() -> None:
    other = profile.profile({"a": [1.0]}, schema=Schema(centres=(("a", 0.0),)))
    with pytest.raises(DoesNotFitError, match="different schemas"):
        profile.merge([_profile([1.0]), other])


def test_an_empty_window_has_no_profile() -> None:
    with pytest.raises(DoesNotFitError, match="an empty window has no profile"):
        profile.merge([])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DoesNotFitError, match="missing columns: b, c; the table has a"):
        profile.profile({"a": [1.0]}, schema=SCHEMA)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"PAR1" + data, "no saved profile"),
        (lambda data: data[:-9], "damaged"),
        (lambda data: data[:20] + b"\x00" + data[21:], "damaged"),
    ],
    ids=["another file", "cut off", "changed"],
)
def test_a_damaged_profile_is_refused(damage: object, message: str) -> None:
    assert callable(damage)
    with pytest.raises(DoesNotFitError, match=message):
        saved.from_bytes(damage(saved.to_bytes(_profile([1.0, 2.0], "day 1"))))


@pytest.mark.parametrize("key", ["version", "rule"])
def test_a_profile_of_another_version_or_cell_rule_says_rebuild(key: str) -> None:
    plain = zlib.decompress(saved.to_bytes(_profile([1.0]))[16:])
    length = int.from_bytes(plain[:4], "little")
    header = json.loads(plain[4 : 4 + length]) | {key: "9"}
    text = json.dumps(header).encode()
    changed = b"aml-kit profile\n" + zlib.compress(len(text).to_bytes(4, "little") + text + plain[4 + length :])
    with pytest.raises(DoesNotFitError, match="rebuild it from the rows"):
        saved.from_bytes(changed)


def test_rules_join_columns_and_ask_only_rows_that_have_all_of_them() -> None:
    found = profile.profile({"a": [1.0, 5.0, None, "x"], "b": [1.0, 1.0, 1.0, 1.0], "c": ["u"] * 4}, schema=SCHEMA)
    assert found.rules == {"a near b": Broken(asked=2, broken=1)}


def test_what_is_no_number_is_counted_apart() -> None:
    state = profile.numeric_column(_profile([1, "2.5", "warm", None, True, [1]]), "a")
    assert (state.finite, state.mistyped, state.nulls, state.rows) == (3, 2, 1, 6)
