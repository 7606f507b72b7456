"""What exists: one durable table of resources and one of documents, in SQLite."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from environments.local.arm.ids import ResourceId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Body = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL,
    created TEXT NOT NULL, created_by TEXT NOT NULL, updated TEXT NOT NULL, version INTEGER NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type, parent);
CREATE INDEX IF NOT EXISTS resources_by_parent ON resources (parent);
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, name)
);
"""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One stored resource."""

    id: ResourceId
    body: Body
    created: datetime
    created_by: str
    updated: datetime
    version: int
    """Counts the writes, from 1."""

    @property
    def properties(self) -> Body:
        """The body's `properties`, empty if it has none."""
        found: Body = self.body.get("properties") or {}
        return found


class Store:
    """Resources by lower-cased id, and small documents by kind and name; each call is one transaction.

    Committed writes survive a kill of the process at any moment (WAL, `synchronous=NORMAL`).
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several calls one; may be nested."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled back already
                    self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    # ------------------------------------------------------------ resources

    def get(self, wanted: ResourceId) -> Resource | None:
        """Return it, or None."""
        rows = self._select("WHERE key = ?", wanted.key)
        return rows[0] if rows else None

    def put(self, wanted: ResourceId, body: Body, by: str = "") -> Resource:
        """Write it whole; the id keeps the case of its first writer."""
        now = _now()
        parent = wanted.parent
        row = (wanted.key, wanted.text, wanted.type.lower(), parent.key if parent else "", json.dumps(body), now, by)
        with self.transaction():
            self._db.execute(
                "INSERT INTO resources (key, id, type, parent, body, created, created_by, updated, version, position)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, (SELECT COALESCE(MAX(position), 0) + 1 FROM resources))"
                " ON CONFLICT (key) DO UPDATE"
                " SET body = excluded.body, updated = excluded.updated, version = version + 1",
                (*row, now),
            )
            written = self.get(wanted)
        assert written is not None  # noqa: S101 - it was written in this transaction
        return written

    def update(self, wanted: ResourceId, change: Callable[[Body], Body]) -> Resource | None:
        """Read, change and write in one transaction; None when it does not exist."""
        with self.transaction():
            found = self.get(wanted)
            return self.put(wanted, change(found.body)) if found else None

    def delete(self, wanted: ResourceId) -> bool:
        """Delete it and all below it; False when there was nothing."""
        with self.transaction():
            found = self.get(wanted) is not None
            self._db.execute(
                "DELETE FROM resources WHERE key = ? OR (key > ? AND key < ?)", (wanted.key, *_below(wanted))
            )
        return found

    def children(self, parent: ResourceId, of_type: str) -> list[Resource]:
        """Those of one type directly below, oldest first."""
        return self._select("WHERE type = ? AND parent = ? ORDER BY position", of_type.lower(), parent.key)

    def below(self, top: ResourceId, of_type: str | None = None) -> list[Resource]:
        """All below (at any depth), of one type or of all, oldest first."""
        if of_type is None:
            return self._select("WHERE key > ? AND key < ? ORDER BY position", *_below(top))
        return self._select("WHERE type = ? AND key > ? AND key < ? ORDER BY position", of_type.lower(), *_below(top))

    def of_type(self, wanted: str) -> list[Resource]:
        """All of one type, wherever they lie, oldest first."""
        return self._select("WHERE type = ? ORDER BY position", wanted.lower())

    def _select(self, where: str, *values: str) -> list[Resource]:
        with self._lock:
            rows = self._db.execute(
                f"SELECT id, body, created, created_by, updated, version FROM resources {where}",  # noqa: S608 - fixed texts
                values,
            ).fetchall()
        return [
            Resource(
                id=ResourceId(row[0]),
                body=json.loads(row[1]),
                created=datetime.fromisoformat(row[2]),
                created_by=row[3],
                updated=datetime.fromisoformat(row[4]),
                version=row[5],
            )
            for row in rows
        ]

    # ------------------------------------------------------------ documents

    def document(self, kind: str, name: str) -> Body | None:
        """Return one, or None."""
        with self._lock:
            row = self._db.execute("SELECT value FROM documents WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return json.loads(row[0]) if row else None

    def put_document(self, kind: str, name: str, value: Body) -> None:
        """Write one whole."""
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, name, json.dumps(value)))

    def delete_document(self, kind: str, name: str) -> None:
        """Delete one, if it is there."""
        with self.transaction():
            self._db.execute("DELETE FROM documents WHERE kind = ? AND name = ?", (kind, name))

    def delete_documents(self, kinds: str) -> None:
        """Delete all whose kind begins so."""
        with self.transaction():
            self._db.execute("DELETE FROM documents WHERE substr(kind, 1, ?) = ?", (len(kinds), kinds))

    def documents(self, kind: str) -> dict[str, Body]:
        """All of a kind by name, in the order of writing."""
        with self._lock:
            rows = self._db.execute("SELECT name, value FROM documents WHERE kind = ? ORDER BY rowid", (kind,))
            return {name: json.loads(value) for name, value in rows.fetchall()}


def _below(top: ResourceId) -> tuple[str, str]:
    """The open range of keys that starts with the id and a slash: `0` is the character after `/`."""
    return f"{top.key}/", f"{top.key}0"


def _now() -> str:
    return datetime.now(UTC).isoformat()
