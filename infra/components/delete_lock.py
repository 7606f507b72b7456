"""A lock by which Azure itself refuses to delete a resource, whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import authorization


@dataclass(frozen=True, kw_only=True)
class DeleteLockArgs:
    """The decisions a caller makes."""

    resource_id: Input[str]  # what cannot be deleted
    after: Sequence[Resource] = ()  # what it holds as well: put on after all of that, it is taken off before


class DeleteLock(pulumi.ComponentResource):
    """One lock on one resource: on a whole group or workspace it would stop deployments from being deleted as well."""

    def __init__(self, name: str, args: DeleteLockArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:DeleteLock", name, {}, opts)

        authorization.ManagementLockByScope(
            name,
            scope=args.resource_id,
            lock_name="not-to-be-deleted",
            level="CanNotDelete",
            notes="Holds what cannot be had back. deleteLocks in the stack file takes this away.",
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})
