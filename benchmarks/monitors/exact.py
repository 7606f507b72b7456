"""Distances from the rows themselves, by sorting: what distances from counts are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_BINS = 10


def kolmogorov_smirnov(reference: Floats, current: Floats) -> float:
    """Largest difference of the two distribution functions."""
    _, difference = _functions(reference, current)
    return float(np.abs(difference).max())


def wasserstein(reference: Floats, current: Floats) -> float:
    """Area between the two distribution functions."""
    points, difference = _functions(reference, current)
    return float((np.abs(difference[:-1]) * np.diff(points)).sum())


def deciles(reference: Floats, current: Floats) -> tuple[Floats, Floats]:
    """Count both in the reference's deciles (lo, hi]; equal borders make one bin, an empty last bin is none."""
    before, after = np.sort(reference), np.sort(current)
    # In integers: 0.3 * n is not exact.
    ranks = -(-np.arange(1, _BINS) * len(before) // _BINS) - 1
    borders = np.unique(before[ranks])
    counted = [
        np.diff(np.concatenate([[0], np.searchsorted(side, borders, side="right"), [len(side)]])).astype(np.float64)
        for side in (before, after)
    ]
    kept = slice(None) if counted[0][-1] or counted[1][-1] else slice(-1)
    return counted[0][kept], counted[1][kept]


def _functions(reference: Floats, current: Floats) -> tuple[Floats, Floats]:
    before, after = np.sort(reference), np.sort(current)
    points = np.sort(np.concatenate([before, after]))
    f = np.searchsorted(before, points, side="right") / len(before)
    g = np.searchsorted(after, points, side="right") / len(after)
    return points, f - g
