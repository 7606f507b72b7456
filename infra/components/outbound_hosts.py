"""The hosts that jobs and deployments may reach from a managed network that allows only what is approved."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml

from infra import names


@dataclass(frozen=True, kw_only=True)
class OutboundHostsArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    hosts: Sequence[str]


class OutboundHosts(pulumi.ComponentResource):
    """One rule a host, made one after the other: a workspace changes its network once at a time."""

    def __init__(self, name: str, args: OutboundHostsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:OutboundHosts", name, {}, opts)

        before: list[Resource] = []
        for host in args.hosts:
            rule = aml.ManagedNetworkSettingsRule(
                f"{name}-{host}",
                resource_group_name=args.resource_group_name,
                workspace_name=args.workspace_name,
                rule_name=names.outbound_rule(host),
                properties=aml.FqdnOutboundRuleArgs(type="FQDN", category="UserDefined", destination=host),
                opts=ResourceOptions(parent=self, depends_on=before),
            )
            before = [rule]
        self.register_outputs({})
