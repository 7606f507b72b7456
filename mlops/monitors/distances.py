"""How far two columns are apart, from their counts alone; approximate distances come with a bound.

Names of metrics are Azure ML's where Azure ML has one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import cells
from mlops.monitors.categorical import CategoricalState, fold
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 10
"""Bins of a numeric column: the reference's deciles."""
_CROWDED, _SPIKE = 0.005, 4
"""A cell with more than this share, and so many times its neighbours' count, holds a value that repeats."""
_RARE = 5
"""Expected values of a level, below which Pearson's statistic is not distributed as its formula says."""
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
    reference_atoms: Floats
    current_atoms: Floats
    """The only value that each holds in a cell, where that is proven; else NaN."""

    @property
    def proven(self) -> NDArray[np.bool_]:
        """Both hold one and the same value in this cell, so the order within it is known."""
        same: NDArray[np.bool_] = self.reference_atoms == self.current_atoms
        return same


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


def pooled(reference: NumericState, current: NumericState | None = None) -> tuple[Floats, Floats]:
    """Give the values of both, rising, and how often each occurs; a cell of several counts as its middle."""
    states = [state for state in (reference, current) if state is not None]
    values = np.concatenate([middles(state) for state in states])
    counts = np.concatenate([state.counts for state in states]).astype(np.float64)
    order = np.argsort(values, kind="stable")
    return values[order], counts[order]


def wasserstein(reference: NumericState, current: NumericState) -> float:
    """Area between the two distribution functions, in the column's unit; values spread evenly in a cell."""
    pair = _pair(reference, current)
    left, right = _edges(pair, reference.centre)
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
    """Count both columns in the deciles (lo, hi] of the reference; equal borders make one bin.

    A decile inside a cell of different values is a border inside it: of the reference as many values lie below as
    make the decile, of the current ones the same part of the cell, since values spread evenly in a cell.  A cell much
    fuller than those beside it holds a value that repeats, and others: there the border is that value, taken to lie in
    the middle of the others.
    """
    pair = _pair(reference, current)
    after, others = np.cumsum(pair.reference), np.cumsum(pair.current)
    wanted = np.array([-(-step * reference.finite // BINS) for step in range(1, BINS)], dtype=np.float64)
    at = np.searchsorted(after, wanted)
    border, alone = pair.reference_atoms[at], pair.current_atoms[at]
    unproven, spiked = np.isnan(border), _spiked(pair.reference, at)
    beyond = np.where(unproven, np.where(spiked, _around(pair.reference, at) / 2, after[at] - wanted), 0.0)
    low, high = cells.lower_edges(pair.cells[at]), cells.upper_edges(pair.cells[at])
    inside = reference.centre + high - (high - low) * (beyond / pair.reference[at])
    alike = beyond * (pair.current[at] / pair.reference[at])
    spread = np.where(unproven & spiked, np.minimum(_around(pair.current, at) / 2, pair.current[at]), alike)
    whole = np.where(alone <= np.where(unproven, inside, border), 0.0, pair.current[at])
    upto, theirs = after[at] - beyond, others[at] - np.where(np.isnan(alone), spread, whole)
    # Equal borders are one; beyond the last there may be none of the reference, but some of the current values.
    kept = np.append(np.diff(upto) > 0, upto[-1] < after[-1] or theirs[-1] < others[-1])
    return (
        np.diff(upto[kept], prepend=0.0, append=after[-1]),
        np.diff(theirs[kept], prepend=0.0, append=others[-1]),
    )


def _spiked(counts: Floats, at: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say in which cells a value repeats, by how full they are beside their neighbours."""
    below, above = counts[np.maximum(at - 1, 0)], counts[np.minimum(at + 1, len(counts) - 1)]
    full: NDArray[np.bool_] = counts[at] > np.maximum(_CROWDED * counts.sum(), _SPIKE * np.maximum(below, above))
    return full


def _around(counts: Floats, at: NDArray[np.intp]) -> Floats:
    """Give the mean count of the cells on both sides."""
    mean: Floats = (counts[np.maximum(at - 1, 0)] + counts[np.minimum(at + 1, len(counts) - 1)]) / 2
    return mean


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


def bins(reference: NumericState | CategoricalState, current: NumericState | CategoricalState) -> tuple[Floats, Floats]:
    """Count both in the bins, or levels, in which they are compared.

    Raise DoesNotFitError when one is of numbers and the other of levels, or a side has no value.
    """
    if isinstance(reference, NumericState) and isinstance(current, NumericState):
        return binned(reference, current)
    if isinstance(reference, CategoricalState) and isinstance(current, CategoricalState):
        return levelled(reference, current)
    raise DoesNotFitError("one side is of numbers and the other of levels: count one again")


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
    """Pearson's statistic of the table of both rows, and its degrees of freedom: both sides are samples.

    Levels of which fewer than 5 are expected on a side count as one (Cochran's rule), so that the distribution which
    the statistic is judged by holds.
    """
    total = reference + current
    least = min(reference.sum(), current.sum()) / total.sum()
    rare = (total * least < _RARE) & (total > 0)
    often = total * least >= _RARE
    reference = np.append(reference[often], reference[rare].sum())
    current = np.append(current[often], current[rare].sum())
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


class _Last(threading.local):
    """The last pair of columns: several distances of one are measured after another."""

    sides: tuple[NumericState, NumericState] | None = None
    pair: _Pair


_last = _Last()


def _pair(reference: NumericState, current: NumericState) -> _Pair:
    if _last.sides is None or _last.sides[0] is not reference or _last.sides[1] is not current:
        _last.sides, _last.pair = None, _paired(reference, current)
        _last.sides = (reference, current)
    return _last.pair


def _paired(reference: NumericState, current: NumericState) -> _Pair:
    if reference.centre != current.centre:
        raise DoesNotFitError(
            f"columns counted around {reference.centre} and {current.centre} do not compare: count one again"
        )
    if not reference.finite or not current.finite:
        raise DoesNotFitError("a distance needs at least one finite value on each side")
    union = _either(reference.cells, current.cells)
    first, first_atoms = _spread(reference, union)
    second, second_atoms = _spread(current, union)
    return _Pair(cells=union, reference=first, current=second, reference_atoms=first_atoms, current_atoms=second_atoms)


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


def _edges(pair: _Pair, centre: float) -> tuple[Floats, Floats]:
    """Where each cell's values lie, as offsets from the centre: a cell proven to hold one value has no width."""
    left, right = cells.lower_edges(pair.cells), cells.upper_edges(pair.cells)
    only = np.where(pair.reference == 0, pair.current_atoms, np.nan)
    alone = np.where(pair.current == 0, pair.reference_atoms, only)
    known = np.where(pair.proven, pair.reference_atoms, alone) - centre
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
