"""The workspace on its foundation: its grants first, then itself, its logs and the hosts it may reach."""

from collections.abc import Sequence

from pulumi import Input, Output

from infra import names
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.outbound_hosts import OutboundHosts, OutboundHostsArgs
from infra.components.role_grant import RoleGrant
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.foundation import Foundation
from infra.grants import On, Who
from infra.parts.access import granted
from infra.parts.ground import Ground
from infra.parts.plan import Plan

_HIGH_IMPACT = ("confidential", "restricted")


def opened(plan: Plan, foundation: Foundation) -> Ground:
    """Declare the workspace, and return what all later parts stand on."""
    scopes = {
        On.STORAGE: foundation.storage.id,
        On.VAULT: foundation.vault.id,
        On.IMAGES: foundation.images.id,
        On.REGISTRY: foundation.registry.id,
        On.ENDPOINT_IDENTITY: foundation.identities[Who.ENDPOINT].id,
        On.LOGS: foundation.observability.logs_id,
        On.GROUP: Output.concat("/subscriptions/", plan.place.subscription_id, "/resourceGroups/", plan.group),
    }
    # A workspace looks for its storage and vault while it is made, so it waits for the grants, not for the identity.
    workspace = _workspace(plan, foundation, granted(plan, foundation, scopes, Who.WORKSPACE))
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
    return Ground(plan=plan, foundation=foundation, workspace=workspace, artifacts=artifacts, scopes=scopes)


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
            serverless_subnet_id=_serverless_subnet(plan, foundation),
            serverless_public_addresses=settings.serverless is not None and settings.serverless.public_addresses,
            high_business_impact=settings.data_classification in _HIGH_IMPACT,
            public=settings.public_network_access,
            protect=settings.delete_protection,
            tags=plan.tags,
            after=after,
        ),
    )


def _serverless_subnet(plan: Plan, foundation: Foundation) -> Input[str] | None:
    asked = plan.settings.serverless
    if asked is None or foundation.stead is None:
        return asked.subnet if asked else None
    return asked.subnet or foundation.stead.subnets.get("compute")
