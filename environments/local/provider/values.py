"""The values that travel between the engine and the provider, beyond plain JSON."""

from __future__ import annotations

from enum import Enum
from typing import Final


class _Unknown(Enum):
    """A value that is not known before something is made."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands in a preview for what only Azure can say.  It must never reach a body."""
