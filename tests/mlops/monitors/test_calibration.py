"""A calibrated limit is passed by chance as often as it says, or more rarely."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitors import bridge, calibration, categorical, distances, numeric
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.numeric import NumericState

RUNS = 800
_WASSERSTEIN = "normalized_wasserstein_distance"
_NUMERIC = {
    "population_stability_index": lambda one, two: distances.population_stability_index(*distances.binned(one, two)),
    "jensen_shannon_distance": lambda one, two: distances.jensen_shannon_distance(*distances.binned(one, two)),
    "chebyshev_distance": lambda one, two: distances.chebyshev_distance(*distances.binned(one, two)),
    "kolmogorov_smirnov_distance": lambda one, two: distances.kolmogorov_smirnov(one, two).value,
    _WASSERSTEIN: distances.normalized_wasserstein,
}


def _column(kind: str, random: np.random.Generator, size: int) -> np.ndarray:
    match kind:
        case "normal":
            return random.normal(size=size)
        case "skewed":
            return random.lognormal(size=size)
        case _:
            return random.poisson(3, size).astype(float)


@pytest.mark.parametrize(("reference", "current"), [(400, 150), (1000, 1000)])
@pytest.mark.parametrize("kind", ["normal", "skewed", "counted"])
def test_chance_passes_a_five_percent_limit_at_most_so_often(reference: int, current: int, kind: str) -> None:
    random = np.random.default_rng([777, reference, len(kind)])
    passed = dict.fromkeys(_NUMERIC, 0)
    for _ in range(RUNS):
        first = numeric.count(_column(kind, random, reference), centre=0.0)
        second = numeric.count(_column(kind, random, current), centre=0.0)
        for metric, distance in _NUMERIC.items():
            window = second if metric == _WASSERSTEIN else None
            passed[metric] += distance(first, second) > calibration.limit(metric, first, current, 0.05, window=window)

    # Three standard errors of a share of 5 % of so many runs above it.
    most = RUNS * 0.05 + 3 * math.sqrt(RUNS * 0.05 * 0.95)
    assert {metric: count for metric, count in passed.items() if count > most} == {}
    if kind != "counted":  # a limit that never fires would keep the line above as well
        often = ("population_stability_index", "jensen_shannon_distance", _WASSERSTEIN)
        assert min(passed[metric] for metric in often) >= 0.015 * RUNS


def test_chance_passes_the_limit_of_levels_at_most_so_often() -> None:
    random = np.random.default_rng(777)
    shares = np.array([0.5, 0.3, 0.15, 0.05])

    def drawn(size: int) -> CategoricalState:
        counts = random.multinomial(size, shares)
        return categorical.from_counts({str(level): int(count) for level, count in enumerate(counts)})

    passed = {"population_stability_index": 0, "jensen_shannon_distance": 0, "chebyshev_distance": 0}
    for _ in range(RUNS):
        first, second = drawn(2000), drawn(500)
        pair = distances.levelled(first, second)
        for metric in passed:
            passed[metric] += getattr(distances, metric)(*pair) > calibration.limit(metric, first, 500, 0.05)

    assert {metric: count / RUNS <= 0.073 for metric, count in passed.items()} == dict.fromkeys(passed, True)
    assert min(passed.values()) / RUNS >= 0.005, "limits that never fire would keep the line above as well"


@pytest.mark.parametrize("levels", [30, 300])
def test_chance_passes_the_limit_of_rare_levels_at_most_so_often(levels: int) -> None:
    """By the formula for large samples it would pass that of Jensen and Shannon nine times in ten."""
    random = np.random.default_rng([777, levels])
    runs, alpha = 300, 0.05
    metrics = ("jensen_shannon_distance", "chebyshev_distance")
    passed = dict.fromkeys(metrics, 0)
    for _ in range(runs):
        first, second = (
            categorical.from_counts(
                {str(at): int(n) for at, n in enumerate(random.multinomial(100, [1 / levels] * levels))}
            )
            for _ in range(2)
        )
        pair = distances.levelled(first, second)
        for metric in metrics:
            limit = calibration.limit(metric, first, 100, alpha, window=second)
            passed[metric] += getattr(distances, metric)(*pair) > limit

    most = runs * alpha + 3 * math.sqrt(runs * alpha * (1 - alpha))
    assert {metric: count for metric, count in passed.items() if count > most} == {}
    assert passed["jensen_shannon_distance"] >= 0.01 * runs, (
        "a limit that never fires would keep the line above as well"
    )


def test_the_same_counts_have_the_same_limit_and_a_moved_window_passes_it() -> None:
    before = categorical.from_counts({str(level): 5 for level in range(20)})
    after = categorical.from_counts({str(level): 10 for level in range(10)})
    one, two = (calibration.limit("jensen_shannon_distance", before, 100, 0.01, window=after) for _ in range(2))
    assert one == two < distances.jensen_shannon_distance(*distances.levelled(before, after))


@pytest.mark.parametrize(("reference", "current"), [(100, 100), (60, 300)])
def test_chance_passes_the_limit_of_few_numbers_as_often_as_it_says(reference: int, current: int) -> None:
    random = np.random.default_rng([777, reference])
    metrics = ("population_stability_index", "jensen_shannon_distance", "chebyshev_distance")
    runs, alpha = 1500, 0.05
    passed = dict.fromkeys(metrics, 0)
    for _ in range(runs):
        first, second = (numeric.count(random.normal(size=size), centre=0.0) for size in (reference, current))
        for metric in metrics:
            passed[metric] += _NUMERIC[metric](first, second) > calibration.limit(
                metric, first, current, alpha, window=second
            )

    spread = 3 * math.sqrt(runs * alpha * (1 - alpha))
    assert {metric: count for metric, count in passed.items() if abs(count - runs * alpha) > 1.2 * spread} == {}


@pytest.mark.parametrize("metric", ["population_stability_index", "jensen_shannon_distance", "chebyshev_distance"])
def test_the_limit_of_a_rate_too_small_to_draw_lies_beyond_the_smallest_that_is_drawn(metric: str) -> None:
    """The thousandth look of a monitor has a rate of 6e-9: draws for it would never end."""
    random = np.random.default_rng(777)
    levels = [
        categorical.from_counts({str(n): int(count) for n, count in enumerate(random.multinomial(size, [0.01] * 100))})
        for size in (3000, 300)
    ]
    numbers = [numeric.count(random.normal(size=size), centre=0.0) for size in (3000, 300)]
    for first, second in (levels, numbers):
        limits = [
            calibration.limit(metric, first, 300, alpha, window=second) for alpha in (0.01, 0.001, 9.99e-4, 1e-4, 6e-9)
        ]

        assert limits == sorted(limits)
        assert limits[2] == pytest.approx(limits[1], rel=0.12)
        assert limits[0] < limits[1] < limits[3] < limits[4] < 3 * limits[1]


@given(st.floats(0.0001, 0.2), st.integers(1, 400))
def test_all_looks_together_spend_no_more_than_was_given(alpha: float, looks: int) -> None:
    spent = [calibration.spent(alpha, look) for look in range(1, looks + 1)]

    assert sum(spent) < alpha
    assert sum(calibration.spent(alpha, look) for look in range(1, 20_000)) == pytest.approx(alpha, rel=1e-4)
    assert spent == sorted(spent, reverse=True)


def _reference(size: int) -> NumericState:
    return numeric.count(np.random.default_rng(1).normal(size=size), centre=0.0)


@pytest.mark.parametrize("metric", _NUMERIC)
def test_the_smallest_sample_is_where_chance_falls_below_the_effect(metric: str) -> None:
    reference = _reference(5000)

    size = calibration.smallest_sample(metric, reference, 0.1, 0.01)

    assert (
        calibration.limit(metric, reference, size, 0.01) < 0.1 <= calibration.limit(metric, reference, size - 1, 0.01)
    )


def test_the_smallest_sample_of_psi_is_that_of_the_paper() -> None:
    """433 on each side for PSI 0.1 at 1 %, so that 217 do against a reference that is large."""
    assert calibration.smallest_sample("population_stability_index", _reference(10_000_000 // 20), 0.1, 0.01) == 217


def test_a_reference_that_is_too_small_has_no_window_that_is_large_enough() -> None:
    assert calibration.smallest_sample("population_stability_index", _reference(100), 0.1, 0.01) == -1


@pytest.mark.parametrize(
    ("metric", "size", "alpha", "said"),
    [
        ("two_sample_kolmogorov_smirnov_test", 10, 0.01, "has no calibrated limit; population_stability_index"),
        ("population_stability_index", 0, 0.01, "at least one value on each side"),
        ("population_stability_index", 10, 1.0, "lies between 0 and 1, not 1.0"),
    ],
)
def test_what_has_no_limit_says_so(metric: str, size: int, alpha: float, said: str) -> None:
    with pytest.raises(DoesNotFitError, match=said):
        calibration.limit(metric, _reference(100), size, alpha)


@pytest.mark.parametrize(
    ("alpha", "quantile"),
    [(0.5, 0.2815), (0.05, 0.5813), (0.01, 0.7516), (0.002, 0.8953), (0.001, 0.9506), (1e-4, 1.1162)],
)
def test_the_area_of_uniform_values_has_the_known_quantiles_of_the_integral_of_a_bridge(
    alpha: float, quantile: float
) -> None:
    """Those of 1.2 million bridges."""
    values = np.linspace(0.0, 1.0, 100_001)

    limit = bridge.limit(values, np.ones(len(values)), (400, 400), alpha)

    assert limit == pytest.approx(quantile * math.sqrt(2 / 400), rel=0.035 if alpha < 0.002 else 0.02)


def test_the_area_of_two_values_is_that_of_their_shares() -> None:
    """The difference of one share is normal: 2.576 deviations at 1 %."""
    limit = bridge.limit(np.array([2.0, 5.0]), np.array([300.0, 700.0]), (500, 500), 0.01)

    assert limit == pytest.approx(3 * 2.576 * math.sqrt(0.3 * 0.7 * 2 / 500), rel=0.03)


def test_a_value_that_only_the_window_has_widens_the_limit_of_the_area() -> None:
    first = numeric.count(np.linspace(0.0, 1.0, 400), centre=0.0)
    second = numeric.count(np.append(np.linspace(0.0, 1.0, 399), 1000.0), centre=0.0)

    alone, both = (calibration.limit(_WASSERSTEIN, first, 400, 0.01, window=window) for window in (None, second))

    assert alone < distances.normalized_wasserstein(first, second) < both


def test_a_column_that_did_not_move_can_be_told_from_three_thousand_rows() -> None:
    """A move of a tenth of a deviation is more than chance makes of 3,000 normal values on either side."""
    assert calibration.limit(_WASSERSTEIN, _reference(3000), 3000, 0.01) < 0.08


def test_one_value_alone_has_no_distance_that_chance_could_make() -> None:
    state = numeric.count(np.full(50, 3.0), centre=3.0)
    assert calibration.limit("population_stability_index", state, 50, 1e-5, window=state) == 0


def test_levels_have_no_area_between_distribution_functions() -> None:
    state = categorical.from_counts({"a": 3, "b": 4})
    with pytest.raises(DoesNotFitError, match="is of numbers"):
        calibration.limit("normalized_wasserstein_distance", state, 5, 0.01)


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.integers(1, 1000)), min_size=1, max_size=30, unique_by=lambda one: one[0]
    ),
    st.sampled_from([0.05, 0.002, 1e-6]),
)
def test_what_a_limit_is_surely_below_it_is_below(column: list[tuple[float, int]], alpha: float) -> None:
    """Of columns of any shape: many of one value, far tails, two values."""
    values, counts = (np.array(side, dtype=np.float64) for side in zip(*sorted(column), strict=True))
    limit = bridge.limit(values, counts, (500, 900), alpha)

    assert limit <= bridge.at_most(values, counts, (500, 900), alpha) * (1 + 1e-6)


@pytest.mark.parametrize("rows", [50, 400, 20_000])
def test_only_a_window_that_cannot_tell_is_asked_for_its_limit(rows: int) -> None:
    random = np.random.default_rng(rows)
    reference, window = (numeric.count(random.standard_t(4, rows), centre=0.0) for _ in range(2))
    metric = "normalized_wasserstein_distance"
    limit = calibration.limit(metric, reference, rows, 0.01, window=window)

    assert not calibration.stays_below(0.9 * limit, metric, reference, window, 0.01)
    assert calibration.stays_below(10 * limit, metric, reference, window, 0.01)
    assert not calibration.stays_below(10 * limit, "population_stability_index", reference, window, 0.01)
