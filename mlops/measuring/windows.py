"""The rows that are looked at: files counted as they are, or kept by the hour so that none is counted twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from mlops.backends.tables import engines
from mlops.backends.tables.hours import Hours
from mlops.backends.tables.pieces import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from mlops.backends.tables.count import Progress
    from mlops.backends.tables.engines import Engine
    from mlops.backends.tables.sources import Source
    from mlops.domain.world import Window
    from mlops.monitors.profile import Profile, Schema

    Open = Callable[[Sequence[Source]], Sequence[Source]]
    """Brings files here that are elsewhere, and notes that they are read."""


class Current(Protocol):
    """Rows by their moments."""

    def end(self) -> datetime | None:
        """Say where windows end when nobody says; None: all rows are the window."""

    def profile(self, window: Window | None) -> Profile:
        """Count a window.  Raise DataError."""

    def files(self, window: Window | None) -> Sequence[Source]:
        """Give the files that may have rows of a window."""

    def missing(self, window: Window) -> tuple[datetime, ...]:
        """Give the hours of a window of which there is nothing, where that is known."""

    def undated(self) -> int:
        """Count the rows that are in no window, since they do not say when they were made."""


@dataclass
class Whole:
    """Files that are counted again at each look."""

    sources: Sequence[Source]
    engine: Engine
    open: Open
    count: Open
    """The same for files that are only counted, which the engine may read where they lie."""
    schema: Callable[[], Schema]
    time: str
    progress: Progress | None = None

    def end(self) -> datetime | None:
        """See Current.end."""
        return None

    def profile(self, window: Window | None) -> Profile:
        """See Current.profile."""
        order = Order(schema=self.schema())
        if window is not None:
            start, end = window.start.timestamp(), window.end.timestamp()
            order = replace(order, time=self.time, start=start, end=end)
        return engines.profile(self.count(self.sources), order, self.engine, self.progress)

    def files(self, _window: Window | None) -> Sequence[Source]:
        """See Current.files."""
        return self.open(self.sources)

    def missing(self, _window: Window) -> tuple[datetime, ...]:
        """See Current.missing."""
        return ()

    def undated(self) -> int:
        """See Current.undated."""
        return 0


@dataclass
class ByHour:
    """Files whose profiles are kept by the hour."""

    sources: Sequence[Source]
    engine: Engine
    open: Open
    count: Open
    """The same for files that are only counted, which the engine may read where they lie."""
    schema: Callable[[], Schema]
    time: str
    folder: Path
    progress: Progress | None = None
    _hours: Hours | None = None

    def end(self) -> datetime | None:
        """See Current.end."""
        return self._counted().end

    def profile(self, window: Window | None) -> Profile:
        """See Current.profile."""
        return self._counted().profile(window) if window else Order(schema=self.schema()).nothing()

    def files(self, window: Window | None) -> Sequence[Source]:
        """See Current.files."""
        return self.open(self._counted().within(self.sources, window)) if window else ()

    def missing(self, window: Window) -> tuple[datetime, ...]:
        """See Current.missing."""
        return self._counted().missing(window)

    def undated(self) -> int:
        """See Current.undated."""
        return self._hours.undated if self._hours else 0

    def _counted(self) -> Hours:
        if self._hours is None:
            self._hours = Hours(self.folder, self.schema(), self.time)
            self._hours.take(self.sources, self.engine, self.count, self.progress)
        return self._hours
