"""Limits of distances between sparse columns, by dealing their values out again.

If nothing moved, any dealing of all values into two sides of the same sizes is as likely as the one that was seen.  So
of the distances of that one and of D others each is equally often the largest, and a limit at the rank
(D + 1)(1 - alpha) is passed with chance alpha at most, whatever the levels and however few values (a permutation test:
Phipson and Smyth, 2010).  Formulas of large samples fail there: of a hundred levels and a hundred values on either side
chance passes the limit of the Jensen-Shannon distance nearly always.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlops.monitors.distances import Floats

_SPARSE = 10
"""A column is sparse where fewer values than this would be expected in a level that occurs, on either side."""
_RANK = 5
"""The limit is the distance of this rank from above: of a lower rank it would be more of a guess."""
_AT_ONCE = 64
"""Dealings that are in memory at a time."""
_MOST_VALUES = 10**9
"""From so many values on numpy cannot deal them out; nothing is sparse in a way that matters then."""


def is_sparse(reference: Floats, current: Floats) -> bool:
    """Say whether formulas for large samples do not hold of these counts."""
    pooled = reference + current
    size = pooled.sum()
    least = pooled[pooled > 0].min() * min(reference.sum(), current.sum()) / size
    return bool(least < _SPARSE and size < _MOST_VALUES)


def limit(metric: str, reference: Floats, current: Floats, alpha: float) -> float:
    """Give the distance that chance passes with probability alpha at most, for counts of these levels.

    The same counts give the same limit.  Raise KeyError for a metric that is none of METRICS.
    """
    first = np.rint(reference).astype(np.int64)
    pooled = first + np.rint(current).astype(np.int64)
    pooled, size = pooled[pooled > 0], int(first.sum())
    dealings = math.ceil(_RANK / alpha) - 1
    random = np.random.default_rng(zlib.crc32(pooled.tobytes()) + size)
    found: list[Floats] = []
    for start in range(0, dealings, _AT_ONCE):
        dealt = random.multivariate_hypergeometric(pooled, size, size=min(_AT_ONCE, dealings - start))
        found.append(METRICS[metric](dealt / size, (pooled - dealt) / (pooled.sum() - size)))
    return float(np.sort(np.concatenate(found))[-_RANK])


def _jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> Floats:
    half = (p + q) / 2
    divergence = (_information(p, half) + _information(q, half)) / 2
    distance: Floats = np.sqrt(np.maximum(divergence, 0.0))
    return distance


def _information(p: NDArray[np.float64], q: NDArray[np.float64]) -> Floats:
    total: Floats = (p * np.log2(np.where(p > 0, p, 1.0) / np.where(p > 0, q, 1.0))).sum(axis=1)
    return total


def _chebyshev(p: NDArray[np.float64], q: NDArray[np.float64]) -> Floats:
    largest: Floats = np.abs(p - q).max(axis=1)
    return largest


METRICS: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Floats]] = {
    "jensen_shannon_distance": _jensen_shannon,
    "chebyshev_distance": _chebyshev,
}
"""Distances with such a limit, of shares: a row for each dealing, a column for each level."""
