"""Locks: what must not be deleted, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.errors import conflict

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context

TYPE = "Microsoft.Authorization/locks"


def refuse_locked(context: Context, wanted: ResourceId) -> None:
    """Raise ArmError when a lock on the resource, on something above it or below it forbids deletion."""
    for lock in context.store.of_type(TYPE):
        scope = lock.id.parent
        if scope is not None and lock.id.key != wanted.key and (wanted.within(scope) or scope.within(wanted)):
            raise conflict(
                f"The scope '{wanted}' cannot perform delete operation because following scope(s) are locked:"
                f" '{scope}'. Please remove the lock and try again.",
                "ScopeLocked",
            )
