"""What the whole suite says of itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_report_header() -> str:
    folder = os.environ.get("AML_KIT_ARM_SCHEMAS")
    return f"Azure's schemas: {folder}" if folder else _OFF


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The header is not shown with -q; that the strict checks did not run always is."""
    if not os.environ.get("AML_KIT_ARM_SCHEMAS"):
        terminalreporter.write_line(_OFF, yellow=True)


_OFF = "Azure's schemas: OFF, bodies were checked by the SDKs only (set AML_KIT_ARM_SCHEMAS to their folder)"
