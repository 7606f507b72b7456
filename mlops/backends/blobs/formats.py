"""Reads what Azure's collector and users wrote: events, CSV files, moments and numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlops.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_GZIP = b"\x1f\x8b"
_PLACE = re.compile(r"([^/]+)/([^/]+)/(\d{4}(?:/\d\d){0,4})/[^/]+\.jsonl")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the folder tree of the collector an event lies."""

    deployment: str
    collection: str
    folder: str
    """By the collector's clock, as deep as the deployment's rolling rate says: `2001/05/31/07` for an hour."""


def place_of(name: str, root: str) -> Place | None:
    """Read `root/DEPLOYMENT/COLLECTION/yyyy/MM/dd/HH/INSTANCE.jsonl`; None for anything else.

    The folder may be less deep or one deeper, as the deployment's rolling rate is.
    """
    found = _PLACE.fullmatch(name.removeprefix(root)) if name.startswith(root) else None
    return found and Place(deployment=found[1], collection=found[2], folder=found[3])


def epoch(value: object) -> float | None:
    """Read an ISO 8601 date or moment (UTC where it says nothing) as seconds since 1970; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def number(value: object) -> float | None:
    """Read a number; None if it is none."""
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


def plain(text: str) -> str | float | None:
    """Give a CSV cell as JSON would hold it: a number where it is one, None where it is empty."""
    if not text:
        return None
    found = number(text)
    return text if found is None else found


def events(content: bytes) -> Iterator[tuple[dict[str, Any], int, dict[str, Any]]]:
    """Give each row of each event with its place in it.  A line that is cut off belongs to a write under way."""
    for line in content.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        event["correlationid"] = event.get("correlationid") or event.get("xrequestid") or event.get("id", "")
        event["time"] = event.get("time", "")
        if event.get("dataref") and not event.get("data"):
            raise RefusedError(
                f"event {event.get('id')} keeps its rows in another blob (over 256 kB), which is not read yet: "
                "send fewer rows in a request"
            )
        for index, row in enumerate(event.get("data") or ()):
            yield event, index, row


def table(content: bytes, needed: tuple[str, ...], what: str) -> list[dict[str, str]]:
    """Read a CSV file that a user wrote; say what is wrong with it."""
    try:
        plain = gzip.decompress(content) if content.startswith(_GZIP) else content
        reader = csv.DictReader(io.StringIO(plain.decode("utf-8-sig")), restval="")
        rows = list(reader)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise RefusedError(f"{what} cannot be read as CSV: {error}") from error
    columns = tuple(reader.fieldnames or ())
    if missing := [name for name in dict.fromkeys(needed) if name not in columns]:
        raise RefusedError(f"{what} has no column {', '.join(missing)}; its header is {', '.join(columns) or 'empty'}")
    return rows
