"""How much likelier is each row of the reference in the window?  Told by trees that did not see the row.

Where nothing tells the sides apart all rows weigh alike: weights of noise alone would widen every interval for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import ranks
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.table import Encoded, Floats

FEWEST = 50
"""Rows a side: with fewer, folds of ten rows say nothing."""
_FOLDS = 5
_SEED = 777
_PRESENT = 1.6448536269514722
"""One-sided 5 % of the normal distribution."""
_MOST = 50.0
_EDGE = 1e-6


def weights(both: Encoded) -> Floats:
    """Give the density of the window over that of the reference at each row of the reference; their mean is 1.

    Raises:
        UnfitError: a side has too few rows.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415  only signals on rows pay for it

    before, after = len(both.reference), len(both.current)
    if min(before, after) < FEWEST:
        raise UnfitError(f"rows are weighed with {FEWEST} on each side; one has {min(before, after)}")
    rows = np.vstack([both.reference, both.current])
    current = np.repeat([False, True], [before, after])
    chances = np.empty(len(rows))
    scores = []
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED).split(rows, current):
        chances[unseen] = _chances(rows[seen], current[seen], rows[unseen], both.categorical)
        scores.append(ranks.above(chances[unseen][~current[unseen]], chances[unseen][current[unseen]]).score)
    if np.sum(scores) / np.sqrt(_FOLDS) < _PRESENT:
        return np.ones(before)
    odds = np.clip(chances[:before], _EDGE, 1 - _EDGE)
    found = np.minimum(odds / (1 - odds) * before / after, _MOST)
    relative: Floats = found / found.mean()
    return relative


def _chances(rows: Floats, current: NDArray[np.bool_], unseen: Floats, categorical: tuple[bool, ...]) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    model = HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=50,
        max_leaf_nodes=8,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=np.array(categorical),
        random_state=_SEED,
    )
    chances: Floats = model.fit(rows, current).predict_proba(unseen)[:, 1]
    return chances
