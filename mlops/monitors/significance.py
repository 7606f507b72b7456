"""How likely chance alone explains a distance: p-values and the limits that follow from sample sizes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TERMS = 1000
_CLOSE = 1e-15
_CERTAIN = 0.2
"""Below it the series of kolmogorov_smirnov_p does not settle, and the chance is 1 to twelve digits."""


def chi_squared_p(statistic: float, freedom: int) -> float:
    """Chance of a statistic at least this large; the regularized upper incomplete gamma function Q(k/2, x/2).

    Series below a + 1, Lentz's continued fraction above (Numerical Recipes' choice of the two).
    """
    a, x = freedom / 2, statistic / 2
    if freedom < 1 or x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return max(1.0 - scale * _series(a, x), 0.0) if x < a + 1 else scale * _fraction(a, x)


@lru_cache(maxsize=256)
def chi_squared_limit(share: float, freedom: int) -> float:
    """Give the statistic that chance exceeds with this share, by halving."""
    low, high = 0.0, 1.0
    while chi_squared_p(high, freedom) > share:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if chi_squared_p(middle, freedom) > share else (low, middle)
    return high


def kolmogorov_smirnov_p(distance: float, reference: int, current: int) -> float:
    """Chance of a distance at least this large between two samples of these sizes (Stephens' asymptotic form)."""
    root = math.sqrt(reference * current / (reference + current))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < _CERTAIN:
        return 1.0
    total = sum((-1.0) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101))
    return min(max(2 * total, 0.0), 1.0)


def population_stability_index_limit(share: float, bins: int, reference: int, current: int) -> float:
    """Give the PSI that chance exceeds with this share: (1/n + 1/m) times a chi-squared of bins - 1."""
    return (1 / reference + 1 / current) * chi_squared_limit(share, bins - 1)


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg's correction for looking at many features at once, in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index], reverse=True)
    result = [1.0] * len(p_values)
    least = 1.0
    for rank, index in zip(range(len(p_values), 0, -1), order, strict=True):
        least = min(least, p_values[index] * len(p_values) / rank)
        result[index] = least
    return tuple(result)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for k in range(1, _TERMS):
        term *= x / (a + k)
        total += term
        if term < total * _CLOSE:
            break
    return total


def _fraction(a: float, x: float) -> float:
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    total = d
    for k in range(1, _TERMS):
        weight = -k * (k - a)
        b += 2
        d = 1 / (weight * d + b or tiny)
        c = b + weight / c or tiny
        total *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return total
