"""Limits of distances that are drawn, where formulas of large samples fail.

**Levels**: if nothing moved, any dealing of all values into two sides of the same sizes is as likely as the one that
was seen.  So of the distances of that one and of D others each is equally often the largest, and a limit at the rank
(D + 1)(1 - alpha) is passed with chance alpha at most, whatever the levels and however few values (a permutation test:
Phipson and Smyth, 2010).  Formulas of large samples fail there: of a hundred levels and a hundred values on either side
chance passes the limit of the Jensen-Shannon distance nearly always.

**Numbers**, in bins that end at values of the reference: if nothing moved, the chance of a value to fall between two
values of a sample is Beta distributed, whatever the column (the spacings of a uniform sample), so the counts of a
window are drawn from shares that are drawn from Dirichlet's distribution.  Where values repeat, this is only near.
"""

from __future__ import annotations

import math
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlops.monitors.distances import Floats

    Counts = NDArray[np.int64]

_SPARSE = 10
"""A column is sparse where fewer values than this would be expected in a level that occurs, on either side."""
_RANK = 5
"""The limit is the distance of this rank from above: of a lower rank it would be more of a guess."""
_AT_ONCE = 64
"""Dealings that are in memory at a time."""
FEW = 20_000
"""With more values than this on both sides the formulas hold for numbers, and drawing costs more."""
_RANK_OF_BINS = 100
"""As `_RANK`, for numbers: all columns of one size share a limit, so it is worth more draws."""
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
        found.append(METRICS[metric](dealt, pooled - dealt))
    return float(np.sort(np.concatenate(found))[-_RANK])


def limit_of_bins(metric: str, reference: Floats, current: Floats, alpha: float) -> float:
    """Give the same for numbers, counted in bins that end at values of the reference.

    Raise KeyError for a metric that is none of METRICS_OF_BINS.
    """
    bins = tuple(int(count) for count in np.rint(reference))
    return _limit_of_bins(metric, bins, int(np.rint(current.sum())), alpha)


@lru_cache(maxsize=1024)
def _limit_of_bins(metric: str, reference: tuple[int, ...], current: int, alpha: float) -> float:
    counts = np.array(reference)
    weights = counts.astype(np.float64)
    weights[-1] += 1  # beyond the largest value of a sample there is room for others
    draws = math.ceil(_RANK_OF_BINS / alpha) - 1
    random = np.random.default_rng(zlib.crc32(counts.tobytes()) + current)
    drawn = random.multinomial(current, random.dirichlet(weights, size=draws))
    found = METRICS_OF_BINS[metric](np.broadcast_to(counts, drawn.shape), drawn)
    return float(np.sort(found)[-_RANK_OF_BINS])


def _psi(first: Counts, second: Counts) -> Floats:
    bins = first.shape[1]
    p = (first + 1) / (first.sum(axis=1, keepdims=True) + bins)
    q = (second + 1) / (second.sum(axis=1, keepdims=True) + bins)
    total: Floats = ((q - p) * np.log(q / p)).sum(axis=1)
    return total


def _jensen_shannon(first: Counts, second: Counts) -> Floats:
    p, q = _shares(first), _shares(second)
    half = (p + q) / 2
    divergence = (_information(p, half) + _information(q, half)) / 2
    distance: Floats = np.sqrt(np.maximum(divergence, 0.0))
    return distance


def _information(p: Floats, q: Floats) -> Floats:
    total: Floats = (p * np.log2(np.where(p > 0, p, 1.0) / np.where(p > 0, q, 1.0))).sum(axis=1)
    return total


def _chebyshev(first: Counts, second: Counts) -> Floats:
    largest: Floats = np.abs(_shares(first) - _shares(second)).max(axis=1)
    return largest


def _shares(counts: Counts) -> Floats:
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


METRICS: Mapping[str, Callable[[Counts, Counts], Floats]] = {
    "jensen_shannon_distance": _jensen_shannon,
    "chebyshev_distance": _chebyshev,
}
"""Distances with such a limit, of counts: a row for each dealing, a column for each level."""
METRICS_OF_BINS: Mapping[str, Callable[[Counts, Counts], Floats]] = {"population_stability_index": _psi, **METRICS}
