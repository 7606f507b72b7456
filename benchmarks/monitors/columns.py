"""Samples of columns of each kind as states, small ones from rows and large ones from counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.monitors.families import CONTINUOUS, NUMERIC, shares
from mlops.monitors import categorical, cells, numeric

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from mlops.monitors.categorical import CategoricalState
    from mlops.monitors.numeric import NumericState

    State = NumericState | CategoricalState

FROM_ROWS = 3_000
"""Up to so many values a sample is rows that are counted; above, counts drawn at once from those of many rows."""
_POPULATION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of column: a family of numbers, or so many levels."""

    name: str
    levels: int = 0

    @property
    def continuous(self) -> bool:
        """Say whether no value comes twice."""
        return self.name in CONTINUOUS


KINDS = (*(Kind(name=name) for name in NUMERIC), *(Kind(name=f"{n} levels", levels=n) for n in (2, 5, 30, 100)))


def sample(kind: Kind, size: int, random: Generator, moved: float = 0.0) -> State:
    """Draw a column: moved by so many standard deviations, or with that share of rows swapped between two levels."""
    if kind.levels:
        names = _names(kind.levels)
        drawn = random.multinomial(size, _swapped(kind.levels, moved))
        return categorical.from_counts(dict(zip(names, drawn.tolist(), strict=True)))
    if size <= FROM_ROWS:
        return numeric.count(_rows(kind, size, random, moved), centre=population(kind, 0.0).centre)
    return resampled(population(kind, moved), size, random)


def resampled(whole: NumericState, size: int, random: Generator) -> NumericState:
    """Draw the state of so many rows from the shares of another state's cells."""
    drawn = random.multinomial(size, whole.counts / whole.finite)
    kept = drawn > 0
    occupied, counts, atoms = whole.cells[kept], drawn[kept].astype(np.int64), whole.atoms[kept]
    middles = (cells.lower_edges(occupied) + cells.upper_edges(occupied)) / 2
    values = np.where(np.isnan(atoms), middles, atoms - whole.centre)
    return replace(
        whole,
        cells=occupied,
        counts=counts,
        atoms=atoms,
        offsets=(float((counts * values).sum()),),
        squares=(float((counts * values**2).sum()),),
    )


@cache
def population(kind: Kind, moved: float) -> NumericState:
    """Count many rows of a kind of numbers, the same ones each time."""
    rows = _rows(kind, _POPULATION, np.random.default_rng(sum(kind.name.encode())), moved)
    centre = population(kind, 0.0).centre if moved else numeric.centre_of(rows)
    return numeric.count(rows, centre=centre)


def _rows(kind: Kind, size: int, random: Generator, moved: float) -> NDArray[np.float64]:
    rows = NUMERIC[kind.name](random, size, 1.0, False)  # noqa: FBT003
    return rows + moved * _deviation(kind) if moved else rows


@cache
def _deviation(kind: Kind) -> float:
    return population(kind, 0.0).deviation


@cache
def _names(levels: int) -> tuple[str, ...]:
    return tuple(f"level {number:03}" for number in range(levels))


def _swapped(levels: int, share: float) -> NDArray[np.float64]:
    """Move that share of all rows from the most frequent level to the next."""
    result = shares(levels).copy()
    result[0] -= share
    result[1] += share
    return result
