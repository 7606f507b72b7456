"""Counting a column chunk by chunk, in time and memory that do not grow with what was counted before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import categorical, numeric, sums, sweeps
from mlops.monitors.cells import CELLS, finite_as_float32
from mlops.monitors.numeric import NumericState
from mlops.monitors.sweeps import SIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.sweeps import Sweeps

FEW = 4096
"""Up to so many values of a chunk are counted one by one: exact sums, and every cell looked into."""
_CROWDED = 0.005
"""Share of a chunk's values that makes a cell worth looking into for a single repeated value."""
_ALL = 0xFFFF


class NumericTally:
    """One numeric column, counted so far; `state` is that of all chunks that were added."""

    def __init__(self, centre: float, how: Sweeps | None = None) -> None:
        """Count distances from `centre`; `how`: another way than the best there is."""
        self._centre = centre
        self._sweeps = how or sweeps.best()
        self._counts = np.zeros(CELLS, dtype=np.int64)
        self._atoms: dict[int, float] = {}
        self._parts: list[NumericState] = []
        self._offsets: list[float] = []
        self._squares: list[float] = []
        self._low, self._high = np.inf, -np.inf
        self._nulls = self._nans = self._below = self._above = self._mistyped = 0

    def add(self, values: NDArray[np.float64], *, nulls: int = 0, mistyped: int = 0) -> None:
        """Count the values of a chunk that are there; nulls and values that are no numbers are given as numbers."""
        if len(values) <= FEW:
            self._parts.append(numeric.count(values, centre=self._centre, nulls=nulls, mistyped=mistyped))
            return
        self._nulls += nulls
        self._mistyped += mistyped
        found = self._sweeps.count(values, self._centre)
        if found.other:
            values = self._noted(values)
            if not len(values):
                return
            found = self._sweeps.count(values, self._centre)
        new = self._sweeps.settle(found.counts, self._counts, int(_CROWDED * len(values)))
        if asked := self._atoms | dict.fromkeys(new, np.nan):  # what was there before is known for an atom, or is none
            self._atoms = self._sweeps.alone(values, self._centre, asked)
        self._offsets.append(found.offsets)
        self._squares.append(found.squares)
        self._low, self._high = min(self._low, found.low), max(self._high, found.high)

    def state(self) -> NumericState:
        """Give the state of all that was added."""
        held = np.flatnonzero(self._counts)
        above = int(np.searchsorted(held, SIGN))  # slots of negative numbers come last, and fall as the numbers rise
        slots = np.concatenate([held[above:][::-1], held[:above]])
        atoms = np.full(len(slots), np.nan)
        if self._atoms:
            at = {slot: number for number, slot in enumerate(slots.tolist())}
            atoms[[at[slot] for slot in self._atoms]] = list(self._atoms.values())
        whole = NumericState(
            centre=self._centre,
            cells=np.where(slots >= SIGN, slots ^ _ALL, slots ^ SIGN),
            counts=self._counts[slots],
            atoms=atoms + 0.0,
            offsets=sums.exact_sum(self._offsets),
            squares=sums.exact_sum(self._squares),
            low=self._low + 0.0,
            high=self._high + 0.0,
            nulls=self._nulls,
            nans=self._nans,
            below=self._below,
            above=self._above,
            mistyped=self._mistyped,
        )
        return numeric.merge([whole, *self._parts]) if self._parts else whole

    def _noted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Note the values that have no cell, and give the others."""
        with np.errstate(invalid="ignore", over="ignore"):
            offsets = values - self._centre
        has_cell = finite_as_float32(offsets)
        left = offsets[~has_cell]
        self._nans += int(np.isnan(left).sum())
        self._below += int((left < 0).sum())
        self._above += int((left > 0).sum())
        return values[has_cell]


class CategoricalTally:
    """One categorical column, counted so far; `state` is that of all chunks that were added."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._folded: list[CategoricalState] = []
        self._nulls = self._mistyped = 0

    def add(self, levels: Sequence[str], counts: NDArray[np.intp], *, nulls: int = 0, mistyped: int = 0) -> None:
        """Count each level so often; a chunk may list levels that it does not have."""
        self._nulls += nulls
        self._mistyped += mistyped
        for slot in np.flatnonzero(counts).tolist():
            level = levels[slot]
            self._counts[level] = self._counts.get(level, 0) + int(counts[slot])
        if len(self._counts) > categorical.MOST_LEVELS:
            self._folded = [categorical.merge([*self._folded, categorical.from_counts(self._counts)])]
            self._counts = {}

    def state(self) -> CategoricalState:
        """Give the state of all that was added."""
        last = categorical.from_counts(self._counts, nulls=self._nulls, mistyped=self._mistyped)
        return categorical.merge([*self._folded, last]) if self._folded else last
