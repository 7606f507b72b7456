"""One environment, built from its settings: the workspace on its foundation, and what the outside is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import Output

from infra import names
from infra.components.cluster import Cluster, ClusterArgs
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.online_endpoint import OnlineEndpoint, OnlineEndpointArgs
from infra.components.outbound_hosts import OutboundHosts, OutboundHostsArgs
from infra.components.role_grant import RoleGrant, RoleGrantArgs
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.foundation import Foundation, Place, Plan, laid, planned
from infra.grants import On, Who, grants
from infra.settings import Settings

_HIGH_IMPACT = ("confidential", "restricted")


@dataclass(frozen=True, kw_only=True)
class _Work:
    """Where models are trained and served."""

    workspace: Workspace
    artifacts: Output[str]
    clusters: Mapping[str, Cluster]
    endpoints: Mapping[str, OnlineEndpoint]


def build(place: Place, settings: Settings) -> dict[str, Any]:
    """Declare all resources of one environment and return its outputs."""
    plan = planned(place, settings)
    foundation = laid(plan)
    work = _work(plan, foundation)
    return {
        "environment": place.environment,
        "subscriptionId": place.subscription_id,
        "tenantId": place.tenant_id,
        "location": settings.location,
        "resourceGroupName": plan.group,
        "workspaceName": work.workspace.name,
        "workspaceId": work.workspace.id,
        "registryName": foundation.registry.name,
        "storageAccountName": foundation.storage.name,
        "containers": {"artifacts": work.artifacts},
        "computeClusters": {
            name: {
                "name": cluster.name,
                "vmSize": settings.compute_clusters[name].vm_size,
                "family": settings.compute_clusters[name].size.family,
                "tier": settings.compute_clusters[name].priority,
                "maxNodes": settings.compute_clusters[name].max_nodes,
                "gpu": settings.compute_clusters[name].size.gpus > 0,
            }
            for name, cluster in work.clusters.items()
        },
        "onlineEndpoints": {
            name: {
                "name": endpoint.name,
                "scoringUri": endpoint.scoring_uri,
                "identityClientId": foundation.identities[Who.ENDPOINT].client_id,
            }
            for name, endpoint in work.endpoints.items()
        },
        "identities": {
            who.value: {
                "id": identity.id,
                "clientId": identity.client_id,
                "principalId": identity.principal_id,
            }
            for who, identity in foundation.identities.items()
        },
    }


def _work(plan: Plan, foundation: Foundation) -> _Work:
    scopes = {
        On.STORAGE: foundation.storage.id,
        On.VAULT: foundation.vault.id,
        On.IMAGES: foundation.images.id,
        On.REGISTRY: foundation.registry.id,
        On.ENDPOINT_IDENTITY: foundation.identities[Who.ENDPOINT].id,
    }
    # A workspace looks for its storage and vault while it is made, so it waits for the grants, not for the identity.
    granted = _granted(plan, foundation, scopes, Who.WORKSPACE)
    workspace = _workspace(plan, foundation, granted)
    Diagnostics(
        "workspace-diagnostics",
        DiagnosticsArgs(resource_id=workspace.id, logs_id=foundation.observability.logs_id),
    )
    if plan.settings.outbound_hosts:
        OutboundHosts(
            "outbound",
            OutboundHostsArgs(
                resource_group_name=plan.group, workspace_name=workspace.name, hosts=plan.settings.outbound_hosts
            ),
        )
    # Azure ML calls the container of a workspace's default datastore by the workspace's GUID.
    artifacts = Output.concat("azureml-blobstore-", workspace.guid)
    scopes[On.WORKSPACE] = workspace.id
    scopes[On.ARTIFACTS] = Output.concat(foundation.storage.id, "/blobServices/default/containers/", artifacts)
    _granted(plan, foundation, scopes, Who.CONTROLLER)
    computes = _granted(plan, foundation, scopes, Who.COMPUTE)
    serving = _granted(plan, foundation, scopes, Who.ENDPOINT)
    return _Work(
        workspace=workspace,
        artifacts=artifacts,
        clusters={
            name: _cluster(plan, foundation, workspace, name, computes) for name in plan.settings.compute_clusters
        },
        endpoints={
            name: _endpoint(plan, foundation, workspace, name, serving) for name in plan.settings.online_endpoints
        },
    )


def _granted(plan: Plan, foundation: Foundation, scopes: Mapping[On, Output[str]], to: Who) -> list[RoleGrant]:
    managed = plan.settings.isolation_mode != "Disabled"
    return [
        RoleGrant(
            grant.name,
            RoleGrantArgs(
                scope=scopes[grant.on],
                role_id=grant.role.value,
                principal_id=foundation.identities[grant.who].principal_id,
                subscription_id=plan.place.subscription_id,
                why=grant.why,
            ),
        )
        for grant in grants(managed_network=managed)
        if grant.who is to
    ]


def _workspace(plan: Plan, foundation: Foundation, after: Sequence[RoleGrant]) -> Workspace:
    settings = plan.settings
    return Workspace(
        "workspace",
        WorkspaceArgs(
            resource_group_name=plan.group,
            location=settings.location,
            name=plan.names.of(names.WORKSPACE),
            storage_account_id=foundation.storage.id,
            key_vault_id=foundation.vault.id,
            application_insights_id=foundation.observability.insights_id,
            container_registry_id=foundation.images.id,
            identity_id=foundation.identities[Who.WORKSPACE].id,
            isolation_mode=settings.isolation_mode,
            firewall_sku=settings.firewall_sku,
            image_build_compute=settings.image_build_cluster,
            high_business_impact=settings.data_classification in _HIGH_IMPACT,
            public=settings.public_network_access,
            protect=settings.delete_protection,
            tags=plan.tags,
            after=after,
        ),
    )


def _cluster(
    plan: Plan, foundation: Foundation, workspace: Workspace, name: str, after: Sequence[RoleGrant]
) -> Cluster:
    cluster = plan.settings.compute_clusters[name]
    return Cluster(
        name,
        ClusterArgs(
            resource_group_name=plan.group,
            workspace_name=workspace.name,
            location=plan.settings.location,
            name=name,
            vm_size=cluster.vm_size,
            min_nodes=cluster.min_nodes,
            max_nodes=cluster.max_nodes,
            priority=cluster.priority,
            idle_time=cluster.idle_time,
            identity_id=foundation.identities[Who.COMPUTE].id,
            tags=plan.tags,
            after=after,
        ),
    )


def _endpoint(
    plan: Plan, foundation: Foundation, workspace: Workspace, name: str, after: Sequence[RoleGrant]
) -> OnlineEndpoint:
    return OnlineEndpoint(
        name,
        OnlineEndpointArgs(
            resource_group_name=plan.group,
            workspace_name=workspace.name,
            location=plan.settings.location,
            name=plan.names.of(names.ENDPOINT, name),
            description=plan.settings.online_endpoints[name].description,
            identity_id=foundation.identities[Who.ENDPOINT].id,
            public=plan.settings.public_network_access,
            tags=plan.tags,
            after=after,
        ),
    )
