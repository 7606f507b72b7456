"""Every resource type that is served, from every service."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import ResourceType

MODULES = (
    "environments.local.services.resources",
    "environments.local.machine_learning.surface",
)
"""Modules with a `RESOURCE_TYPES` tuple: a new service is one file and one line here."""


def resource_types() -> Mapping[str, ResourceType]:
    """All types by lower-cased name.  Raises ValueError when two modules serve the same."""
    found: dict[str, ResourceType] = {}
    for module in MODULES:
        for kind in import_module(module).RESOURCE_TYPES:
            if kind.type.lower() in found:
                raise ValueError(f"{kind.type} is served twice, the second time by {module}")
            found[kind.type.lower()] = kind
    return found
