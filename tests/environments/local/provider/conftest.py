"""The provider onto a recording resource manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environments.local.provider.calls import Calls, calling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with calling(tmp_path) as found:
        yield found
