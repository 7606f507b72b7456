"""Do the rows of a window still lie where the reference's main directions say?  Where not, columns came apart.

Principal components are fitted to one half of the reference, of standardised columns (a level is a column of its own,
and so is being null), and each row's distance from those that hold most of the variance is taken: for the other half of
the reference, and for the window.  Then the halves change places.

**Why no drift is silent**: the distances of the other half and of the window were not fitted to, so if nothing moved
every dealing of them is as likely as the one that was seen; their Mann-Whitney score has mean 0 and deviation 1, and
the mean of both scores a deviation of 1 at most.  Columns that come closer together make distances smaller, so either
direction counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import ranks
from mlops.monitors.domain_classifier import halves
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlops.monitors.table import Encoded, Floats

FEWEST = 50
"""Rows a side."""
_KEPT = 0.65
"""Share of the variance that the main directions hold (NannyML's default too)."""
_MOST_LEVELS = 50
"""Levels of a column that get a column of their own; the rarer ones share one."""
_FLAT = 1e-9
"""Below this mean distance of standardised rows the main directions hold everything."""


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """How far the window lies from the reference's main directions."""

    ratio: float
    """Mean distance over that of reference rows which were not fitted to."""
    deviation: float
    by_chance: float
    """The ratio's standard deviation around 1, had nothing moved (of many rows: a mean is about normal then)."""
    p: float
    """Chance of distances at least this different, in either direction, had nothing moved."""


def rebuild(both: Encoded) -> Rebuilt:
    """Compare the distances of both sides.

    Raises:
        UnfitError: a side has too few rows, or nothing of a row is left beside the main directions.
    """
    least = min(len(both.reference), len(both.current))
    if least < FEWEST:
        raise UnfitError(f"main directions are compared with {FEWEST} rows on each side; one has {least}")
    first = halves(len(both.reference))
    found = [_distances(both, fitted) for fitted in (first, ~first)]
    if min(float(own.mean()) for own, _ in found) < _FLAT:
        raise UnfitError("the main directions hold all that the columns say: give more columns")
    scores = [ranks.above(own, others).score for own, others in found]
    own_mean, others_mean = (float(np.mean([sides[at].mean() for sides in found])) for at in (0, 1))
    return Rebuilt(
        ratio=others_mean / own_mean,
        deviation=float(np.mean([_deviation(own, others) for own, others in found])),
        by_chance=float(np.mean([_by_chance(own, others) for own, others in found])),
        p=min(2 * ranks.chance_above(abs(float(np.mean(scores)))), 1.0),
    )


def _deviation(own: Floats, others: Floats) -> float:
    """Standard deviation of a ratio of two independent means, to first order."""
    below, above = float(own.mean()), float(others.mean())
    parts = float(others.var()) / len(others) + (above / below) ** 2 * float(own.var()) / len(own)
    return math.sqrt(parts) / below


def _by_chance(own: Floats, others: Floats) -> float:
    """Standard deviation of the ratio, were both samples of one population: that of all distances together."""
    every = np.concatenate([own, others])
    return float(every.std() / every.mean()) * math.sqrt(1 / len(own) + 1 / len(others))


def _distances(both: Encoded, fitted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Floats, Floats]:
    """Fit main directions to the marked rows of the reference; give how far its others and the window lie from them."""
    matrix, unseen, others = _standardised(both, fitted)
    values, directions = np.linalg.eigh(matrix.T @ matrix / len(matrix))
    shares = np.cumsum(values[::-1]) / max(float(values.sum()), np.finfo(float).tiny)
    # Something must be left beside them: of equally important columns most of the variance is all of it.
    most = max(len(values) - 1, 1)
    kept = directions[:, ::-1][:, : min(int(np.searchsorted(shares, _KEPT)) + 1, most)]

    def distance(rows: Floats) -> Floats:
        left: Floats = np.linalg.norm(rows - rows @ kept @ kept.T, axis=1)
        return left

    return distance(unseen), distance(others)


def _standardised(both: Encoded, fitted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Floats, Floats, Floats]:
    """Give both halves of the reference and the window as columns of mean 0 and deviation 1 in the fitted half."""
    parts: tuple[list[Floats], ...] = ([], [], [])
    for at, categorical in enumerate(both.categorical):
        sides = both.reference[fitted, at], both.reference[~fitted, at], both.current[:, at]
        for columns in _levels(*sides) if categorical else _numbers(*sides):
            middle, scale = float(columns[0].mean()), float(columns[0].std()) or 1.0
            for part, column in zip(parts, columns, strict=True):
                part.append((column - middle) / scale)
    first, unseen, others = (np.column_stack(part) for part in parts)
    return first, unseen, others


def _numbers(*sides: Floats) -> Iterator[tuple[Floats, ...]]:
    """A column with its nulls and infinities in the middle, and one that says where they are."""
    here = np.isfinite(sides[0])
    middle = float(np.median(sides[0][here])) if here.any() else 0.0
    gaps = [~np.isfinite(side) for side in sides]
    yield tuple(np.where(gap, middle, side) for gap, side in zip(gaps, sides, strict=True))
    if any(gap.any() for gap in gaps):
        yield tuple(gap.astype(np.float64) for gap in gaps)


def _levels(*sides: Floats) -> Iterator[tuple[Floats, ...]]:
    """A column for each frequent level of the fitted rows, one for all others, one for nulls."""
    codes, counts = np.unique(sides[0][np.isfinite(sides[0])], return_counts=True)
    frequent = codes[np.argsort(-counts, kind="stable")[:_MOST_LEVELS]]
    for code in frequent:
        yield tuple((side == code).astype(np.float64) for side in sides)
    yield tuple((np.isfinite(side) & ~np.isin(side, frequent)).astype(np.float64) for side in sides)
    yield tuple(np.isnan(side).astype(np.float64) for side in sides)
