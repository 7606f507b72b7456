"""Microsoft.OperationalInsights and Microsoft.Insights: workspaces, components, alerts, diagnostic settings."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services.plain import plain, succeeded

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

_LOGS = "Microsoft.OperationalInsights/workspaces"
_INSIGHTS = "Microsoft.Insights"


def _logs(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    before = (existing or {}).get("properties") or {}
    defaults = {
        "retentionInDays": 30,
        "sku": {"name": "PerGB2018"},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
    }
    own = {"customerId": before.get("customerId") or str(uuid.uuid4())}
    return {**body, "properties": {**defaults, **body["properties"], **own}}


def _shared_keys(_context: Context, request: Request) -> Reply:
    return Reply(
        body={"primarySharedKey": f"local-{request.id.name}-1", "secondarySharedKey": f"local-{request.id.name}-2"}
    )


def _component(context: Context, request: Request, existing: Body | None) -> Body:
    body = succeeded(context, request, existing)
    before = (existing or {}).get("properties") or {}
    key = before.get("InstrumentationKey") or str(uuid.uuid4())
    own = {
        "InstrumentationKey": key,
        "AppId": before.get("AppId") or str(uuid.uuid4()),
        "ApplicationId": request.id.name,
        "ConnectionString": f"InstrumentationKey={key};IngestionEndpoint=https://eastus-0.in.applicationinsights.azure.com/",
        "TenantId": context.settings.subscription,
        "Name": request.id.name,
    }
    defaults = {"Application_Type": "web", "RetentionInDays": 90, "IngestionMode": "LogAnalytics"}
    return {**body, "properties": {**defaults, **body["properties"], **own}}


RESOURCE_TYPES = (
    ResourceType(type=_LOGS, fill=_logs, actions={"sharedkeys": Action(run=_shared_keys)}),
    *plain(f"{_LOGS}/tables", f"{_LOGS}/savedSearches", f"{_LOGS}/linkedServices", f"{_LOGS}/dataExports"),
    ResourceType(type=f"{_INSIGHTS}/components", fill=_component),
    *plain(
        f"{_INSIGHTS}/actionGroups",
        f"{_INSIGHTS}/metricAlerts",
        f"{_INSIGHTS}/scheduledQueryRules",
        f"{_INSIGHTS}/activityLogAlerts",
        f"{_INSIGHTS}/autoscaleSettings",
        f"{_INSIGHTS}/dataCollectionRules",
        f"{_INSIGHTS}/dataCollectionEndpoints",
        f"{_INSIGHTS}/privateLinkScopes",
        f"{_INSIGHTS}/privateLinkScopes/scopedResources",
        f"{_INSIGHTS}/workbooks",
        f"{_INSIGHTS}/webtests",
    ),
    ResourceType(type=f"{_INSIGHTS}/diagnosticSettings"),
)
