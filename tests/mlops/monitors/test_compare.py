"""A column moved when the move is there and large; absence, too few rows and chance never pass for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlops.domain.data.measurement import Verdict
from mlops.monitors import calibration, numeric, profile
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.compare import Comparison, Judging, compare
from mlops.monitors.profile import DoesNotFitError, Profile, Schema
from tests.mlops.monitors.weather import FEATURES, days

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.numeric import NumericState

SCHEMA = Schema(centres=(("x", 0.0),))


def _of(values: NDArray[np.float64], name: str = "x") -> Profile:
    return profile.profile({name: values}, schema=Schema(centres=((name, 0.0),)))


def _normal(size: int, shift: float = 0.0, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(shift, 1, size)


def _levels(**counts: int) -> Profile:
    return profile.profile(
        {"c": [level for level, count in counts.items() for _ in range(count)]}, schema=Schema(categorical=("c",))
    )


def _one(found: Comparison) -> tuple[str, str]:
    (column,) = found.columns
    return column.verdict.word, column.why


@pytest.mark.parametrize(
    ("size", "shift", "verdict", "why"),
    [
        (20_000, 0.0, "pass", ""),
        (20_000, 1.0, "fail", "population_stability_index 0.9"),
        (100_000, 0.05, "pass", ""),  # there, for certain, and small
        (200, 0.0, "inconclusive", "large (normalized_wasserstein_distance"),
        (800, 0.0, "inconclusive", "800 values cannot tell: chance alone reaches normalized_wasserstein_distance 0."),
    ],
)
def test_a_column_fails_when_its_move_is_there_and_large(size: int, shift: float, verdict: str, why: str) -> None:
    found = _one(compare(_of(_normal(size)), _of(_normal(size, shift, seed=2))))

    assert found[0] == verdict
    assert found[1].startswith(why) if why else found[1] == ""


def test_among_rare_levels_chance_is_what_dealing_out_again_shows_and_no_formula() -> None:
    reference = _levels(**{f"level{at}": 2 + at % 3 for at in range(40)})
    current = _levels(**{f"level{at}": 2 + (at + 1) % 3 for at in range(40)})
    sides = [one.columns["c"] for one in (reference, current)]
    assert all(isinstance(side, CategoricalState) for side in sides)
    rows = current.rows
    metric = "jensen_shannon_distance"
    formula = calibration.limit(metric, sides[0], rows, 0.01)
    dealt = calibration.limit(metric, sides[0], rows, 0.01, window=sides[1])

    found = _one(compare(reference, current, Judging(limits={metric: (formula + dealt) / 2})))

    assert formula < dealt
    assert found == (
        "inconclusive",
        f"{rows} values cannot tell: chance alone reaches {metric} {dealt:.3g}, limit {(formula + dealt) / 2:g}",
    )


def test_what_chance_does_among_many_columns_is_no_alarm() -> None:
    """Of 200 columns that did not move some have a small p-value, and by their size any would be called large."""
    schema = Schema(centres=tuple((f"x{n}", 0.0) for n in range(200)))
    first = profile.profile({f"x{n}": _normal(400, seed=n) for n in range(200)}, schema=schema)
    second = profile.profile({f"x{n}": _normal(400, seed=1000 + n) for n in range(200)}, schema=schema)

    found = compare(first, second, Judging(alpha=0.05, limits={"kolmogorov_smirnov_distance": 0.001}))

    raw = [one.p for one in found.columns if one.p is not None and one.p < 0.05]
    assert len(raw) > 2, "chance alone makes some of so many look moved, or nothing is tested here"
    assert {one.verdict for one in found.columns} == {Verdict.INCONCLUSIVE}


def test_too_few_values_are_inconclusive_whatever_they_say() -> None:
    found = compare(_of(_normal(5000)), _of(_normal(99, 5.0)), Judging(min_samples=100))

    assert _one(found) == ("inconclusive", "99 values, fewer than the 100 asked for")


@pytest.mark.parametrize(
    ("current", "why"),
    [
        (profile.profile({"x": []}, schema=SCHEMA), "there are no rows"),
        (profile.profile({"x": [None] * 50}, schema=SCHEMA), "no value on one side: nothing to compare"),
    ],
)
def test_what_is_absent_is_an_error_and_never_passes(current: Profile, why: str) -> None:
    found = compare(_of(_normal(500)), current, Judging(min_samples=0))

    assert _one(found) == ("error", why)
    assert found.verdict is Verdict.ERROR


def test_a_table_without_columns_does_not_pass() -> None:
    nothing = profile.profile({}, schema=Schema())

    assert compare(nothing, nothing).verdict is Verdict.ERROR


def _typed(found: Profile, **types: tuple[str, ...]) -> Profile:
    return Profile(schema=found.schema, rows=found.rows, columns=found.columns, types=types)


def test_a_column_that_vanished_or_changed_its_type_is_an_error() -> None:
    reference = _typed(_of(_normal(500)), x=("double",))
    gone = _typed(profile.profile({"x": [None] * 500}, schema=SCHEMA), x=("absent",), y=("double",))
    changed = _typed(profile.profile({"x": ["a"] * 300 + [1.0] * 200}, schema=SCHEMA), x=("string",))

    assert _one(compare(reference, gone)) == ("error", "the column is not there any more")
    assert compare(reference, gone).new_columns == ("y",)
    assert _one(compare(reference, changed)) == (
        "error",
        "the type changed from double to string; 300 values cannot be read",
    )


def test_two_profiles_that_were_not_counted_alike_are_refused() -> None:
    other = Profile(schema=Schema(centres=(("x", 1.0),)), rows=0, columns={"x": numeric.empty(1.0)})

    with pytest.raises(DoesNotFitError, match="count the current rows again with --reference"):
        compare(_of(_normal(50)), other)


def test_a_limit_of_no_known_distance_is_refused() -> None:
    with pytest.raises(DoesNotFitError, match="no distance is called psi; there are population_stability_index"):
        compare(_of(_normal(50)), _of(_normal(50)), Judging(limits={"psi": 0.1}))


def test_a_distance_that_the_counts_do_not_decide_is_inconclusive() -> None:
    """Both columns lie in one cell, which is not proven to hold one value: the distance could be anything."""
    values = np.array([1.0, 1.001] * 5000)

    found = compare(_of(values), _of(values), Judging(limits={"kolmogorov_smirnov_distance": 0.2}))

    assert _one(found) == (
        "inconclusive",
        "kolmogorov_smirnov_distance lies between 0 and 1: rows would tell (--exact)",
    )


def _state(**parts: Any) -> Profile:  # noqa: ANN401
    values = parts.pop("values", _normal(10_000))
    column: NumericState = numeric.count(values, centre=0.0, **parts)
    return Profile(schema=SCHEMA, rows=column.rows, columns={"x": column})


@pytest.mark.parametrize(
    ("reference", "current", "findings"),
    [
        (_state(), _state(), ()),
        (_state(nulls=10), _state(nulls=2000), ("nulls 0.1%, now 16.7%",)),
        (_state(nulls=10), _state(nulls=12), ()),
        (_state(), _state(mistyped=3), ("3 values of another type",)),
        (_state(), _state(values=np.append(_normal(9999), np.inf)), ("1 infinite values",)),
        (_levels(a=90, b=10), _levels(a=80, c=15, d=5), ("2 new levels: c (15), d (5)", "1 level gone: b")),
    ],
)
def test_what_a_distribution_does_not_show_is_a_finding(
    reference: Profile, current: Profile, findings: tuple[str, ...]
) -> None:
    (column,) = compare(reference, current).columns

    assert column.findings == findings


def _halves(draw: int) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Give ten years of weather, dealt into two halves that nothing tells apart."""
    order = np.random.default_rng(draw).permutation(3600)
    columns = {name: days(0, 3600)[name][order] for name in FEATURES}
    return {name: of[:1800] for name, of in columns.items()}, {name: of[1800:] for name, of in columns.items()}


def _judged(reference: dict[str, NDArray[np.float64]], current: dict[str, NDArray[np.float64]]) -> list[str]:
    schema = profile.schema_of(reference, features=FEATURES)
    before, after = (profile.profile(side, schema=schema) for side in (reference, current))
    # From where a move is large is set low, so that it is chance which has to be told from drift.
    found = compare(before, after, Judging(limits={"kolmogorov_smirnov_distance": 0.01}))
    return [one.column for one in found.columns if one.verdict is Verdict.FAIL]


def test_weather_that_did_not_change_raises_no_alarm() -> None:
    assert [_judged(*_halves(draw)) for draw in range(25)] == [[]] * 25


@pytest.mark.parametrize("column", FEATURES)
def test_of_the_weather_the_column_that_moved_is_named_and_no_other(column: str) -> None:
    reference, current = _halves(len(column))
    current[column] = current[column] + 0.3 * reference[column].std()

    assert _judged(reference, current) == [column]
