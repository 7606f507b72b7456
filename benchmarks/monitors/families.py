"""Families of columns that real tables have: how one is drawn, and how it is drawn once it has drifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draw = Callable[[Generator, int, float, bool], Floats]
    """Random numbers, how many, a scale that sets columns of one family apart, and whether it has drifted."""


def _normal(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return 50 * scale + scale * (random.standard_normal(rows) + 0.2 * drifted)


def _lognormal(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return scale * random.lognormal(0.15 * drifted, 0.8, rows)


def _exponential(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return random.standard_exponential(rows) * scale * (1.15 if drifted else 1.0)


def _uniform(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return scale * (random.random(rows) - 0.5 + 0.05 * drifted)


def _bimodal(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    upper = random.random(rows) < (0.6 if drifted else 0.5)
    return scale * (random.standard_normal(rows) + np.where(upper, 3.0, -3.0))


def _rounded_gamma(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return np.round(random.standard_gamma(2.0, rows) * 10 * (1.1 if drifted else 1.0), 1) * round(scale)


def _poisson(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    return random.poisson(4 * scale * (1.1 if drifted else 1.0), rows).astype(np.float64)


def _zero_inflated_t(random: Generator, rows: int, scale: float, drifted: bool) -> Floats:  # noqa: FBT001
    there = random.random(rows) >= (0.45 if drifted else 0.4)
    return np.where(there, scale * random.standard_t(3, rows), 0.0)


NUMERIC: Mapping[str, Draw] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "exponential": _exponential,
    "uniform": _uniform,
    "bimodal": _bimodal,
    "rounded gamma": _rounded_gamma,
    "Poisson": _poisson,
    "zero-inflated t": _zero_inflated_t,
}
CONTINUOUS = ("normal", "lognormal", "exponential", "uniform", "bimodal")
"""Families in which no value comes twice."""


def shares(levels: int, *, drifted: bool = False) -> Floats:
    """Give the share of each level, falling as 1/k as levels do in practice; drift moves some from the first on."""
    weights = 1 / np.arange(1, levels + 1)
    if drifted:
        weights[0] *= 0.85
    result: Floats = weights / weights.sum()
    return result
