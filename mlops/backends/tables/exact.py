"""Exact distances of files at hand: a column that counts leave open is read again, and its undecided values kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.backends.tables import pieces
from mlops.backends.tables.column import READ, column_of
from mlops.backends.tables.sources import find
from mlops.monitors import second_look
from mlops.monitors.cells import cell_numbers, finite_as_float32
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlops.monitors.profile import Profile, Schema

    Side = tuple[Sequence[Path], Profile]


def kolmogorov_smirnov(reference: Side, current: Side) -> dict[str, float]:
    """Give the exact distance of each numeric column that the counts leave open.

    Raises:
        DataError: a file cannot be read.
        DoesNotFitError: the rows changed since they were counted.
    """
    found = {}
    for name, first in reference[1].columns.items():
        second = current[1].columns[name]
        if not isinstance(first, NumericState) or not isinstance(second, NumericState):
            continue
        if first.finite and second.finite and len(cells := second_look.undecided(first, second)):
            values = tuple(_values(paths, profile.schema, name, cells) for paths, profile in (reference, current))
            found[name] = second_look.kolmogorov_smirnov((first, second), cells, (values[0], values[1]))
    return found


def _values(paths: Sequence[Path], schema: Schema, name: str, cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the values in these cells."""
    return np.concatenate([np.empty(0), *_kept(paths, schema, name, cells)])


def _kept(paths: Sequence[Path], schema: Schema, name: str, cells: NDArray[np.intp]) -> Iterator[NDArray[np.float64]]:
    column = column_of(name, schema)
    for source in find(paths):
        for piece in pieces.pieces(pieces.Share(source=source)):
            for chunk in piece.chunks(name) if name in piece.types else ():
                values = READ[column.kind](chunk)[0]
                values = values[finite_as_float32(values - column.centre)]
                yield values[np.isin(cell_numbers(values - column.centre), cells)]
