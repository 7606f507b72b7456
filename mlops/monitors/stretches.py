"""How much a reference varies by itself: stretches of its rows, each as long as the window, beside the whole.

Rows that lie close in time are alike, so that two quiet weeks differ by more than two random samples would; a limit
that assumes independent rows fires on them.  One relative to this variation does not (NannyML's limits are of this
kind: mean and three standard deviations over chunks of the reference).  It promises no rate: with ten stretches of
independent rows three to six windows in a hundred are past it by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.monitors import profile
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlops.monitors.profile import Columns, Profile, Schema

_MOST, _FEWEST = 30, 5


def starts(rows: int, size: int) -> tuple[int, ...]:
    """Say where the stretches begin: at most thirty, spread evenly, none over another.

    Raises:
        DoesNotFitError: the reference is too short for five of them.
    """
    number = min(_MOST, rows // size) if size > 0 else 0
    if number < _FEWEST:
        raise DoesNotFitError(
            f"the reference has {rows:,} rows, not {_FEWEST} stretches as long as the window's {size:,}: how much it "
            "varies by itself cannot be told; give more of it, or look at a shorter window"
        )
    return tuple(round(place * (rows - size) / (number - 1)) for place in range(number))


def of_columns(columns: Columns, schema: Schema, size: int) -> tuple[Profile, ...]:
    """Count the stretches of a table at hand.  Raise DoesNotFitError as `starts`."""
    rows = len(next(iter(columns.values()), ()))

    def cut() -> Iterator[Columns]:
        for start in starts(rows, size):
            yield {name: values[start : start + size] for name, values in columns.items()}

    return tuple(profile.profile(part, schema=schema) for part in cut())
