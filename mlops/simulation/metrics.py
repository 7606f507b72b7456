"""What a metric would say of the made-up world: distances of shifted normal columns, scores of a model that is so good.

Textbook formulas for two normal columns that lie `moved` standard deviations apart, and for answers of which a share
is right.  Sampling noise is added as the number of rows would make it.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

from mlops.simulation.scenario import World

_NORMAL = NormalDist()
_BINS = 10
_P_NOTHING = 1.0


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a metric looks at, in the world's own terms."""

    world: World
    rows: int
    moved: float = 0.0  # of the columns, from the reference
    faulty: float = 0.0  # share of rows
    right: float = 0.5  # share of right answers
    claimed: float = 0.5  # that the model's own probabilities speak of
    answered: float = 1.0  # share of rows whose label is known
    chance: random.Random

    @property
    def noisy(self) -> float:
        """The same distance, as one sample shows it: the difference of two means."""
        return abs(self.moved + self.chance.gauss(0.0, math.sqrt(2 / max(self.rows, 1))))


def _kolmogorov(moved: float) -> float:
    return 2 * _NORMAL.cdf(moved / 2) - 1


def _p_value(sight: Sight) -> float:
    """Of two samples of the same size; without a shift any value is as likely as any other."""
    if not sight.moved:
        return sight.chance.random()
    reached = _kolmogorov(sight.noisy) * math.sqrt(max(sight.rows, 1) / 2)
    return min(_P_NOTHING, 2 * math.exp(-2 * reached**2))


def _psi(sight: Sight) -> float:
    """Of two normal columns; bins that hold few rows add some of their own."""
    return sight.noisy**2 + (_BINS - 1) * 2 / max(sight.rows, 1)


def _measured_right(sight: Sight) -> float:
    wobble = math.sqrt(sight.right * (1 - sight.right) / max(sight.rows, 1))
    return min(max(sight.right + sight.chance.gauss(0.0, wobble), 0.0), 1.0)


def _brier(sight: Sight) -> float:
    right = _measured_right(sight)
    return right * (1 - sight.claimed) ** 2 + (1 - right) * sight.claimed**2


def _log_loss(sight: Sight) -> float:
    right, claimed = _measured_right(sight), min(max(sight.claimed, 1e-6), 1 - 1e-6)
    return -right * math.log(claimed) - (1 - right) * math.log(1 - claimed)


def spread_of_error(world: World, right: float) -> float:
    """Regression: the standard deviation of the error of a model that is right so often."""
    return world.model.error * (1 - right) / (1 - world.model.best)


def _mean_error(sight: Sight) -> float:
    return spread_of_error(sight.world, _measured_right(sight)) * math.sqrt(2 / math.pi)


def _squared_error(sight: Sight) -> float:
    return spread_of_error(sight.world, _measured_right(sight)) ** 2


def _gap(sight: Sight) -> float:
    """Of two groups: something is always there, and more where the model is far from home."""
    lost = max(sight.world.model.best - sight.right, 0.0)
    return abs(0.02 + lost / 4 + sight.chance.gauss(0.0, 1 / math.sqrt(max(sight.rows, 1))))


Metric = Callable[[Sight], float]
_PERFORMANCE: Mapping[str, Metric] = {
    "accuracy": _measured_right,
    "precision": _measured_right,
    "recall": _measured_right,
    "f1": _measured_right,
    "roc_auc": _measured_right,
    "brier_score": _brier,
    "log_loss": _log_loss,
    "expected_calibration_error": lambda sight: abs(sight.claimed - _measured_right(sight)),
    "mean_absolute_error": _mean_error,
    "mean_squared_error": _squared_error,
    "root_mean_squared_error": lambda sight: math.sqrt(_squared_error(sight)),
}
_METRICS: Mapping[str, Metric] = {
    **_PERFORMANCE,
    **{f"estimated_{name}": metric for name, metric in _PERFORMANCE.items()},
    "population_stability_index": _psi,
    "jensen_shannon_distance": lambda sight: math.sqrt(1 - math.exp(-_psi(sight) / 8)),
    "chebyshev_distance": lambda sight: _kolmogorov(sight.noisy) / 2,
    "normalized_wasserstein_distance": lambda sight: sight.noisy,
    "kolmogorov_smirnov_distance": lambda sight: _kolmogorov(sight.noisy),
    "two_sample_kolmogorov_smirnov_test": _p_value,
    "pearsons_chi_squared_test": _p_value,
    "null_value_rate": lambda sight: sight.faulty,
    "data_type_error_rate": lambda sight: sight.faulty,
    "out_of_bounds_rate": lambda sight: sight.faulty,
    "unseen_level_rate": lambda sight: sight.faulty,
    "broken_rule_rate": lambda sight: sight.faulty,
    "row_count": lambda sight: float(sight.rows),
    "hours_since_newest": lambda sight: 24 / max(sight.rows, 1),
    "duplicate_rate": lambda _: 0.0,
    "schema_change_count": lambda _: 0.0,
    "labelled_share": lambda sight: sight.answered,
    "normalized_discounted_cumulative_gain": lambda sight: math.exp(-((sight.noisy / 2) ** 2)),
    "attribution_share_change": lambda sight: 1 - math.exp(-sight.noisy / 4),
    "domain_classifier_auc": lambda sight: _NORMAL.cdf(sight.noisy / math.sqrt(2)),
    "domain_classifier_test": _p_value,
    "reconstruction_error": lambda sight: math.sqrt(1 + sight.noisy**2),
    "reconstruction_error_test": _p_value,
    "demographic_parity_difference": _gap,
    "demographic_parity_ratio": lambda sight: 1 - _gap(sight),
    "equal_opportunity_difference": _gap,
    "equalized_odds_difference": _gap,
    "accuracy_difference": _gap,
    "mean_absolute_error_difference": lambda sight: _gap(sight) * sight.world.model.error,
}
KNOWN = frozenset(_METRICS)


def value(metric: str, sight: Sight) -> float | None:
    """What the metric would say; None where this world has no idea of it."""
    known = _METRICS.get(metric)
    return known(sight) if known else None
