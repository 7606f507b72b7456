"""File collected lines into append blobs, and keep them until the blobs are known to be saved."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import uvloop

from environments.local.machine_learning.collected_event import event_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from environments.local.machine_learning.spool import Entry, Spool

_log = logging.getLogger(__name__)
_AT_ONCE = 8
_LARGEST_BLOCK = 3_500_000
"""Bytes; Azure takes 4 MiB in one block of an append blob."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds between one thing and another."""

    look: float = 1.0
    """From one look after the spool to the next."""
    seal: float = 5.0
    """That one segment of the spool takes lines."""
    saved_after: float = 20.0
    """That a filed segment is kept.  Azurite saves its index every 5 s: what is several times older survives it."""
    retry: float = 0.5
    """After a failure."""


class GoneError(Exception):
    """The store itself was deleted: what is bound for it has no place to go."""


class AppendBlobs(Protocol):
    """Where lines are filed."""

    async def append(self, blob: str, data: bytes, *, new: bool) -> None:
        """Append one block; `new` makes the blob first where it is not there.  Raises OSError or GoneError."""

    async def read(self, blob: str) -> bytes:
        """Read a blob; empty where there is none.  Raises OSError or GoneError."""

    async def close(self) -> None:
        """Let go of connections."""

    def generation(self) -> Mapping[str, str]:
        """Name the running process of each store in use: another name means that its last seconds may be lost.

        A store that does not answer may be left out.
        """


@dataclass
class _Segment:
    """A sealed part of the spool: droppable some time after all taken before its sealing is filed."""

    number: int
    taken: int
    filed_at: float | None = None


class Filing:
    """Takes lines, answers when they are on disk, and files them in the background."""

    def __init__(self, spool: Spool, blobs: AppendBlobs, pace: Pace | None = None) -> None:
        self._spool = spool
        self._blobs = blobs
        self._pace = pace or Pace()
        self._lock = threading.Lock()
        self._waiting: dict[str, list[bytes]] = defaultdict(list)
        self._doubtful: set[str] = set()  # blobs whose content must be looked at before more is appended
        self._known: set[str] = set()
        self._taken = 0
        self._filed = 0
        self._work = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._segments: list[_Segment] = []
        self._generation: Mapping[str, str] = {}
        self._looked_at = 0.0
        self._sealed_at = 0.0

    @property
    def pending(self) -> int:
        """How many lines are not yet in their blobs."""
        return self._taken - self._filed

    def take(self, entry: Entry) -> None:
        """Keep a line; from any thread.

        When this returns, the line survives the death of this process.  Raises OSError.
        """
        with self._lock:
            self._spool.add(entry)
            self._queue(entry)
            self._taken += 1
        if self._loop is not None and not self._work.is_set():
            self._loop.call_soon_threadsafe(self._work.set)

    def run_forever(self) -> None:
        """File until `stop`, in a loop of this thread's own."""
        with contextlib.suppress(asyncio.CancelledError):
            uvloop.run(self.run())

    def stop(self) -> None:
        """End `run`; what is not filed stays in the spool."""
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def run(self) -> None:
        """File until cancelled."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        with self._lock:
            for entry in self._spool.open():
                self._queue(entry, doubtful=True)
                self._taken += 1
            if (number := self._spool.last_sealed) is not None:
                self._segments.append(_Segment(number, self._taken))
        self._sealed_at = time.monotonic()
        try:
            while True:
                self._look_after_segments()
                if self._waiting:
                    await self._file_all()
                    continue
                self._work.clear()
                if not self._waiting:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._work.wait(), self._pace.look)
        finally:
            await self._blobs.close()

    def _queue(self, entry: Entry, *, doubtful: bool = False) -> None:
        self._waiting[entry.blob].append(entry.line)
        if doubtful:
            self._doubtful.add(entry.blob)

    async def _file_all(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, defaultdict(list)
            taken = self._taken
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(blob: str, lines: list[bytes]) -> bool:
            async with limit:
                return await self._file(blob, lines)

        done = await asyncio.gather(*(one(blob, lines) for blob, lines in batch.items()))
        if all(done):
            self._filed = taken
        else:
            await asyncio.sleep(self._pace.retry)

    async def _file(self, blob: str, lines: list[bytes]) -> bool:
        try:
            if blob in self._doubtful:
                lines = _missing(lines, await self._blobs.read(blob))
            for block in _blocks(lines):
                await self._blobs.append(blob, block, new=blob not in self._known)
                self._known.add(blob)
        except GoneError as error:
            _log.warning("%s collected events are dropped: %s", len(lines), error)
        except OSError as error:
            _log.warning("collected data waits: %s cannot be written (%s)", blob, error)
            self._doubtful.add(blob)
            self._known.discard(blob)
            with self._lock:
                self._waiting[blob] = lines + self._waiting[blob]
            return False
        self._doubtful.discard(blob)
        return True

    def _look_after_segments(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < self._pace.look:
            return
        self._looked_at = now
        before, running = self._generation, self._blobs.generation()
        self._generation = {**before, **running}  # a store that is not named while it is down is still remembered
        if self._generation != {**running, **before}:
            self._file_again()
        if now - self._sealed_at >= self._pace.seal:
            self._sealed_at = now
            with self._lock:
                if (number := self._spool.seal()) is not None:
                    self._segments.append(_Segment(number, self._taken))
        for segment in self._segments:
            if segment.filed_at is None and self._filed >= segment.taken:
                segment.filed_at = now
        while self._segments and (self._segments[0].filed_at or now) < now - self._pace.saved_after:
            self._spool.drop(self._segments.pop(0).number)

    def _file_again(self) -> None:
        """After a restart of a store, file again all that is kept: what is there already is left out."""
        with self._lock:
            self._known.clear()
            self._waiting.clear()
            for entry in self._spool.entries():
                self._queue(entry, doubtful=True)
            for segment in self._segments:
                segment.filed_at = None
            self._filed = self._taken - sum(map(len, self._waiting.values()))


def _missing(lines: Sequence[bytes], content: bytes) -> list[bytes]:
    there = event_ids(content)
    by_id = {next(iter(event_ids(line))): line for line in lines}
    return [line for identity, line in by_id.items() if identity not in there]


def _blocks(lines: Sequence[bytes]) -> list[bytes]:
    blocks: list[bytes] = []
    size = _LARGEST_BLOCK
    for line in lines:
        if size + len(line) > _LARGEST_BLOCK:
            blocks.append(b"")
            size = 0
        blocks[-1] += line
        size += len(line)
    return blocks
