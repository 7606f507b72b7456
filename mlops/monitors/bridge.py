"""What chance makes of the area between two distribution functions: the limit of the Wasserstein distance.

If nothing moved, the difference of the distribution functions of n and m values, divided by sqrt(1/n + 1/m), is nearly
a Brownian bridge read at the common distribution function F (Donsker's theorem), so the area between them is nearly
distributed as the integral of |bridge(F(x))| dx.  Bridges are drawn once, at probabilities that lie the closer the
nearer they are to 0 and 1, where a skewed column has most of its area; a column adds its quantiles there.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.distances import Floats

_DRAWS = 4_999
_SEED = 277
"""Of three hundred, the one whose draws come nearest to the areas of a million for columns of five shapes: 1.5 %."""
_STEPS, _HALVINGS = 64, 24
"""Equal steps of probability, and how often the first and the last are halved toward the end."""
_HIGHEST = 6
"""So many of its deviations no bridge that was drawn is away from zero, at any of the probabilities."""
_LEAST_RATE = 10 / (_DRAWS + 1)
"""Below this rate too few draws lie beyond the limit to say where it is."""


def limit(values: Floats, counts: Floats, sizes: tuple[int, int], alpha: float) -> float:
    """Give the area that chance exceeds with probability alpha, in the unit of the values.

    The values rise; `counts` says how often each occurs in what both samples are drawn from, `sizes` how many values
    the samples have.  Far out the area falls off like a normal variable with the deviation of the values, since the
    integral of the bridge itself is one; that is where limits for rates below the draws' come from.
    """
    areas = _heights() @ _widths(values, counts).astype(np.float32)
    rank = math.floor(max(alpha, _LEAST_RATE) * (_DRAWS + 1))
    return _beyond(float(np.partition(areas, -rank)[-rank]), values, counts, sizes, alpha)


def at_most(values: Floats, counts: Floats, sizes: tuple[int, int], alpha: float) -> float:
    """Give an area that the limit is below, whatever was drawn, without drawing: some three times too much."""
    at = _probabilities()
    area = float(_HIGHEST * np.sqrt(at * (1 - at)) @ _widths(values, counts))
    return _beyond(area, values, counts, sizes, alpha)


def _widths(values: Floats, counts: Floats) -> Floats:
    """Give how much of the values' range belongs to each probability."""
    upto = np.cumsum(counts)
    at = values[np.minimum(np.searchsorted(upto / upto[-1], _probabilities()), len(values) - 1)]
    width = np.diff(at, prepend=values[0], append=values[-1])
    half: Floats = (width[:-1] + width[1:]) / 2
    return half


def _beyond(area: float, values: Floats, counts: Floats, sizes: tuple[int, int], alpha: float) -> float:
    if alpha < _LEAST_RATE:
        mean = float(values @ counts / counts.sum())
        variance = float((values - mean) ** 2 @ counts / counts.sum())
        area = math.sqrt(area**2 + 2 * variance * math.log(_LEAST_RATE / alpha))
    return area * math.sqrt(sum(1 / size for size in sizes))


@lru_cache(maxsize=1)
def _probabilities() -> Floats:
    inner = np.arange(1, _STEPS) / _STEPS
    outer = 2.0 ** -np.arange(_HALVINGS, 0, -1) / _STEPS
    return np.concatenate([outer, inner, 1 - outer[::-1]])


@lru_cache(maxsize=1)
def _heights() -> NDArray[np.float32]:
    """Give |bridge| at each probability, a row for each draw; always the same ones."""
    at = np.append(_probabilities(), 1.0)
    steps = np.random.default_rng(_SEED).standard_normal((_DRAWS, len(at)), dtype=np.float32)
    walk = np.cumsum(steps * np.sqrt(np.diff(at, prepend=0.0)).astype(np.float32), axis=1)
    heights: NDArray[np.float32] = np.abs(walk[:, :-1] - walk[:, -1:] * at[:-1].astype(np.float32))
    return heights
