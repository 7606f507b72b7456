"""The resource group that holds all of one environment, and nothing of another."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_azure_native import resources


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    """The decisions a caller makes."""

    name: str
    location: str
    tags: Mapping[str, str]


class ResourceGroup(pulumi.ComponentResource):
    """One resource group; its name is handed on as an output, so that all else waits for it."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: ResourceGroupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ResourceGroup", name, {}, opts)

        group = resources.ResourceGroup(
            name,
            resource_group_name=args.name,
            location=args.location,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )

        self.id = group.id
        self.name = group.name
        self.register_outputs({"id": self.id, "name": self.name})
