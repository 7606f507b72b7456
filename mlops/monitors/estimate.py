"""Performance without labels: what the labelled reference and today's answers let one expect.

It has its own metric names, for it never stands in for labels: where the rule that ties label to row has changed
(concept drift), rows alone cannot show it.  The reference's rows must be such as the model was not trained on.

A classifier's probabilities are calibrated on the reference, each row of it weighted by how much likelier it is in the
window, so that features which the probability does not use may move, too.  For a regression, trees learn the loss from
the features.  What either misses on the reference is added, weighted likewise; the interval counts what is unknown of
all this, and the chance in the window's own labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors import confidence, loss, table, weights
from mlops.monitors.table import UnfitError
from mlops.monitors.threads import threads_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlops.monitors.evidence import Evidence, Rows, Table
    from mlops.monitors.table import Floats

    Mask = NDArray[np.bool_]

_OF_CLASSES: Mapping[str, str] = {
    "estimated_accuracy": "accuracy to be expected without labels, from calibrated probabilities",
    "estimated_precision": "precision to be expected without labels",
    "estimated_recall": "recall to be expected without labels",
    "estimated_f1": "F1 to be expected without labels",
    "estimated_roc_auc": "area under the ROC curve to be expected without labels",
}
_OF_NUMBERS: Mapping[str, str] = {
    "estimated_mean_absolute_error": "regression: to be expected without labels, by a model of the loss",
    "estimated_mean_squared_error": "regression: to be expected without labels, by a model of the loss",
    "estimated_root_mean_squared_error": "regression: to be expected without labels, by a model of the loss",
}
METRICS: Mapping[str, str] = {**_OF_CLASSES, **_OF_NUMBERS}

FEWEST = 100
"""Labelled rows of the reference, and rows of the window that a project must ask for."""


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Estimate the metric of that name (see METRICS); low and high hold its true value 95 times of 100.

    The true value is the one that the window's labels would give, should they follow the reference's rule.  `samples`
    are rows of the window, or labelled ones of the reference where these are too few.
    """
    if metric not in METRICS:
        raise KeyError(metric)
    rows = evidence.rows
    samples = rows.count(rows.current) if rows else 0
    try:
        given = _sides(rows)
        found = _classes if metric in _OF_CLASSES else _numbers
        with threads_for(0):
            (value, low, high), notes = found(given, metric.removeprefix("estimated_"), evidence.columns)
    except _TooFewError as error:
        return Measurement(monitor=name, value=None, samples=min(samples, error.rows), why=str(error))
    except UnfitError as error:
        return Measurement(monitor=name, value=None, samples=samples, why=str(error))
    return Measurement(monitor=name, value=value, samples=samples, low=low, high=high, why=notes)


class _TooFewError(UnfitError):
    """The reference has too few labelled rows, which early in a model's life is no fault."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"the reference has {rows} labelled rows, and at least {FEWEST} are needed")
        self.rows = rows


def _sides(rows: Rows | None) -> Rows:
    if rows is not None and rows.count(rows.current) and rows.reference is not None and not rows.count(rows.reference):
        raise _TooFewError(0)
    table.reference_of(rows)
    assert rows is not None  # noqa: S101  for the type checker: the line above refused None
    return rows


def _classes(rows: Rows, metric: str, columns: tuple[str, ...]) -> tuple[confidence.Interval, str]:
    reference, current = table.reference_of(rows)
    roles = rows.roles
    labels = table.numbers(table.role(reference, roles.label, "label", "reference"), str(roles.label))
    scores = _chances(table.role(reference, roles.probability, "probability", "reference"), "reference")
    todays = _chances(table.role(current, roles.probability, "probability", "window"), "window")
    known, answered = _known(labels, scores), np.isfinite(todays)
    if not np.isin(labels[known], (0.0, 1.0)).all():
        raise UnfitError("a label of the reference is neither 0 nor 1: confidences are calibrated for two classes")
    if len(np.unique(labels[known])) < 2:  # noqa: PLR2004  classes
        raise UnfitError("the labels of the reference are all of one kind: nothing can be calibrated")
    if not answered.any():
        raise UnfitError("no row of the window has a probability")
    sample = confidence.Sample(
        scores=scores[known],
        predicted=_predicted(rows, reference, scores)[known],
        labels=labels[known],
        weights=_weights(rows, columns)[known],
        todays=todays[answered],
        todays_predicted=_predicted(rows, current, todays)[answered],
    )
    return confidence.estimate(metric, sample), _notes(known, answered)


def _predicted(rows: Rows, side: Table, scores: Floats) -> Mask:
    column = rows.roles.prediction
    if column is None:
        likely: Mask = scores >= confidence.POSITIVE
        return likely
    predicted = table.numbers(table.role(side, column, "prediction", "reference or the window"), column)
    if not np.isin(predicted, (0.0, 1.0)).all():
        raise UnfitError(f"column {column!r} has predictions other than 0 and 1")
    positive: Mask = predicted == 1
    return positive


def _chances(column: table.Column, side: str) -> Floats:
    chances = table.numbers(column, "the probability")
    if ((chances < 0) | (chances > 1)).any():
        raise UnfitError(f"a probability of the {side} is outside 0 to 1")
    return chances


def _numbers(rows: Rows, metric: str, columns: tuple[str, ...]) -> tuple[confidence.Interval, str]:
    reference, current = table.reference_of(rows)
    roles, prediction = rows.roles, str(rows.roles.prediction)
    labels = table.numbers(table.role(reference, roles.label, "label", "reference"), str(roles.label))
    answers = table.numbers(table.role(reference, roles.prediction, "prediction", "reference"), prediction)
    todays = table.numbers(table.role(current, roles.prediction, "prediction", "window"), prediction)
    known, answered = _known(labels, answers), np.isfinite(todays)
    if not answered.any():
        raise UnfitError("no row of the window has a prediction")
    both = table.encode(rows, (*_features(rows, columns), prediction))
    sample = loss.Sample(
        errors=labels[known] - answers[known],
        weights=_weights(rows, columns)[known],
        labelled=both.reference[known],
        todays=both.current[answered],
        categorical=both.categorical,
    )
    return loss.estimate(metric, sample), _notes(known, answered)


def _known(labels: Floats, answers: Floats) -> Mask:
    """Say which rows of the reference have a label and an answer."""
    known: Mask = np.isfinite(labels) & np.isfinite(answers)
    if known.sum() < FEWEST:
        raise _TooFewError(int(known.sum()))
    return known


def _notes(known: Mask, answered: Mask) -> str:
    left = (
        ((~known).sum(), "the reference have no label or no answer"),
        ((~answered).sum(), "the window have no answer"),
    )
    return "; ".join(f"{rows} rows of {what}" for rows, what in left if rows)


def _weights(rows: Rows, columns: tuple[str, ...]) -> Floats:
    """Weigh the reference's rows by how much likelier they are in the window."""
    names = _features(rows, columns)
    if not names:  # probabilities alone: there is nothing else that could have moved
        return np.ones(rows.count(rows.reference or {}))
    return weights.weights(table.encode(rows, names))


def _features(rows: Rows, columns: tuple[str, ...]) -> tuple[str, ...]:
    roles = rows.roles
    kept = (roles.label, roles.prediction, roles.probability, roles.key, roles.group)
    every = {name for side in (rows.reference or {}, rows.current) for name in side}
    return table.features_of(rows, columns) if columns or every.difference(kept) else ()
