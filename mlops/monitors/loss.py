"""What a regression's loss on labelled rows lets one expect on others (direct loss estimation), with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlops.monitors.table import Floats

    Interval = tuple[float, float, float]

_FOLDS = 5
_EDGE = 1e-6
_SEED = 777
_Z = 1.959963984540054


@dataclass(frozen=True)
class Sample:
    """Errors of labelled rows with weights, and what these rows and those without labels look like."""

    errors: Floats
    weights: Floats
    labelled: Floats
    todays: Floats
    categorical: tuple[bool, ...]


def estimate(metric: str, sample: Sample) -> Interval:
    """Give the metric that today's labels would have, and the ends of the 95 % interval of it.

    Trees fitted in five folds say what loss a row of today will have.  What they miss on labelled rows that they did
    not see, weighted as likely as those are today, is added: so an error of the trees or of the weights alone does no
    harm.  The interval counts what the trees do not know (a jackknife over the folds), what is unknown of that sum, and
    the chance in today's labels; it is one of ratios, for losses are skewed: large ones are rare.
    """
    losses = np.abs(sample.errors) if metric == "mean_absolute_error" else sample.errors**2
    by_fold, left = _fitted(losses, sample)
    shares = sample.weights / sample.weights.sum()
    missed = float(shares @ left)
    value = max(float(by_fold.mean()) + missed, _EDGE * float(losses.mean()))
    spread = float(shares @ (left - missed) ** 2)
    fit = (_FOLDS - 1) / _FOLDS * float(((by_fold - by_fold.mean()) ** 2).sum())
    variance = fit + spread / len(sample.todays) + float(shares**2 @ (left - missed) ** 2)
    reach = math.exp(_Z * math.sqrt(variance) / value) if value else 1.0
    low, high = value / reach, value * reach
    if metric == "root_mean_squared_error":
        return math.sqrt(value), math.sqrt(low), math.sqrt(high)
    return value, low, high


def _fitted(losses: Floats, sample: Sample) -> tuple[Floats, Floats]:
    """Give the mean loss that each fold's trees expect of today's rows, and what was missed of each labelled row."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - only signals on rows pay for it
    from sklearn.model_selection import KFold  # noqa: PLC0415

    by_fold = []
    left = np.empty(len(losses))
    for seen, unseen in KFold(_FOLDS, shuffle=True, random_state=_SEED).split(sample.labelled):
        model = HistGradientBoostingRegressor(
            learning_rate=0.05,
            max_iter=100,
            max_leaf_nodes=8,
            min_samples_leaf=20,
            early_stopping=False,
            categorical_features=np.array(sample.categorical),
            random_state=_SEED,
        ).fit(sample.labelled[seen], losses[seen])
        by_fold.append(float(model.predict(sample.todays).mean()))
        left[unseen] = losses[unseen] - model.predict(sample.labelled[unseen])
    return np.array(by_fold), left
