"""Who counts: shares are handed out to threads or processes of this machine, and what comes back is added up."""

from __future__ import annotations

import multiprocessing
import os
from collections import defaultdict
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from mlops.backends.tables import pieces
from mlops.monitors.profile import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlops.backends.tables.count import Progress
    from mlops.backends.tables.pieces import Hour, Order, Share
    from mlops.backends.tables.sources import Source
    from mlops.monitors.profile import Profile

    Counted = Mapping[Hour, Profile]

_FOLD = 16
"""So many results are kept before they are added up: memory stays the same however many there are."""


class Engine(Protocol):
    """Counts shares, in any order, anywhere."""

    far: bool
    """Files are read where they lie, each whole: none is brought here to be counted."""

    def count(self, shares: Sequence[Share], order: Order) -> Iterator[tuple[Share, Counted]]:
        """Give each share with what it holds, in any order.  Raise DataError."""


class Local:
    """Counts on this machine: on threads, or on processes of its own when so many are asked for."""

    far = False

    def __init__(self, processes: int = 0) -> None:
        self._processes = processes

    def count(self, shares: Sequence[Share], order: Order) -> Iterator[tuple[Share, Counted]]:
        """See Engine.count."""
        with self._workers() as workers:
            begun = {workers.submit(pieces.count, share, order): share for share in shares}
            try:
                for done in as_completed(begun):
                    yield begun[done], done.result()
            finally:
                for one in begun:
                    one.cancel()  # where one share cannot be read, the others need not be

    def _workers(self) -> Executor:
        if not self._processes:
            return ThreadPoolExecutor(len(os.sched_getaffinity(0)))
        # A fork of a process with threads may inherit a lock that nobody opens.
        return ProcessPoolExecutor(self._processes, mp_context=multiprocessing.get_context("spawn"))


def profile(sources: Sequence[Source], order: Order, engine: Engine, progress: Progress | None = None) -> Profile:
    """Count files whole, in shares.  Raise DataError."""
    shares = _shares(sources, engine)
    counted = _told(engine.count(shares, order), len(shares), progress)
    found = added(part[None] for _, part in counted)
    return replace(found, sources=tuple(sorted(source.name for source in sources)))


def by_source(
    sources: Sequence[Source], order: Order, engine: Engine, progress: Progress | None = None
) -> Iterator[tuple[Source, Counted]]:
    """Count files, each by hours; one comes as soon as all its shares are counted.  Raise DataError."""
    shares = _shares(sources, engine)
    left = {source.path: sum(share.source == source for share in shares) for source in sources}
    found: dict[object, dict[Hour, list[Profile]]] = defaultdict(lambda: defaultdict(list))
    for share, part in _told(engine.count(shares, order), len(shares), progress):
        path = share.source.path
        for hour, one in part.items():
            found[path][hour].append(one)
        left[path] -= 1
        if not left[path]:
            yield share.source, {hour: added(iter(parts)) for hour, parts in found.pop(path, {}).items()}


def _shares(sources: Sequence[Source], engine: Engine) -> Sequence[Share]:
    return [pieces.Share(source=source) for source in sources] if engine.far else pieces.divide(sources)


def added(parts: Iterable[Profile]) -> Profile:
    """Add profiles up, a few at a time."""
    kept: list[Profile] = []
    for one in parts:
        kept.append(one)
        if len(kept) >= _FOLD:
            kept = [merge(kept)]
    return merge(kept)


def _told(
    counted: Iterable[tuple[Share, Counted]], total: int, progress: Progress | None
) -> Iterator[tuple[Share, Counted]]:
    for done, one in enumerate(counted):
        yield one
        if progress:
            progress(done + 1, total)
