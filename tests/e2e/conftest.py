from collections.abc import Iterator

import pytest

from tests.e2e.local import Local, copied_checkout


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    found = Local(tmp_path_factory.mktemp("platform"))
    found.azure("up")
    try:
        yield found
    finally:
        found.azure("down")


@pytest.fixture
def copied(local: Local, tmp_path_factory: pytest.TempPathFactory) -> Local:
    """The same running environment, with stack files of the test's own."""
    local.azure("up")  # another test may have ended one of its processes
    return Local(local.home, copied_checkout(tmp_path_factory.mktemp("copy") / "checkout"))
