"""What is known of one numeric column: counts that add up exactly, over rows, files and days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import sums
from mlops.monitors.cells import CELLS, cell_numbers, finite_as_float32

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PROVE_ALL = 100_000
"""Up to so many values every cell is looked into for a single repeated value; above, only crowded cells."""
_CROWDED = 0.005
"""Share of the values that makes a cell of a large chunk worth looking into."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NumericState:
    """One column's counts; `merge` of two is the state of all their rows."""

    centre: float
    cells: NDArray[np.intp]
    """Numbers of the occupied cells, rising."""
    counts: NDArray[np.int64]
    atoms: NDArray[np.float64]
    """The only value that a cell holds, where that is proven; else NaN."""
    offsets: sums.ExactSum
    """Sum of (x - centre) over finite x."""
    squares: sums.ExactSum
    """Sum of (x - centre)**2 over finite x."""
    low: float
    high: float
    """Smallest and largest finite x; +inf and -inf when there is none."""
    nulls: int
    nans: int
    below: int
    """Values of -inf, or too far below the centre for a float32."""
    above: int
    mistyped: int
    """Values that are no numbers."""

    @cached_property
    def finite(self) -> int:
        """Count the values that have a cell."""
        return int(self.counts.sum())

    @property
    def present(self) -> int:
        """Count the values that a distance can be measured of: the finite ones."""
        return self.finite

    @property
    def missing(self) -> int:
        """Count the rows without a value: nulls, and NaN."""
        return self.nulls + self.nans

    @property
    def rows(self) -> int:
        """Count all rows, whatever they hold."""
        return self.finite + self.nulls + self.nans + self.below + self.above + self.mistyped

    @property
    def null_rate(self) -> float:
        """Give the share of rows without a value; 0 where there are no rows."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def mean(self) -> float:
        """Mean of the finite values; NaN when there is none."""
        return self.centre + sums.value(self.offsets) / self.finite if self.finite else float("nan")

    @property
    def deviation(self) -> float:
        """Standard deviation of the finite values (divided by their number); NaN when there is none."""
        if not self.finite:
            return float("nan")
        mean = sums.value(self.offsets) / self.finite
        return float(np.sqrt(max(sums.value(self.squares) / self.finite - mean * mean, 0.0)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumericState) and _plain(self) == _plain(other)

    def __hash__(self) -> int:
        return hash(_plain(self))


def centre_of(values: NDArray[np.float64]) -> float:
    """Median of the finite values among the first 20,000, 0 if there is none.

    Any centre is correct; one in the middle of the reference makes the cells where most values lie the finest.
    """
    first = values[:20_000]
    first = first[np.isfinite(first)]
    return float(np.median(first)) if len(first) else 0.0


def empty(centre: float) -> NumericState:
    """Give the state of no rows."""
    return count(np.empty(0), centre=centre)


def count(values: NDArray[np.float64], *, centre: float, nulls: int = 0, mistyped: int = 0) -> NumericState:
    """Count the values of a column that are there; nulls and values that are no numbers are given as numbers."""
    with np.errstate(invalid="ignore", over="ignore"):
        distances = values - centre
    nans = np.isnan(distances)
    has_cell = finite_as_float32(distances)
    found = values[has_cell]
    distances_found = distances[has_cell]
    cells, counts, atoms = _cells(found, cell_numbers(distances_found))
    return NumericState(
        centre=centre,
        cells=cells,
        counts=counts,
        atoms=atoms,
        offsets=_total(distances_found),
        squares=_total(distances_found * distances_found),
        low=float(found.min(initial=np.inf)) + 0.0,
        high=float(found.max(initial=-np.inf)) + 0.0,
        nulls=nulls,
        nans=int(nans.sum()),
        below=int(((distances < 0) & ~has_cell).sum()),
        above=int(((distances > 0) & ~has_cell).sum()),
        mistyped=mistyped,
    )


def merge(states: Sequence[NumericState]) -> NumericState:
    """Add states up, exactly and in any order.  Raise ValueError unless they share one centre."""
    centres = sorted({state.centre for state in states})
    if len(centres) != 1:
        raise ValueError(f"states of one column need one centre to add up, these have {centres}: count again from rows")
    cells, slots = np.unique(np.concatenate([s.cells for s in states]), return_inverse=True)
    counts = np.zeros(len(cells), dtype=np.int64)
    np.add.at(counts, slots, np.concatenate([s.counts for s in states]))
    return NumericState(
        centre=centres[0],
        cells=cells,
        counts=counts,
        atoms=_same_in_each(slots, np.concatenate([s.atoms for s in states]), len(cells)),
        offsets=sums.exact_sum(part for s in states for part in s.offsets),
        squares=sums.exact_sum(part for s in states for part in s.squares),
        low=min(s.low for s in states),
        high=max(s.high for s in states),
        nulls=sum(s.nulls for s in states),
        nans=sum(s.nans for s in states),
        below=sum(s.below for s in states),
        above=sum(s.above for s in states),
        mistyped=sum(s.mistyped for s in states),
    )


def _cells(
    values: NDArray[np.float64], numbers: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float64]]:
    """Occupied cells, their counts, and the value of those that hold one value only."""
    if len(values) <= _PROVE_ALL:
        cells, slots, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        return cells, counts.astype(np.int64), _same_in_each(slots, values, len(cells))
    dense = np.bincount(numbers, minlength=CELLS)
    cells = np.flatnonzero(dense)
    counts = dense[cells].astype(np.int64)
    atoms = np.full(len(cells), np.nan)
    for slot in np.flatnonzero(counts > _CROWDED * len(values)):
        inside = values[numbers == cells[slot]]
        if inside.min() == inside.max():
            atoms[slot] = inside[0]
    return cells, counts, atoms


def _same_in_each(slots: NDArray[np.intp], values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """For each slot the value that all its entries share, NaN where they differ or one is unproven (NaN)."""
    low = np.full(length, np.inf)
    high = np.full(length, -np.inf)
    with np.errstate(invalid="ignore"):  # NaN is meant to win
        np.minimum.at(low, slots, values)
        np.maximum.at(high, slots, values)
    # Adding 0.0 makes -0.0 and 0.0, which are one value, one bit pattern.
    return np.where(low == high, low, np.nan) + 0.0


def _total(values: NDArray[np.float64]) -> sums.ExactSum:
    """Add up without rounding, or, for long chunks, pairwise and rounded once."""
    return sums.exact_sum(values.tolist() if len(values) <= _PROVE_ALL else [float(values.sum())])


def _plain(state: NumericState) -> tuple[object, ...]:
    numbers = (state.centre, state.offsets, state.squares, state.low, state.high)
    counted = (state.nulls, state.nans, state.below, state.above, state.mistyped)
    return (*numbers, *counted, state.cells.tobytes(), state.counts.tobytes(), state.atoms.tobytes())
