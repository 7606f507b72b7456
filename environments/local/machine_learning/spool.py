"""A spool on disk: what has been received and is not yet known to be saved elsewhere, in order of arrival."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One line bound for a blob."""

    blob: str
    line: bytes


@dataclass
class Spool:
    """Append-only segments; a segment goes as a whole, once all in it is safe.

    A write reaches the operating system before `add` returns, so it survives the death of this process (not that of
    the machine: nothing is flushed to the disk itself).
    """

    folder: Path
    _number: int = 0
    _file: int | None = None
    _sealed: list[int] = field(default_factory=list)

    def open(self) -> Iterator[Entry]:
        """Yield what an earlier process left, and begin a new segment.  A torn last line is left out."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sealed = sorted(int(path.stem) for path in self.folder.glob("*.jsonl"))
        self._number = (self._sealed[-1] if self._sealed else 0) + 1
        for number in self._sealed:
            yield from _read(self._path(number))

    def add(self, entry: Entry) -> None:
        """Write one entry.  Raises OSError when the disk is full."""
        if self._file is None:
            self._file = os.open(self._path(self._number), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        data = json.dumps([entry.blob, entry.line.decode()]).encode() + b"\n"
        if os.write(self._file, data) != len(data):
            raise OSError(f"the disk of {self.folder} is full")

    @property
    def last_sealed(self) -> int | None:
        """The youngest sealed segment, if any."""
        return self._sealed[-1] if self._sealed else None

    def seal(self) -> int | None:
        """End the open segment and name it; None when nothing was written."""
        if self._file is None:
            return None
        os.close(self._file)
        self._file = None
        self._sealed.append(self._number)
        self._number += 1
        return self._sealed[-1]

    def entries(self) -> Iterator[Entry]:
        """Yield all that is kept, oldest first."""
        for number in [*self._sealed, self._number]:
            if self._path(number).exists():
                yield from _read(self._path(number))

    def drop(self, last: int) -> None:
        """Forget the sealed segments up to `last`."""
        for number in [number for number in self._sealed if number <= last]:
            self._path(number).unlink(missing_ok=True)
            self._sealed.remove(number)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:012d}.jsonl"


def _read(path: Path) -> Iterator[Entry]:
    for text in path.read_bytes().split(b"\n"):
        try:
            blob, line = json.loads(text)
        except ValueError:
            continue
        yield Entry(blob, line.encode())
