"""How far two columns are apart, from their counts alone; approximate distances come with a bound.

Names of metrics are Azure ML's where Azure ML has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import cells
from mlops.monitors.categorical import fold
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.numeric import NumericState

    Floats = NDArray[np.float64]

BINS = 10
"""Bins of a numeric column: the reference's deciles."""
LEAST_DEVIATION = 0.001
"""Azure ML divides by at least this much, so that a constant reference does not make every shift infinite."""


@dataclass(frozen=True, kw_only=True)
class Distance:
    """A distance and the most that it can be; the two agree when the counts decide it."""

    value: float
    at_most: float


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two numeric columns over the cells that either occupies."""

    cells: NDArray[np.intp]
    reference: Floats
    current: Floats
    proven: NDArray[np.bool_]
    """Both hold one and the same value in this cell, so the order within it is known."""


def kolmogorov_smirnov(reference: NumericState, current: NumericState) -> Distance:
    """Largest difference of the two distribution functions; the exact one lies between value and at_most.

    At the borders of cells the distribution functions are exact.  Within a cell that both occupy, the order of
    the values is unknown: at worst all of one side come first.
    """
    pair = _pair(reference, current)
    f, g = _cumulative(pair.reference), _cumulative(pair.current)
    before_f, before_g = _before(f), _before(g)
    value = float(np.max(np.abs(f - g)))
    worst = np.maximum(f - before_g, g - before_f)
    at_most = float(np.max(np.where(pair.proven, np.abs(f - g), worst)))
    return Distance(value=value, at_most=max(value, at_most))


def middles(state: NumericState) -> Floats:
    """Give a value for each occupied cell: the only one it holds where that is proven, else the middle of the cell."""
    middle = state.centre + (cells.lower_edges(state.cells) + cells.upper_edges(state.cells)) / 2
    return np.where(np.isnan(state.atoms), middle, state.atoms)


def wasserstein(reference: NumericState, current: NumericState) -> float:
    """Area between the two distribution functions, in the column's unit; values spread evenly in a cell."""
    pair = _pair(reference, current)
    left, right = _edges(pair, reference, current)
    after = _cumulative(pair.reference) - _cumulative(pair.current)
    before = _before(after)
    heights = np.abs(before) + np.abs(after)
    same_side = before * after >= 0
    crossing = (before**2 + after**2) / np.where(heights > 0, heights, 1.0)
    inside = (right - left) * np.where(same_side, heights, crossing) / 2
    between = np.abs(after[:-1]) * np.maximum(left[1:] - right[:-1], 0.0)
    return float(inside.sum() + between.sum())


def normalized_wasserstein(reference: NumericState, current: NumericState) -> float:
    """Wasserstein distance in standard deviations of the reference (at least 0.001)."""
    return wasserstein(reference, current) / max(reference.deviation, LEAST_DEVIATION)


def binned(reference: NumericState, current: NumericState) -> tuple[Floats, Floats]:
    """Count both columns in the deciles (lo, hi] of the reference; equal borders make one bin."""
    pair = _pair(reference, current)
    shares = _cumulative(pair.reference)
    # Half a count of slack: a share such as 3/10 is not exact in binary.
    slack = 0.5 / reference.finite
    ends = np.unique(np.searchsorted(shares + slack, np.arange(1, BINS) / BINS))
    starts = np.concatenate([[0], ends + 1])
    starts = starts[starts < len(shares)]
    return np.add.reduceat(pair.reference, starts), np.add.reduceat(pair.current, starts)


def levelled(reference: CategoricalState, current: CategoricalState) -> tuple[Floats, Floats]:
    """Count both columns by level; a level of one side only has 0 on the other."""
    if not reference.present or not current.present:
        raise DoesNotFitError("a distance needs at least one value on each side")
    if reference.folded or current.folded:
        reference, current = fold(reference), fold(current)
    first, second = dict(reference.levels), dict(current.levels)
    levels = sorted(first.keys() | second.keys())
    return (
        np.array([first.get(level, 0) for level in levels], dtype=np.float64),
        np.array([second.get(level, 0) for level in levels], dtype=np.float64),
    )


def population_stability_index(reference: Floats, current: Floats) -> float:
    """Sum of (q - p) ln(q / p) over the bins, each side with one count more a bin, so that none is empty."""
    p = (reference + 1) / (reference.sum() + len(reference))
    q = (current + 1) / (current.sum() + len(current))
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon_distance(reference: Floats, current: Floats) -> float:
    """Square root of the Jensen-Shannon divergence to base 2: 0 is equal, 1 is nothing in common."""
    p, q = reference / reference.sum(), current / current.sum()
    half = (p + q) / 2
    divergence = (_information(p, half) + _information(q, half)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def chi_squared(reference: Floats, current: Floats) -> tuple[float, int]:
    """Pearson's statistic of the table of both rows, and its degrees of freedom: both sides are samples."""
    total = reference + current
    kept = total > 0
    reference, current, total = reference[kept], current[kept], total[kept]
    size = total.sum()
    expected_first = total * reference.sum() / size
    expected_second = total * current.sum() / size
    statistic = ((reference - expected_first) ** 2 / expected_first).sum()
    statistic += ((current - expected_second) ** 2 / expected_second).sum()
    return float(statistic), len(total) - 1


def chebyshev_distance(reference: Floats, current: Floats) -> float:
    """Largest difference of the two shares of one bin or level (L-infinity)."""
    return float(np.max(np.abs(reference / reference.sum() - current / current.sum())))


def _pair(reference: NumericState, current: NumericState) -> _Pair:
    if reference.centre != current.centre:
        raise DoesNotFitError(
            f"columns counted around {reference.centre} and {current.centre} do not compare: count one again"
        )
    if not reference.finite or not current.finite:
        raise DoesNotFitError("a distance needs at least one finite value on each side")
    union = _either(reference.cells, current.cells)
    first, first_atoms = _spread(reference, union)
    second, second_atoms = _spread(current, union)
    return _Pair(cells=union, reference=first, current=second, proven=first_atoms == second_atoms)


def _either(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the cells that either occupies, rising; marks in a row of all cells are quicker than sorting."""
    held = np.zeros(cells.CELLS, dtype=bool)
    held[first] = held[second] = True
    return np.flatnonzero(held)


def _spread(state: NumericState, union: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Counts and proven values of a column over more cells than it occupies."""
    slots = np.searchsorted(union, state.cells)
    counts, atoms = np.zeros(len(union)), np.full(len(union), np.nan)
    counts[slots], atoms[slots] = state.counts, state.atoms
    return counts, atoms


def _edges(pair: _Pair, reference: NumericState, current: NumericState) -> tuple[Floats, Floats]:
    """Where each cell's values lie, as offsets from the centre: a cell proven to hold one value has no width."""
    left, right = cells.lower_edges(pair.cells), cells.upper_edges(pair.cells)
    _, atoms = _spread(reference, pair.cells)
    _, others = _spread(current, pair.cells)
    alone = np.where(pair.current == 0, atoms, np.where(pair.reference == 0, others, np.nan))
    known = np.where(pair.proven, atoms, alone) - reference.centre
    return np.where(np.isnan(known), left, known), np.where(np.isnan(known), right, known)


def _cumulative(counts: Floats) -> Floats:
    shares: Floats = np.cumsum(counts) / counts.sum()
    return shares


def _before(cumulative: Floats) -> Floats:
    """Give the same function, read before each cell instead of after it."""
    return np.concatenate([[0.0], cumulative[:-1]])


def _information(p: Floats, q: Floats) -> float:
    kept = p > 0
    return float((p[kept] * np.log2(p[kept] / q[kept])).sum())
