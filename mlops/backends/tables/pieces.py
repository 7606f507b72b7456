"""What one worker counts: some row groups of a file, a piece at a time, by hours where that is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mlops.backends.tables import aligned
from mlops.backends.tables.column import Column, column_of, written
from mlops.backends.tables.sources import ParquetFile, batches
from mlops.domain.data.data_error import DataError
from mlops.monitors.profile import ABSENT, Broken, Profile, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mlops.backends.tables.sources import Source
    from mlops.monitors.profile import Bounds, Schema

    Chunks = Callable[[str], Sequence[Any]]
    Hour = int | None

HOUR = 3600
_FOLD = 16
"""So many partial profiles are kept before they are added up: memory stays the same however many there are."""
_ENOUGH = 100_000
"""Rows that are worth a share of their own."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is counted of each row, and which rows are."""

    schema: Schema
    time: str = ""
    """The column with the moment of a row; empty: all rows count."""
    start: float = -math.inf
    """Rows from this moment on, in seconds since 1970 …"""
    end: float = math.inf
    """… and before this one."""
    hourly: bool = False
    """A profile for each hour of event time; rows that have none come under None."""

    def nothing(self) -> Profile:
        """Give the profile of no rows."""
        return _nothing(self.schema)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A file, or some row groups of it: what is handed to one worker."""

    source: Source
    groups: tuple[int, ...] = ()
    """Empty: all of the file."""


def divide(sources: Sequence[Source]) -> tuple[Share, ...]:
    """Make shares of about a hundred thousand rows or more; a file without row groups is one.  Raise DataError."""
    return tuple(share for source in sources for share in _shares(source))


def _shares(source: Source) -> Iterator[Share]:
    if source.form != "parquet":
        yield Share(source=source)
        return
    sizes = ParquetFile(source).group_rows
    first = 0
    for number in range(len(sizes)):
        if sum(sizes[first : number + 1]) >= _ENOUGH or number == len(sizes) - 1:
            yield Share(source=source, groups=tuple(range(first, number + 1)))
            first = number + 1
    if not sizes:
        yield Share(source=source)


def count(share: Share, order: Order) -> Mapping[Hour, Profile]:
    """Count a share: one profile under None, or one for each hour that it has rows of.  Raise DataError."""
    found: dict[Hour, list[Profile]] = {}
    types: dict[str, str] = {}
    for piece in pieces(share):
        types |= piece.types
        for hour, rows in _split(piece, order):
            found.setdefault(hour, []).append(_counted(piece, rows, order.schema))
            if len(found[hour]) >= _FOLD:
                found[hour] = [merge(found[hour])]
    if not order.hourly:
        found.setdefault(None, []).append(order.nothing())
    names = sorted({*types, *_named(order.schema)})
    held = {name: (types.get(name, ABSENT),) for name in names}
    return {hour: _with(merge(parts), held) for hour, parts in found.items()}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some rows at hand: the arrays of any of their columns."""

    rows: int
    types: Mapping[str, str]
    chunks: Chunks


def pieces(share: Share) -> Iterator[Piece]:
    """Give a share's rows, some at a time.  Raise DataError."""
    source = share.source
    if source.form != "parquet":
        for batch in batches(source):
            types = {field.name: written(field.type) for field in batch.schema}
            yield Piece(rows=batch.num_rows, types=types, chunks=partial(_of_batch, batch))
        return
    file = ParquetFile(source)
    types = {field.name: written(field.type) for field in file.schema}
    if not file.group_rows:
        yield Piece(rows=0, types=types, chunks=lambda _name: [])
    for group in share.groups or range(len(file.group_rows)):
        yield Piece(rows=file.group_rows[group], types=types, chunks=partial(_of_group, file, group))


def _of_batch(batch: Any, name: str) -> list[Any]:  # noqa: ANN401  Arrow ships no types
    return [batch.column(name)]


