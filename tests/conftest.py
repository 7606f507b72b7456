"""What the whole suite shares: one local environment on free ports, and what it says of itself."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import postgres
from tests.environments.running import LocalAzure, running

if TYPE_CHECKING:
    from collections.abc import Iterator


settings.register_profile("aml-kit", deadline=None)  # no test is timed: machines are busy at times
settings.load_profile("aml-kit")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in the background so, and programs that tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def local_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """A whole local environment, in this process (its Azurites are processes), ended with the session."""
    schemas = os.environ.get("AML_KIT_ARM_SCHEMAS")
    with running(tmp_path_factory.mktemp("local-azure"), schemas=schemas) as found:
        yield found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A PostgreSQL server that listens on a socket of its own, ended with the session."""
    with postgres.server() as found:
        yield found


def pytest_report_header() -> str:
    folder = os.environ.get("AML_KIT_ARM_SCHEMAS")
    return f"Azure's schemas: {folder}" if folder else _OFF


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The header is not shown with -q; that the strict checks did not run always is."""
    if not os.environ.get("AML_KIT_ARM_SCHEMAS"):
        terminalreporter.write_line(_OFF, yellow=True)


_OFF = "Azure's schemas: OFF, bodies were checked by the SDKs only (set AML_KIT_ARM_SCHEMAS to their folder)"
