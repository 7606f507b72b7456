"""Model performance on predictions whose labels came, however late; `samples` counts the labelled ones only.

A label is 0 or 1 and a score the probability of 1, except for the metrics of regression.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors.binned import calibration_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlops.monitors.evidence import Evidence

    Floats = NDArray[np.float64]
    _Interval = tuple[float, float, float]
    """The value and both ends of its 95 % interval."""

METRICS: Mapping[str, str] = {
    "accuracy": "share of rows whose score is on the label's side of 0.5",
    "precision": "share of predicted positives that are",
    "recall": "share of positives that were predicted",
    "f1": "harmonic mean of precision and recall",
    "roc_auc": "chance that a positive scores higher than a negative, ties counting half",
    "brier_score": "mean squared difference of score and label; smaller is better",
    "log_loss": "mean surprise in nats, scores kept 1e-15 off 0 and 1; smaller is better",
    "expected_calibration_error": "mean distance of the probability and the share of positives, in ten bins of equal "
    "width; smaller is better; parts: each bin's",
    "mean_absolute_error": "regression: mean of |score - label|; smaller is better",
    "mean_squared_error": "regression: mean of (score - label)**2; smaller is better",
    "root_mean_squared_error": "regression: its root; smaller is better",
    "labelled_share": "share of the predictions that have a label by now",
}

_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
_EDGE = 1e-15
_POSITIVE = 0.5
"""A score from here on predicts a positive."""


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Measure by the metric of that name (see METRICS); low and high are the ends of a 95 % interval."""
    if metric not in METRICS:
        raise KeyError(metric)
    scored = evidence.scored
    rows = len(scored.labels) if scored else 0
    if scored is None or not rows:
        return Measurement(monitor=name, value=None, samples=0, why="no prediction of the window has its label yet")
    if metric == "labelled_share":
        share = rows / (rows + scored.waiting)
        return Measurement(monitor=name, value=share, samples=rows + scored.waiting)
    labels, scores = np.asarray(scored.labels, dtype=float), np.asarray(scored.scores, dtype=float)
    if len(labels) != len(scores):
        raise ValueError(f"{len(labels)} labels for {len(scores)} scores: give one label a score")
    if not (np.isfinite(labels).all() and np.isfinite(scores).all()):
        return Measurement(monitor=name, value=None, samples=rows, why="a score or a label is not a finite number")
    try:
        if metric == "expected_calibration_error":
            return _calibration(name, labels, scores)
        value, low, high = _MEASURES[metric](labels, scores)
    except _UndefinedError as error:
        return Measurement(monitor=name, value=None, samples=rows, why=str(error))
    return Measurement(monitor=name, value=value, samples=rows, low=low, high=high)


class _UndefinedError(Exception):
    """The metric has no value on these rows; the message says why."""


def _calibration(name: str, labels: Floats, scores: Floats) -> Measurement:
    found = calibration_error(_binary(labels).astype(float), _probabilities(scores))
    return Measurement(
        monitor=name, value=found.error, samples=len(labels), low=found.low, high=found.high, parts=found.gaps
    )


def _accuracy(labels: Floats, scores: Floats) -> _Interval:
    return _share((scores >= _POSITIVE) == _binary(labels))


def _precision(labels: Floats, scores: Floats) -> _Interval:
    return _share(_binary(labels)[scores >= _POSITIVE], "no row was predicted positive")


def _recall(labels: Floats, scores: Floats) -> _Interval:
    return _share((scores >= _POSITIVE)[_binary(labels)], "no row is positive")


def _f1(labels: Floats, scores: Floats) -> _Interval:
    positive, predicted = _binary(labels), scores >= _POSITIVE
    if not (positive | predicted).any():
        raise _UndefinedError("no row is positive and none was predicted so")
    value = 2 * float((positive & predicted).sum()) / float(positive.sum() + predicted.sum())
    return _wilson(value, len(labels))


def _roc_auc(labels: Floats, scores: Floats) -> _Interval:
    """Mann and Whitney's statistic; the interval is DeLong's, from each row's own share of rows beaten."""
    positive = _binary(labels)
    ones, zeros = np.sort(scores[positive]), np.sort(scores[~positive])
    if not len(ones) or not len(zeros):
        raise _UndefinedError("ROC AUC needs positives and negatives, and the labelled rows are all of one kind")
    beaten = _beaten(ones, zeros)
    lost = 1 - _beaten(zeros, ones)
    variance = sum(float(part.var(ddof=1)) / len(part) for part in (beaten, lost) if len(part) > 1)
    return _around(float(beaten.mean()), _Z * math.sqrt(variance))


def _beaten(scores: Floats, others: Floats) -> Floats:
    """For each score the share of the others (sorted) that it is above, ties counting half."""
    below = np.searchsorted(others, scores, side="left")
    up_to = np.searchsorted(others, scores, side="right")
    shares: Floats = (below + up_to) / (2 * len(others))
    return shares


def _brier(labels: Floats, scores: Floats) -> _Interval:
    return _mean((_probabilities(scores) - _binary(labels)) ** 2)


def _log_loss(labels: Floats, scores: Floats) -> _Interval:
    kept = np.clip(_probabilities(scores), _EDGE, 1 - _EDGE)
    return _mean(-np.log(np.where(_binary(labels), kept, 1 - kept)))


def _absolute(labels: Floats, scores: Floats) -> _Interval:
    return _mean(np.abs(scores - labels))


def _squared(labels: Floats, scores: Floats) -> _Interval:
    return _mean((scores - labels) ** 2)


def _root(labels: Floats, scores: Floats) -> _Interval:
    square, low, high = _squared(labels, scores)
    return math.sqrt(square), math.sqrt(max(low, 0.0)), math.sqrt(high)


def _share(hits: NDArray[np.bool_], empty: str = "") -> _Interval:
    if not len(hits):
        raise _UndefinedError(empty)
    return _wilson(float(hits.mean()), len(hits))


def _wilson(share: float, rows: int) -> _Interval:
    """Wilson's interval of a share, which stays honest at 0 and 1."""
    scale = 1 + _Z**2 / rows
    middle = (share + _Z**2 / (2 * rows)) / scale
    half = _Z * math.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2)) / scale
    return share, middle - half, middle + half


def _mean(losses: Floats) -> _Interval:
    spread = float(losses.std(ddof=1)) if len(losses) > 1 else 0.0
    return _around(float(losses.mean()), _Z * spread / math.sqrt(len(losses)))


def _around(value: float, half: float) -> _Interval:
    return value, value - half, value + half


def _binary(labels: Floats) -> NDArray[np.bool_]:
    if not np.isin(labels, (0.0, 1.0)).all():
        raise _UndefinedError("a label is neither 0 nor 1; for other labels use a metric of regression")
    positive: NDArray[np.bool_] = labels == 1.0
    return positive


def _probabilities(scores: Floats) -> Floats:
    if ((scores < 0) | (scores > 1)).any():
        raise _UndefinedError("a score is outside 0 to 1, so it is no probability")
    return scores


_MEASURES: Mapping[str, Callable[[Floats, Floats], _Interval]] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
    "roc_auc": _roc_auc,
    "brier_score": _brier,
    "log_loss": _log_loss,
    "mean_absolute_error": _absolute,
    "mean_squared_error": _squared,
    "root_mean_squared_error": _root,
}
