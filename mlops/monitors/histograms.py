"""Pictures of a column's two distributions, from its counts: at most thirty bars, the same for both sides."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import distances
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.distances import Floats
    from mlops.monitors.profile import State

BARS = 28
"""Bars of a numeric column between the outermost half percents; what lies outside is in one more on each side."""
_LEVELS = 20
"""Bars of a categorical column; the other levels share one."""
_EDGE = 0.005


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What one bar stands for, and the share of the values on each side that fall there."""

    name: str
    reference: float
    current: float
    rest: bool = False
    """Whether it stands for all that has no bar of its own."""


def bars(reference: State, current: State) -> tuple[Bar, ...]:
    """Count both sides in the same bars; none where a side has no value."""
    if isinstance(reference, NumericState) and isinstance(current, NumericState):
        return _numeric(reference, current) if reference.finite and current.finite else ()
    if isinstance(reference, NumericState) or isinstance(current, NumericState):
        return ()
    return _levels(reference, current) if reference.present and current.present else ()


def _numeric(reference: NumericState, current: NumericState) -> tuple[Bar, ...]:
    sides = (reference, current)
    low = min(_quantile(side, _EDGE) for side in sides)
    high = max(_quantile(side, 1 - _EDGE) for side in sides)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BARS + 1)
    edges[-1] = np.nextafter(high, np.inf)
    first, second = (_in_edges(side, edges) for side in sides)
    names = [
        f"below {low:.3g}",
        *(f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(edges)),
        f"above {high:.3g}",
    ]
    kept = [number for number in range(len(names)) if 0 < number <= BARS or first[number] or second[number]]
    return tuple(Bar(name=names[n], reference=float(first[n]), current=float(second[n])) for n in kept)


def _quantile(state: NumericState, share: float) -> float:
    """Give a value of the cell in which the quantile lies, within the range that was seen."""
    at = int(np.searchsorted(np.cumsum(state.counts), share * state.finite))
    middle = distances.middles(state)[min(at, len(state.cells) - 1)]
    return float(min(max(middle, state.low), state.high))


def _in_edges(state: NumericState, edges: Floats) -> Floats:
    slots = np.searchsorted(edges, distances.middles(state), side="right")
    counts = np.bincount(slots, weights=state.counts.astype(np.float64), minlength=len(edges) + 1)
    return np.asarray(counts, dtype=np.float64) / state.finite


def _levels(reference: CategoricalState, current: CategoricalState) -> tuple[Bar, ...]:
    first = {level: count / reference.present for level, count in reference.levels}
    second = {level: count / current.present for level, count in current.levels}
    known = sorted({*first, *second}, key=lambda level: (-max(first.get(level, 0), second.get(level, 0)), level))
    shown = [
        Bar(name=level, reference=first.get(level, 0.0), current=second.get(level, 0.0)) for level in known[:_LEVELS]
    ]
    if len(known) > _LEVELS:
        rest = known[_LEVELS:]
        others = (sum(side.get(level, 0.0) for level in rest) for side in (first, second))
        shown.append(Bar(name=f"{len(rest)} others", reference=next(others), current=next(others), rest=True))
    return tuple(shown)
