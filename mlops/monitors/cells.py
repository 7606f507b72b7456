"""Where a number is counted: 65,280 cells over the whole number line, the same for every column and every day.

The cell of x is the upper half of the bits of float32(x - centre): sign, exponent and seven bits of mantissa.
It is at most 2**-7 = 0.78 % of |x - centre| wide and needs no range, so any two counts with one centre add up.
Cells are numbered here in the order of the values they hold, so that sums over cell numbers are distribution functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RULE = "float32-high-half/1"
"""Name of this rule in saved states: states counted by another rule do not compare."""

_SIGN = 0x8000
_ALL = 0xFFFF
CELLS = 0x10000


def cell_numbers(offsets: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the cell of each offset from the centre, all of them finite as float32.

    Numbers rise with the value: subtraction, rounding and truncation all keep order.
    """
    singles = offsets.astype(np.float32) + np.float32(0)  # which makes -0.0, the same value in another cell, 0.0
    bits = (singles.view(np.uint32) >> np.uint32(16)).astype(np.intp)
    return np.where(bits & _SIGN, bits ^ _ALL, bits | _SIGN)


def lower_edges(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the smallest offset each cell can hold."""
    return np.where(cells >= _SIGN, _magnitude(cells - _SIGN), -_magnitude(_SIGN - cells))


def upper_edges(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the end of each cell, which is where the next one starts."""
    return lower_edges(cells + 1)


def _magnitude(steps: NDArray[np.intp]) -> NDArray[np.float64]:
    """Read a count of cells from zero as the number whose upper half of bits it is."""
    bits = np.clip(steps, 0, _SIGN).astype(np.uint32) << np.uint32(16)
    return bits.view(np.float32).astype(np.float64)


def finite_as_float32(offsets: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which offsets have a cell: neither NaN nor infinite once they are float32."""
    with np.errstate(over="ignore"):
        return np.isfinite(offsets.astype(np.float32))
