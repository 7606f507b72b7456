"""A page in Azure's portal that shows how an environment is doing."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import applicationinsights


@dataclass(frozen=True, kw_only=True)
class WorkbookArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    location: str
    guid: str  # its name in Azure, which has to be a GUID
    title: str  # what people read in the portal
    logs_id: Input[str]  # the Log Analytics workspace that it asks
    content: str  # the workbook as JSON
    tags: Mapping[str, str]


class Workbook(pulumi.ComponentResource):
    """One shared workbook on Log Analytics: whoever may read the logs sees it."""

    def __init__(self, name: str, args: WorkbookArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Workbook", name, {}, opts)

        applicationinsights.Workbook(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            resource_name_=args.guid,
            kind="shared",
            category="workbook",
            display_name=args.title,
            source_id=args.logs_id,
            serialized_data=args.content,
            version="Notebook/1.0",
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})
