"""Stretches of consecutive rows of files, counted one after the other: memory holds the counts of one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops.backends.tables import pieces
from mlops.backends.tables.column import Column, column_of
from mlops.monitors.profile import Profile
from mlops.monitors.stretches import starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlops.backends.tables.pieces import Piece
    from mlops.backends.tables.sources import Source
    from mlops.monitors.profile import Schema


def profiles(sources: Sequence[Source], schema: Schema, rows: int, size: int) -> tuple[Profile, ...]:
    """Count stretches of so many rows; the files have `rows` in all, in this order.

    Raises:
        DoesNotFitError: there are too few rows.
        DataError: a file cannot be read.
    """
    waiting = list(starts(rows, size))
    found: list[Profile] = []
    columns = _empty(schema)
    at = 0
    for piece in (piece for source in sources for piece in pieces.pieces(pieces.Share(source=source))):
        while waiting and waiting[0] < at + piece.rows:
            start, end = waiting[0], waiting[0] + size
            _add(columns, piece, max(start - at, 0), min(end - at, piece.rows))
            if end > at + piece.rows:
                break
            found.append(_profile(schema, columns, size))
            columns = _empty(schema)
            waiting.pop(0)
        at += piece.rows
    return tuple(found)


def _empty(schema: Schema) -> dict[str, Column]:
    return {name: column_of(name, schema) for name in (*(name for name, _ in schema.centres), *schema.categorical)}


def _add(columns: dict[str, Column], piece: Piece, start: int, end: int) -> None:
    for name, column in columns.items():
        if name not in piece.types:
            column.absent(end - start)
            continue
        for chunk in _cut(piece.chunks(name), start, end):
            column.add(chunk)


def _cut(chunks: Sequence[Any], start: int, end: int) -> Iterator[Any]:
    at = 0
    for chunk in chunks:
        low, high = max(start - at, 0), min(end - at, len(chunk))
        if low < high:
            yield chunk.slice(low, high - low)
        at += len(chunk)


def _profile(schema: Schema, columns: dict[str, Column], rows: int) -> Profile:
    states = {name: state for name, column in columns.items() if (state := column.state()) is not None}
    return Profile(schema=schema, rows=rows, columns=states)
