"""Brings the cache up to date with blob storage: lists little, reads what is new, reads nothing twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlops.backends.blobs.formats import place_of
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlops.backends.blobs.cache import Cache
    from mlops.backends.blobs.container import Blob, Blobs
    from mlops.domain.project import Data
    from mlops.ports import Clock

    Find = Callable[[str], tuple[Blobs, str]]
    """From a reference (azureml:NAME:VERSION, azureml://datastores/…) to a container and a path in it."""

INPUTS, OUTPUTS = "model_inputs", "model_outputs"
_DATASTORE = "azureml://datastores/workspaceblobstore/paths/modelDataCollector/"
"""Where Azure ML's collector writes unless a deployment says otherwise."""

_OUT_OF_TURN = timedelta(days=10)
"""By the collector's clock: what is filed at one time may belong to folders so far apart (the clock can be driven)."""
_UNDER_WAY = 3.0
"""Real seconds: a deployment without anything new for so long has nothing under way."""
_IDLE = timedelta(days=40)
"""A deployment without anything new for so long, and not asked about, is listed only in a full look."""
_MONTHS = 4
"""A deployment that was not listed for more months is listed as a whole."""
_FULL_SECONDS, _FULL_SHARE = 120.0, 20.0
"""Everything is listed at the start, then at most every two minutes and for at most a twentieth of the time."""
_FOLDERS_SECONDS, _FOLDERS_SHARE = 5.0, 50.0
"""How long a list of the endpoint's deployments is believed; storage goes through all blobs for it."""
_FRESH, _MOMENT = 2.0, timedelta(seconds=5)
"""Seconds, and time of the loop's clock, for which the questions of a few passes are answered from one look."""


class Reader:
    """Reads one endpoint's collected data, the labels and the history."""

    def __init__(
        self, cache: Cache, find: Find, endpoint: str, data: Data, clock: Clock, *, under_way: float = _UNDER_WAY
    ) -> None:
        self._under_way = under_way
        self._cache = cache
        self._find = find
        self._data = data
        self._clock = clock
        self._endpoint = endpoint
        self._known: dict[str, str] = {}
        self._newest: dict[str, str] = {}
        self._looked: tuple[datetime, float] | None = None
        self._full_due = 0.0
        self._folders: tuple[str, ...] = ()
        self._folders_due = 0.0
        self._labelled: tuple[datetime, float] | None = None
        self._asked: set[str] = set()
        self._sure: dict[str, datetime] = {}
        self._found: dict[str, float] = {}

    def look(self, *asked: str, again: bool = False) -> None:
        """Bring events up to date, those of the deployments asked about in any case.

        `again` looks even if that was done a moment ago.
        """
        again = again or not self._asked >= set(asked)
        self._asked = set(asked) or self._asked
        now, moment = self._clock.now(), time.monotonic()
        # Between two questions a clock that runs moved by a moment, one that was turned by much more.
        if not again and self._looked and abs(now - self._looked[0]) < _MOMENT and moment - self._looked[1] < _FRESH:
            return
        self._take_history()  # its rows are known, so they do not count when they are sent again
        container, root = self._find(f"{_DATASTORE}{self._endpoint}/")
        self._remember(root)
        self._look_at_folders(container, root)
        full = moment >= self._full_due
        names = self._deployments() if full else self._in_turn(now)
        places = [f"{name}/{{}}/{part}" for name in names for part in self._parts(name, now, full=full)]
        # Inputs first: a request seen without its answer was then really without it a moment later.
        for collection in (INPUTS, OUTPUTS):
            listed = [blob for place in places for blob in container.blobs(root + place.format(collection))]
            self._take(container, root, listed)
        self._be_sure(names, now)
        if full:
            self._full_due = time.monotonic() + max(_FULL_SECONDS, (time.monotonic() - moment) * _FULL_SHARE)
        self._looked = (now, moment)

    def look_at_labels(self) -> None:
        """Bring the labels up to date."""
        now, moment = self._clock.now(), time.monotonic()
        if self._labelled and abs(now - self._labelled[0]) < _MOMENT and moment - self._labelled[1] < _FRESH:
            return
        container, folder = self._find(self._data.labels)
        prefix = folder.rstrip("/") + "/"
        known = self._cache.etags(prefix)
        # A file instead of a folder is a folder of one file.
        listed = container.blobs(prefix) or container.blobs(folder)
        stale = [blob.name for blob in listed if blob.name.endswith(".csv") and known.get(blob.name) != blob.etag]
        for blob, content in container.read(stale):
            self._cache.take_labels(blob, content)
        self._labelled = (now, moment)

    def _take_history(self) -> None:
        name = f"history {self._data.history}"
        if not self._data.history or self._cache.etags(name):
            return
        container, path = self._find(self._data.history)
        files = [blob.name for blob in container.blobs(path.rstrip("/")) if blob.name.endswith((".csv", ".csv.gz"))]
        if len(files) != 1:
            raise RefusedError(f"the history {self._data.history} must be one CSV file, it has {len(files)}: {path}")
        for _, content in container.read(files):
            self._cache.take_history(name, content)

    def _take(self, container: Blobs, root: str, listed: Iterable[Blob]) -> None:
        stale = [blob.name for blob in listed if self._known.get(blob.name) != blob.etag]
        for blob, content in container.read(stale):
            place = place_of(blob.name, root)
            if place is not None and place.collection in (INPUTS, OUTPUTS):
                self._cache.take_events(blob, place, content)
                self._newest[place.deployment] = max(self._newest.get(place.deployment, ""), place.folder)
                self._found[place.deployment] = time.monotonic()
            self._known[blob.name] = blob.etag

    def _look_at_folders(self, container: Blobs, root: str) -> None:
        moment = time.monotonic()
        if moment >= self._folders_due:
            self._folders = container.folders(root)
            took = time.monotonic() - moment
            self._folders_due = moment + max(_FOLDERS_SECONDS, took * _FOLDERS_SHARE)

    def _deployments(self) -> tuple[str, ...]:
        """Name all that is known of; one that is asked about may be younger than the list of folders."""
        return tuple(dict.fromkeys((*self._folders, *sorted(self._asked))))

    def _in_turn(self, now: datetime) -> tuple[str, ...]:
        """Name the deployments that may have something new."""
        idle = _hour(now - _IDLE)  # compared as far as a folder says: a month's may hold its last day
        under_way = time.monotonic() - self._under_way
        return tuple(
            name
            for name in self._deployments()
            if name in self._asked
            or (newest := self._newest.get(name, "9")) >= idle[: len(newest)]
            or self._found.get(name, under_way) > under_way
        )

    def _parts(self, name: str, now: datetime, *, full: bool) -> list[str]:
        """Name the months, `2001/05/`, of which a deployment may have something new, or all by an empty name."""
        since = self._sure.get(name)
        if full or since is None:
            return [""]
        months = _months(min(since, now), now)
        return months if len(months) <= _MONTHS else [""]

    def _be_sure(self, names: Iterable[str], now: datetime) -> None:
        """Note up to where all is known: not up to now, since what was sent just now is filed a moment later."""
        for name in names:
            newest = self._newest.get(name)
            if time.monotonic() - self._found.setdefault(name, time.monotonic()) >= self._under_way:
                self._sure[name] = now - _OUT_OF_TURN
            elif newest is not None:
                self._sure[name] = _moment(newest) - _OUT_OF_TURN

    def _remember(self, root: str) -> None:
        """Load once what an earlier process had read."""
        if self._known:
            return
        self._known = self._cache.etags(root)
        for name in self._known:
            if place := place_of(name, root):
                self._newest[place.deployment] = max(self._newest.get(place.deployment, ""), place.folder)


def _months(since: datetime, until: datetime) -> list[str]:
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04}/{number % 12 + 1:02}/" for number in numbers]


def _hour(moment: datetime) -> str:
    """Name the collector's folder; `strftime` leaves out zeros before the year 1000."""
    utc = moment.astimezone(UTC)
    return f"{utc.year:04}/{utc.month:02}/{utc.day:02}/{utc.hour:02}"


def _moment(folder: str) -> datetime:
    """When a folder begins."""
    parts = [int(part) for part in folder.split("/")]
    year, month, day, hour, minute = parts + [0, 1, 1, 0, 0][len(parts) :]
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
