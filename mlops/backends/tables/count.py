"""Profiles of files: every column counted once, a little at a time, on as many threads as there are processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from mlops.backends.tables import arrays
from mlops.backends.tables.column import LENGTH, NOTHING, TIME, Column, begun, column_of, written
from mlops.backends.tables.sources import ParquetFile, batches, find
from mlops.domain.data.data_error import DataError
from mlops.monitors.profile import ABSENT, Profile, Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlops.backends.tables.sources import Source

    Progress = Callable[[int, int], None]
    """Told how much is done, and of how much."""
    Keep = Callable[[Any], None]

_One = TypeVar("_One")


def profile(
    paths: Sequence[Path], *, like: Schema | None = None, progress: Progress | None = None, keep: Keep | None = None
) -> Profile:
    """Count files, or folders of parts; `like` says what to count, else the first values do.

    `keep` is given the rows of files that are no parquet yet, batch by batch.

    Raise DataError for what cannot be found or read.  A column of `like` that a file lacks counts as null there.
    """
    sources = find(paths)
    files = [ParquetFile(source) for source in sources if source.form == "parquet"]
    others = [source for source in sources if source.form != "parquet"]
    names = _names(files, like)
    tell = progress or (lambda _done, _total: None)
    columns: dict[str, Column] = {}
    for column in _on_threads(lambda name: _counted(name, files, _wanted(name, like)), names):
        columns[column.name] = column
        tell(len(columns), len(names) + len(others))
    seen = [_types(file) for file in files]
    rows = sum(file.rows for file in files)
    for done, source in enumerate(others):
        counted_here, types = _streamed(batches(source), columns, like, rows, keep, typed=source.form != "csv")
        rows += counted_here
        seen.append(types)
        tell(len(names) + done + 1, len(names) + len(others))
    return _profile(columns, rows, seen, [source.name for source in sources], like)


def pair(before: Sequence[Path], now: Sequence[Path], progress: Progress | None = None) -> tuple[Profile, Profile]:
    """Count a reference, and what is compared with it as the reference was.  Raise DataError.

    The same as one `profile` after the other, but columns of parquet are counted on both sides at once, so that no
    thread waits for the last column of the reference.
    """
    sources = [find(paths) for paths in (before, now)]
    if any(source.form != "parquet" for side in sources for source in side):
        reference = profile(before, progress=progress)
        return reference, profile(now, like=reference.schema, progress=progress)
    first, second = ([ParquetFile(source) for source in side] for side in sources)
    names = _names(first, None)
    sides: tuple[dict[str, Column], dict[str, Column]] = {}, {}
    for both in _on_threads(lambda name: _beside(name, first, second), names):
        for columns, column in zip(sides, both, strict=False):
            columns[column.name] = column
        if progress:
            progress(len(sides[0]), len(names))
    found: list[Profile] = []
    for columns, files, side in zip(sides, (first, second), sources, strict=True):
        like = found[0].schema if found else None
        rows, seen = sum(file.rows for file in files), [_types(file) for file in files]
        found.append(_profile(columns, rows, seen, [source.name for source in side], like))
    return found[0], found[1]


def _beside(name: str, before: Sequence[ParquetFile], now: Sequence[ParquetFile]) -> tuple[Column, ...]:
    """Count a column on both sides; one that cannot be measured has no other."""
    reference = _counted(name, before, None)
    fresh = reference.like()
    found = (reference,) if fresh is None else (reference, _counted(name, now, fresh))
    for column in found:
        column.close()
    return found


def _on_threads(count: Callable[[str], _One], names: Sequence[str]) -> Iterator[_One]:
    with ThreadPoolExecutor(_threads()) as threads:
        yield from threads.map(count, names)


def _types(file: ParquetFile) -> dict[str, str]:
    return {field.name: written(field.type) for field in file.schema}


def profile_of(found: Iterable[Any], *, like: Schema | None = None, sources: Iterable[str] = ()) -> Profile:
    """Count Arrow's batches of rows: those of a table, a dataset, a scanner or a query.  Raise DataError."""
    columns: dict[str, Column] = {}
    rows, types = _streamed(found, columns, like)
    if like is not None and not columns:
        columns = {name: column_of(name, like) for name in _named(like)}
    return _profile(columns, rows, [types], sources, like)


