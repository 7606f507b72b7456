"""Checks of preflight that somebody decided not to be held by, as a stack file says it."""

from typing import Literal

CheckName = Literal[
    "names",
    "deleted",
    "providers",
    "regions",
    "sizes",
    "quota",
    "rights",
    "policies",
    "network",
    "outbound",
    "encryption",
    "database",
    "costs",
]
"""All that can be bypassed; a test holds this against the registry of checks."""
