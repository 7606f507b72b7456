"""One column while it is counted: of which kind it is, where its middle lies, and what it holds so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.backends.tables import arrays
from mlops.monitors.numeric import centre_of
from mlops.monitors.tally import CategoricalTally, NumericTally

if TYPE_CHECKING:
    from mlops.monitors.profile import Schema, State

NUMBER, TIME, LENGTH, LEVELS, NOTHING = "number", "time", "length", "levels", "nothing"
_SAMPLE = 20_000
"""Values at the beginning of a column that say of which kind it is."""
_MOST_LEVELS = 1000
"""A text column whose first values are mostly different, and more than so many, is measured by its lengths."""
_MOSTLY = 0.9
"""Of the texts of an untyped file so many spell numbers where the column is one of numbers."""
READ = {NUMBER: arrays.numbers, TIME: arrays.moments, LENGTH: arrays.lengths}


@dataclass
class Column:
    """One column, counted so far."""

    name: str
    kind: str
    numeric: NumericTally | None = None
    categorical: CategoricalTally | None = None
    centre: float = 0.0
    found: State | None = None
    """What was counted, once nothing is added any more."""

    def like(self) -> Column | None:
        """Give an empty column that counts in the same way; None where nothing is counted."""
        if self.categorical is not None:
            return Column(self.name, self.kind, categorical=CategoricalTally())
        if self.numeric is not None:
            return Column(self.name, self.kind, numeric=NumericTally(self.centre), centre=self.centre)
        return None

    def close(self) -> None:
        """Add nothing any more: what was counted takes less memory than counting."""
        self.found = self.state()
        if self.numeric is not None:
            self.numeric = NumericTally(self.centre)

    def add(self, array: Any) -> None:  # noqa: ANN401  Arrow ships no types; so below
        """Count a piece of it."""
        if self.categorical is not None:
            levels, counts, nulls, mistyped = arrays.levels(array)
            self.categorical.add(levels, counts, nulls=nulls, mistyped=mistyped)
        elif self.numeric is not None:
            values, nulls, mistyped = READ[self.kind](array)
            self.numeric.add(values, nulls=nulls, mistyped=mistyped)

    def absent(self, rows: int) -> None:
        """Count rows of a file that lacks the column."""
        if self.categorical is not None:
            self.categorical.add([], np.empty(0, dtype=np.intp), nulls=rows)
        elif self.numeric is not None:
            self.numeric.add(np.empty(0), nulls=rows)

    def state(self) -> State | None:
        """Give what was counted; None for a column whose values cannot be measured."""
        if self.found is not None:
            return self.found
        tally = self.categorical or self.numeric
        return tally.state() if tally else None


def column_of(name: str, schema: Schema) -> Column:
    """Give the empty column that a schema asks for."""
    if name in schema.categorical:
        return Column(name, LEVELS, categorical=CategoricalTally())
    kind = TIME if name in schema.times else LENGTH if name in schema.lengths else NUMBER
    centre = dict(schema.centres)[name]
    return Column(name, kind, numeric=NumericTally(centre), centre=centre)


def begun(name: str, array: Any, *, typed: bool = True) -> Column:  # noqa: ANN401
    """Let the first values say what a column is, and where its middle lies."""
    kind = NUMBER if not typed and _spells_numbers(array) else _kind(array)
    if kind == LEVELS:
        return Column(name, kind, categorical=CategoricalTally())
    if kind == NOTHING:
        return Column(name, kind)
    centre = centre_of(READ[kind](array[:_SAMPLE])[0])
    return Column(name, kind, numeric=NumericTally(centre), centre=centre)


def _kind(array: Any) -> str:  # noqa: ANN401
    kind = array.type
    if arrays.is_moment(kind):
        return TIME
    if arrays.is_text(kind):
        first = arrays.levels(array[:_SAMPLE])
        different = np.count_nonzero(first[1])
        return LENGTH if different > max(_MOST_LEVELS, first[1].sum() // 2) else LEVELS
    if arrays.is_number(kind):
        return NUMBER
    return LEVELS if arrays.is_measured(kind) else NOTHING


def _spells_numbers(array: Any) -> bool:  # noqa: ANN401
    """Say of a file that has no types whether a column of texts is one of numbers with some slips."""
    if not arrays.is_text(array.type):
        return False
    values, _, mistyped = arrays.numbers(array)
    return len(values) > _MOSTLY * (len(values) + mistyped)


def written(kind: Any) -> str:  # noqa: ANN401
    """Name a type as people do; how a text is packed says nothing about it."""
    return "string" if arrays.is_text(kind) else str(kind)
