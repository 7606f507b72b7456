"""A workspace on the local environment, driven by Azure's own SDK, unmodified."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from environments.local.processes import _start_tracking
from tests.environments.local.machine_learning.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.environments.running import LocalAzure


@pytest.fixture(scope="session")
def _workspace(local_azure: LocalAzure) -> Workspace:
    with _as_deployer(local_azure):
        return open_workspace(local_azure)


@pytest.fixture
def workspace(_workspace: Workspace) -> Iterator[Workspace]:
    with _as_deployer(_workspace.azure):
        yield _workspace


@pytest.fixture(scope="session")
def tracking(local_azure: LocalAzure) -> None:
    """The stock MLflow server, which takes seconds to start: only for tests that need it."""
    _start_tracking(local_azure.home, None)


@contextlib.contextmanager
def _as_deployer(azure: LocalAzure) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment().items():
            patch.setenv(name, value)
        yield
