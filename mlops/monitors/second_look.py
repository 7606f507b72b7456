"""The second look: which cells leave the Kolmogorov-Smirnov distance open, and what it is once their values are known.

At the borders of cells the distribution functions are exact, so the distance is open only where both sides have values
in one cell and their order there could raise it.  Values of these cells alone decide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import distances
from mlops.monitors.cells import cell_numbers
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.distances import Floats
    from mlops.monitors.numeric import NumericState


def undecided(reference: NumericState, current: NumericState) -> NDArray[np.intp]:
    """Give the cells whose values could raise the distance; none where the counts decide it."""
    sure = distances.kolmogorov_smirnov(reference, current)
    if sure.at_most <= sure.value:
        return np.empty(0, dtype=np.intp)
    shared = np.intersect1d(reference.cells, current.cells)
    alike = _atoms(reference, shared) == _atoms(current, shared)
    f, g = (_before(state, shared) for state in (reference, current))
    f_after, g_after = (_before(state, shared + 1) for state in (reference, current))
    open_ = ~alike & (np.maximum(f_after - g, g_after - f) > sure.value)
    found: NDArray[np.intp] = shared[open_]
    return found


def kolmogorov_smirnov(
    sides: tuple[NumericState, NumericState], looked: NDArray[np.intp], values: tuple[Floats, Floats]
) -> float:
    """Give the exact distance, from the values of both sides in the cells looked at.

    Raises:
        DoesNotFitError: the values are not those that were counted.
    """
    counted = [int(state.counts[np.isin(state.cells, looked)].sum()) for state in sides]
    if counted != [len(one) for one in values]:
        raise DoesNotFitError(f"the rows are not those that were counted: {counted} values, now {[*map(len, values)]}")
    best = distances.kolmogorov_smirnov(*sides).value
    points = np.unique(np.concatenate(values))
    cell = cell_numbers(points - sides[0].centre)
    shares = []
    for state, given in zip(sides, values, strict=True):
        rising = np.sort(given)
        first = np.searchsorted(cell_numbers(rising - state.centre), cell)
        inside = np.searchsorted(rising, points, side="right") - first
        shares.append(_before(state, cell) + inside / state.finite)
    return max(best, float(np.abs(shares[0] - shares[1]).max(initial=0.0)))


def _before(state: NumericState, wanted: NDArray[np.intp]) -> Floats:
    """Give the share of values in the cells before each of these."""
    upto = np.concatenate([[0], np.cumsum(state.counts)])
    found: Floats = upto[np.searchsorted(state.cells, wanted)] / state.finite
    return found


def _atoms(state: NumericState, wanted: NDArray[np.intp]) -> Floats:
    found: Floats = state.atoms[np.searchsorted(state.cells, wanted)]
    return found
