"""Can trees tell the rows of a window from those of the reference?  Where they can, something moved, whatever it is.

Each side is cut in blocks of consecutive rows, and every second block goes to the other half: trees are fitted to one
half and judged on the other, and the other way round, so no row is judged by what saw it or its neighbours.

**Why no drift is silent**: if nothing moved, then given trees that were fitted to the other half, every dealing of a
half's rows into reference and window is as likely as the one that was seen, so Mann and Whitney's score of that half
has mean 0 and deviation 1.  Of the two scores, which are not independent, the mean is taken: its deviation is 1 at
most, whatever their correlation.  So no second fit is needed, as a permutation test of the whole would need hundreds.
(Lopez-Paz and Oquab, Revisiting classifier two-sample tests, 2017; the halves swapped and averaged are ours.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.monitors import ranks
from mlops.monitors.table import UnfitError
from mlops.monitors.threads import threads_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.table import Encoded, Floats

    Marks = NDArray[np.bool_]

FEWEST = 50
"""Rows a side; with fewer, half of them teach trees nothing."""
_BLOCKS = 20
_TREES = 60
_LEAVES = 8
_SHUFFLED_ROWS = 20_000
"""Rows of a half with which the columns are ranked; the area itself is of all rows."""
_SEED = 0


@dataclass(frozen=True, kw_only=True)
class Told:
    """How well the two sides were told apart."""

    area: float
    """0.5: not at all, 1: always."""
    deviation: float
    by_chance: float
    """The area's standard deviation around 0.5, had nothing moved; at most, since the halves may go together."""
    p: float
    """Chance of an area at least this large, had nothing moved."""
    by_column: tuple[tuple[str, float], ...]
    """How much of the area is lost when a column's values are shuffled: what the trees told the sides apart by."""


def tell_apart(both: Encoded, *, explain: bool = True) -> Told:
    """Fit trees to each half and judge them on the other.

    Raises:
        UnfitError: a side has too few rows.
    """
    least = min(len(both.reference), len(both.current))
    if least < FEWEST:
        raise UnfitError(f"telling rows apart needs {FEWEST} on each side; one has {least}")
    rows = np.vstack([both.reference, both.current])
    is_current = np.repeat([False, True], [len(both.reference), len(both.current)])
    first = np.concatenate([halves(len(both.reference)), halves(len(both.current))])
    with threads_for(rows.size):
        judged = [_judged(both, rows, is_current, fitted, explain=explain) for fitted in (first, ~first)]
    found = [one for one, _ in judged]
    lost = np.mean([by_column for _, by_column in judged], axis=0)
    return Told(
        area=float(np.mean([one.area for one in found])),
        deviation=float(np.mean([one.deviation for one in found])),
        by_chance=float(np.mean([one.by_chance for one in found])),
        p=ranks.chance_above(float(np.mean([one.score for one in found]))),
        by_column=tuple(zip(both.names, lost.tolist(), strict=True)) if explain else (),
    )


def halves(rows: int) -> Marks:
    """Mark every second block of consecutive rows.  It depends on their number alone, never on what they hold."""
    marks: Marks = (np.arange(rows) * min(_BLOCKS, rows) // max(rows, 1)) % 2 == 0
    return marks


def _judged(
    both: Encoded, rows: Floats, is_current: Marks, fitted: Marks, *, explain: bool
) -> tuple[ranks.Above, Floats]:
    model = _trees(rows[fitted], is_current[fitted], both.categorical)
    unseen, of_window = rows[~fitted], is_current[~fitted]
    found = _area(model, unseen, of_window)
    lost = np.zeros(len(both.names))
    if explain:
        step = -(-len(unseen) // _SHUFFLED_ROWS)
        few, marks = unseen[::step], of_window[::step]
        whole = found if step == 1 else _area(model, few, marks)
        order = np.random.default_rng(_SEED).permutation(len(few))
        for at in range(len(lost)):
            shuffled = few.copy()
            shuffled[:, at] = few[order, at]
            lost[at] = whole.area - _area(model, shuffled, marks).area
    return found, lost


def _area(model: Any, rows: Floats, of_window: Marks) -> ranks.Above:  # noqa: ANN401  scikit-learn ships no types
    scores = model.decision_function(rows)
    return ranks.above(scores[~of_window], scores[of_window])


def _trees(rows: Floats, is_current: Marks, categorical: tuple[bool, ...]) -> Any:  # noqa: ANN401
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  only signals on rows pay for it

    fewer = int(min(is_current.sum(), (~is_current).sum()))
    model = HistGradientBoostingClassifier(
        max_iter=_TREES,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=max(min(fewer // 5, 20), 5),
        l2_regularization=1.0,
        early_stopping=False,
        class_weight="balanced",
        categorical_features=np.array(categorical),
        random_state=_SEED,
    )
    return model.fit(rows, is_current)
