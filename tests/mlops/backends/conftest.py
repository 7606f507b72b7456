"""What the tests of collected data share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlops.backends.blobs.cache import Cache
from tests.fakes.blobs import FakeBlobs
from tests.fakes.clock import FakeClock
from tests.mlops.backends.azure import OnAzure, as_deployer, set_up
from tests.mlops.backends.collected import World, training_rows
from tests.mlops.backends.collector import DATA, day
from tests.mlops.backends.sharing import Shared, share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.environments.running import LocalAzure


@pytest.fixture(scope="session")
def on_azure(local_azure: LocalAzure, tmp_path_factory: pytest.TempPathFactory) -> OnAzure:
    with as_deployer(local_azure):
        return set_up(local_azure, tmp_path_factory.mktemp("loop"))


@pytest.fixture(scope="session")
def shared(local_azure: LocalAzure) -> Shared:
    with as_deployer(local_azure):
        return share(local_azure)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    blobs = FakeBlobs()
    blobs.put("history.csv", b"day,temperature,wind,rain\n1974-12-30,0.5,1,0\n1974-12-31,0.6,1,1\n")
    blobs.put("training/train.csv", b"day,temperature,wind,rain\n" + b"".join(training_rows()))
    found = World(blobs, FakeClock(day("1975-02-01")), tmp_path, Cache(tmp_path / "collected.sqlite3", DATA))
    yield found
    found.cache.close()
