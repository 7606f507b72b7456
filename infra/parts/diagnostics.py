"""Logs of all that has logs, and not of the workspace alone."""

from typing import Any

from pulumi import Output

from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.parts.ground import Ground

_STORES = ("blob", "file", "queue", "table")


def watched(ground: Ground) -> dict[str, Any]:
    """Keep the logs of storage, vaults and registries; nothing is told of it."""
    foundation = ground.foundation
    for store in _STORES:
        logged_to(ground, f"storage-{store}", Output.concat(foundation.storage.id, f"/{store}Services/default"))
    logged_to(ground, "vault", foundation.vault.id)
    if foundation.images:
        logged_to(ground, "images", foundation.images.id)
    if foundation.registry:
        logged_to(ground, "registry", foundation.registry.id)
    if foundation.lock and foundation.lock.vault_made:
        logged_to(ground, "key-vault", foundation.lock.vault_made)
    return {}


def logged_to(ground: Ground, name: str, resource_id: Output[str]) -> None:
    """Send all logs of one resource to Log Analytics, where those of all are asked for."""
    if ground.plan.settings.diagnostics == "all":
        logs_id = ground.foundation.observability.logs_id
        made = Diagnostics(f"{name}-diagnostics", DiagnosticsArgs(resource_id=resource_id, logs_id=logs_id))
        ground.plan.held.append(made)
