"""What a classifier's own probabilities let one expect of it (confidence-based estimation), with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlops.monitors.table import Floats

    Interval = tuple[float, float, float]
    Masks = NDArray[np.bool_]
    _Measure = Callable[[Floats, Floats], float]
    """From the positives and all rows, by cell and predicted class."""

POSITIVE = 0.5
_BINS = 2048
"""Scores of more distinct values are put together in so many groups of like size; all rows count."""
_DRAWS = 400
_SEED = 777
_DEFINED = 0.9
_OF_INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Sample:
    """Scores and predicted classes: of labelled rows with weights, and of those whose labels are not known."""

    scores: Floats
    predicted: Masks
    labels: Floats
    weights: Floats
    todays: Floats
    todays_predicted: Masks


@dataclass(frozen=True)
class _Cells:
    """Rows by score: in which cell a labelled row lies, and how many of today's rows do, by predicted class."""

    of_row: NDArray[np.intp]
    predicted: Masks
    labels: Floats
    weights: Floats
    count: int
    today: Floats


def estimate(metric: str, sample: Sample) -> Interval:
    """Give the metric that today's labels would have, and the ends of the 95 % interval of it.

    What the calibrated chances miss of the labelled rows' own metric, weighted as likely as those are today, is added:
    chances that were fitted to these rows flatter them.
    """
    cells = _cells(sample)
    measure = _METRICS[metric]
    weights = cells.weights
    chances = _calibrated(cells, weights)
    value = measure(chances[:, None] * cells.today, cells.today) + _missed(measure, cells, weights, chances)
    draws = np.random.default_rng(_SEED)
    drawn = np.array([_draw(measure, cells, draws) for _ in range(_DRAWS)])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(drawn) < _DRAWS * _DEFINED:
        raise UnfitError(f"{metric} has no value where no positives, or nothing else, are to be expected")
    low, high = np.quantile(drawn, _OF_INTERVAL)
    ends = np.clip([value, min(low, value), max(high, value)], 0.0, 1.0)
    return float(ends[0]), float(ends[1]), float(ends[2])


def _draw(measure: _Measure, cells: _Cells, draws: np.random.Generator) -> float:
    """Draw rows of the reference with replacement, calibrate anew, and draw today's labels by their chance."""
    weights = cells.weights * draws.poisson(1.0, len(cells.labels))
    chances = np.clip(_calibrated(cells, weights), 0.0, 1.0)
    positive = draws.binomial(cells.today.astype(int), chances[:, None]).astype(float)
    return measure(positive, cells.today) + _missed(measure, cells, weights, chances)


def _missed(measure: _Measure, cells: _Cells, weights: Floats, chances: Floats) -> float:
    """Give by how much the labelled rows' metric is above the one that their chances let expect."""
    at = 2 * cells.of_row + cells.predicted
    whole = np.bincount(at, weights, 2 * cells.count).reshape(-1, 2).astype(float)
    positive = np.bincount(at, weights * cells.labels, 2 * cells.count).reshape(-1, 2).astype(float)
    return measure(positive, whole) - measure(chances[:, None] * whole, whole)


def _cells(sample: Sample) -> _Cells:
    scores = np.unique(np.concatenate([sample.scores, sample.todays]))
    if len(scores) > _BINS:
        every = np.sort(np.concatenate([sample.scores, sample.todays]))
        scores = np.unique(every[np.linspace(0, len(every) - 1, _BINS).astype(int)])
    of_row = np.searchsorted(scores, sample.scores, side="right") - 1
    of_today = np.searchsorted(scores, sample.todays, side="right") - 1
    today = np.bincount(2 * of_today + sample.todays_predicted, minlength=2 * len(scores)).reshape(-1, 2).astype(float)
    return _Cells(of_row, sample.predicted, sample.labels, sample.weights, len(scores), today)


def _calibrated(cells: _Cells, weights: Floats) -> Floats:
    """Give the chance of a positive in each cell: what rises with the score and fits the labelled rows best."""
    from sklearn.isotonic import isotonic_regression  # noqa: PLC0415 - only signals on rows pay for it

    all_of = np.bincount(cells.of_row, weights, cells.count)
    positive = np.bincount(cells.of_row, weights * cells.labels, cells.count)
    seen = np.flatnonzero(all_of > 0)
    rising = isotonic_regression(positive[seen] / all_of[seen], sample_weight=all_of[seen])
    chances: Floats = np.interp(np.arange(cells.count), seen, rising)
    return chances


def _accuracy(positive: Floats, today: Floats) -> float:
    return float((positive[:, 1].sum() + (today - positive)[:, 0].sum()) / today.sum())


def _precision(positive: Floats, today: Floats) -> float:
    return _over(positive[:, 1].sum(), today[:, 1].sum())


def _recall(positive: Floats, today: Floats) -> float:  # noqa: ARG001 - one signature for all
    return _over(positive[:, 1].sum(), positive.sum())


def _f1(positive: Floats, today: Floats) -> float:
    return _over(2 * positive[:, 1].sum(), positive.sum() + today[:, 1].sum())


def _roc_auc(positive: Floats, today: Floats) -> float:
    ones = positive.sum(axis=1)
    zeros = today.sum(axis=1) - ones
    below = np.cumsum(zeros) - zeros / 2
    return _over(float(ones @ below), float(ones.sum() * zeros.sum()))


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else np.nan


_METRICS: Mapping[str, _Measure] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
    "roc_auc": _roc_auc,
}
