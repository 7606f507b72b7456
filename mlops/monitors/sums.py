"""Sums of floats that do not depend on the order in which they are added."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ExactSum = tuple[float, ...]
"""A real number as floats that add up to it exactly: the nearest float, the nearest to what is left, and so on."""

ZERO: ExactSum = ()


def exact_sum(values: Iterable[float]) -> ExactSum:
    """Add finite floats without rounding; the same values in any order give the same tuple."""
    rest = list(values)
    parts: list[float] = []
    while (part := math.fsum(rest)) != 0.0:
        parts.append(part)
        rest.append(-part)
    return tuple(parts)


def add(one: ExactSum, other: ExactSum) -> ExactSum:
    """Add two exact sums, exactly."""
    return exact_sum((*one, *other))


def value(total: ExactSum) -> float:
    """Give the float nearest to the sum."""
    return total[0] if total else 0.0
