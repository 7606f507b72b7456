"""The judge whose false alarms are counted: a distance of two states against the limit that chance allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.monitors import distances, significance
from mlops.monitors.calibration import limit
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.distances import Floats

    State = NumericState | CategoricalState
    Numbers = Callable[[NumericState, NumericState], float]

_CHI_SQUARED = "pearsons_chi_squared_test"
_OF_NUMBERS: Mapping[str, Numbers] = {
    "kolmogorov_smirnov_distance": lambda one, two: distances.kolmogorov_smirnov(one, two).value,
    "normalized_wasserstein_distance": distances.normalized_wasserstein,
}
_OF_BINS: Mapping[str, Callable[[Floats, Floats], float]] = {
    "population_stability_index": distances.population_stability_index,
    "jensen_shannon_distance": distances.jensen_shannon_distance,
    "chebyshev_distance": distances.chebyshev_distance,
}
METRICS = (*_OF_BINS, *_OF_NUMBERS, _CHI_SQUARED)


def applies(metric: str, *, numbers: bool) -> bool:
    """Say whether a metric is for columns of numbers, or of levels."""
    return metric in _OF_BINS or (metric in _OF_NUMBERS) == numbers


def fires(reference: State, current: State, metric: str, alpha: float) -> bool:
    """Say whether a metric finds the second state further from the first than chance does with share alpha."""
    if metric == _CHI_SQUARED:
        return significance.chi_squared_p(*distances.chi_squared(*distances.bins(reference, current))) < alpha
    if isinstance(reference, NumericState) and isinstance(current, NumericState) and metric in _OF_NUMBERS:
        distance = _OF_NUMBERS[metric](reference, current)
    else:
        distance = _OF_BINS[metric](*distances.bins(reference, current))
    size = current.finite if isinstance(current, NumericState) else current.present
    return distance > limit(metric, reference, size, alpha, window=current)
