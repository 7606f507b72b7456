"""Locks of Azure's own on what cannot be had back: put on last, so that a destroy takes them off first."""

from collections.abc import Iterator, Sequence

from pulumi import Output, Resource

from infra.components.delete_lock import DeleteLock, DeleteLockArgs
from infra.parts.ground import Ground
from infra.sections.choice import mine


def locked(ground: Ground, held: Sequence[Resource]) -> None:
    """Lock what was made here, where that is asked for, after all that the locks hold."""
    if ground.plan.settings.delete_locks:
        for name, resource_id in _made(ground):
            DeleteLock(f"{name}-lock", DeleteLockArgs(resource_id=resource_id, after=held))


def _made(ground: Ground) -> Iterator[tuple[str, Output[str]]]:
    foundation, chosen = ground.foundation, ground.plan.settings.chosen
    if not mine(chosen.storage):
        yield "storage", foundation.storage.id
    if not mine(chosen.vault):
        yield "vault", foundation.vault.id
    if foundation.lock and foundation.lock.vault_made:
        yield "key-vault", foundation.lock.vault_made
