"""Where files are, as people write it: a file, a folder of parts or a pattern."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.backends.tables.sources import find
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops.backends.tables.sources import Source

_PATTERN = frozenset("*?[")


def resolve(places: Sequence[str], folder: Path) -> tuple[Source, ...]:
    """Find files of this machine; a relative path begins at the folder.  Raise DataError for what is not there."""
    return find([path for place in places for path in _paths(place, folder)])


def _paths(place: str, folder: Path) -> list[Path]:
    path = folder / place
    if path.exists() or not _PATTERN & set(place):
        return [path]
    found = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207 - one pattern, any root
    if not found:
        raise DataError(f"{path}: no file has such a name")
    return found
