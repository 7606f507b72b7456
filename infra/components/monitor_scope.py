"""What closes logs and telemetry: an Azure Monitor private link scope that both are members of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import monitor


@dataclass(frozen=True, kw_only=True)
class MonitorScopeArgs:
    """The decisions a caller makes.

    One DNS answers for all scopes that share it, so that only an environment with zones of its own can shut out what
    is no member without cutting others off.
    """

    resource_group_name: Input[str]
    name: str
    members: Mapping[str, Input[str]]  # ids of logs and telemetry, by a name of one's own
    tags: Mapping[str, str]
    access_mode: Literal["PrivateOnly", "Open"] = "PrivateOnly"  # `Open` lets public ones through


class MonitorScope(pulumi.ComponentResource):
    """One scope, its members taken in one after the other."""

    id: Output[str]
    last: Resource  # what its private endpoint waits for

    def __init__(self, name: str, args: MonitorScopeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:MonitorScope", name, {}, opts)

        scope = monitor.PrivateLinkScope(
            name,
            resource_group_name=args.resource_group_name,
            location="global",
            scope_name=args.name,
            access_mode_settings=monitor.AccessModeSettingsArgs(
                ingestion_access_mode=args.access_mode, query_access_mode=args.access_mode
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        self.last = scope
        for member, member_id in args.members.items():
            self.last = monitor.PrivateLinkScopedResource(
                f"{name}-{member}",
                resource_group_name=args.resource_group_name,
                scope_name=scope.name,
                name=member,
                linked_resource_id=member_id,
                opts=ResourceOptions(parent=self, depends_on=[self.last]),
            )

        self.id = scope.id
        self.register_outputs({"id": self.id})
