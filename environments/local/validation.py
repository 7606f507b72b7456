"""Is this body one that Azure would take?  Asked of every PUT."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from environments.local.settings import Settings


def described(settings: Settings) -> str:
    """By what bodies are checked, for `status`."""
    return f"the installed SDKs and the schemas of {settings.schemas}" if settings.schemas else "the installed SDKs"
