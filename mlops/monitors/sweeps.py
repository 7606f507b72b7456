"""What is asked of every value of a chunk, in as few sweeps over it as can be: compiled, or by numpy, the same bits.

Slots are the upper halves of the bits of float32(value - centre), as `cells` counts them, not yet in order.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from mlops.monitors import kernel
from mlops.monitors.cells import CELLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Codes = NDArray[np.intp]

SIGN = 0x8000
NOT_FINITE = (slice(0x7F80, 0x8000), slice(0xFF80, 0x10000))
"""Slots of infinities and NaN."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One chunk: counts by slot, good until the same thread counts the next, and what else one look shows."""

    counts: NDArray[np.integer[Any]]
    """Rows that add up to them."""
    offsets: float
    """Sum of the distances from the centre; like all below, of no meaning where some are `other`."""
    squares: float
    low: float
    high: float
    other: int
    """How many have no cell: NaN, infinite, or too large."""


class Sweeps(Protocol):
    """Ways to sweep over a chunk; all of them give the same."""

    def count(self, values: NDArray[np.float64], centre: float) -> Counted:
        """Count every value."""

    def settle(self, counts: NDArray[np.integer[Any]], into: NDArray[np.int64], crowded: int) -> list[int]:
        """Add the counts of a chunk, once; give the slots that were empty and hold more than so many of it."""

    def codes(self, values: NDArray[np.int32], bits: NDArray[np.uint8] | None, first: int, size: int) -> Codes:
        """Count codes below `size`, those whose bit is set, the first one's being bit `first`.  Raise ValueError."""

    def present(self, values: NDArray[np.float64], bits: NDArray[np.uint8], first: int) -> NDArray[np.float64]:
        """Give the values whose bit is set; the first value's is bit `first`."""

    def alone(self, values: NDArray[np.float64], centre: float, slots: Mapping[int, float]) -> dict[int, float]:
        """Give of these slots those that hold one value only, and which; NaN: whichever comes first."""


class Numpy:
    """By numpy alone."""

    def count(self, values: NDArray[np.float64], centre: float) -> Counted:
        """Count every value."""
        offsets, slots = _offsets(values, centre)
        counts = np.bincount(slots, minlength=CELLS)[np.newaxis]
        with np.errstate(invalid="ignore", over="ignore"):
            return Counted(
                counts=counts,
                offsets=float(offsets.sum()),
                squares=float(np.square(offsets, out=offsets).sum()),
                low=float(values.min(initial=np.inf)),
                high=float(values.max(initial=-np.inf)),
                other=int(sum(counts[0, part].sum() for part in NOT_FINITE)),
            )

    def settle(self, counts: NDArray[np.integer[Any]], into: NDArray[np.int64], crowded: int) -> list[int]:
        """Add the counts of a chunk, once; give the slots that were empty and hold more than so many of it."""
        full = np.flatnonzero(counts[0] > crowded)
        found: list[int] = full[into[full] == 0].tolist()
        into += counts[0]
        return found

    def codes(self, values: NDArray[np.int32], bits: NDArray[np.uint8] | None, first: int, size: int) -> Codes:
        """Count codes below `size`, those whose bit is set, the first one's being bit `first`.  Raise ValueError."""
        there = values if bits is None else values[_set(bits, first, len(values))]
        inside = (there >= 0) & (there < size)
        return _within(np.bincount(there[inside], minlength=size), len(there) - int(np.count_nonzero(inside)))

    def present(self, values: NDArray[np.float64], bits: NDArray[np.uint8], first: int) -> NDArray[np.float64]:
        """Give the values whose bit is set; the first value's is bit `first`."""
        return values[_set(bits, first, len(values))]

    def alone(self, values: NDArray[np.float64], centre: float, slots: Mapping[int, float]) -> dict[int, float]:
        """Give of these slots those that hold one value only, and which; NaN: whichever comes first."""
        first, mixed = _asked(slots)
        _, of_value = _offsets(values, centre)
        watched = np.zeros(CELLS, dtype=bool)
        watched[list(slots)] = True
        here = watched[of_value]
        values, of_value = values[here], of_value[here]
        fresh = np.isnan(first[of_value])
        first[of_value[fresh][::-1]] = values[fresh][::-1]
        mixed[of_value[first[of_value] != values]] = True
        return _kept(slots, first, mixed)


