"""Files of rows: which there are, of what form, and how to read them a little at a time."""

from __future__ import annotations

import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from pyarrow import ipc

from mlops.backends.tables import lines
from mlops.backends.tables.arrays import is_text
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FORMS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
"""By the end of a file's name: how it is read."""
_MISFIT = re.compile(r"In CSV column #(\d+): .*conversion error")
_AT_ONCE = 50_000
"""Rows of such a file that are counted in one go."""
_BLOCK = 4 << 20
"""Bytes of a CSV file that are parsed in one go."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file."""

    path: Path
    form: str
    place: str
    """Where it is, as people name it."""
    version: str
    """What changes with its content: size and time of change, or a blob's etag."""
    address: str = ""
    """Of a blob its https address, by which another machine finds it too; empty: a file of this machine."""

    @property
    def name(self) -> str:
        """How a profile remembers that it counted it: its name, size and time of change."""
        return f"{self.place.rpartition('/')[2]} {self.version}"


def find(paths: Sequence[Path]) -> tuple[Source, ...]:
    """Find the files: each path is one, or a folder of parts.  Raise DataError."""
    found = [source for path in paths for source in _found(path)]
    refuse_twice(found)
    return tuple(found)


def refuse_twice(sources: Sequence[Source]) -> None:
    """Raise DataError where a file is named twice."""
    twice = sorted(place for place, number in Counter(source.place for source in sources).items() if number > 1)
    if twice:
        raise DataError(f"named twice: {', '.join(twice)}; each file may be counted once")


def _found(path: Path) -> list[Source]:
    if path.is_dir():
        parts = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in FORMS and not _hidden(p, path))
        if not parts:
            raise DataError(f"{path}: the folder holds no file that ends with {', '.join(FORMS)}")
        return [source for part in parts for source in _found(part)]
    if not path.is_file():
        raise DataError(f"{path}: there is no such file or folder")
    if path.suffix not in FORMS:
        raise DataError(f"{path}: of which form is it? Its name should end with one of {', '.join(FORMS)}")
    found = path.stat()
    if not found.st_size:
        raise DataError(f"{path}: the file is empty, not even a table without rows; was it written to its end?")
    version = f"{found.st_size} {found.st_mtime_ns}"
    return [Source(path=path, form=FORMS[path.suffix], place=str(path), version=version)]


def _hidden(part: Path, folder: Path) -> bool:
    """Say whether a writer's own files lie here: `_SUCCESS`, `.crc`, `_temporary`."""
    return any(name.startswith(("_", ".")) for name in part.relative_to(folder).parts)


class ParquetFile:
    """A file whose columns are read one by one, a row group at a time; threads may share it."""

    def __init__(self, source: Source) -> None:
        """Read the footer.  Raise DataError."""
        self._path = source.path
        with read(source.path):
            self._footer = pq.read_metadata(source.path)
            self.schema = self._footer.schema.to_arrow_schema()
        self.rows: int = self._footer.num_rows
        groups = range(self._footer.num_row_groups)
        self.group_rows: tuple[int, ...] = tuple(self._footer.row_group(group).num_rows for group in groups)
        self._texts = [field.name for field in self.schema if is_text(field.type)]
        self._opened = threading.local()

    def chunks(self, name: str, groups: Sequence[int] | None = None) -> Iterator[Any]:
        """Give a column's arrays, of these row groups or all; texts come as dictionaries.  Raise DataError."""
        with read(self._path):
            opened = getattr(self._opened, "file", None)
            if opened is None:
                opened = self._opened.file = pq.ParquetFile(
                    self._path, metadata=self._footer, read_dictionary=self._texts
                )
            for group in range(self._footer.num_row_groups) if groups is None else groups:
                yield from opened.read_row_group(group, columns=[name], use_threads=False).column(0).chunks

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Give rows of these columns, as far as there are such, in order.  Raise DataError."""
        with read(self._path):
            known = [name for name in names if name in self.schema.names]
            yield from pq.ParquetFile(self._path, metadata=self._footer).iter_batches(columns=known, use_threads=False)


@contextmanager
def read(path: Path) -> Iterator[None]:
    """Say of a file that cannot be read which it is and what to do."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: cannot be read to its end ({said}); write the file again") from error


def batches(source: Source) -> Iterator[Any]:
    """Read a file of another form in batches of rows.  Raise DataError."""
    with read(source.path):
        if source.form == "csv":
            yield from _gathered(_csv(source.path))
        elif source.form == "arrow":
            with pa.OSFile(str(source.path)) as file:
                yield from _arrow(file)
        else:
            yield from _gathered(lines.batches(source.path))


def _gathered(batches: Iterator[Any]) -> Iterator[Any]:
    """Put small batches of the same columns together: to count many values at once costs less a value."""
    waiting: list[Any] = []
    for batch in batches:
        if waiting and (batch.schema != waiting[0].schema or sum(one.num_rows for one in waiting) >= _AT_ONCE):
            yield pa.concat_batches(waiting)
            waiting = []
        waiting.append(batch)
    if waiting:
        yield pa.concat_batches(waiting)


def _csv(path: Path) -> Iterator[Any]:
    """Read as what the first block holds; where a column holds something else, the rest of it comes as text."""
    types: dict[str, Any] = {}
    rows = 0
    while True:
        read_options = pc.ReadOptions(use_threads=False, block_size=_BLOCK, skip_rows_after_names=rows)
        convert_options = pc.ConvertOptions(column_types=types, strings_can_be_null=True)
        try:
            opened = pc.open_csv(path, read_options=read_options, convert_options=convert_options)
            types = {field.name: field.type for field in opened.schema}
            for batch in opened:
                rows += batch.num_rows
                yield batch
        except pa.ArrowInvalid as error:
            number = _MISFIT.search(str(error))
            if number is None:
                raise
            types = {**types, list(types)[int(number[1])]: pa.string()}
        else:
            return


def _arrow(file: Any) -> Iterator[Any]:  # noqa: ANN401
    try:
        opened = ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        yield from ipc.open_stream(file)
        return
    for number in range(opened.num_record_batches):
        yield opened.get_batch(number)
