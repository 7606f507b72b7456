"""Training sets as the reference of drift: their rows, all or those of a season, and what a column holds."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlops.backends.blobs.formats import epoch, number, plain
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from pathlib import Path

    from mlops.backends.blobs.reader import Find
    from mlops.domain.world import DatasetVersion, Window

Columns = dict[str, list[object]]

_YEAR = 366


class References:
    """Reads training sets, each once: a version does not change, so a copy is kept beside the cache."""

    def __init__(self, find: Find, folder: Path, time: str) -> None:
        self._find = find
        self._folder = folder
        self._time = time
        self._columns: dict[str, Columns] = {}

    def rows(self, dataset: DatasetVersion) -> Columns:
        """Give the columns of the rows that were trained on."""
        if dataset.reference not in self._columns:
            reader = csv.DictReader(io.StringIO(self._content(dataset).decode()))
            rows = list(reader)
            columns: Columns = {name: [plain(row[name]) for row in rows] for name in reader.fieldnames or ()}
            self._columns = {dataset.reference: columns}  # the champion's; an older one is not asked for again
        return self._columns[dataset.reference]

    def season(self, dataset: DatasetVersion, window: Window) -> Columns:
        """Give those of them that fall in the same days of the year as the window."""
        columns = self.rows(dataset)
        days = _days_of_year(window)
        moments = [epoch(value) for value in columns.get(self._time, ())]
        kept = [
            index
            for index, moment in enumerate(moments)
            if moment is not None and datetime.fromtimestamp(moment, UTC).timetuple().tm_yday in days
        ]
        return {name: [values[index] for index in kept] for name, values in columns.items()}

    def _content(self, dataset: DatasetVersion) -> bytes:
        copy = self._folder / f"{dataset.name}-{dataset.version}-{dataset.digest[:16]}.csv"
        if copy.exists():
            return copy.read_bytes()
        container, path = self._find(dataset.reference)
        for _, content in container.read([f"{path.rstrip('/')}/train.csv"]):
            copy.parent.mkdir(parents=True, exist_ok=True)
            whole = copy.with_suffix(".part")
            whole.write_bytes(content)
            whole.rename(copy)
            return content
        raise OutsideError(f"the training set {dataset.reference} has no train.csv at {path}")


def categorical(values: list[object]) -> bool:
    """Say whether a column holds levels: one of its values is no number."""
    return any(value is not None and number(value) is None for value in values)


def _days_of_year(window: Window) -> frozenset[int]:
    days = min((window.end - window.start).days + 1, _YEAR)
    return frozenset(
        (window.start + timedelta(days=n)).astimezone(UTC).timetuple().tm_yday for n in range(max(days, 1))
    )
