"""Trees that are fitted to a model's answers, to see by which columns it goes where nobody else says.

As Azure ML's feature attribution drift does it: LightGBM with 200 trees of depth 5, rate 0.1, seed 777, fitted to each
side by itself.  On a reference without answers (a training set) they are fitted to the labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import table
from mlops.monitors.contributions import needed, of_trees, threads
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from mlops.monitors.evidence import Roles, Rows, Table
    from mlops.monitors.table import Encoded, Floats

FEWEST = 100
"""Rows a side that have an answer; Azure asks for none, and trees of fewer rows are noise."""
_SETTINGS = {
    "max_depth": 5,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "seed": 777,
    "deterministic": True,
    "verbosity": -1,
}
_TREES = 200


def contributions(rows: Rows, both: Encoded) -> tuple[Floats, Floats]:
    """Fit trees to each side's answers, and give what each column contributed to theirs.

    Raises:
        UnfitError: a side has too few answers, answers that are no numbers, or LightGBM is not installed.
    """
    reference, current = table.reference_of(rows)
    before, now = _answers(reference, rows.roles, "reference"), _answers(current, rows.roles, "window")
    known = np.concatenate([before[np.isfinite(before)], now[np.isfinite(now)]])
    # Labels 0 and 1 and probabilities of 1 alike have a cross entropy; then contributions are in log-odds.
    objective = "cross_entropy" if ((known >= 0) & (known <= 1)).all() else "regression"
    fits = ((both.reference, before, "reference"), (both.current, now, "window"))
    first, second = (_contributions(both, side, answers, objective, name) for side, answers, name in fits)
    return first, second


def _answers(given: Table, roles: Roles, side: str) -> Floats:
    named = [name for name in (roles.probability, roles.prediction, roles.label) if name is not None]
    column = next((name for name in named if name in given), None)
    if column is None:
        said = ", ".join(named) or "none was named"
        raise UnfitError(f"the {side} has no answers to fit trees to (columns of prediction or label: {said})")
    return table.numbers(given[column], column)


def _contributions(both: Encoded, side: Floats, answers: Floats, objective: str, name: str) -> Floats:
    lightgbm = needed()
    answered = np.isfinite(answers)
    if answered.sum() < FEWEST:
        raise UnfitError(f"fitting trees to answers needs {FEWEST} rows; the {name} has {int(answered.sum())}")
    rows = side[answered]
    levels = [column for column, categorical in zip(both.names, both.categorical, strict=True) if categorical]
    data = lightgbm.Dataset(
        rows, answers[answered], feature_name=list(both.names), categorical_feature=levels, params={"verbosity": -1}
    )
    settings = {**_SETTINGS, "objective": objective, "num_threads": threads(both)}
    trees = lightgbm.train(settings, data, num_boost_round=_TREES)
    return of_trees(trees, both, rows)
