"""A clock that can be driven: real time plus an offset that lasts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from environments.local.arm.store import Store


class Clock:
    """Moves schedules and the hour folder of collected data; all else lives in real time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        stored = store.document("clock", "offset")
        self._offset = timedelta(seconds=stored["seconds"]) if stored else timedelta()

    def now(self) -> datetime:
        """The driven time, with a zone."""
        return datetime.now(UTC) + self._offset

    def set(self, to: datetime) -> datetime:
        """Turn the clock, forward or back; it goes on from there."""
        return self._turn(to - datetime.now(UTC))

    def advance(self, by: timedelta) -> datetime:
        """Turn the clock forward."""
        if by < timedelta():
            raise ValueError("a clock is advanced by a positive time; use `set` to turn it back")
        return self._turn(self._offset + by)

    def reset(self) -> datetime:
        """Return to real time."""
        return self._turn(timedelta())

    def wait(self, seconds: float) -> None:
        """Return after so many real seconds, or as soon as the clock is turned."""
        with self._changed:
            self._changed.wait(seconds)

    def _turn(self, offset: timedelta) -> datetime:
        with self._changed:
            self._store.put_document("clock", "offset", {"seconds": offset.total_seconds()})
            self._offset = offset
            self._changed.notify_all()
        return self.now()
