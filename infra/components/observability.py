"""Where logs and telemetry go: one Log Analytics workspace, and Application Insights on top of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import applicationinsights, operationalinsights


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    logs_name: str
    insights_name: str
    retention_days: int
    tags: Mapping[str, str]
    public: bool = False
    own_logs_id: str | None = None  # what was brought along is used, and not made
    own_insights_id: str | None = None  # Application Insights that was brought along; none makes one


class Observability(pulumi.ComponentResource):
    """Logs and telemetry that are written and read by identity, never by key.

    Closed, both are reached by an Azure Monitor private link scope only: without one nothing could be written at all.
    """

    logs_id: Output[str]
    insights_id: Output[str]

    def __init__(self, name: str, args: ObservabilityArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Observability", name, {}, opts)

        self.logs_id = Output.from_input(args.own_logs_id) if args.own_logs_id else self._logs(name, args)
        self.insights_id = (
            Output.from_input(args.own_insights_id) if args.own_insights_id else self._insights(name, args)
        )
        self.register_outputs({"logsId": self.logs_id, "insightsId": self.insights_id})

    def _logs(self, name: str, args: ObservabilityArgs) -> Output[str]:
        logs = operationalinsights.Workspace(
            f"{name}-logs",
            resource_group_name=args.resource_group_name,
            location=args.location,
            workspace_name=args.logs_name,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=args.retention_days,
            features=operationalinsights.WorkspaceFeaturesArgs(disable_local_auth=True),
            public_network_access_for_ingestion=_access(args),
            public_network_access_for_query=_access(args),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        return logs.id

    def _insights(self, name: str, args: ObservabilityArgs) -> Output[str]:
        insights = applicationinsights.Component(
            f"{name}-insights",
            resource_group_name=args.resource_group_name,
            location=args.location,
            resource_name_=args.insights_name,
            kind="web",
            application_type="web",
            workspace_resource_id=self.logs_id,
            ingestion_mode="LogAnalytics",
            disable_local_auth=True,
            public_network_access_for_ingestion=_access(args),
            public_network_access_for_query=_access(args),
            tags=dict(args.tags),
            # Whoever holds the connection string can write telemetry; Azure's schema does not call it a secret.
            opts=ResourceOptions(parent=self, additional_secret_outputs=["connection_string", "instrumentation_key"]),
        )
        return insights.id


def _access(args: ObservabilityArgs) -> str:
    return "Enabled" if args.public else "Disabled"
