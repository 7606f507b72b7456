"""Which events of a workspace go to the queue, delivered by the topic's identity."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import eventgrid


@dataclass(frozen=True, kw_only=True)
class EventSubscriptionArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    topic_name: Input[str]  # whose events they are
    account_id: Input[str]  # the storage account of both
    queue_name: Input[str]  # where they go
    undelivered_name: Input[str]  # the container of what could not be delivered
    types: Sequence[str]  # which events, by the last word of Azure's name
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    subject_begins_with: str = ""  # only events of subjects that begin so
    subject_ends_with: str = ""  # only events of subjects that end so
    deliver_for_minutes: int = 1440  # how long delivery is tried
    attempts: int = 30  # how often delivery is tried
    keep_days: int = 7  # how long an event waits in the queue


class EventSubscription(pulumi.ComponentResource):
    """One subscription that holds no key: both deliveries are the topic's own, by its identity."""

    def __init__(self, name: str, args: EventSubscriptionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:EventSubscription", name, {}, opts)

        itself = eventgrid.EventSubscriptionIdentityArgs(type="SystemAssigned")
        eventgrid.SystemTopicEventSubscription(
            name,
            resource_group_name=args.resource_group_name,
            system_topic_name=args.topic_name,
            event_subscription_name="to-queue",
            event_delivery_schema="EventGridSchema",
            delivery_with_resource_identity=eventgrid.DeliveryWithResourceIdentityArgs(
                identity=itself,
                destination=eventgrid.StorageQueueEventSubscriptionDestinationArgs(
                    endpoint_type="StorageQueue",
                    resource_id=args.account_id,
                    queue_name=args.queue_name,
                    queue_message_time_to_live_in_seconds=args.keep_days * 24 * 3600,
                ),
            ),
            dead_letter_with_resource_identity=eventgrid.DeadLetterWithResourceIdentityArgs(
                identity=itself,
                dead_letter_destination=eventgrid.StorageBlobDeadLetterDestinationArgs(
                    endpoint_type="StorageBlob",
                    resource_id=args.account_id,
                    blob_container_name=args.undelivered_name,
                ),
            ),
            filter=eventgrid.EventSubscriptionFilterArgs(
                included_event_types=[f"Microsoft.MachineLearningServices.{kind}" for kind in args.types],
                subject_begins_with=args.subject_begins_with,
                subject_ends_with=args.subject_ends_with,
                is_subject_case_sensitive=True,
            ),
            retry_policy=eventgrid.RetryPolicyArgs(
                event_time_to_live_in_minutes=args.deliver_for_minutes, max_delivery_attempts=args.attempts
            ),
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})
