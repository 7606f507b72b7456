"""Who is told when something is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import monitor


@dataclass(frozen=True, kw_only=True)
class ActionGroupArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    name: str
    short_name: str  # at most 12 characters: how messages are signed
    emails: Sequence[str]  # who gets mail
    tags: Mapping[str, str]


class ActionGroup(pulumi.ComponentResource):
    """One action group that writes mail; no web hook, whose address would be a secret."""

    id: Output[str]

    def __init__(self, name: str, args: ActionGroupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ActionGroup", name, {}, opts)

        group = monitor.ActionGroup(
            name,
            resource_group_name=args.resource_group_name,
            location="global",
            action_group_name=args.name,
            group_short_name=args.short_name,
            enabled=True,
            email_receivers=[
                monitor.MicrosoftCommonEmailReceiverArgs(
                    name=address, email_address=address, use_common_alert_schema=True
                )
                for address in args.emails
            ],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )

        self.id = group.id
        self.register_outputs({"id": self.id})
