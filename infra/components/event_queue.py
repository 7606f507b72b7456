"""Where events wait for the controller: a storage queue, and a container for what could not be delivered."""

from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import storage


@dataclass(frozen=True, kw_only=True)
class EventQueueArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    account_name: Input[str]  # the storage account
    account: Resource | None = None  # ours: what lies in it goes with it
    queue_name: str = "workspace-events"  # where events wait for the controller
    undelivered_name: str = "undelivered-events"  # the container of what could not be delivered


class EventQueue(pulumi.ComponentResource):
    """One queue and one container, both closed to whoever has no role on them."""

    queue_id: Output[str]  # the queue's ARM id
    queue_name: Output[str]  # the queue
    undelivered_id: Output[str]  # the container's ARM id
    undelivered_name: Output[str]  # the container of what could not be delivered

    def __init__(self, name: str, args: EventQueueArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:EventQueue", name, {}, opts)

        inside = ResourceOptions(parent=self, deleted_with=args.account)
        queue = storage.Queue(
            f"{name}-queue",
            resource_group_name=args.resource_group_name,
            account_name=args.account_name,
            queue_name=args.queue_name,
            opts=inside,
        )
        undelivered = storage.BlobContainer(
            f"{name}-undelivered",
            resource_group_name=args.resource_group_name,
            account_name=args.account_name,
            container_name=args.undelivered_name,
            public_access=storage.PublicAccess.NONE,
            opts=inside,
        )

        self.queue_id, self.queue_name = queue.id, queue.name
        self.undelivered_id, self.undelivered_name = undelivered.id, undelivered.name
        self.register_outputs({"queueName": self.queue_name, "undeliveredName": self.undelivered_name})
