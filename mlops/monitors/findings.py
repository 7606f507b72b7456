"""What a distribution does not show: nulls, infinities, values of another type, levels that came or went."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlops.monitors.categorical import BUCKETS, MOST_LEVELS
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlops.monitors.profile import State

_LISTED = 5


def of(first: State, second: State, alpha: float) -> Iterator[str]:
    """Say what is new in the second state."""
    before, now = first.null_rate, second.null_rate
    if before != now and _rates_differ(before, first.rows, now, second.rows) < alpha:
        yield f"nulls {before:.1%}, now {now:.1%}"
    if second.mistyped and not first.mistyped:
        yield f"{second.mistyped} values of another type"
    if isinstance(first, NumericState) and isinstance(second, NumericState):
        if second.below + second.above and not first.below + first.above:
            yield f"{second.below + second.above} infinite values"
        return
    yield from _levels(first, second)


def _levels(first: State, second: State) -> Iterator[str]:
    """Say which levels are new, the most frequent first, and which came no more."""
    if isinstance(first, NumericState) or isinstance(second, NumericState):
        return
    if first.folded or second.folded:
        yield f"more than {MOST_LEVELS} levels: compared by {BUCKETS} buckets of them"
        return
    known, found = dict(first.levels), dict(second.levels)
    new = sorted((level for level in found if level not in known), key=lambda level: (-found[level], level))
    gone = sorted((level for level in known if level not in found), key=lambda level: (-known[level], level))
    if new:
        yield f"{_counted(new, 'new level')}: {', '.join(f'{level} ({found[level]})' for level in new[:_LISTED])}"
    if gone and second.present:
        yield f"{_counted(gone, 'level')} gone: {', '.join(gone[:_LISTED])}"


def _counted(levels: list[str], word: str) -> str:
    return f"{len(levels)} {word}{'s' if len(levels) > 1 else ''}"


def _rates_differ(before: float, first: int, now: float, second: int) -> float:
    """Chance of two shares so different without any difference (two proportions, pooled)."""
    if not first or not second:
        return 1.0
    pooled = (before * first + now * second) / (first + second)
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    return math.erfc(abs(before - now) / deviation / math.sqrt(2)) if deviation else 1.0
