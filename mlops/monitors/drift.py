"""Data and prediction drift: how far the columns of a window are from those of the reference.

The measurement is the column that moved most; the others are its parts.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Measurement
from mlops.monitors import calibration, distances, significance
from mlops.monitors.distances import Distance
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import DoesNotFitError, Profile, categorical_column, numeric_column

_SPREAD = 3
"""Deviations above the mean of the reference's own parts that still count as its own variation."""
_LEAST = 1e-9
_SQUARED = "population_stability_index"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlops.monitors.evidence import Evidence

    Metric = Callable[[Profile, Profile, str], Distance]


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Compare a window with its reference, by the metric of that name (see METRICS)."""
    kinds, of_column = _METRICS[metric]
    reference, current = evidence.reference, evidence.current
    if reference is None or current is None:
        absent = "the reference" if reference is None else "the window"
        return Measurement(monitor=name, value=None, samples=0, why=f"{absent} has no rows")
    columns = evidence.columns or _applicable(reference, kinds)
    try:
        found = {column: of_column(reference, current, column) for column in columns}
    except DoesNotFitError as error:
        return Measurement(monitor=name, value=None, samples=current.rows, why=str(error))
    if not found:
        return Measurement(monitor=name, value=None, samples=current.rows, why=f"no column has a {metric}")
    samples = min(current.columns[column].present for column in found)
    if metric in SMALLER_IS_WORSE:
        return _least(name, found, samples)
    if evidence.stretches is not None:
        own = {column: own_variation(metric, reference, evidence.stretches, column) for column in found}
        found = {column: _times(one, own[column]) for column, one in found.items()}
    return Measurement(
        monitor=name,
        value=max(one.value for one in found.values()),
        samples=samples,
        low=max(one.value for one in found.values()),
        high=max(one.at_most for one in found.values()),
        parts=tuple((column, one.value) for column, one in found.items()),
        chance=_chance(metric, reference, current, tuple(found), evidence.rate),
    )


def own_variation(metric: str, reference: Profile, found: Iterable[Profile], column: str) -> float:
    """Give how far parts of a reference lie from the rest of it: mean and three deviations; 0 where none has values.

    A part S of n values lies in the whole W of N: F_W = (n F_S + (N - n) F_R) / N, so its difference from the rest R is
    N / (N - n) times that from the whole; PSI grows with the square of differences.
    """
    whole = reference.columns[column].present
    power = 2 if metric == _SQUARED else 1
    values = [
        distance(metric, reference, one, column).value * (whole / (whole - part)) ** power
        for one in found
        if 0 < (part := one.columns[column].present) < whole
    ]
    return statistics.fmean(values) + _SPREAD * statistics.pstdev(values) if values else 0.0


def _times(one: Distance, own: float) -> Distance:
    """Give a distance as a multiple of the reference's own; of a column that has none whatever it moves is many."""
    least = max(own, _LEAST)
    return Distance(value=one.value / least, at_most=one.at_most / least)


def _chance(
    metric: str, reference: Profile, current: Profile, columns: tuple[str, ...], rate: float | None
) -> float | None:
    """Give what chance alone exceeds in any of the columns, so often: each has its share of the rate (Bonferroni)."""
    if rate is None:
        return None
    return max(
        calibration.limit(
            metric,
            reference.columns[one],
            current.columns[one].present,
            rate / len(columns),
            window=current.columns[one],
        )
        for one in columns
    )


def _least(name: str, found: Mapping[str, Distance], samples: int) -> Measurement:
    """Take the smallest p-value, corrected for the number of columns that were looked at."""
    corrected = significance.adjusted([one.value for one in found.values()])
    parts = tuple(zip(found, corrected, strict=True))
    return Measurement(monitor=name, value=min(corrected), samples=samples, parts=parts)


def _applicable(reference: Profile, kinds: str) -> tuple[str, ...]:
    return tuple(
        column
        for column, state in reference.columns.items()
        if kinds == "both" or isinstance(state, NumericState) == (kinds == "numeric")
    )


