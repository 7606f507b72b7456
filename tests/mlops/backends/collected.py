"""A container with collected data, a clock, and the port over both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mlops.backends.blobs.cache import Cache
from mlops.backends.blobs.collected import BlobCollectedData
from mlops.backends.blobs.reader import Reader
from mlops.backends.blobs.reference import References
from mlops.domain.declared.monitor import Monitor
from mlops.domain.project import DAY
from mlops.domain.world import DatasetVersion, Window
from mlops.ports import Question, ServedQuestion
from tests.mlops.backends.collector import DATA, day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlops.domain.data.measurement import Measurement
    from tests.fakes.blobs import FakeBlobs
    from tests.fakes.clock import FakeClock

TRAINING = DatasetVersion(name="rain-training", version="1", digest="d" * 64, train_rows=4, holdout_rows=0)


@dataclass
class World:
    """A container, a clock, and the port over both."""

    blobs: FakeBlobs
    clock: FakeClock
    path: Path
    cache: Cache

    def data(self, settle: timedelta = timedelta(0), under_way: float = 3.0) -> BlobCollectedData:
        def find(reference: str) -> tuple[FakeBlobs, str]:
            if reference.startswith("azureml://"):
                return self.blobs, reference.split("/paths/")[1]
            return self.blobs, {DATA.history: "history.csv", TRAINING.reference: "training"}[reference]

        reader = Reader(self.cache, find, "rain-local", DATA, self.clock, under_way=under_way)
        references = References(find, self.path / "training-sets", DATA.time)
        return BlobCollectedData(self.cache, reader, references, self.clock, settle)

    def again(self) -> None:
        """As after a restart of the controller."""
        self.cache.close()
        self.cache = Cache(self.path / "collected.sqlite3", DATA)


def training_rows() -> Iterator[bytes]:
    for index in range(40):
        yield f"1974-{1 + index // 20 * 6:02}-{1 + index % 20:02},{index / 10},{index % 2},0\n".encode()


def span(first: str = "1975-01-01", after: str = "1975-02-01") -> Window:
    return Window(start=day(first), end=day(after))


def _monitor(signal: str, metric: str, **more: Any) -> Monitor:  # noqa: ANN401 - fields of Monitor
    return Monitor(name="m", signal=signal, metric=metric, window=31 * DAY, every=DAY, **more)


def ask(signal: str, metric: str, window: Window | None = None, **more: Any) -> Question:  # noqa: ANN401
    without = more.pop("without", ())
    reference = more.pop("reference_rows", None)
    monitor = _monitor(signal, metric, **more)
    return Question(monitor=monitor, window=window or span(), without=without, reference=reference)


def give_labels(world: World, name: str = "a", **labels: int) -> None:
    text = "".join(f"{key.replace('_', '-')[1:]},{label}\n" for key, label in labels.items())
    world.blobs.put(f"labels/{name}.csv", f"day,rain\n{text}".encode())


def ask_served(world: World, metric: str, since: str = "1975-01-05", settle: timedelta = timedelta(0)) -> Measurement:
    question = ServedQuestion(metric=metric, endpoint="rain-local", deployment="m-2", since=day(since), against="m-1")
    return world.data(settle).served(DATA, question)
