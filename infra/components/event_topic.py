"""What happens in a workspace, as events: a system topic with an identity of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import eventgrid


@dataclass(frozen=True, kw_only=True)
class EventTopicArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    workspace_id: Input[str]
    tags: Mapping[str, str]


class EventTopic(pulumi.ComponentResource):
    """One topic that delivers as itself.

    A storage account behind a firewall lets Event Grid in only with the topic's system-assigned identity
    ("Storage queue as an event handler"), so this one is not an identity of ours.
    """

    name: Output[str]
    principal_id: Output[str]  # the object id of the topic's own identity

    def __init__(self, name: str, args: EventTopicArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:EventTopic", name, {}, opts)

        topic = eventgrid.SystemTopic(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            system_topic_name=args.name,
            source=args.workspace_id,
            topic_type="Microsoft.MachineLearningServices.Workspaces",
            identity=eventgrid.IdentityInfoArgs(type="SystemAssigned"),
            tags=dict(args.tags),
            # Azure allows one system topic a source, so that the old one has to go before there is a new one.
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )

        self.name = topic.name
        self.principal_id = topic.identity.apply(lambda identity: (identity and identity.principal_id) or "")
        self.register_outputs({"name": self.name, "principalId": self.principal_id})
