"""A body that Azure takes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Valid(NamedTuple):
    """What a PUT is judged by."""

    arm_type: str
    api_version: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.arm_type}@{self.api_version}"
