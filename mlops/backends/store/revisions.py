"""Which shape a state file has: read with the standard library alone, because `status` must not wait."""

import sqlite3
from enum import Enum

FIRST = "0001"  # the shape before revisions were numbered: a table `schema_version` that holds 1
KNOWN = (FIRST, "0002", "0003", "0004", "0005", "0006", "0007", "0008")
NEWEST = KNOWN[-1]


class Shape(Enum):
    """How a state file relates to this program."""

    EMPTY = "empty"  # made, but nothing was ever saved
    CURRENT = "current"
    OLDER = "older"
    UNKNOWN = "unknown"  # of a newer program, or of another


def revision(connection: sqlite3.Connection) -> str | None:
    """The file's revision; None when it has no tables, a word of its own when it is none of ours."""
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if "alembic_version" in tables:
        return _single(connection, "select version_num from alembic_version")
    if "schema_version" in tables:
        found = _single(connection, "select version from schema_version")
        return FIRST if found == "1" else f"schema {found}"
    return "without a revision" if tables else None


def _single(connection: sqlite3.Connection, query: str) -> str:
    rows = connection.execute(query).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else "without a revision"


def shape(found: str | None) -> Shape:
    """What a file of that revision is to this program."""
    if found is None:
        return Shape.EMPTY
    if found == NEWEST:
        return Shape.CURRENT
    return Shape.OLDER if found in KNOWN else Shape.UNKNOWN


def refusal(name: str, found: str | None) -> str:
    """Why a file is not used as it is, and what to do; empty when it can be."""
    match shape(found):
        case Shape.OLDER:
            return (
                f"{name} was written by an older mlops (revision {found}, this one works with {NEWEST}): "
                "run mlops apply or mlops reconcile, which bring it up to date"
            )
        case Shape.UNKNOWN:
            return (
                f"{name} has revision {found}, which this program does not know (it knows {', '.join(KNOWN)}): "
                "use the mlops that wrote it, or choose another folder with --home"
            )
    return ""
