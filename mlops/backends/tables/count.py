"""Profiles of files: every column counted once, a little at a time, on as many threads as there are processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.backends.tables import arrays
from mlops.backends.tables.sources import ParquetFile, batches, find
from mlops.domain.data.data_error import DataError
from mlops.monitors.numeric import centre_of
from mlops.monitors.profile import ABSENT, Profile, Schema
from mlops.monitors.tally import CategoricalTally, NumericTally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlops.backends.tables.sources import Source
    from mlops.monitors.profile import State

    Progress = Callable[[int, int], None]
    """Told how much is done, and of how much."""
    Keep = Callable[[Any], None]

NUMBER, TIME, LENGTH, LEVELS, NOTHING = "number", "time", "length", "levels", "nothing"
_SAMPLE = 20_000
"""Values at the beginning of a column that say of which kind it is."""
_MOST_LEVELS = 1000
"""A text column whose first values are mostly different, and more than so many, is measured by its lengths."""
_MOSTLY = 0.9
"""Of the texts of an untyped file so many spell numbers where the column is one of numbers."""
READ = {NUMBER: arrays.numbers, TIME: arrays.moments, LENGTH: arrays.lengths}


def profile(
    paths: Sequence[Path], *, like: Schema | None = None, progress: Progress | None = None, keep: Keep | None = None
) -> Profile:
    """Count files, or folders of parts; `like` says what to count, else the first values do.

    `keep` is given the rows of files that are no parquet yet, batch by batch.

    Raise DataError for what cannot be found or read.  A column of `like` that a file lacks counts as null there.
    """
    sources = find(paths)
    opened = [(source, ParquetFile(source)) for source in sources if source.form == "parquet"]
    others = [source for source in sources if source.form != "parquet"]
    files = [file for _, file in opened]
    names = _names(files, like)
    tell = progress or (lambda _done, _total: None)
    with ThreadPoolExecutor(_threads()) as threads:
        counted = []
        for done, column in enumerate(threads.map(lambda name: _counted(name, files, _wanted(name, like)), names)):
            counted.append(column)
            tell(done + 1, len(names) + len(others))
    columns = {column.name: column for column in counted}
    seen = [{field.name: written(field.type) for field in file.schema} for file in files]
    rows = sum(file.rows for file in files)
    for done, source in enumerate(others):
        counted_here, types = _streamed(batches(source), columns, like, rows, keep, typed=source.form != "csv")
        rows += counted_here
        seen.append(types)
        tell(len(names) + done + 1, len(names) + len(others))
    return _profile(columns, rows, seen, [source.name for source in sources], like)


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


@dataclass
class Column:
    """One column, counted so far."""

    name: str
    kind: str
    numeric: NumericTally | None = None
    categorical: CategoricalTally | None = None
    centre: float = 0.0

    def add(self, array: Any) -> None:  # noqa: ANN401  Arrow ships no types; so below
        """Count a piece of it."""
        if self.categorical is not None:
            levels, counts, nulls, mistyped = arrays.levels(array)
            self.categorical.add(levels, counts, nulls=nulls, mistyped=mistyped)
        elif self.numeric is not None:
            values, nulls, mistyped = READ[self.kind](array)
            self.numeric.add(values, nulls=nulls, mistyped=mistyped)

    def absent(self, rows: int) -> None:
        """Count rows of a file that lacks the column."""
        if self.categorical is not None:
            self.categorical.add([], np.empty(0, dtype=np.intp), nulls=rows)
        elif self.numeric is not None:
            self.numeric.add(np.empty(0), nulls=rows)

    def state(self) -> State | None:
        """Give what was counted; None for a column whose values cannot be measured."""
        tally = self.categorical or self.numeric
        return tally.state() if tally else None


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
                column = _begun(name, array)
            column.add(array)
    return column or Column(name, NOTHING)


def _wanted(name: str, like: Schema | None) -> Column | None:
    """Give the empty column that a schema asks for; None where the first values are to say."""
    return None if like is None else column_of(name, like)


def column_of(name: str, schema: Schema) -> Column:
    """Give the empty column that a schema asks for."""
    if name in schema.categorical:
        return Column(name, LEVELS, categorical=CategoricalTally())
    kind = TIME if name in schema.times else LENGTH if name in schema.lengths else NUMBER
    centre = dict(schema.centres)[name]
    return Column(name, kind, numeric=NumericTally(centre), centre=centre)


def _begun(name: str, array: Any, *, typed: bool = True) -> Column:  # noqa: ANN401
    """Let the first values say what a column is, and where its middle lies."""
    kind = NUMBER if not typed and _spells_numbers(array) else _kind(array)
    if kind == LEVELS:
        return Column(name, kind, categorical=CategoricalTally())
    if kind == NOTHING:
        return Column(name, kind)
    centre = centre_of(READ[kind](array[:_SAMPLE])[0])
    return Column(name, kind, numeric=NumericTally(centre), centre=centre)


def _kind(array: Any) -> str:  # noqa: ANN401
    kind = array.type
    if arrays.is_moment(kind):
        return TIME
    if arrays.is_text(kind):
        first = arrays.levels(array[:_SAMPLE])
        different = np.count_nonzero(first[1])
        return LENGTH if different > max(_MOST_LEVELS, first[1].sum() // 2) else LEVELS
    if arrays.is_number(kind):
        return NUMBER
    return LEVELS if arrays.is_measured(kind) else NOTHING


def _spells_numbers(array: Any) -> bool:  # noqa: ANN401
    """Say of a file that has no types whether a column of texts is one of numbers with some slips."""
    if not arrays.is_text(array.type):
        return False
    values, _, mistyped = arrays.numbers(array)
    return len(values) > _MOSTLY * (len(values) + mistyped)


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
                columns[name] = _begun(name, array, typed=typed)
                columns[name].absent(rows_before + rows)
            if name in columns:
                columns[name].add(array)
        for name in columns.keys() - set(batch.schema.names):
            columns[name].absent(batch.num_rows)
        rows += batch.num_rows
    for name in late.keys() - columns.keys() if like is None else ():
        columns[name] = _begun(name, late[name])
        columns[name].absent(rows_before + rows)
    return rows, types


def written(kind: Any) -> str:  # noqa: ANN401
    """Name a type as people do; how a text is packed says nothing about it."""
    return "string" if arrays.is_text(kind) else str(kind)


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
