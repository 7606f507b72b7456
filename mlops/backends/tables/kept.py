"""Rows kept as parquet while they are counted: JSON lines and CSV are read once, their parquet quickly ever after."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import pyarrow.parquet as pq

from mlops.backends.tables.arrays import is_text
from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType


class KeptRows:
    """A folder of parts, one for each run of rows with the same columns; there as a whole, or not at all."""

    def __init__(self, folder: Path) -> None:
        """Refuse a folder that holds something already: whose rows would those be?  Raise DataError."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DataError(f"{folder}: is there already; name a new folder, or delete it first")
        self._folder = folder
        self._beside = folder.with_name(f".{folder.name}.{os.getpid()}")
        self._writer: Any = None
        self._parts = 0
        self._thread = ThreadPoolExecutor(1)  # the next rows are read and counted while these are written
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        try:
            self._beside.mkdir(parents=True)
        except OSError as error:
            raise DataError(f"{self._folder}: cannot be written ({error.strerror})") from error
        return self

    def add(self, batch: Any) -> None:  # noqa: ANN401  Arrow ships no types; so below
        """Keep a batch of rows.  Raise DataError, of this batch or of the one before."""
        self._wait()
        if batch.num_rows:
            self._last = self._thread.submit(self._write, batch)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._wait()
                self._close()
                self._beside.replace(self._folder)
        except OSError as failed:
            raise DataError(f"{self._folder}: cannot be written ({failed.strerror or failed})") from failed
        finally:
            self._thread.shutdown()
            shutil.rmtree(self._beside, ignore_errors=True)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()

    def _write(self, batch: Any) -> None:  # noqa: ANN401
        try:
            if self._writer is None or self._writer.schema != batch.schema:
                self._close()
                texts = [field.name for field in batch.schema if is_text(field.type)]
                path = self._beside / f"part-{self._parts:05d}.parquet"
                self._writer = pq.ParquetWriter(path, batch.schema, use_dictionary=texts)
                self._parts += 1
            self._writer.write_batch(batch)
        except OSError as error:
            raise DataError(f"{self._folder}: cannot be written ({error.strerror or error})") from error

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
