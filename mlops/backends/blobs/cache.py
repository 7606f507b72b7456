"""What was read from blob storage, kept on disk so that each version of a blob is read and parsed once.

A blob that grew or was written again replaces what was known of it, in one transaction; it never adds twice.  The file
is a cache: deleting it costs time, nothing else.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from mlops.backends.blobs.formats import Place, epoch, events, number, plain, table
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlops.backends.blobs.container import Blob
    from mlops.domain.project import Data
    from mlops.domain.world import Window

VERSION = 3
"""Of the tables; a file with another one is emptied: it is a cache."""
_NAMES = ("layout", "blob", "input", "output", "label", "history", "profile")

_TABLES = """
create table if not exists layout (text text not null);
create table if not exists blob (name text primary key, etag text not null) without rowid;
create table if not exists input (
    id integer primary key autoincrement, blob text not null,
    deployment text not null, request text not null, position integer not null,
    key text not null, time real, folder text not null, sent text not null, data text not null);
create index if not exists input_blob on input (blob);
create index if not exists input_time on input (time);
create index if not exists input_end on input (deployment, folder || '/~');
create index if not exists input_key on input (key, deployment);
create table if not exists output (
    blob text not null, deployment text not null, request text not null, position integer not null, data text not null);
create index if not exists output_blob on output (blob);
create index if not exists output_request on output (request, position, deployment);
create table if not exists label (blob text not null, key text not null, label real not null);
create index if not exists label_blob on label (blob);
create index if not exists label_key on label (key);
create table if not exists history (key text primary key, time real not null, label real, data text not null)
    without rowid;
create index if not exists history_time on history (time);
create table if not exists profile (key text primary key, marker text not null, data blob not null) without rowid;
"""


_DAY = "cast((time + 86400.0 * 1000000) / 86400 as integer) - 1000000"
"""The day since 1970 of an event time; SQLite cuts towards zero, so days before 1970 need the detour."""


class Cache:
    """The file of what is known."""

    def __init__(self, path: Path, data: Data) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._data = data
        # Isolation None: transactions are begun and ended by hand, one for each blob.
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._drop_tables_of_other_releases()
        self._connection.executescript(_TABLES)
        self._start_over_if(layout=json.dumps([data.key, data.time, data.history, data.labels, data.label]))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def etags(self, prefix: str) -> dict[str, str]:
        """Give the version of each blob that is known below a prefix."""
        found = self._connection.execute("select name, etag from blob where name >= ? and name < ?", _range(prefix))
        return dict(found.fetchall())

    def take_events(self, blob: Blob, place: Place, content: bytes) -> None:
        """Replace what is known of a blob of collected events."""
        if place.collection == "model_inputs":
            rows = [self._input(blob, place, *row) for row in events(content)]
            self._replace("input", blob, rows)
        else:
            answers = [
                (blob.name, place.deployment, event["correlationid"], index, json.dumps(row))
                for event, index, row in events(content)
            ]
            self._replace("output", blob, answers)

    def take_labels(self, blob: Blob, content: bytes) -> None:
        """Replace what is known of a CSV file of labels.  A row whose label is no number has no label yet."""
        key, label = self._data.key, self._data.label
        rows = table(content, (key, label), f"the file of labels {blob.name}")
        known = [(blob.name, row[key], found) for row in rows if (found := number(row[label])) is not None]
        self._replace("label", blob, known)

    def take_history(self, name: str, content: bytes) -> None:
        """Take the labelled rows from before the first deployment; what was known of them is replaced."""
        needed = (self._data.key, self._data.time, *self._data.features, self._data.label)
        rows = [self._past(row) for row in table(content, needed, f"the {name}")]
        with self._transaction():
            self._connection.execute("delete from history")
            self._connection.executemany("insert or replace into history values (?, ?, ?, ?)", rows)
            self._connection.execute("insert or replace into blob values (?, ?)", (name, "read"))

    def days(self, window: Window) -> Iterator[tuple[int, int, int, int]]:
        """Give for each day (since 1970) with rows in a window their number, the newest's id, and the history's size.

        The first two change when a blob is read again, the last when the history is.
        """
        ((past,),) = self._connection.execute("select count(*) from history")
        found = self._connection.execute(
            f"select {_DAY} as day, count(*), max(id) from input where time >= ? and time < ? group by day",  # noqa: S608
            (window.start.timestamp(), window.end.timestamp()),
        )
        return ((day, count, newest, past) for day, count, newest in found.fetchall())

    def kept(self, key: str, marker: str) -> bytes | None:
        """Give what was kept under a key, if nothing changed since."""
        found = self._connection.execute("select data from profile where key = ? and marker = ?", (key, marker))
        row = found.fetchone()
        return None if row is None else bytes(row[0])

    def keep(self, key: str, marker: str, data: bytes) -> None:
        """Keep something that was worked out from rows."""
        with self._transaction():
            self._connection.execute("insert or replace into profile values (?, ?, ?)", (key, marker, data))

    def execute(self, query: str, values: Mapping[str, object] | tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Run one reading query."""
        return iter(self._connection.execute(query, values))

    def _input(
        self, blob: Blob, place: Place, event: dict[str, Any], index: int, row: dict[str, Any]
    ) -> tuple[Any, ...]:
        key = row.get(self._data.key)
        # A row without its key is still a row: its place in the collected data is its name.
        name = str(key) if key is not None else f"{event['correlationid']}_{index}"
        moment = epoch(row.get(self._data.time))
        request = event["correlationid"]
        return (
            None,
            blob.name,
            place.deployment,
            request,
            index,
            name,
            moment,
            place.folder,
            event["time"],
            json.dumps(row),
        )

    def _past(self, row: dict[str, str]) -> tuple[str, float, float | None, str]:
        moment = epoch(row[self._data.time])
        if moment is None:
            raise RefusedError(
                f"the history's column {self._data.time!r} holds {row[self._data.time]!r}: no ISO 8601 time"
            )
        features: dict[str, Any] = {name: plain(row[name]) for name in self._data.features}
        return row[self._data.key], moment, number(row[self._data.label]), json.dumps(features)

    def _replace(self, table: str, blob: Blob, rows: list[tuple[Any, ...]]) -> None:
        with self._transaction():
            self._connection.execute(f"delete from {table} where blob = ?", (blob.name,))  # noqa: S608 - ours
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608 - ours
            self._connection.execute("insert or replace into blob values (?, ?)", (blob.name, blob.etag))

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection)

    def _drop_tables_of_other_releases(self) -> None:
        ((version,),) = self._connection.execute("pragma user_version").fetchall()
        if version != VERSION:
            for table in _NAMES:
                self._connection.execute(f"drop table if exists {table}")
            self._connection.execute(f"pragma user_version = {VERSION}")

    def _start_over_if(self, layout: str) -> None:
        """Forget all when the project reads its rows in another way now."""
        known = self._connection.execute("select text from layout").fetchall()
        if known == [(layout,)]:
            return
        with self._transaction():
            for table in _NAMES:
                self._connection.execute(f"delete from {table}")  # noqa: S608 - ours
            self._connection.execute("insert into layout values (?)", (layout,))


class _Transaction:
    """All or nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("commit" if kind is None else "rollback")


def _range(prefix: str) -> tuple[str, str]:
    return prefix, prefix + "\U0010ffff"
