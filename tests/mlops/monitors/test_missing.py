"""A share of nulls that rose is judged like a distance: it fails when the rise is there and large."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from mlops.domain.data.measurement import Verdict
from mlops.monitors import profile
from mlops.monitors.compare import Judging, Value, compare
from mlops.monitors.missing import Missing
from mlops.monitors.profile import Profile, Schema


def _with(nulls: int, rows: int) -> Profile:
    values = [None] * nulls + list(np.linspace(-1.0, 1.0, rows - nulls))
    return profile.profile({"x0": values}, schema=Schema(centres=(("x0", 0.0),)))


@pytest.mark.parametrize(("before", "now"), [(0, 3), (1, 1), (4, 9), (30, 40), (0, 40)])
def test_the_chance_of_a_rise_is_that_of_counting_all_ways(before: int, now: int) -> None:
    one = Missing(before=before, of_before=60, now=now, of_now=40)
    ways = sum(comb(40, at) * comb(60, before + now - at) for at in range(now, min(before + now, 40) + 1))

    assert one.p == pytest.approx(ways / comb(100, before + now))


def test_a_share_that_fell_is_no_rise() -> None:
    assert Missing(before=50, of_before=100, now=1, of_now=100).p == 1.0


@pytest.mark.parametrize(
    ("reference", "current", "verdict", "why"),
    [
        (_with(10, 5000), _with(10, 5000), "pass", ""),
        (_with(10, 5000), _with(500, 5000), "fail", "null_value_rate rose by 0.098, above 0.02"),
        (_with(10, 5000), _with(50, 5000), "pass", ""),  # there, for certain, and small
        (_with(500, 5000), _with(0, 5000), "pass", ""),
        (
            _with(10, 5000),
            _with(3, 60),
            "inconclusive",
            "57 values, fewer than the 100 asked for; 60 rows, fewer than the 100 asked for",
        ),
        (_with(500, 5000), _with(16, 120), "inconclusive", "null_value_rate rose by 0.0333, but chance would do (p "),
        (_with(500, 5000), _with(20, 200), "inconclusive", "200 rows cannot tell: chance alone raises null_value_rate"),
        (_with(0, 5000), _with(5000, 5000), "fail", "null_value_rate rose by 1, above 0.02"),
        (_with(0, 5000), _with(0, 0), "error", "there are no rows"),
    ],
)
def test_nulls_fail_when_their_rise_is_there_and_large(
    reference: Profile, current: Profile, verdict: str, why: str
) -> None:
    min_samples = 100 if current.rows else 0

    (column,) = compare(reference, current, Judging(limits={"null_value_rate": 0.02}, min_samples=min_samples)).columns

    assert column.verdict.word == verdict
    assert column.why.startswith(why) if why else column.why == ""


def test_a_limit_on_nulls_is_a_value_beside_the_distances() -> None:
    (column,) = compare(_with(0, 1000), _with(100, 1000), Judging(limits={"null_value_rate": 0.02})).columns

    assert column.values[-1] == Value(metric="null_value_rate", value=0.1, at_most=0.1, limit=0.02)


def test_what_chance_does_to_the_nulls_of_many_columns_is_no_alarm() -> None:
    """Its p-value is below alpha; among twenty columns such a one is to be expected."""
    reference, current = _with(20, 1000), _with(45, 1000)
    one = Missing(before=20, of_before=1000, now=45, of_now=1000)
    names = [f"x{at}" for at in range(20)]
    schema = Schema(centres=tuple((name, 0.0) for name in names))
    first = Profile(schema=schema, rows=1000, columns=dict.fromkeys(names, reference.columns["x0"]))
    quiet = dict.fromkeys(names[1:], reference.columns["x0"])
    second = Profile(schema=schema, rows=1000, columns={"x0": current.columns["x0"], **quiet})
    judging = Judging(limits={"null_value_rate": 0.015})

    assert one.p < judging.alpha
    assert compare(reference, current, judging).columns[0].verdict is Verdict.FAIL
    assert compare(first, second, judging).columns[0].verdict is Verdict.INCONCLUSIVE


def test_a_column_that_vanished_is_an_error_and_no_rise_of_nulls() -> None:
    gone = _with(5000, 5000)
    gone = Profile(schema=gone.schema, rows=gone.rows, columns=gone.columns, types={"x0": ("absent",)})

    (column,) = compare(_with(0, 5000), gone, Judging(limits={"null_value_rate": 0.02})).columns

    assert (column.verdict.word, column.why) == ("error", "the column is not there any more")


def test_no_number_is_a_null_too() -> None:
    schema = Schema(centres=(("x0", 0.0),))
    current = profile.profile({"x0": np.append(np.linspace(-1.0, 1.0, 900), [np.nan] * 100)}, schema=schema)

    (column,) = compare(_with(0, 1000), current, Judging(limits={"null_value_rate": 0.02})).columns

    assert (column.verdict.word, column.why) == ("fail", "null_value_rate rose by 0.1, above 0.02")
