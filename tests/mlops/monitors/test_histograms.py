"""Bars hold every value once, and no more of them than an eye can take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitors import categorical, numeric
from mlops.monitors.histograms import BARS, Bar, bars

values = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([0.0, 5.0]), min_size=1, max_size=60)


@given(values, values, st.sampled_from([0.0, 100.0]))
def test_the_bars_of_each_side_hold_all_its_values(one: list[float], two: list[float], centre: float) -> None:
    found = bars(*(numeric.count(np.array(side), centre=centre) for side in (one, two)))

    assert sum(bar.reference for bar in found) == pytest.approx(1)
    assert sum(bar.current for bar in found) == pytest.approx(1)
    assert BARS <= len(found) <= BARS + 2


@pytest.mark.parametrize(("far", "at", "name"), [(94.0, -1, "above"), (-94.0, 0, "below")])
def test_an_outlier_does_not_squeeze_all_others_into_one_bar(far: float, at: int, name: str) -> None:
    usual = np.random.default_rng(1).normal(size=5000)
    sides = [numeric.count(np.append(usual, outlier), centre=0.0) for outlier in (far, 0.0)]

    found = bars(*sides)

    assert sum(bar.reference > 0.001 for bar in found) >= 20
    assert found[at].name.startswith(name)
    assert 0 < found[at].reference < 0.006


def test_the_most_frequent_levels_have_bars_and_the_rest_share_one() -> None:
    first = categorical.from_counts({"a": 50, "b": 30, **{f"r{number:02}": 1 for number in range(20)}})
    second = categorical.from_counts({"a": 100})

    found = bars(first, second)

    assert len(found) == 21
    assert found[0] == Bar(name="a", reference=0.5, current=1.0)
    assert found[-1] == Bar(name="2 others", reference=0.02, current=0.0, rest=True)


def test_nothing_is_drawn_of_a_side_without_values() -> None:
    empty, some = numeric.empty(0.0), numeric.count(np.array([1.0]), centre=0.0)

    assert bars(empty, some) == bars(some, empty) == bars(some, categorical.from_counts({"a": 1})) == ()
