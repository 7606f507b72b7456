from collections.abc import Iterator

import pytest

from tests.policies.pack import Pack, running


@pytest.fixture(scope="session")
def shared_pack() -> Iterator[Pack]:
    with running() as pack:
        yield pack


@pytest.fixture
def pack(shared_pack: Pack) -> Pack:
    shared_pack.start("prod")
    return shared_pack
