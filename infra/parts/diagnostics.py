"""Logs of all that has logs, and not of the workspace alone."""

from collections.abc import Mapping

from pulumi import Output

from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.parts.ground import Ground
from infra.parts.plan import Declared

_STORES = ("blob", "file", "queue", "table")


def watched(ground: Ground) -> Declared:
    """Keep the logs of storage, vaults and registries."""
    foundation = ground.foundation
    logged = {
        f"storage-{store}": Output.concat(foundation.storage.id, f"/{store}Services/default") for store in _STORES
    }
    logged["vault"] = foundation.vault.id
    if foundation.images:
        logged["images"] = foundation.images.id
    if foundation.registry:
        logged["registry"] = foundation.registry.id
    if foundation.lock and foundation.lock.vault_made:
        logged["key-vault"] = foundation.lock.vault_made
    return Declared(held=logged_to(ground, logged))


def logged_to(ground: Ground, logged: Mapping[str, Output[str]]) -> tuple[Diagnostics, ...]:
    """Send all logs of each resource to Log Analytics, where those of all are asked for."""
    if ground.plan.settings.diagnostics != "all":
        return ()
    logs_id = ground.foundation.observability.logs_id
    return tuple(
        Diagnostics(f"{name}-diagnostics", DiagnosticsArgs(resource_id=resource_id, logs_id=logs_id))
        for name, resource_id in logged.items()
    )
