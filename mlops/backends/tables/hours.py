"""A folder of profiles by the hour: each file is counted once, and a window is a sum.

What was counted of a file is noted beside the profiles once they all are there, so a run that is interrupted goes on
where it was.  A file that changed replaces what was counted of it; one that came late is added to its hours.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlops.backends.tables import engines
from mlops.backends.tables.pieces import HOUR, Order
from mlops.domain.data.data_error import DataError
from mlops.monitors import saved
from mlops.monitors.profile import DoesNotFitError, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlops.backends.tables.count import Progress
    from mlops.backends.tables.engines import Engine
    from mlops.backends.tables.sources import Source
    from mlops.domain.world import Window
    from mlops.monitors.profile import Schema

_DAY = 24
_FEW = 3
"""With fewer profiles a day's sum is not worth a file."""
_AT_ONCE = 64
"""Files that are fetched and counted together; what is counted by then is kept if the next cannot be read."""


@dataclass(frozen=True, kw_only=True)
class _Note:
    """What was counted of one file."""

    version: str
    schema: str
    hours: Mapping[int, str]
    """By the hour (since 1970) the file that holds its profile."""
    undated: int
    """Rows that do not say when they were made, and so are in no hour."""


class Hours:
    """Profiles by the hour, of what one schema asks for."""

    def __init__(self, folder: Path, schema: Schema, time: str) -> None:
        """Open a folder, or begin one.  Raise DataError."""
        self._folder = folder
        self._order = Order(schema=schema, time=time, hourly=True)
        self._schema = hashlib.sha256(repr((schema, time)).encode()).hexdigest()[:16]
        self._notes = {path.stem: note for path in sorted(folder.glob("files/*.json")) if (note := _read(path))}

    def take(
        self,
        sources: Sequence[Source],
        engine: Engine,
        fetch: Callable[[Sequence[Source]], object],
        progress: Progress | None = None,
        *,
        at_once: int = _AT_ONCE,
    ) -> tuple[Source, ...]:
        """Count what is new or changed, and say which files that were.  Raise DataError."""
        new = [source for source in sources if not self._has(source)]
        step = max(len(new), 1) if engine.far else at_once  # far away a machine is asked for once, not again and again
        with _alone(self._folder):
            for start in range(0, len(new), step):
                some = new[start : start + step]
                fetch(some)
                for source, by_hour in engines.by_source(some, self._order, engine, progress):
                    self._keep(source, by_hour)
        return tuple(new)

    def profile(self, window: Window) -> Profile:
        """Add up the hours of a window.  Raise DataError for bounds inside an hour, or a profile that is damaged."""
        by_day: dict[int, list[int]] = {}
        for hour in _hours(window):
            by_day.setdefault(hour // _DAY, []).append(hour)
        parts = (part for day, hours in by_day.items() for part in self._day(day, set(hours)))
        return engines.added(itertools.chain([self._order.nothing()], parts))

    def _day(self, day: int, hours: set[int]) -> Iterator[Profile]:
        """Give the profiles of some hours of a day; the sum of a whole day is kept, as windows reach far back."""
        paths = sorted(path for note in self._current() for hour, path in note.hours.items() if hour in hours)
        if len(hours) < _DAY or len(paths) < _FEW:
            yield from (self._load(path) for path in paths)
            return
        # A file that came late or grew has another name, so that the sum without it is none of this day any more.
        name = f"{_folder(day * _DAY)[:-3]}/{_digest(' '.join(paths))}.day"
        if not (self._folder / name).is_file():
            found = engines.added(self._load(path) for path in paths)
            for old in (self._folder / name).parent.glob("*.day"):
                old.unlink(missing_ok=True)
            self._write(name, saved.to_bytes(found))
        yield self._load(name)

    def missing(self, window: Window) -> tuple[datetime, ...]:
        """Give the hours of a window of which there is nothing."""
        there = {hour for note in self._current() for hour in note.hours}
        return tuple(datetime.fromtimestamp(hour * HOUR, UTC) for hour in _hours(window) if hour not in there)

    def within(self, sources: Sequence[Source], window: Window) -> tuple[Source, ...]:
        """Give the files that have rows of a window."""
        wanted = set(_hours(window))
        notes = {source.place: self._notes[_digest(source.place)] for source in sources}
        return tuple(source for source in sources if wanted & notes[source.place].hours.keys())

    @property
    def end(self) -> datetime | None:
        """Give the end of the newest hour; None where there is none."""
        hours = [hour for note in self._current() for hour in note.hours]
        return datetime.fromtimestamp((max(hours) + 1) * HOUR, UTC) if hours else None

    @property
    def undated(self) -> int:
        """Count the rows that do not say when they were made."""
        return sum(note.undated for note in self._current())

    def _current(self) -> list[_Note]:
        """What was counted for another schema has another middle: it does not add up with this."""
        return [note for note in self._notes.values() if note.schema == self._schema]

    def _has(self, source: Source) -> bool:
        note = self._notes.get(_digest(source.place))
        return note is not None and (note.version, note.schema) == (source.version, self._schema)

    def _keep(self, source: Source, by_hour: Mapping[int | None, Profile]) -> None:
        """Write the profiles, then the note that makes them count, then remove what they replace."""
        digest = _digest(source.place)
        name = f"{digest}-{_digest(f'{source.version} {self._schema}')}.profile"
        hours = {hour: f"{_folder(hour)}/{name}" for hour in by_hour if hour is not None}
        for hour, path in hours.items():
            one = replace(by_hour[hour], sources=(f"{source.name} {_folder(hour)}",))
            self._write(path, saved.to_bytes(one))
        undated = by_hour[None].rows if None in by_hour else 0
        note = _Note(version=source.version, schema=self._schema, hours=hours, undated=undated)
        said = {
            "file": source.place,
            "version": note.version,
            "schema": note.schema,
            "hours": hours,
            "undated": undated,
        }
        self._write(f"files/{digest}.json", json.dumps(said, indent=1).encode())
        before = self._notes.get(digest)
        self._notes[digest] = note
        for path in set(before.hours.values()) - set(hours.values()) if before else ():
            (self._folder / path).unlink(missing_ok=True)

    def _load(self, path: str) -> Profile:
        try:
            return saved.from_bytes((self._folder / path).read_bytes())
        except (OSError, DoesNotFitError) as error:
            raise DataError(
                f"{self._folder / path}: cannot be used ({error}); remove its note in files/ to count again"
            ) from error

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise DataError(f"{path}: cannot be written ({error.strerror})") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run at a time counts into a folder; the lock goes with its process.  Raise DataError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DataError(f"{folder}: profiles cannot be kept there ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DataError(f"{folder}: another run counts into it just now; run again when it has ended") from error
    finally:
        os.close(lock)


def _read(path: Path) -> _Note | None:
    """Read a note; one that is damaged is as though its file had not been counted."""
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        hours = {int(hour): str(name) for hour, name in said["hours"].items()}
        return _Note(version=said["version"], schema=said["schema"], hours=hours, undated=said["undated"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _hours(window: Window) -> range:
    start, end = window.start.timestamp() / HOUR, window.end.timestamp() / HOUR
    if not (start.is_integer() and end.is_integer()):
        raise DataError(f"profiles by the hour add up to whole hours, not to {window}: end it on the hour (--until)")
    return range(int(start), int(end))


def _folder(hour: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour):%Y/%m/%d/%H}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
