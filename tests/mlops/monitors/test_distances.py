"""Distances from counts against exact ones from sorted rows, and against known figures of the weather."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.monitors.exact import deciles
from mlops.monitors import categorical, distances, numeric, significance, tally
from mlops.monitors.profile import DoesNotFitError
from tests.mlops.monitors.weather import weather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.numeric import NumericState

values = st.lists(st.floats(min_value=-100, max_value=100) | st.sampled_from([0.0, 1.0, 2.5]), min_size=1, max_size=60)


def _states(reference: NDArray[np.float64], current: NDArray[np.float64]) -> tuple[NumericState, NumericState]:
    centre = numeric.centre_of(reference)
    return numeric.count(reference, centre=centre), numeric.count(current, centre=centre)


def _exact_ks(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    points = np.union1d(one, two)
    f = np.searchsorted(np.sort(one), points, side="right") / len(one)
    g = np.searchsorted(np.sort(two), points, side="right") / len(two)
    return float(np.abs(f - g).max())


def _exact_wasserstein(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    points = np.union1d(one, two)
    f = np.searchsorted(np.sort(one), points, side="right") / len(one)
    g = np.searchsorted(np.sort(two), points, side="right") / len(two)
    return float((np.abs(f - g)[:-1] * np.diff(points)).sum())


def test_zero_and_minus_zero_are_one_value() -> None:
    many = 3 * tally.FEW
    for size in (3, many):
        zero, minus = (tally.NumericTally(0.0), tally.NumericTally(0.0))
        zero.add(np.zeros(size))
        minus.add(-np.zeros(size))
        assert zero.state() == minus.state()
        assert zero.state() == numeric.count(-np.zeros(size), centre=0.0)


@given(values, values)
def test_the_exact_kolmogorov_smirnov_distance_lies_within_its_bound(one: list[float], two: list[float]) -> None:
    a, b = np.array(one), np.array(two)
    found = distances.kolmogorov_smirnov(*_states(a, b))
    assert found.value - 1e-12 <= _exact_ks(a, b) <= found.at_most + 1e-12


@given(st.lists(st.integers(-40, 40), min_size=1), st.lists(st.integers(-40, 40), min_size=1))
def test_whole_numbers_have_cells_of_their_own_so_their_distance_is_decided(one: list[int], two: list[int]) -> None:
    a, b = np.array(one, dtype=float), np.array(two, dtype=float)
    found = distances.kolmogorov_smirnov(numeric.count(a, centre=0.0), numeric.count(b, centre=0.0))
    exact = _exact_ks(a, b)
    assert (found.value, found.at_most) == pytest.approx((exact, exact))


def _psi(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    return distances.population_stability_index(*distances.binned(*_states(reference, current)))


def _exact_psi(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    return distances.population_stability_index(*deciles(reference, current))


def test_a_decile_inside_a_cell_of_many_values_is_a_border_inside_it() -> None:
    draw = np.random.default_rng(5)
    reference, current = draw.uniform(size=300_000), draw.uniform(size=300_000) ** 2
    assert _psi(reference, current) == pytest.approx(_exact_psi(reference, current), abs=2e-4)


def test_a_value_that_repeats_among_others_is_the_border_whatever_share_of_the_reference_it_has() -> None:
    draw = np.random.default_rng(6)
    reference, current = draw.normal(size=300_000), draw.normal(size=300_000)
    reference[::5], current[::3] = 1.0, 1.0
    assert _psi(reference, current) == pytest.approx(_exact_psi(reference, current), abs=2e-4)


def test_what_lies_beyond_all_of_a_reference_has_a_bin_of_its_own() -> None:
    reference, current = np.full(100, 1.0), np.full(100, 2.0)
    bins = distances.binned(*_states(reference, current))
    assert [side.tolist() for side in bins] == [[100.0, 0.0], [0.0, 100.0]]
    assert _psi(reference, current) == pytest.approx(_exact_psi(reference, current))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60), st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_whole_numbers_are_binned_as_by_sorting(one: list[int], two: list[int]) -> None:
    a, b = np.array(one, dtype=float), np.array(two, dtype=float)
    found, exact = distances.binned(*_states(a, b)), deciles(a, b)
    assert [side.tolist() for side in found] == [side.tolist() for side in exact]


@given(values, values)
def test_the_wasserstein_distance_errs_by_less_than_a_cell(one: list[float], two: list[float]) -> None:
    a, b = np.array(one), np.array(two)
    reach = float(np.abs(np.concatenate([a, b]) - numeric.centre_of(a)).max())
    assert distances.wasserstein(*_states(a, b)) == pytest.approx(_exact_wasserstein(a, b), abs=reach / 100 + 1e-9)


@given(values)
def test_a_column_has_no_distance_from_itself(one: list[float]) -> None:
    state, same = _states(np.array(one), np.array(one))
    bins = distances.binned(state, same)
    assert distances.kolmogorov_smirnov(state, same).value == 0
    assert distances.population_stability_index(*bins) == 0
    assert distances.jensen_shannon_distance(*bins) == 0
    assert distances.chebyshev_distance(*bins) == 0


@pytest.mark.parametrize(
    ("column", "psi", "ks_cells", "ks_exact", "moved"),
    [
        ("dew_point", 5.1, 0.4081, 0.4092, 0.737),
        ("sea_level_pressure", 2.15, 0.4528, 0.4531, 0.328),
        ("max_sustained_wind_speed", 0.557, 0.1953, 0.1953, 0.418),
        ("average_wind_speed", 0.287, 0.2400, 0.2400, 0.444),
        ("temperature", 0.099, 0.0614, 0.0625, 0.110),
    ],
)
def test_the_weather_moved_by_the_known_figures(
    column: str, psi: float, ks_cells: float, ks_exact: float, moved: float
) -> None:
    all_days = weather()[column]
    first, last = all_days[:3600], all_days[-3600:]
    reference, current = _states(first, last)
    ks = distances.kolmogorov_smirnov(reference, current)
    # Bins are (lo, hi]: max_sustained_wind_speed, which has few values, would give 1.034 the other way round.
    assert distances.population_stability_index(*distances.binned(reference, current)) == pytest.approx(psi, rel=0.02)
    assert ks.value == pytest.approx(ks_cells, abs=5e-5)
    assert ks.value <= _exact_ks(first, last) <= ks.at_most
    assert _exact_ks(first, last) == pytest.approx(ks_exact, abs=5e-5)
    assert distances.normalized_wasserstein(reference, current) == pytest.approx(moved, abs=1e-3)


def test_two_outliers_do_not_hide_drift_nor_make_it() -> None:
    pressure = weather()["sea_level_pressure"]
    shuffled = np.random.default_rng(1).permutation(pressure[:3600])
    one, two = _states(shuffled[:1800], shuffled[1800:])
    assert pressure[:3600].max() > 94
    assert distances.population_stability_index(*distances.binned(one, two)) < 0.016


def test_a_column_of_two_values_is_decided_once_they_are_proven() -> None:
    rain = weather()["rain"]
    found = distances.kolmogorov_smirnov(*_states(rain[:3600], rain[-3600:]))
    assert found.value == pytest.approx(0.0619, abs=5e-5)
    assert found.at_most == found.value


def test_year_against_next_year_moves_by_the_known_median() -> None:
    found = []
    for start in range(0, 48 * 365, 365):
        for name, column in weather().items():
            if name not in ("day", "rain"):
                states = _states(column[start : start + 365], column[start + 365 : start + 730])
                found.append(distances.population_stability_index(*distances.binned(*states)))
    assert len(found) == 384
    assert float(np.median(found)) == pytest.approx(0.083, abs=0.004)
    assert sum(psi > 0.2 for psi in found) / len(found) == pytest.approx(0.11, abs=0.02)


def test_a_new_and_a_lost_level_count_on_the_other_side_as_zero() -> None:
    reference, current = categorical.count(["a", "a", "b"]), categorical.count(["a", "c"])
    one, two = distances.levelled(reference, current)
    assert (one.tolist(), two.tolist()) == ([2.0, 1.0, 0.0], [1.0, 0.0, 1.0])
    assert distances.chebyshev_distance(one, two) == pytest.approx(0.5)
    assert distances.chi_squared(20 * one, 20 * two)[1] == 2


def test_rare_levels_count_as_one_in_pearsons_statistic() -> None:
    one, two = np.array([100.0, 50, 4, 3, 0]), np.array([90.0, 60, 2, 0, 0])
    pooled = distances.chi_squared(np.array([100.0, 50, 7]), np.array([90.0, 60, 2]))
    assert distances.chi_squared(one, two) == pooled
    assert pooled[1] == 2


def test_nothing_in_common_is_a_jensen_shannon_distance_of_one() -> None:
    one, two = np.array([4.0, 0.0]), np.array([0.0, 7.0])
    assert distances.jensen_shannon_distance(one, two) == pytest.approx(1.0)


def test_columns_around_different_centres_are_refused() -> None:
    one, two = numeric.count(np.ones(2), centre=0.0), numeric.count(np.ones(2), centre=1.0)
    with pytest.raises(DoesNotFitError, match=r"counted around 0.0 and 1.0 do not compare"):
        distances.kolmogorov_smirnov(one, two)


def test_a_side_without_values_has_no_distance() -> None:
    with pytest.raises(DoesNotFitError, match="at least one finite value"):
        distances.kolmogorov_smirnov(numeric.empty(0.0), numeric.count(np.ones(2), centre=0.0))


@pytest.mark.parametrize(
    ("statistic", "freedom", "p"),
    [(21.665994, 9, 0.01), (3.841459, 1, 0.05), (0.5, 4, 0.9735009788), (100.0, 100, 0.4811917), (18.307038, 10, 0.05)],
)
def test_chi_squared_agrees_with_its_table(statistic: float, freedom: int, p: float) -> None:
    assert significance.chi_squared_p(statistic, freedom) == pytest.approx(p, abs=1e-4)


def test_limits_of_chance_follow_the_sizes_of_both_samples() -> None:
    limit = significance.population_stability_index_limit
    assert limit(0.01, 10, 100, 100) == pytest.approx(0.433, abs=5e-4)
    assert limit(0.01, 10, 100_000, 500) == pytest.approx(0.0436, abs=1e-4)
    assert significance.kolmogorov_smirnov_p(1.628 * math.sqrt(2 / 1e6), 10**6, 10**6) == pytest.approx(0.01, abs=2e-4)


def test_looking_at_many_features_is_corrected_for() -> None:
    assert significance.adjusted([0.01, 0.04, 0.03, 0.5]) == pytest.approx((0.04, 0.16 / 3, 0.16 / 3, 0.5))