class Compiled:
    """By `kernel.c`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._scratch = _Scratch()

    def count(self, values: NDArray[np.float64], centre: float) -> Counted:
        """Count every value."""
        values = np.ascontiguousarray(values)
        scratch, found = self._scratch, _Found()
        if not scratch.clean:
            scratch.counts.fill(0)
        scratch.clean = False
        self._library.count(
            values.ctypes.data, len(values), centre, scratch.counts.ctypes.data, ctypes.addressof(found)
        )
        return Counted(
            counts=scratch.counts,
            offsets=found.offsets,
            squares=found.squares,
            low=found.low,
            high=found.high,
            other=found.other,
        )

    def settle(self, counts: NDArray[np.integer[Any]], into: NDArray[np.int64], crowded: int) -> list[int]:
        """Add the counts of a chunk, once; give the slots that were empty and hold more than so many of it."""
        slots = self._scratch.slots
        listed = self._library.settle(counts.ctypes.data, into.ctypes.data, crowded, slots.ctypes.data)
        self._scratch.clean = True
        found: list[int] = slots[:listed].tolist()
        return found

    def codes(self, values: NDArray[np.int32], bits: NDArray[np.uint8] | None, first: int, size: int) -> Codes:
        """Count codes below `size`, those whose bit is set, the first one's being bit `first`.  Raise ValueError."""
        counts = np.zeros(size, dtype=np.int64)
        there = None if bits is None else bits.ctypes.data
        values = np.ascontiguousarray(values)
        return _within(
            counts, self._library.codes(values.ctypes.data, there, first, len(values), counts.ctypes.data, size)
        )

    def present(self, values: NDArray[np.float64], bits: NDArray[np.uint8], first: int) -> NDArray[np.float64]:
        """Give the values whose bit is set; the first value's is bit `first`."""
        out = np.empty(len(values) + 1)  # what is left out is written too, once past the last
        kept = self._library.present(values.ctypes.data, bits.ctypes.data, first, len(values), out.ctypes.data)
        return out[:kept]

    def alone(self, values: NDArray[np.float64], centre: float, slots: Mapping[int, float]) -> dict[int, float]:
        """Give of these slots those that hold one value only, and which; NaN: whichever comes first."""
        values = np.ascontiguousarray(values)
        scratch = self._scratch
        asked = np.array(list(slots), dtype=np.int32)
        known, mixed = np.array(list(slots.values())), np.empty(len(asked), dtype=np.uint8)
        here, out = (asked.ctypes.data, len(asked), known.ctypes.data), (mixed.ctypes.data,)
        self._library.watch(
            values.ctypes.data, len(values), centre, *here, *out, scratch.first.ctypes.data, scratch.fits.ctypes.data
        )
        pairs = zip(slots, known.tolist(), mixed.tolist(), strict=True)
        return {slot: value for slot, value, other in pairs if not other}


def best() -> Sweeps:
    """Give the compiled sweeps where they were built."""
    return _BEST


class _Found(ctypes.Structure):
    """As in `kernel.c`."""

    _fields_ = (
        ("offsets", ctypes.c_double),
        ("squares", ctypes.c_double),
        ("low", ctypes.c_double),
        ("high", ctypes.c_double),
        ("other", ctypes.c_int64),
    )


class _Scratch(threading.local):
    """Memory that is used again for each chunk: asking the system for it takes as long as counting."""

    def __init__(self) -> None:
        self.counts = np.zeros((2, CELLS), dtype=np.uint32)
        self.clean = True
        """Whether the counts are zeros."""
        self.slots = np.empty(CELLS, dtype=np.int32)
        self.first = np.full(CELLS, np.nan)
        self.fits = np.empty(2 * CELLS, dtype=np.uint8)


class _Room(threading.local):
    """As `_Scratch`, for numpy's sweeps: as long as the longest chunk."""

    def __init__(self) -> None:
        self._size = -1

    def of(self, size: int) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.intp]]:
        """Give room for offsets, the same as float32, and slots."""
        if size > self._size:
            self._size = size
            self._offsets, self._singles = np.empty(size), np.empty(size, dtype=np.float32)
            self._slots = np.empty(size, dtype=np.intp)
        return self._offsets[:size], self._singles[:size], self._slots[:size]


_room = _Room()


def _offsets(values: NDArray[np.float64], centre: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Give the distances from the centre and their slots, good until the same thread asks again."""
    offsets, singles, slots = _room.of(len(values))
    with np.errstate(invalid="ignore", over="ignore"):
        np.subtract(values, centre, out=offsets)
        np.copyto(singles, offsets, casting="same_kind")
        np.add(singles, np.float32(0), out=singles)  # which makes -0.0, in a cell of its own, 0.0
    np.copyto(slots, singles.view(np.uint16)[1::2])  # the upper half: machines here are little-endian
    return offsets, slots


def _within(counts: Codes, beyond: int) -> Codes:
    if beyond:
        raise ValueError("a dictionary's codes point beyond its end: the file is damaged, write it again")
    return counts


def _set(bits: NDArray[np.uint8], first: int, size: int) -> NDArray[np.bool_]:
    near = np.unpackbits(bits[first // 8 : (first + size + 7) // 8], bitorder="little")
    return near[first % 8 :][:size].view(np.bool_)


def _asked(slots: Mapping[int, float]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    first = np.full(CELLS, np.nan)
    first[list(slots)] = list(slots.values())
    return first, np.zeros(2 * CELLS, dtype=bool)


def _kept(slots: Mapping[int, float], first: NDArray[np.float64], mixed: NDArray[np.bool_]) -> dict[int, float]:
    return {slot: float(first[slot]) for slot in slots if not mixed[slot]}


_LIBRARY = kernel.library()
_BEST: Sweeps = Numpy() if _LIBRARY is None else Compiled(_LIBRARY)
