"""What is known of one categorical column: how often each level came."""

from __future__ import annotations

import zlib
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
    folded: bool = False
    """Whether there were too many levels, so that each counts in one of `BUCKETS` that its name chooses."""

    @property
    def present(self) -> int:
        """Count the values that are a level."""
        return sum(count for _, count in self.levels)

    @property
    def rows(self) -> int:
        """Count all rows, whatever they hold."""
        return self.present + self.nulls + self.mistyped

    @property
    def missing(self) -> int:
        """Count the rows without a value."""
        return self.nulls

    @property
    def null_rate(self) -> float:
        """Give the share of rows without a value; 0 where there are no rows."""
        return self.missing / self.rows if self.rows else 0.0


def count(values: Iterable[str], *, nulls: int = 0, mistyped: int = 0) -> CategoricalState:
    """Count the levels of a column that are there; the rest is given as numbers."""
    return from_counts(Counter(values), nulls=nulls, mistyped=mistyped)


MOST_LEVELS = 5000
"""With more different levels than this a column is folded: keys and free text would fill any memory."""
BUCKETS = 1024


def fold(state: CategoricalState) -> CategoricalState:
    """Count each level in the bucket that its name chooses; sums of folded states are folded sums."""
    if state.folded:
        return state
    return _folded(dict(state.levels), nulls=state.nulls, mistyped=state.mistyped)


def _folded(counts: Mapping[str, int], *, nulls: int, mistyped: int) -> CategoricalState:
    buckets: Counter[str] = Counter()
    for level, number in counts.items():
        buckets[f"bucket {zlib.crc32(level.encode()) % BUCKETS:04d}"] += number
    levels = tuple(sorted((level, number) for level, number in buckets.items() if number))
    return CategoricalState(levels=levels, nulls=nulls, mistyped=mistyped, folded=True)


def from_counts(counts: Mapping[str, int], *, nulls: int = 0, mistyped: int = 0) -> CategoricalState:
    """Make a state of counts.  A level that never came is left out: it would pass for a level that was lost."""
    if len(counts) > MOST_LEVELS and sum(number > 0 for number in counts.values()) > MOST_LEVELS:
        return _folded(counts, nulls=nulls, mistyped=mistyped)
    levels = tuple(sorted((level, number) for level, number in counts.items() if number))
    return CategoricalState(levels=levels, nulls=nulls, mistyped=mistyped)


def merge(states: Sequence[CategoricalState]) -> CategoricalState:
    """Add states up, exactly and in any order; where one is folded, all are."""
    nulls, mistyped = sum(s.nulls for s in states), sum(s.mistyped for s in states)
    is_folded = any(state.folded for state in states)
    total: Counter[str] = Counter()
    for state in states:
        total.update(dict((fold(state) if is_folded else state).levels))
    if is_folded:
        return CategoricalState(levels=tuple(sorted(total.items())), nulls=nulls, mistyped=mistyped, folded=True)
    return from_counts(total, nulls=nulls, mistyped=mistyped)
