"""Two Azures, one after the other: what holds of the fake holds of Azure's own interface on the local environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.preflight.worlds import Faked, World, local

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["fake", "local environment"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if request.param == "fake":
        yield Faked()
        return
    with local(request.getfixturevalue("local_azure"), monkeypatch) as found:
        yield found
