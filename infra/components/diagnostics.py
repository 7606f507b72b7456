"""All logs of a resource, sent to Log Analytics."""

from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import monitor


@dataclass(frozen=True, kw_only=True)
class DiagnosticsArgs:
    """The decisions a caller makes."""

    resource_id: Input[str]  # whose logs they are
    logs_id: Input[str]  # the Log Analytics workspace that keeps them


class Diagnostics(pulumi.ComponentResource):
    """One diagnostic setting with every log category; how long they are kept is said in Log Analytics."""

    def __init__(self, name: str, args: DiagnosticsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Diagnostics", name, {}, opts)

        monitor.DiagnosticSetting(
            name,
            resource_uri=args.resource_id,
            name="to-log-analytics",
            workspace_id=args.logs_id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})
