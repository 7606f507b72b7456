"""Spark counts: shares are tasks, and profiles come back; rows stay where they are."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from mlops.backends.tables import pieces
from mlops.domain.data.data_error import DataError
from mlops.monitors import saved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlops.backends.tables.pieces import Hour, Order, Share
    from mlops.monitors.profile import Profile

    Sent = tuple[int, list[tuple[Hour, bytes]], str]
    """The number of a share, its profiles as they are saved, and what was wrong with it."""

_MASTER = "local[*]"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # As here: sums of numpy's own threads would differ in their last digit.
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
}
_WAVES = 8
"""Shares a worker has before profiles are added up here: memory stays the same however many there are."""


class Spark:
    """Counts on a Spark cluster whose workers see the files under the same names and have this package.

    A worker reads with the same code as this machine, so what comes back is the same to the last count.
    """

    far = False

    def __init__(self, master: str = "") -> None:
        """Connect to a master, by default the variable MASTER or this machine.  Raise DataError."""
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional requirement
        except ImportError as error:
            raise DataError(
                "--engine spark needs PySpark, which is not installed: pip install --require-hashes -r "
                "requirements-spark.txt"
            ) from error
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.appName("mlops monitor")
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        try:
            self._session: Any = builder.master(master or os.environ.get("MASTER", _MASTER)).getOrCreate()
        except Exception as error:
            raise DataError(f"Spark cannot be started ({_first_line(error)}); it needs Java 17 or later") from error
        self._session.sparkContext.setLogLevel("ERROR")

    def count(self, shares: Sequence[Share], order: Order) -> Iterator[tuple[Share, Mapping[Hour, Profile]]]:
        """See Engine.count."""
        context = self._session.sparkContext
        told = context.broadcast(order)
        wave = _WAVES * context.defaultParallelism
        try:
            for start in range(0, len(shares), wave):
                some = list(enumerate(shares[start : start + wave]))
                for number, parts, wrong in (
                    context.parallelize(some, len(some)).map(lambda one: _count(one, told.value)).collect()
                ):
                    if wrong:
                        raise DataError(wrong)
                    yield some[number][1], {hour: saved.from_bytes(part) for hour, part in parts}
        finally:
            told.unpersist()

    def close(self) -> None:
        """End the session: a cluster of this machine ends with it."""
        self._session.stop()


def _count(numbered: tuple[int, Share], order: Order) -> Sent:
    """Count where a worker is; what is wrong with a file is told, not raised: Spark would try it again and again."""
    number, share = numbered
    try:
        found = pieces.count(share, order)
    except DataError as error:
        return number, [], str(error)
    return number, [(hour, saved.to_bytes(one)) for hour, one in found.items()], ""


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
