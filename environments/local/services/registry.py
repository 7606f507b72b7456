"""Every resource type that is served, from every service."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import ResourceType

MODULES = (
    "environments.local.services.resources",
    "environments.local.services.storage",
    "environments.local.services.key_vault",
    "environments.local.services.container_registry",
    "environments.local.services.observability",
    "environments.local.services.managed_identity",
    "environments.local.services.postgresql",
    "environments.local.services.authorization",
    "environments.local.services.policy",
    "environments.local.services.plain",
    "environments.local.services.limits",
    "environments.local.services.subscription_names",
    "environments.local.services.deployments",
    "environments.local.services.ml_workspaces",
    "environments.local.services.ml_computes",
    "environments.local.services.ml_datastores",
    "environments.local.services.ml_assets",
    "environments.local.services.ml_registries",
    "environments.local.services.ml_connections",
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
