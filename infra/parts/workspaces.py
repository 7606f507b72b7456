"""The workspace on its foundation, and the hub and the feature store beside it where they are asked for."""

from collections.abc import Sequence
from dataclasses import replace

from pulumi import Input, Output

from infra import names
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.outbound_rules import EndpointRule, OutboundRules, OutboundRulesArgs, ServiceRule
from infra.components.role_grant import RoleGrant
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.foundation import Foundation
from infra.grants import On, Who
from infra.parts.access import granted, granted_on
from infra.parts.ground import Ground
from infra.parts.plan import Plan

_HIGH_IMPACT = ("confidential", "restricted")


def opened(plan: Plan, foundation: Foundation) -> Ground:
    """Declare the workspaces, and return what all later parts stand on."""
    settings = plan.settings
    scopes = _scopes(plan, foundation)
    # A workspace looks for its storage and vault while it is made, so it waits for the grants, not for the identity.
    allowed = granted(plan, foundation, scopes, Who.WORKSPACE)
    args = _args(plan, foundation, allowed)
    workspace = Workspace("workspace", args)
    beside = {}
    if settings.hub:
        beside["hub"] = Workspace("hub", _beside(plan, args, "hub"))
    if settings.feature_store:
        beside["feature-store"] = Workspace("feature-store", _beside(plan, args, "features"))
    _logged_and_let_out(plan, foundation, {"workspace": workspace} | beside)
    # Azure ML calls the container of a workspace's default datastore by the workspace's GUID.
    artifacts = Output.concat("azureml-blobstore-", workspace.guid)
    scopes[On.WORKSPACE] = workspace.id
    scopes[On.ARTIFACTS] = Output.concat(foundation.storage.id, "/blobServices/default/containers/", artifacts)
    return Ground(
        plan=plan,
        foundation=foundation,
        workspace=workspace,
        others=beside,
        artifacts=artifacts,
        scopes=scopes,
        allowed=allowed,
    )


def _scopes(plan: Plan, foundation: Foundation) -> dict[On, Output[str]]:
    scopes = {
        On.STORAGE: foundation.storage.id,
        On.VAULT: foundation.vault.id,
        On.ENDPOINT_IDENTITY: foundation.identities[Who.ENDPOINT].id,
        On.LOGS: foundation.observability.logs_id,
        On.GROUP: Output.concat("/subscriptions/", plan.place.subscription_id, "/resourceGroups/", plan.group),
    }
    maybe = {On.IMAGES: foundation.images, On.REGISTRY: foundation.registry, On.KEY: foundation.lock}
    return scopes | {on: found.id for on, found in maybe.items() if found}


def _args(plan: Plan, foundation: Foundation, after: Sequence[RoleGrant]) -> WorkspaceArgs:
    settings = plan.settings
    return WorkspaceArgs(
        resource_group_name=plan.group,
        location=settings.location,
        name=plan.names.of(names.WORKSPACE),
        storage_account_id=foundation.storage.id,
        key_vault_id=foundation.vault.id,
        application_insights_id=foundation.observability.insights_id,
        container_registry_id=foundation.images.id if foundation.images else None,
        identity_id=foundation.identities[Who.WORKSPACE].id,
        own_key=foundation.lock.told if foundation.lock else None,
        isolation_mode=settings.isolation_mode,
        firewall_sku=settings.firewall_sku,
        image_build_compute=settings.image_build_cluster,
        serverless_subnet_id=_serverless_subnet(plan, foundation),
        serverless_public_addresses=settings.serverless is not None and settings.serverless.public_addresses,
        high_business_impact=settings.data_classification in _HIGH_IMPACT,
        public=settings.public_network_access,
        protect=settings.delete_protection,
        tags=plan.tags,
        after=after,
    )


def _serverless_subnet(plan: Plan, foundation: Foundation) -> Input[str] | None:
    asked = plan.settings.serverless
    if asked is None or foundation.stead is None:
        return asked.subnet if asked else None
    return asked.subnet or foundation.stead.subnets.get("compute")


def _beside(plan: Plan, args: WorkspaceArgs, purpose: str) -> WorkspaceArgs:
    """The same foundation, another purpose; the clusters are the first workspace's."""
    features = plan.settings.feature_store if purpose == "features" else None
    return replace(
        args,
        name=plan.names.of(names.WORKSPACE, purpose),
        kind="FeatureStore" if features else "Hub",
        spark_version=features.spark_version if features else None,
        image_build_compute=None,
    )


def _logged_and_let_out(plan: Plan, foundation: Foundation, workspaces: dict[str, Workspace]) -> None:
    rights = _rights(plan, foundation)
    for name, workspace in workspaces.items():
        Diagnostics(
            f"{name}-diagnostics",
            DiagnosticsArgs(resource_id=workspace.id, logs_id=foundation.observability.logs_id),
        )
        rules = OutboundRulesArgs(
            resource_group_name=plan.group,
            workspace_name=workspace.name,
            hosts=plan.settings.outbound_hosts,
            services=_services(plan),
            endpoints=rights,
        )
        if rules.hosts or rules.services or rules.endpoints:
            OutboundRules("outbound" if name == "workspace" else f"{name}-outbound", rules)


def _services(plan: Plan) -> list[ServiceRule]:
    asked = plan.settings.outbound.services if plan.settings.outbound else ()
    return [ServiceRule(tag=each.tag, protocol=each.protocol, ports=each.ports) for each in asked]


def _rights(plan: Plan, foundation: Foundation) -> list[EndpointRule]:
    """The targets of private endpoints, each with the right to connect to it."""
    rights: dict[str, list[RoleGrant]] = {}
    rules = []
    for target in plan.settings.outbound.private if plan.settings.outbound else ():
        if target.resource not in rights:  # several parts of one resource take one right
            label = names.endpoint_rule(target.resource, "")
            rights[target.resource] = granted_on(plan, foundation, On.OUTBOUND, target.resource, label)
        rules.append(
            EndpointRule(
                resource_id=target.resource,
                part=target.part,
                hosts=target.hosts,
                spark=target.spark,
                after=rights[target.resource],
            )
        )
    return rules