def distance(metric: str, reference: Profile, current: Profile, column: str) -> Distance:
    """Give one column's distance by the metric of that name.  Raise DoesNotFitError where it has none."""
    return _METRICS[metric][1](reference, current, column)


def every(metrics: Iterable[str], reference: Profile, current: Profile, column: str) -> dict[str, Distance]:
    """Give one column's distance by each of these metrics; its bins are counted once."""
    counted = bins(reference, current, column)
    return {
        metric: _exactly(_OF_BINS[metric](*counted))
        if metric in _OF_BINS
        else distance(metric, reference, current, column)
        for metric in metrics
    }


def bins(reference: Profile, current: Profile, column: str) -> tuple[distances.Floats, distances.Floats]:
    """Count a column of both in the bins, or levels, in which they are compared."""
    if isinstance(reference.columns.get(column), NumericState):
        return distances.bins(numeric_column(reference, column), numeric_column(current, column))
    return distances.bins(categorical_column(reference, column), categorical_column(current, column))


def _exactly(value: float) -> Distance:
    return Distance(value=value, at_most=value)


def _of_bins(metric: str) -> Metric:
    def of_column(reference: Profile, current: Profile, column: str) -> Distance:
        return _exactly(_OF_BINS[metric](*bins(reference, current, column)))

    return of_column


def _ks(reference: Profile, current: Profile, column: str) -> Distance:
    return distances.kolmogorov_smirnov(numeric_column(reference, column), numeric_column(current, column))


def _ks_p(reference: Profile, current: Profile, column: str) -> Distance:
    first, second = numeric_column(reference, column), numeric_column(current, column)
    distance = distances.kolmogorov_smirnov(first, second)
    return _exactly(significance.kolmogorov_smirnov_p(distance.value, first.finite, second.finite))


def _wasserstein(reference: Profile, current: Profile, column: str) -> Distance:
    first, second = numeric_column(reference, column), numeric_column(current, column)
    return _exactly(distances.normalized_wasserstein(first, second))


_OF_BINS: Mapping[str, Callable[[distances.Floats, distances.Floats], float]] = {
    "population_stability_index": distances.population_stability_index,
    "jensen_shannon_distance": distances.jensen_shannon_distance,
    "chebyshev_distance": distances.chebyshev_distance,
    "pearsons_chi_squared_test": lambda one, two: significance.chi_squared_p(*distances.chi_squared(one, two)),
}
"""Metrics of two rows of counts."""
_METRICS: Mapping[str, tuple[str, Metric]] = {
    "population_stability_index": ("both", _of_bins("population_stability_index")),
    "jensen_shannon_distance": ("both", _of_bins("jensen_shannon_distance")),
    "chebyshev_distance": ("both", _of_bins("chebyshev_distance")),
    "normalized_wasserstein_distance": ("numeric", _wasserstein),
    "kolmogorov_smirnov_distance": ("numeric", _ks),
    "two_sample_kolmogorov_smirnov_test": ("numeric", _ks_p),
    "pearsons_chi_squared_test": ("categorical", _of_bins("pearsons_chi_squared_test")),
}

METRICS: Mapping[str, str] = {
    "population_stability_index": "PSI over the reference's deciles or the levels; 0 is unmoved, above 0.2 a shift",
    "jensen_shannon_distance": "0 is equal, 1 is nothing in common; same bins as PSI",
    "chebyshev_distance": "largest difference of the share of one bin or level",
    "normalized_wasserstein_distance": "area between the distribution functions, in the reference's deviations",
    "kolmogorov_smirnov_distance": "largest difference of the distribution functions, with a bound",
    "two_sample_kolmogorov_smirnov_test": "p-value, corrected for the number of columns; small is drift",
    "pearsons_chi_squared_test": "p-value of both samples' levels, corrected for the number of columns; small is drift",
}
SMALLER_IS_WORSE = frozenset({"two_sample_kolmogorov_smirnov_test", "pearsons_chi_squared_test"})
"""Metrics that are p-values: a limit on them is a lower one."""
