"""Groups are compared when they are large enough, and a gap comes with what it is at least and at most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlops.domain.data.measurement import Measurement
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.registry import MONITORS

FAIRNESS = MONITORS["fairness"]
SCORED = Roles(label="rain", probability="chance", group="station")


def _rows(current: dict[str, Any], roles: Roles = SCORED, smallest: int = 1) -> Evidence:
    return Evidence(rows=Rows(current=current, roles=roles, smallest_group=smallest))


EIGHT: dict[str, Any] = {
    "station": ["north"] * 4 + ["south"] * 4,
    "chance": [0.9, 0.8, 0.7, 0.1, 0.9, 0.2, 0.1, 0.3],
    "rain": [1, 1, 0, 0, 1, 1, 0, 0],
}


@pytest.mark.parametrize(
    ("metric", "value", "parts"),
    [
        ("demographic_parity_difference", 0.5, {"north": 0.75, "south": 0.25}),
        ("demographic_parity_ratio", 1 / 3, {"north": 0.75, "south": 0.25}),
        ("equal_opportunity_difference", 0.5, {"true positives north": 1.0, "true positives south": 0.5}),
        (
            "equalized_odds_difference",
            0.5,
            {
                "true positives north": 1.0,
                "true positives south": 0.5,
                "false positives north": 0.5,
                "false positives south": 0.0,
            },
        ),
        ("accuracy_difference", 0.0, {"north": 0.75, "south": 0.75}),
    ],
)
def test_the_gap_of_two_groups_comes_with_the_value_of_each(metric: str, value: float, parts: dict[str, float]) -> None:
    found = FAIRNESS.measure("fair", metric, _rows(EIGHT))
    assert found.value == pytest.approx(value)
    assert dict(found.parts) == parts
    assert found.samples == (2 if "odds" in metric or "opportunity" in metric else 4)


def test_of_a_regression_the_mean_errors_are_compared() -> None:
    current: dict[str, Any] = {
        "station": ["a", "a", "b", "b"],
        "guess": [1.0, 3.0, 1.0, 1.0],
        "truth": [1.0, 1.0, 4.0, 2.0],
    }
    roles = Roles(label="truth", prediction="guess", group="station")
    found = FAIRNESS.measure("fair", "mean_absolute_error_difference", _rows(current, roles))
    assert (found.value, dict(found.parts)) == (1.0, {"a": 1.0, "b": 2.0})


def test_a_group_below_the_smallest_is_named_and_not_compared() -> None:
    current: dict[str, Any] = {
        "station": ["a"] * 40 + ["b"] * 40 + ["c"] * 3 + [None],
        "chance": [0.9] * 20 + [0.1] * 60 + [0.9] * 4,
    }
    found = FAIRNESS.measure("fair", "demographic_parity_difference", _rows(current, smallest=30))
    assert (found.value, found.samples, dict(found.parts)) == (0.5, 40, {"a": 0.5, "b": 0.0})
    assert found.why == "not compared, with fewer than 30 rows: c (3); 1 rows have no group"


@pytest.mark.parametrize(
    ("change", "smallest", "why"),
    [
        ({}, 5, "fewer than two groups are large enough to compare; not compared, with fewer than 5 rows: north (4), "),
        ({"station": ["north"] * 8}, 1, "fewer than two groups"),
        ({"station": list("abcdefgh")}, 2, "rows: a (1), b (1), c (1)"),
        ({"rain": [2] * 8}, 1, "a label is neither 0 nor 1"),
        ({"chance": ["high"] * 8}, 1, "column 'chance' has 'high' in row 1, which is no number"),
    ],
    ids=["all small", "one group", "too many small", "labels of three kinds", "no number"],
)
def test_what_cannot_be_compared_says_why(change: dict[str, Any], smallest: int, why: str) -> None:
    found = FAIRNESS.measure("fair", "accuracy_difference", _rows({**EIGHT, **change}, smallest=smallest))
    assert (found.value, found.samples) == (None, 8)
    assert why in found.why


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        (Roles(label="rain", probability="chance"), "no column was named as the group"),
        (Roles(label="rain", probability="chance", group="town"), "the window has no column 'town', the group"),
        (Roles(label="rain", group="station"), "no column was named as the prediction"),
        (Roles(label="rain", prediction="chance", group="station"), "has predictions other than 0 and 1"),
    ],
)
def test_a_column_that_is_not_there_is_named(roles: Roles, why: str) -> None:
    found = FAIRNESS.measure("fair", "accuracy_difference", _rows(EIGHT, roles))
    assert found.value is None
    assert why in found.why


def test_a_column_of_very_many_values_holds_no_groups() -> None:
    current: dict[str, Any] = {"station": list(range(300)), "chance": [0.5] * 300}
    found = FAIRNESS.measure("fair", "demographic_parity_difference", _rows(current))
    why = "column 'station' has 300 values, and groups are at most 100"
    assert found == Measurement(monitor="fair", value=None, samples=300, why=why)


def test_rows_without_a_label_or_a_prediction_do_not_count() -> None:
    current: dict[str, Any] = {
        **EIGHT,
        "rain": [1, 1, 0, None, 1, 1, 0, 0],
        "chance": [0.9, 0.8, 0.7, 0.1, 0.9, 0.2, 0.1, None],
    }
    found = FAIRNESS.measure("fair", "accuracy_difference", _rows(current))
    assert (found.samples, found.parts) == (3, (("north", 2 / 3), ("south", 2 / 3)))


@pytest.mark.parametrize(
    ("metric", "true"), [("demographic_parity_difference", 0.1), ("demographic_parity_ratio", 0.8)]
)
def test_the_interval_holds_the_true_gap_at_its_rate_or_above(metric: str, true: float) -> None:
    draws = np.random.default_rng(3)
    groups = np.repeat(["a", "b", "c"], 200)
    held = 0
    for _ in range(150):
        chance = (draws.random(600) < np.repeat([0.4, 0.5, 0.5], 200)).astype(float)
        found = FAIRNESS.measure("fair", metric, _rows({"station": groups, "chance": chance}))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert held / 150 >= 0.95
