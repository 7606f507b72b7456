"""What is known of one categorical column: how often each level came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class CategoricalState:
    """One column's counts; `merge` of two is the state of all their rows."""

    levels: tuple[tuple[str, int], ...]
    """Levels that occurred with their counts, in the order of their names."""
    nulls: int
    mistyped: int
    """Values that are neither text, number nor truth value."""

    @property
    def present(self) -> int:
        """Count the values that are a level."""
        return sum(count for _, count in self.levels)

    @property
    def rows(self) -> int:
        """Count all rows, whatever they hold."""
        return self.present + self.nulls + self.mistyped


def count(values: Iterable[str], *, nulls: int = 0, mistyped: int = 0) -> CategoricalState:
    """Count the levels of a column that are there; the rest is given as numbers."""
    return from_counts(Counter(values), nulls=nulls, mistyped=mistyped)


def from_counts(counts: Mapping[str, int], *, nulls: int = 0, mistyped: int = 0) -> CategoricalState:
    """Make a state of counts.  A level that never came is left out: it would pass for a level that was lost."""
    levels = tuple(sorted((level, number) for level, number in counts.items() if number))
    return CategoricalState(levels=levels, nulls=nulls, mistyped=mistyped)


def merge(states: Sequence[CategoricalState]) -> CategoricalState:
    """Add states up, exactly and in any order."""
    total: Counter[str] = Counter()
    for state in states:
        total.update(dict(state.levels))
    return from_counts(total, nulls=sum(s.nulls for s in states), mistyped=sum(s.mistyped for s in states))
