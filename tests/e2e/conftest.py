from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.local import Local, copied_checkout


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """One running local environment for all that do not mind what others left there."""
    yield from _running(tmp_path_factory.mktemp("platform"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Local]:
    """A running local environment of the test's own, with nothing in it."""
    yield from _running(tmp_path)


@pytest.fixture
def copied(local: Local, tmp_path_factory: pytest.TempPathFactory) -> Local:
    """The same running environment, with stack files of the test's own."""
    local.azure("up")  # another test may have ended one of its processes
    return Local(local.home, copied_checkout(tmp_path_factory.mktemp("copy") / "checkout"))


def _running(home: Path) -> Iterator[Local]:
    found = Local(home)
    found.azure("up")
    try:
        yield found
    finally:
        found.azure("down")
