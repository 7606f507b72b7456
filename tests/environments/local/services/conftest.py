"""One workspace for the tests of services, made by plain requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environments.local.services.platform import make_workspace

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure


@pytest.fixture(scope="session")
def workspace(local_azure: LocalAzure) -> str:
    """The id of a workspace with storage, vault and insights."""
    return make_workspace(local_azure, "services", "shared")
