"""What monitors say of whole windows, and that they never answer for what is not there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlops.domain.data.measurement import Measurement
from mlops.monitors import calibration, profile
from mlops.monitors.evidence import Evidence, Scored
from mlops.monitors.profile import Bounds, Profile, Schema, numeric_column
from mlops.monitors.registry import MONITORS, table
from tests.mlops.monitors.weather import FEATURES, days

RULES = (
    Bounds(
        name="temperature between minimum and maximum",
        weights=(("temperature", 1.0), ("minimum_temperature", -0.5), ("maximum_temperature", -0.5)),
        low=-1.0,
        high=1.0,
    ),
)


def _weather(first: int, after: int, schema: Schema | None = None, *, faulty: bool = False) -> Profile:
    columns = days(first, after)
    if faulty:  # Celsius where Fahrenheit was
        columns["temperature"] = 0.56 * columns["temperature"] - 1.84
    return profile.profile(columns, schema=schema or profile.schema_of(columns, features=FEATURES, bounds=RULES))


def test_every_metric_says_nothing_rather_than_pass_when_there_is_nothing() -> None:
    for signal, monitor in MONITORS.items():
        for metric in set(monitor.METRICS) - {"row_count"}:
            found = monitor.measure("any", metric, Evidence())
            assert (signal, metric, found.value, found.samples, bool(found.why)) == (signal, metric, None, 0, True)


def test_an_unknown_metric_fails_loudly() -> None:
    for monitor in MONITORS.values():
        with pytest.raises(KeyError):
            monitor.measure("any", "psy", Evidence())


def test_drift_is_the_column_that_moved_most_with_all_columns_as_parts() -> None:
    reference = _weather(0, 3600)
    current = _weather(14_559, 18_159, reference.schema)
    found = MONITORS["data_drift"].measure(
        "drift", "population_stability_index", Evidence(reference=reference, current=current)
    )
    assert (found.monitor, found.samples) == ("drift", 3600)
    assert found.value == pytest.approx(5.1, rel=0.01)
    assert dict(found.parts)["dew_point"] == found.value
    assert tuple(name for name, _ in found.parts) == FEATURES


def test_a_distance_that_cells_do_not_decide_says_between_what() -> None:
    reference = _weather(0, 3600)
    evidence = Evidence(
        reference=reference, current=_weather(14_559, 18_159, reference.schema), columns=("temperature",)
    )
    found = MONITORS["data_drift"].measure("ks", "kolmogorov_smirnov_distance", evidence)
    assert (found.low, found.high) == pytest.approx((0.0614, 0.0625), abs=1e-4)


def test_p_values_are_corrected_for_the_number_of_columns() -> None:
    reference = _weather(0, 1800)
    one = Evidence(reference=reference, current=_weather(1800, 3600, reference.schema), columns=("temperature",))
    all_of_them = Evidence(reference=one.reference, current=one.current)
    metric = "two_sample_kolmogorov_smirnov_test"
    alone = MONITORS["data_drift"].measure("p", metric, one).value
    among = dict(MONITORS["data_drift"].measure("p", metric, all_of_them).parts)["temperature"]
    assert alone is not None
    assert among >= alone


def test_of_p_values_the_smallest_counts() -> None:
    schema = Schema(centres=(("moved", 0.0), ("stayed", 0.0)))
    rows = [index / 100 for index in range(100)]
    reference = profile.profile({"moved": rows, "stayed": rows}, schema=schema)
    current = profile.profile({"moved": [x + 0.5 for x in rows], "stayed": rows}, schema=schema)
    evidence = Evidence(reference=reference, current=current)
    found = MONITORS["data_drift"].measure("p", "two_sample_kolmogorov_smirnov_test", evidence)
    assert found.value is not None
    assert found.value < 1e-9
    assert dict(found.parts)["stayed"] > 0.99


def test_levels_are_compared_as_levels() -> None:
    schema = Schema(categorical=("kind",))
    reference = profile.profile({"kind": ["a"] * 50 + ["b"] * 50}, schema=schema)
    current = profile.profile({"kind": ["a"] * 10 + ["c"] * 90}, schema=schema)
    evidence = Evidence(reference=reference, current=current)
    p = MONITORS["data_drift"].measure("levels", "pearsons_chi_squared_test", evidence)
    new = MONITORS["data_quality"].measure("bounds", "out_of_bounds_rate", evidence)
    assert p.value is not None
    assert p.value < 1e-20
    assert new.value == pytest.approx(0.9)
    assert MONITORS["data_drift"].measure("w", "normalized_wasserstein_distance", evidence).why == (
        "no column has a normalized_wasserstein_distance"
    )


def test_what_chance_reaches_is_said_at_the_rate_asked_for_over_all_columns_and_with_the_windows_tails() -> None:
    random = np.random.default_rng(5)
    schema = Schema(centres=(("x", 0.0), ("y", 0.0)))
    reference = profile.profile({"x": random.normal(size=300), "y": random.normal(size=300)}, schema=schema)
    current = profile.profile({"x": random.normal(size=200), "y": [*random.normal(size=199), 40.0]}, schema=schema)
    metric = "normalized_wasserstein_distance"

    asked = MONITORS["data_drift"].measure("w", metric, Evidence(reference=reference, current=current, rate=0.02))
    limits = [
        calibration.limit(metric, numeric_column(reference, name), 200, 0.01, window=numeric_column(current, name))
        for name in ("x", "y")
    ]

    assert asked.chance == max(limits) == limits[1] > 1.5 * limits[0]


def test_a_column_the_window_lacks_is_named_and_not_passed() -> None:
    reference = profile.profile({"x": [1.0]}, schema=Schema(centres=(("x", 0.0),)))
    current = profile.profile({"y": [1.0]}, schema=Schema(centres=(("y", 0.0),)))
    found = MONITORS["data_drift"].measure(
        "d", "population_stability_index", Evidence(reference=reference, current=current)
    )
    assert found == Measurement(
        monitor="d", value=None, samples=1, why="the profile has no numeric column 'x'; it has y"
    )


def test_the_sensor_that_changed_its_unit_breaks_the_rule_that_joins_three_columns() -> None:
    found = MONITORS["data_quality"].measure(
        "unit", "broken_rule_rate", Evidence(current=_weather(9_000, 9_090, faulty=True))
    )
    sound = MONITORS["data_quality"].measure("unit", "broken_rule_rate", Evidence(current=_weather(9_000, 9_090)))
    assert found.value is not None
    assert found.value > 0.9
    assert sound == Measurement(
        monitor="unit", value=0.0, samples=90, parts=(("temperature between minimum and maximum", 0.0),)
    )


def test_a_rule_that_no_row_could_be_asked_is_no_pass() -> None:
    schema = Schema(centres=(("x", 0.0),), bounds=(Bounds(name="x is small", weights=(("x", 1.0),), high=1.0),))
    current = profile.profile({"x": [None, "cold"]}, schema=schema)
    found = MONITORS["data_quality"].measure("rule", "broken_rule_rate", Evidence(current=current))
    assert found == Measurement(
        monitor="rule", value=None, samples=0, why="no row has all the values that x is small needs"
    )


def test_quality_counts_nulls_wrong_types_and_what_is_out_of_range() -> None:
    schema = Schema(centres=(("x", 0.0),))
    reference = profile.profile({"x": [0.0, 10.0]}, schema=schema)
    current = profile.profile({"x": [5.0, 11.0, -1.0, None, float("nan"), "cold", 0.0, 10.0]}, schema=schema)
    evidence = Evidence(reference=reference, current=current)
    quality = MONITORS["data_quality"]
    assert quality.measure("n", "null_value_rate", evidence).value == 2 / 8
    assert quality.measure("t", "data_type_error_rate", evidence).value == 1 / 8
    assert quality.measure("o", "out_of_bounds_rate", evidence).value == 2 / 5
    assert quality.measure("r", "row_count", evidence).value == 8


@example(one=[-0.0], two=[0.0, 1.0])
@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    st.lists(st.floats(-100, 100), min_size=1, max_size=30),
)
def test_the_exact_share_out_of_range_lies_within_its_bound(one: list[float], two: list[float]) -> None:
    schema = Schema(centres=(("x", 0.0),))
    evidence = Evidence(
        reference=profile.profile({"x": one}, schema=schema), current=profile.profile({"x": two}, schema=schema)
    )
    found = MONITORS["data_quality"].measure("o", "out_of_bounds_rate", evidence)
    exact = sum(not min(one) <= x <= max(one) for x in two) / len(two)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= exact <= found.high


def test_freshness_is_the_age_of_the_newest_row() -> None:
    evidence = Evidence(newest=datetime(1980, 1, 1, tzinfo=UTC), now=datetime(1980, 1, 3, tzinfo=UTC))
    assert MONITORS["data_quality"].measure("fresh", "hours_since_newest", evidence).value == 48


def test_an_empty_window_is_no_rows_to_the_metric_that_looks_for_that() -> None:
    assert MONITORS["data_quality"].measure("volume", "row_count", Evidence()).value == 0


def _scored(labels: list[float], scores: list[float], waiting: int = 0) -> Evidence:
    return Evidence(scored=Scored(labels=labels, scores=scores, waiting=waiting))


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("accuracy", 0.75),
        ("precision", 1.0),
        ("recall", 0.5),
        ("f1", 2 / 3),
        ("roc_auc", 0.75),
        ("brier_score", (0.04 + 0.01 + 0.49 + 0.16) / 4),
        ("log_loss", -(np.log(0.8) + np.log(0.9) + np.log(0.3) + np.log(0.6)) / 4),
        ("expected_calibration_error", (0.2 + 0.1 + 0.7 + 0.4) / 4),
        ("labelled_share", 0.8),
    ],
)
def test_performance_of_four_labelled_rows_and_one_that_waits(metric: str, value: float) -> None:
    found = MONITORS["model_performance"].measure("m", metric, _scored([1, 0, 1, 0], [0.8, 0.1, 0.3, 0.4], waiting=1))
    assert found.value == pytest.approx(value)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.integers(0, 10)), min_size=2, max_size=40))
def test_roc_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, int]]) -> None:
    labels, scores = [label for label, _ in rows], [score / 10 for _, score in rows]
    ones = [s for label, s in zip(labels, scores, strict=True) if label]
    zeros = [s for label, s in zip(labels, scores, strict=True) if not label]
    found = MONITORS["model_performance"].measure("auc", "roc_auc", _scored(labels, scores))
    if not ones or not zeros:
        assert found.value is None
        return
    pairs = [(one > zero) + (one == zero) / 2 for one in ones for zero in zeros]
    assert found.value == pytest.approx(sum(pairs) / len(pairs))


@pytest.mark.parametrize(
    ("metric", "labels", "scores", "why"),
    [
        ("roc_auc", [1.0, 1.0], [0.2, 0.3], "positives and negatives"),
        ("accuracy", [2.0], [0.2], "neither 0 nor 1"),
        ("brier_score", [1.0], [1.5], "no probability"),
        ("expected_calibration_error", [1.0], [1.5], "no probability"),
        ("accuracy", [1.0], [float("nan")], "not a finite number"),
    ],
)
def test_what_has_no_performance_says_why(metric: str, labels: list[float], scores: list[float], why: str) -> None:
    found = MONITORS["model_performance"].measure("m", metric, _scored(labels, scores))
    assert found.value is None
    assert why in found.why


def test_the_interval_of_an_accuracy_holds_its_share_of_true_values() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        hits = rng.random(300) < 0.8
        found = MONITORS["model_performance"].measure(
            "a", "accuracy", _scored([1.0] * 300, [0.9 if hit else 0.1 for hit in hits])
        )
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.8 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_the_readme_lists_every_metric_there_is() -> None:
    readme = Path(__file__).parents[3] / "mlops" / "README.md"
    assert table() in readme.read_text(encoding="utf-8")
