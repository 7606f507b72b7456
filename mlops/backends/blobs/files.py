"""Files of rows in blob storage, named as Azure ML does: each version is brought here once, when it is read."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlops.backends.tables.sources import FORMS, Source
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlops.backends.blobs.container import Blobs

    Find = Callable[[str], tuple[Blobs, str]]
    """From a reference (azureml://…, azureml:NAME:VERSION, https://…) to a container and a path in it."""

_ELSEWHERE = re.compile(r"^(azureml:|https?://|wasbs?://|abfss?://|s3://|gs://)")
_PATTERN = re.compile(r"[*?\[]")


def is_elsewhere(place: str) -> bool:
    """Say whether a place is not of this machine."""
    return bool(_ELSEWHERE.match(place))


def bring(container: Blobs, name: str, source: Source) -> None:
    """Bring the version of a blob that was found.  Raise DataError where it changed or went since."""
    part = source.path.with_suffix(".part")
    if not container.save(name, source.version, part):
        raise DataError(f"{source.place}: changed or went while it was being read; run again")
    if not part.stat().st_size:
        raise DataError(f"{source.place}: the file is empty; was it written to its end?")
    part.replace(source.path)


class BlobFiles:
    """Finds files in containers, and keeps what it brought in a folder."""

    def __init__(self, find: Find, folder: Path) -> None:
        self.find = find
        self._folder = folder
        self._blobs: dict[Path, tuple[Blobs, str]] = {}

    def sources(self, place: str) -> tuple[Source, ...]:
        """Find a blob, a folder of parts or a pattern.  Raise DataError where nothing is there."""
        container, path = self.find(place)
        fixed = _PATTERN.split(path)[0]
        found = [blob for blob in container.blobs(fixed.rstrip("/")) if _matches(blob.name, path)]
        if not found:
            raise DataError(f"{place}: there is no such file or folder that holds one ending with {', '.join(FORMS)}")
        root = place[: len(place) - len(path)] if place.endswith(path) else f"{place}: "
        return tuple(self._source(container, root, blob.name, blob.etag) for blob in found)

    def fetch(self, sources: Sequence[Source]) -> None:
        """Bring files here.  Raise DataError for one that changed or went since it was found."""
        for source in sources:
            if source.path not in self._blobs or source.path.exists():
                continue
            bring(*self._blobs[source.path], source)

    def _source(self, container: Blobs, root: str, name: str, etag: str) -> Source:
        form = FORMS[PurePosixPath(name).suffix]
        place = f"{root}{name}"
        digest = hashlib.sha256(f"{place} {etag}".encode()).hexdigest()[:24]
        path = self._folder / f"{digest}{PurePosixPath(name).suffix}"
        self._blobs[path] = (container, name)
        address = f"{container.address}/{quote(name)}"
        return Source(path=path, form=form, place=place, version=etag, address=address)


def _matches(name: str, path: str) -> bool:
    """Say whether a blob is the one, lies in the folder, or fits the pattern; a writer's own files do not count."""
    if _PATTERN.search(path):
        wanted = fnmatch.fnmatchcase(name, path)
    else:
        folder = path.rstrip("/") + "/"
        parts = name.removeprefix(folder).split("/")
        hidden = any(part.startswith(("_", ".")) for part in parts)
        wanted = name == path or (name.startswith(folder) and not hidden)
    return wanted and PurePosixPath(name).suffix in FORMS