def _of_group(file: ParquetFile, group: int, name: str) -> list[Any]:
    return list(file.chunks(name, (group,)))


def _split(piece: Piece, order: Order) -> Iterator[tuple[Hour, NDArray[np.bool_] | None]]:
    """Give the rows to count, as a mask or None for all; by the hour where that is asked."""
    if not order.time:
        yield None, None
        return
    made = moments(piece, order.time)
    rows = (made >= order.start) & (made < order.end)
    if not order.hourly:
        yield None, None if rows.all() else rows
        return
    undated = np.isnan(made)
    if undated.any():
        yield None, undated
    hours = np.floor_divide(made, HOUR)
    for hour in np.unique(hours[rows]):
        of_hour = rows & (hours == hour)
        yield int(hour), None if of_hour.all() else of_hour


def moments(piece: Piece, time: str) -> NDArray[np.float64]:
    """Give the moment of each row in seconds since 1970, NaN where it has none.  Raise DataError."""
    if time not in piece.types:
        raise DataError(f"the files have no column {time!r}, which says when a row was made")
    chunks = [aligned.moments(chunk, time) for chunk in piece.chunks(time)]
    return np.concatenate(chunks) if chunks else np.empty(0)


def inside(piece: Piece, time: str, start: float, end: float) -> NDArray[np.bool_]:
    """Say which rows were made from `start` on and before `end`.  Raise DataError."""
    found = moments(piece, time)
    return (found >= start) & (found < end)


def _counted(piece: Piece, rows: NDArray[np.bool_] | None, schema: Schema) -> Profile:
    number = piece.rows if rows is None else int(rows.sum())
    columns = {}
    for name in _named(schema):
        column = column_of(name, schema)
        if name in piece.types:
            for array in chosen(piece.chunks(name), rows):
                column.add(array)
        else:
            column.absent(number)
        columns[name] = column
    return _profile(schema, number, columns, {rule.name: _asked(rule, piece, rows) for rule in schema.bounds})


def chosen(chunks: Sequence[Any], rows: NDArray[np.bool_] | None) -> Iterator[Any]:
    """Give of each chunk the rows that a mask says, or all."""
    start = 0
    for chunk in chunks:
        yield chunk if rows is None else chunk.filter(pa.array(rows[start : start + len(chunk)]))
        start += len(chunk)


def _asked(rule: Bounds, piece: Piece, rows: NDArray[np.bool_] | None) -> Broken:
    """Count the rows outside the bounds; a row that lacks one of the values is not asked."""
    if any(name not in piece.types for name, _ in rule.weights):
        return Broken(asked=0, broken=0)
    total = np.zeros(piece.rows)
    for name, weight in rule.weights:
        total += weight * np.concatenate([aligned.numbers(chunk) for chunk in piece.chunks(name)] or [np.empty(0)])
    there = ~np.isnan(total) if rows is None else ~np.isnan(total) & rows
    outside = there & ~((total >= rule.low) & (total <= rule.high))
    return Broken(asked=int(there.sum()), broken=int(outside.sum()))


def _named(schema: Schema) -> tuple[str, ...]:
    return (*(name for name, _ in schema.centres), *schema.categorical)


def _nothing(schema: Schema) -> Profile:
    columns = {name: column_of(name, schema) for name in _named(schema)}
    return _profile(schema, 0, columns, {rule.name: Broken(asked=0, broken=0) for rule in schema.bounds})


def _profile(schema: Schema, rows: int, columns: Mapping[str, Column], rules: Mapping[str, Broken]) -> Profile:
    states = {name: state for name, column in columns.items() if (state := column.state()) is not None}
    return Profile(schema=schema, rows=rows, columns=states, rules=rules)


def _with(one: Profile, types: Mapping[str, tuple[str, ...]]) -> Profile:
    return Profile(schema=one.schema, rows=one.rows, columns=one.columns, rules=one.rules, types=types)
