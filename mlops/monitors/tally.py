"""Counting a column chunk by chunk, in time and memory that do not grow with what was counted before."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import categorical, numeric, sums
from mlops.monitors.cells import CELLS
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlops.monitors.categorical import CategoricalState

FEW = 4096
"""Up to so many values of a chunk are counted one by one: exact sums, and every cell looked into."""
_CROWDED = 0.005
"""Share of a chunk's values that makes a cell worth looking into for a single repeated value."""
_A_FEW = 3
"""So many crowded cells are looked into one by one; more of them in one go, with a look at every value."""
_SIGN, _ALL = 0x8000, 0xFFFF
_NOT_FINITE = (slice(0x7F80, 0x8000), slice(0xFF80, 0x10000))
"""Upper halves of the bits of infinities and NaN."""
_RAW = np.arange(CELLS)
_RAW_IN_ORDER = np.where(_RAW >= _SIGN, _RAW ^ _SIGN, _RAW ^ _ALL)
"""By cell number the upper half of the bits, which is where a tally counts it."""


class _Scratch(threading.local):
    """Memory that is used again for each chunk: asking the system for it takes longer than counting."""

    def __init__(self) -> None:
        self.first = np.empty(CELLS)
        self._size = 0

    def of(self, size: int) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.intp]]:
        """Give offsets, the same as float32, and slots, of this length."""
        if size > self._size:
            self._size = size
            self._offsets, self._singles = np.empty(size), np.empty(size, dtype=np.float32)
            self._slots = np.empty(size, dtype=np.intp)
        return self._offsets[:size], self._singles[:size], self._slots[:size]


_scratch = _Scratch()


class NumericTally:
    """One numeric column, counted so far; `state` is that of all chunks that were added."""

    def __init__(self, centre: float) -> None:
        self._centre = centre
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
        offsets, singles, slots = _scratch.of(len(values))
        with np.errstate(invalid="ignore", over="ignore"):
            np.subtract(values, self._centre, out=offsets)
            np.copyto(singles, offsets, casting="same_kind")
        np.copyto(slots, singles.view(np.uint16)[1::2])  # the upper half: machines here are little-endian
        counts = np.bincount(slots, minlength=CELLS)
        if counts[_SIGN]:  # where -0.0 is, which is the same value as 0.0
            np.add(singles, np.float32(0), out=singles)
            np.copyto(slots, singles.view(np.uint16)[1::2])
            counts = np.bincount(slots, minlength=CELLS)
        if any(counts[part].any() for part in _NOT_FINITE):
            finite = np.isfinite(singles)
            self._note_not_finite(offsets[~finite])
            values, offsets, slots = values[finite], offsets[finite], slots[finite]
            for part in _NOT_FINITE:
                counts[part] = 0
        if not len(values):
            return
        self._prove(values, slots, counts)
        self._counts += counts
        self._offsets.append(float(offsets.sum()))
        self._squares.append(float(np.dot(offsets, offsets)))
        self._low, self._high = min(self._low, float(values.min())), max(self._high, float(values.max()))

    def state(self) -> NumericState:
        """Give the state of all that was added."""
        counts = self._counts[_RAW_IN_ORDER]
        cells = np.flatnonzero(counts)
        atoms = np.full(CELLS, np.nan)
        atoms[list(self._atoms)] = list(self._atoms.values())
        whole = NumericState(
            centre=self._centre,
            cells=cells,
            counts=counts[cells],
            atoms=atoms[_RAW_IN_ORDER[cells]] + 0.0,
            offsets=sums.exact_sum(self._offsets),
            squares=sums.exact_sum(self._squares),
            low=self._low,
            high=self._high,
            nulls=self._nulls,
            nans=self._nans,
            below=self._below,
            above=self._above,
            mistyped=self._mistyped,
        )
        return numeric.merge([whole, *self._parts]) if self._parts else whole

    def _note_not_finite(self, offsets: NDArray[np.float64]) -> None:
        self._nans += int(np.isnan(offsets).sum())
        self._below += int((offsets < 0).sum())
        self._above += int((offsets > 0).sum())

    def _prove(self, values: NDArray[np.float64], slots: NDArray[np.intp], counts: NDArray[np.intp]) -> None:
        """Keep the value of each crowded cell that holds no other, in this chunk and in those before."""
        if self._atoms and not self._still(values, slots, counts):
            self._atoms = {slot: value for slot, value in self._atoms.items() if _alone(values, value, counts[slot])}
        crowded = np.flatnonzero(counts > int(_CROWDED * len(values)))
        new = crowded[self._counts[crowded] == 0]  # what was there before is known for an atom, or is none
        if len(new) <= _A_FEW:
            firsts = [values[np.argmax(slots == slot)] for slot in new]
            alone = [_alone(values, first, counts[slot]) for first, slot in zip(firsts, new, strict=True)]
        else:
            first = _scratch.first
            first[slots] = values
            mixed = np.zeros(CELLS, dtype=bool)
            mixed[slots[first[slots] != values]] = True
            firsts, alone = first[new].tolist(), (~mixed[new]).tolist()
        self._atoms |= {
            slot: float(value) for slot, value, only in zip(new.tolist(), firsts, alone, strict=True) if only
        }

    def _still(self, values: NDArray[np.float64], slots: NDArray[np.intp], counts: NDArray[np.intp]) -> bool:
        """Whether no cell that is known for an atom holds another value here."""
        first = _scratch.first
        first.fill(np.nan)
        known = list(self._atoms)
        first[known] = list(self._atoms.values())
        return bool(np.count_nonzero(first[slots] == values) == counts[known].sum())


def _alone(values: NDArray[np.float64], value: float, count: int) -> bool:
    """Whether a value is the only one of its cell, which holds so many: equal values share a cell."""
    return bool(np.count_nonzero(values == value) == count)


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
