"""Limits that chance alone exceeds at a stated rate, for the sample sizes at hand.

With c = 1/n + 1/m and nothing moved, PSI is about c times a chi-squared of B - 1 degrees (B bins), and so is 8 ln 2
times the squared Jensen-Shannon distance; the Kolmogorov-Smirnov distance exceeds sqrt(c) sqrt(-ln(alpha / 2) / 2) with
chance alpha (Smirnov's first term; ties make it rarer).  The largest difference of shares is bounded bin by bin
(Bonferroni), which is rarer than alpha, never more frequent.  The Wasserstein distance has draws, see `bridge`; where
levels or values are few, so have the others, see `permutation`.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import bridge, distances, permutation
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import DoesNotFitError
from mlops.monitors.significance import population_stability_index_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.distances import Floats


LEAST_DRAWN = 0.001
"""The smallest rate that limits are drawn for: each tenth of it takes ten times the draws."""


def limit(
    metric: str,
    reference: NumericState | CategoricalState,
    current: int,
    alpha: float,
    *,
    window: NumericState | CategoricalState | None = None,
) -> float:
    """Give the value of a distance that a window of so many values exceeds by chance with probability alpha.

    Where the window itself is given, and is small or a level of it is rare, draws show what chance does; for the
    Wasserstein distance they always do, and the window's own tails count.  Rates below LEAST_DRAWN would take too many
    draws: from there on the limit grows as the formula does.
    Raise DoesNotFitError for a metric that has no such limit, or for an empty side.
    """
    counts = _counts(reference)
    size = float(counts.sum())
    if not size or current <= 0:
        raise DoesNotFitError("a calibrated limit needs at least one value on each side")
    if metric not in METRICS:
        raise DoesNotFitError(f"{metric} has no calibrated limit; {', '.join(METRICS)} have")
    if not 0 < alpha < 1:
        raise DoesNotFitError(f"a rate of false alarms lies between 0 and 1, not {alpha}")
    if metric == _WASSERSTEIN:
        return _wasserstein(reference, window, current, alpha)
    formula = _LIMITS[metric]
    often = max(alpha, LEAST_DRAWN)
    drawn = _drawn(metric, reference, window, often) if window is not None else None
    if drawn is None:
        return formula(reference, current, alpha)
    if alpha == often or not drawn:
        return drawn
    return formula(reference, current, alpha) * max(1.0, drawn / formula(reference, current, often))


def stays_below(
    effect: float,
    metric: str,
    reference: NumericState | CategoricalState,
    window: NumericState | CategoricalState,
    alpha: float,
) -> bool:
    """Say whether the limit for this window is surely no more than an effect, where that costs less than the limit."""
    if metric != _WASSERSTEIN or not isinstance(reference, NumericState) or not isinstance(window, NumericState):
        return False
    sizes = (reference.finite, window.present)
    return bridge.at_most(*distances.pooled(reference, window), sizes, alpha) <= effect * _unit(reference)


def _unit(reference: NumericState) -> float:
    return max(reference.deviation, distances.LEAST_DEVIATION)


def _drawn(
    metric: str, reference: NumericState | CategoricalState, window: NumericState | CategoricalState, alpha: float
) -> float | None:
    """Give the limit that draws show; None where a formula does, which costs less."""
    if isinstance(reference, NumericState):
        few = min(reference.present, window.present) <= permutation.FEW
        if few and metric in permutation.METRICS_OF_BINS:
            return permutation.limit_of_bins(metric, *distances.bins(reference, window), alpha)
        return None
    if metric in permutation.METRICS and permutation.is_sparse(*(sides := distances.bins(reference, window))):
        return permutation.limit(metric, *sides, alpha)
    return None


def spent(alpha: float, look: int) -> float:
    """Give the share of alpha that the look of this number (1, 2, ...) may use: 6 / (pi look)**2 of it.

    The shares of all looks there will ever be add up to alpha, so the chance that any of them is a false alarm stays
    below it, however long a monitor runs and however the looks depend on each other.
    """
    if look < 1:
        raise ValueError(f"looks are counted from 1, not {look}")
    return alpha * 6 / (math.pi * look) ** 2


def smallest_sample(metric: str, reference: NumericState | CategoricalState, effect: float, alpha: float) -> int:
    """Give the size of a window from which chance alone stays below an effect; with fewer values nobody can tell.

    Give -1 where no window is large enough, because the reference itself is too small.
    """
    most = 2**40
    if limit(metric, reference, most, alpha) >= effect:
        return -1
    low, high = 0, 1
    while limit(metric, reference, high, alpha) >= effect:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if limit(metric, reference, middle, alpha) >= effect else (low, middle)
    return high


def _counts(state: NumericState | CategoricalState) -> Floats:
    if isinstance(state, NumericState):
        return state.counts.astype(np.float64)
    return np.array([count for _, count in state.levels], dtype=np.float64)


def _bins(reference: NumericState | CategoricalState) -> Floats:
    """Count the reference in the bins in which it will be compared."""
    if isinstance(reference, NumericState):
        return distances.binned(reference, reference)[0]
    return _counts(reference)


def _spread(reference: NumericState | CategoricalState, current: int) -> float:
    return 1 / float(_counts(reference).sum()) + 1 / current


def _psi(reference: NumericState | CategoricalState, current: int, alpha: float) -> float:
    counts = _bins(reference)
    return population_stability_index_limit(alpha, len(counts), int(counts.sum()), current) if len(counts) > 1 else 0.0


def _js(reference: NumericState | CategoricalState, current: int, alpha: float) -> float:
    return math.sqrt(_psi(reference, current, alpha) / (8 * math.log(2)))


def _ks(reference: NumericState | CategoricalState, current: int, alpha: float) -> float:
    return math.sqrt(-math.log(alpha / 2) / 2 * _spread(reference, current))


def _chebyshev(reference: NumericState | CategoricalState, current: int, alpha: float) -> float:
    shares = _bins(reference) / _bins(reference).sum()
    deviation = math.sqrt(_spread(reference, current) * float((shares * (1 - shares)).max()))
    return _strays(alpha / len(shares)) * deviation


def _wasserstein(
    reference: NumericState | CategoricalState,
    window: NumericState | CategoricalState | None,
    current: int,
    alpha: float,
) -> float:
    if not isinstance(reference, NumericState) or not isinstance(window, NumericState | None):
        raise DoesNotFitError(f"{_WASSERSTEIN} is of numbers")
    area = bridge.limit(*distances.pooled(reference, window), (reference.finite, current), alpha)
    return area / _unit(reference)


def _strays(alpha: float) -> float:
    """Give how many deviations a normal variable strays, to either side, with this chance."""
    return NormalDist().inv_cdf(1 - alpha / 2)


_LIMITS: Mapping[str, Callable[[NumericState | CategoricalState, int, float], float]] = {
    "population_stability_index": _psi,
    "jensen_shannon_distance": _js,
    "kolmogorov_smirnov_distance": _ks,
    "chebyshev_distance": _chebyshev,
}
_WASSERSTEIN = "normalized_wasserstein_distance"
METRICS = (*_LIMITS, _WASSERSTEIN)
"""Distances with a calibrated limit."""
