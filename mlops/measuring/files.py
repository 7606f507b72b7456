"""Files of rows and saved profiles: counted, read and written whole."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.measuring.progress import progress

if TYPE_CHECKING:
    from mlops.monitors.profile import Profile

STATE = ".profile"
"""How the name of a saved profile ends."""


def given(path: Path, like: "Profile | None") -> "Profile":
    """Load a saved profile, or count a file or folder as `like` was counted.  Raise DataError."""
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    if path.is_file() and is_saved(path):
        return load(path)
    return counted([path], like)


def both(before: Path, now: Path) -> "tuple[Profile, Profile]":
    """Load or count a reference and what is compared with it, files of both at once.  Raise DataError."""
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    if any(path.is_file() and is_saved(path) for path in (before, now)):
        reference = given(before, None)
        return reference, given(now, reference)
    thrifty()
    from mlops.backends.tables.count import pair  # noqa: PLC0415

    with progress() as tell:
        return pair([before], [now], tell)


def counted(paths: Sequence[Path], like: "Profile | None") -> "Profile":
    """Count files and folders, as `like` was counted; a terminal shows how far it is.  Raise DataError."""
    thrifty()
    from mlops.backends.tables.count import profile  # noqa: PLC0415

    with progress() as tell:
        return profile(paths, like=like.schema if like else None, progress=tell)


def kept(paths: Sequence[Path], like: "Profile | None", folder: Path) -> "Profile":
    """Count files and keep their rows as parquet in a new folder.  Raise DataError, and leave no folder then."""
    thrifty()
    from mlops.backends.tables.count import profile  # noqa: PLC0415
    from mlops.backends.tables.kept import KeptRows  # noqa: PLC0415
    from mlops.backends.tables.sources import find  # noqa: PLC0415
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415

    already = [str(source.path) for source in find(paths) if source.form == "parquet"]
    if already:
        raise DataError(f"{', '.join(already)}: parquet already; --rows is for JSON lines, CSV and Arrow")
    with progress() as tell, KeptRows(folder) as rows:
        return profile(paths, like=like.schema if like else None, progress=tell, keep=rows.add)


def thrifty() -> None:
    """Let Arrow count on our threads only, and give memory back early: a third less of it, in the same time.

    Arrow asks for the name of its pool once, when it first needs one; jemalloc is in its packages for Linux.
    """
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    import pyarrow as pa  # noqa: PLC0415

    pa.set_cpu_count(1)


def load(path: Path) -> "Profile":
    """Load a saved profile.  Raise DataError."""
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.monitors.profile import DoesNotFitError  # noqa: PLC0415
    from mlops.monitors.saved import from_bytes  # noqa: PLC0415

    try:
        return from_bytes(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except DoesNotFitError as error:
        raise DataError(f"{path}: {error}") from error


def save(path: Path, found: "Profile") -> int:
    """Save a profile; returns its size in bytes."""
    from mlops.monitors.saved import to_bytes  # noqa: PLC0415

    return write(path, to_bytes(found))


def write(path: Path, data: bytes) -> int:
    """Write it whole or not at all; returns its size in bytes."""
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    return len(data)
