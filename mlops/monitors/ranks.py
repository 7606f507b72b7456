"""Does one sample lie above another?  Mann and Whitney's statistic, which is also the area under an ROC curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Above:
    """How often a value of the second sample is above one of the first, ties counting half."""

    area: float
    by_chance: float
    """The area's standard deviation around a half, if both were one population: about normal then."""
    deviation: float
    """The area's own standard deviation, whatever the populations (DeLong, DeLong and Clarke-Pearson, 1988)."""

    @property
    def score(self) -> float:
        """Give the area's distance from a half in the standard deviations of chance."""
        return (self.area - 0.5) / self.by_chance if self.by_chance else 0.0


def above(first: Floats, second: Floats) -> Above:
    """Compare two samples by rank.

    What chance does is the exact variance of a random dealing of all values into two samples of these sizes, ties
    included: V = nm/12 * ((N + 1) - sum(t^3 - t) / (N(N - 1))) for U = nm * area (Lehmann, Nonparametrics, 1975).
    """
    n, m = len(first), len(second)
    _, of_value, count = np.unique(np.concatenate([first, second]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[of_value]
    area = float(ranks[n:].sum() - m * (m + 1) / 2) / (n * m)
    total = n + m
    ties = float((count.astype(np.float64) ** 3 - count).sum())
    variance = max((total + 1) - ties / (total * (total - 1)), 0.0) / (12 * n * m)
    return Above(area=area, by_chance=math.sqrt(variance), deviation=_delong(ranks, first, second))


def _delong(ranks: Floats, first: Floats, second: Floats) -> float:
    """Take each value's own share of the other sample that it beats: its rank in both less that in its own sample."""
    n, m = len(first), len(second)
    beaten = (ranks[n:] - _own_ranks(second)) / n
    lost = 1 - (ranks[:n] - _own_ranks(first)) / m
    return math.sqrt(sum(float(part.var(ddof=1)) / len(part) for part in (beaten, lost) if len(part) > 1))


def _own_ranks(values: Floats) -> Floats:
    _, of_value, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[of_value]
    return ranks


def chance_above(score: float) -> float:
    """Chance that a standard normal is at least this large."""
    return math.erfc(score / math.sqrt(2)) / 2
