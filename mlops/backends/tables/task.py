"""Counting as a task for another machine: files say what is to be counted there, and one file what was counted.

What comes back are profiles as they are saved, so that they add up here as though they had been counted here.
"""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops.backends.tables.pieces import Order
from mlops.backends.tables.sources import Source
from mlops.domain.data.data_error import DataError
from mlops.monitors import saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlops.backends.tables.pieces import Hour
    from mlops.monitors.profile import Profile

    Counted = tuple[int, Mapping[Hour, Profile]]
    """The number of a file in the task, and what it holds."""

_ORDER, _SCHEMA, _COUNTED, _WRONG = "order.json", "schema.profile", "counted.zip", "wrong"


def write(folder: Path, sources: Sequence[Source], order: Order) -> None:
    """Write what is to be counted into a folder.  Raise DataError for a file that no other machine can read."""
    here = [source.place for source in sources if not source.address]
    if here:
        raise DataError(
            f"{here[0]}{f' and {len(here) - 1} more' if here[1:] else ''}: lies on this machine, where no job of Azure "
            "ML reads it; bring it into blob storage and name it azureml://datastores/NAME/paths/PATH"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _SCHEMA).write_bytes(saved.to_bytes(order.nothing()))
    said = {
        "time": order.time,
        "start": _finite(order.start),
        "end": _finite(order.end),
        "hourly": order.hourly,
        "files": [
            {"address": one.address, "version": one.version, "form": one.form, "place": one.place} for one in sources
        ],
    }
    (folder / _ORDER).write_text(json.dumps(said, indent=1))


def read(folder: Path, here: Path) -> tuple[Order, tuple[Source, ...]]:
    """Read a task; its files will be brought into the folder `here`."""
    said: dict[str, Any] = json.loads((folder / _ORDER).read_text())
    order = Order(
        schema=saved.from_bytes((folder / _SCHEMA).read_bytes()).schema,
        time=said["time"],
        start=-math.inf if said["start"] is None else said["start"],
        end=math.inf if said["end"] is None else said["end"],
        hourly=said["hourly"],
    )
    files = (
        Source(path=here / f"{number}{Path(one['address']).suffix}", **one) for number, one in enumerate(said["files"])
    )
    return order, tuple(files)


def keep(folder: Path, counted: Iterable[Counted]) -> None:
    """Write what was counted, a file at a time; or instead what is wrong with one, which counting it again says too."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / _COUNTED, "w") as kept:
        try:
            for number, by_hour in counted:
                kept.writestr(f"{number}/", b"")
                for hour, one in by_hour.items():
                    kept.writestr(f"{number}/{'' if hour is None else hour}.profile", saved.to_bytes(one))
        except DataError as error:
            kept.writestr(_WRONG, str(error))


def kept(folder: Path) -> Iterator[Counted]:
    """Give what was counted.  Raise DataError where a file was wrong, or nothing was counted at all."""
    if not (folder / _COUNTED).is_file():
        raise DataError(f"the job ended and left no {_COUNTED}")
    with zipfile.ZipFile(folder / _COUNTED) as found:
        names = found.namelist()
        if _WRONG in names:
            raise DataError(found.read(_WRONG).decode())
        by_file: dict[int, dict[Hour, Profile]] = {}
        for name in names:
            number, _, part = name.partition("/")
            of_file = by_file.setdefault(int(number), {})
            if part:
                hour = part.removesuffix(".profile")
                of_file[int(hour) if hour else None] = saved.from_bytes(found.read(name))
    yield from by_file.items()


def named(error: DataError, sources: Sequence[Source]) -> DataError:
    """Say of a file where people know it to be, not where it was brought."""
    text = str(error)
    for source in sources:
        text = text.replace(str(source.path), source.place)
    return DataError(text)


def _finite(moment: float) -> float | None:
    return moment if math.isfinite(moment) else None
