"""One local environment for all tests that talk to Azure: a throw-away home on free ports."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.environments.running import LocalAzure, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def local_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """A whole local environment, in this process (its Azurites are processes), ended with the session."""
    schemas = os.environ.get("AML_KIT_ARM_SCHEMAS")
    with running(tmp_path_factory.mktemp("local-azure"), schemas=schemas) as found:
        yield found