def parts(paths: Sequence[Path], whole: Profile, count: int) -> tuple[Profile, ...]:
    """Count consecutive parts of what a profile stands for, of about as many rows each; fewer when there are few rows.

    Raise DataError for what cannot be read.
    """
    size = max(-(-whole.rows // count), 1)
    found: list[dict[str, Column]] = []
    rows = 0
    for source in find(paths):
        for batch in _batches(source, _named(whole.schema)):
            start = 0
            while start < batch.num_rows:
                if rows % size == 0:
                    names = _named(whole.schema)
                    found.append(
                        {name: column for name in names if (column := _wanted(name, whole.schema)) is not None}
                    )
                piece = batch.slice(start, min(size - rows % size, batch.num_rows - start))
                for name, column in found[-1].items():
                    if name in piece.schema.names:
                        column.add(piece.column(piece.schema.get_field_index(name)))
                    else:
                        column.absent(piece.num_rows)
                start, rows = start + piece.num_rows, rows + piece.num_rows
    sizes = [min(size, rows - number * size) for number in range(len(found))]
    return tuple(_profile(columns, length, [], [], whole.schema) for columns, length in zip(found, sizes, strict=True))


def _batches(source: Source, names: Sequence[str]) -> Iterator[Any]:
    return ParquetFile(source).batches(names) if source.form == "parquet" else batches(source)


def _threads() -> int:
    return max(len(os.sched_getaffinity(0)), 1)


def _names(files: Sequence[ParquetFile], like: Schema | None) -> list[str]:
    if like is not None:
        return _named(like)
    return list(dict.fromkeys(field.name for file in files for field in file.schema))


def _named(schema: Schema) -> list[str]:
    return [*(name for name, _ in schema.centres), *schema.categorical]


def _counted(name: str, files: Sequence[ParquetFile], column: Column | None) -> Column:
    for file in files:
        if name not in file.schema.names:
            if column is not None:
                column.absent(file.rows)
            continue
        if column is None and not arrays.is_measured(file.schema.field(name).type):
            return Column(name, NOTHING)
        for array in file.chunks(name):
            if column is None:
                column = begun(name, array)
            column.add(array)
    return column or Column(name, NOTHING)


def _wanted(name: str, like: Schema | None) -> Column | None:
    """Give the empty column that a schema asks for; None where the first values are to say."""
    return None if like is None else column_of(name, like)


def _streamed(
    found: Iterable[Any],
    columns: dict[str, Column],
    like: Schema | None,
    rows_before: int = 0,
    keep: Keep | None = None,
    *,
    typed: bool = True,
) -> tuple[int, dict[str, str]]:
    """Count rows that come in batches; returns how many, and as what they hold each column."""
    rows, types, late = 0, dict[str, str](), dict[str, Any]()
    for batch in found:
        types |= {field.name: written(field.type) for field in batch.schema}
        if keep:
            keep(batch)
        if like is not None and not columns:
            columns.update({name: column for name in _named(like) if (column := _wanted(name, like)) is not None})
        for name in batch.schema.names:
            array = batch.column(batch.schema.get_field_index(name))
            if name not in columns and arrays.is_nothing(array.type):
                late.setdefault(name, array[:0])  # what it is, later values may say
                continue
            if name not in columns and like is None:
                columns[name] = begun(name, array, typed=typed)
                columns[name].absent(rows_before + rows)
            if name in columns:
                columns[name].add(array)
        for name in columns.keys() - set(batch.schema.names):
            columns[name].absent(batch.num_rows)
        rows += batch.num_rows
    for name in late.keys() - columns.keys() if like is None else ():
        columns[name] = begun(name, late[name])
        columns[name].absent(rows_before + rows)
    return rows, types


def _profile(
    columns: Mapping[str, Column],
    rows: int,
    seen: Sequence[Mapping[str, str]],
    sources: Iterable[str],
    like: Schema | None,
) -> Profile:
    states = {name: state for name, column in columns.items() if (state := column.state()) is not None}
    if not states and like is None:
        raise DataError("no column can be measured: they hold neither numbers, moments, texts nor truth values")
    numeric = [columns[name] for name in states if columns[name].numeric is not None]
    schema = like or Schema(
        centres=tuple((column.name, column.centre) for column in numeric),
        times=tuple(column.name for column in numeric if column.kind == TIME),
        lengths=tuple(column.name for column in numeric if column.kind == LENGTH),
        categorical=tuple(name for name in states if columns[name].categorical is not None),
    )
    names = sorted({name for types in seen for name in types} | set(_named(schema)))
    return Profile(
        schema=schema,
        rows=rows,
        columns={name: states[name] for name in _named(schema)},
        sources=tuple(sorted(sources)),
        types={name: tuple(sorted({types.get(name, ABSENT) for types in seen})) for name in names},
    )
