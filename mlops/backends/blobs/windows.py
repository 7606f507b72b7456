"""Profiles of windows of collected rows: a day that holds much is counted once and kept, and a window is a sum."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlops.backends.blobs import rows
from mlops.domain.world import Window
from mlops.monitors import profile as profiles
from mlops.monitors import saved
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlops.backends.blobs.cache import Cache
    from mlops.monitors.profile import Profile, Schema

    Columns = dict[str, list[object]]

LARGE = 1000
"""Rows of a day from which keeping its profile (some kilobytes a column) beats counting its rows again."""
_SAMPLE = 1000


class Windows:
    """Counts windows, and keeps what it counted of whole days."""

    def __init__(self, cache: Cache, large: int = LARGE) -> None:
        self._cache = cache
        self._large = large

    def profile(self, window: Window, without: Sequence[Window], schema: Schema) -> Profile:
        """Count the rows that were sent in a window, outside the windows `without`."""
        kept = [(day, marker) for day, marker in self._large_days(window) if not any(day.overlaps(w) for w in without)]
        parts = [self._day(day, marker, schema) for day, marker in kept]
        rest = [
            row for gap in _gaps(window, [day for day, _ in kept]) for row in rows.inputs(self._cache, gap, without)
        ]
        return profiles.merge([*parts, count_rows(rest, schema)])

    def sample(self, window: Window, names: Sequence[str]) -> Columns:
        """Give the first rows of a window, to see of which kind its columns are."""
        found = rows.first(self._cache, window, _SAMPLE)
        return {name: [row.get(name) for row in found] for name in names}

    def _large_days(self, window: Window) -> list[tuple[Window, str]]:
        """Give whole days with many rows, and a mark that changes with any of these."""
        found = []
        for number, count, newest, past in self._cache.days(window):
            day = Window(start=datetime.fromtimestamp(number * 86400, UTC), end=_after(number))
            if count >= self._large and window.start <= day.start and day.end <= window.end:
                found.append((day, f"{count} {newest} {past}"))
        return found

    def _day(self, day: Window, marker: str, schema: Schema) -> Profile:
        key = f"{day.start:%Y-%m-%d} {hashlib.sha256(repr(schema).encode()).hexdigest()}"
        known = self._cache.kept(key, marker)
        if known is not None:
            try:
                return saved.from_bytes(known)
            except DoesNotFitError:
                pass  # of another release: counted again below
        found = count_rows(rows.inputs(self._cache, day), schema, f"{day.start:%Y-%m-%d}")
        self._cache.keep(key, marker, saved.to_bytes(found))
        return found


def count_rows(found: list[rows.Row], schema: Schema, *sources: str) -> Profile:
    """Count rows at hand."""
    names = [name for name, _ in schema.centres] + [*schema.categorical]
    names += [name for rule in schema.bounds for name, _ in rule.weights]
    columns: Columns = {name: [row.get(name) for row in found] for name in names}
    return profiles.profile(columns, schema=schema, sources=sources)


def _gaps(window: Window, days: list[Window]) -> Iterator[Window]:
    """Give what is left of a window between days, which come in order."""
    start = window.start
    for day in days:
        if start < day.start:
            yield Window(start=start, end=day.start)
        start = day.end
    if start < window.end:
        yield Window(start=start, end=window.end)


def _after(number: int) -> datetime:
    return datetime.fromtimestamp((number + 1) * 86400, UTC)
