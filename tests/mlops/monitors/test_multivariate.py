"""Columns that no longer go together are found, also where each by itself looks unmoved; no drift is silent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlops.domain.data.measurement import Measurement
from mlops.monitors import profile, ranks
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.registry import MONITORS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.evidence import Table

DRIFT = MONITORS["multivariate_drift"]
TESTS = ("domain_classifier_test", "reconstruction_error_test")
ROLES = Roles(key="id", label="rain", prediction="probability")


def _wet(rows: int, seed: int, together: float) -> dict[str, NDArray[np.float64] | list[object]]:
    """Temperature and dew point go together by so much; each by itself is standard normal whatever that is."""
    random = np.random.default_rng(seed)
    temperature, other, wind = random.normal(size=(3, rows))
    dew = together * temperature + math.sqrt(1 - together**2) * other
    kind: list[object] = [str(one) for one in random.choice(["calm", "storm", "fog"], rows)]
    return {"temperature": temperature, "dew": dew, "wind": wind, "kind": kind}


def _measured(metric: str, reference: Table, current: Table, *columns: str) -> Measurement:
    rows = Rows(current=current, reference=reference, roles=ROLES)
    return DRIFT.measure("together", metric, Evidence(rows=rows, columns=columns))


def test_columns_that_came_apart_are_found_where_no_single_column_moved() -> None:
    before, after = _wet(600, 1, 0.9), _wet(600, 2, 0.0)
    numbers = ("temperature", "dew", "wind")
    schema = profile.schema_of(before, features=numbers, levels=("kind",))
    counted = Evidence(reference=profile.profile(before, schema=schema), current=profile.profile(after, schema=schema))
    alone = MONITORS["data_drift"].measure("alone", "two_sample_kolmogorov_smirnov_test", counted)
    assert alone.value is not None
    assert alone.value > 0.05
    for metric in TESTS:
        found = _measured(metric, before, after).value
        assert found is not None
        assert found < 1e-6


def test_the_area_names_the_columns_that_came_apart() -> None:
    found = _measured("domain_classifier_auc", _wet(600, 1, 0.9), _wet(600, 2, 0.0))
    assert (found.samples, tuple(name for name, _ in found.parts)) == (600, ("temperature", "dew", "wind", "kind"))
    assert found.value is not None
    assert found.low is not None
    assert found.value > found.low > 0.6
    assert {name for name, lost in found.parts if lost > 0.1} == {"temperature", "dew"}


def test_columns_that_came_closer_are_found_too() -> None:
    for metric in TESTS:
        found = _measured(metric, _wet(600, 1, 0.0), _wet(600, 2, 0.9)).value
        assert found is not None
        assert found < 0.01
    nearer = _measured("reconstruction_error_test", _wet(200, 1, 0.8), _wet(200, 2, 0.99), "temperature", "dew").value
    assert nearer is not None
    assert nearer < 1e-6


@pytest.mark.parametrize("metric", TESTS)
def test_without_drift_five_of_a_hundred_draws_may_speak(metric: str) -> None:
    """Many more draws: `make bench-together`."""
    found = [_measured(metric, _wet(120, 2 * n, 0.8), _wet(120, 2 * n + 1, 0.8)).value or 0.0 for n in range(40)]
    assert sum(p < 0.05 for p in found) <= 5  # more than that has a chance of 1 % at a true rate of 5 %


def test_nulls_that_come_with_the_values_of_another_column_are_found() -> None:
    def table(seed: int, *, gaps: bool) -> dict[str, list[object]]:
        random = np.random.default_rng(seed)
        wind = random.normal(size=400)
        missing = (wind > 0) if gaps else random.random(400) < 0.5
        return {
            "wind": wind.tolist(),
            "dew": [None if gone else float(one) for gone, one in zip(missing, random.normal(size=400), strict=True)],
        }

    for metric in TESTS:
        found = _measured(metric, table(1, gaps=False), table(2, gaps=True)).value
        assert found is not None
        assert found < 0.01


@pytest.mark.parametrize(
    ("reference", "current", "columns", "why"),
    [
        ({"x": [1.0] * 60}, {"x": [1.0] * 49}, (), "telling rows apart needs 50 on each side; one has 49"),
        ({"x": [1.0] * 60}, {"y": [1.0] * 60}, (), "the window has no column x"),
        ({"x": [1.0] * 60}, {"x": [1.0] * 60}, ("z",), "the reference has no column z"),
    ],
    ids=["too few rows", "a column is gone", "a column that is nowhere"],
)
def test_what_cannot_be_told_says_why(reference: Table, current: Table, columns: tuple[str, ...], why: str) -> None:
    found = _measured("domain_classifier_auc", reference, current, *columns)
    assert found == Measurement(monitor="together", value=None, samples=len(next(iter(current.values()))), why=why)


def test_one_column_by_itself_has_no_direction_to_lie_beside() -> None:
    found = _measured("reconstruction_error", {"x": np.arange(60.0)}, {"x": np.arange(60.0)})
    assert found.why == "the main directions hold all that the columns say: give more columns"


def test_of_equal_columns_nothing_is_told_apart() -> None:
    found = _measured("domain_classifier_test", {"x": [1.0] * 60}, {"x": [1.0] * 60})
    assert found == Measurement(monitor="together", value=0.5, samples=60)


def test_ranks_agree_with_pairs_counted_by_hand() -> None:
    random = np.random.default_rng(3)
    first, second = random.integers(0, 2, 13).astype(float), random.integers(0, 2, 17).astype(float)
    by_hand = np.mean([(one < other) + (one == other) / 2 for one in first for other in second])
    found = ranks.above(first, second)
    assert found.area == pytest.approx(by_hand)
    dealt = []
    everything = np.concatenate([first, second])
    for _ in range(4000):
        order = random.permutation(everything)
        dealt.append(ranks.above(order[:13], order[13:]).area)
    assert found.by_chance == pytest.approx(np.std(dealt), rel=0.05)
    assert found.score == pytest.approx((found.area - 0.5) / found.by_chance)
    shares = [
        np.mean((first[:, None] < second) + (first[:, None] == second) / 2, axis=axis).var(ddof=1) / size
        for axis, size in ((0, 17), (1, 13))
    ]
    assert found.deviation == pytest.approx(math.sqrt(sum(shares)))


@pytest.mark.parametrize("metric", ["domain_classifier_auc", "reconstruction_error"])
def test_what_chance_makes_of_it_is_told_at_the_rate_that_was_asked_for(metric: str) -> None:
    def at(rate: float | None, seed: int) -> Measurement:
        rows = Rows(current=_wet(120, seed, 0.8), reference=_wet(120, 1, 0.8), roles=ROLES)
        return DRIFT.measure("m", metric, Evidence(rows=rows, rate=rate))

    assert at(None, 2).chance is None
    rare, frequent = at(0.001, 2), at(0.1, 2)
    assert rare.chance is not None
    assert frequent.chance is not None
    assert rare.chance > frequent.chance > (0.5 if metric == "domain_classifier_auc" else 1.0)
    assert sum(not at(0.05, seed).by_chance for seed in range(2, 10)) <= 2
    moved = Rows(current=_wet(300, 3, 0.0), reference=_wet(300, 1, 0.8), roles=ROLES)
    assert not DRIFT.measure("m", metric, Evidence(rows=moved, rate=0.001)).by_chance
