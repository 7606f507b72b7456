"""One environment, built from its settings: the workspace on its foundation, each part, and what is told of it."""

from typing import Any

from infra.foundation import laid, planned
from infra.grants import Who
from infra.parts.access import admitted, granted
from infra.parts.compute import computed
from infra.parts.control_plane import controlled
from infra.parts.diagnostics import watched
from infra.parts.ground import Ground
from infra.parts.guardrails import guarded
from infra.parts.kubernetes import orchestrated
from infra.parts.locks import locked
from infra.parts.operations import operated
from infra.parts.plan import Place
from infra.parts.private_endpoints import joined
from infra.parts.projects import projected
from infra.parts.serving import served
from infra.parts.workspaces import opened
from infra.settings import Settings

# Each declares one subject that no other builds on.
_PARTS = (computed, orchestrated, admitted, projected, joined, watched)


def build(place: Place, settings: Settings) -> dict[str, Any]:
    """Declare all resources of one environment and return its outputs."""
    plan = planned(place, settings)
    ground = opened(plan, laid(plan))
    controller = granted(plan, ground.foundation, ground.scopes, Who.CONTROLLER)
    guarded(plan)
    serving = served(ground)
    parts = [serving.declared, operated(ground, serving), controlled(ground, controller)]
    parts += [part(ground) for part in _PARTS]
    locked(ground, [*ground.foundation.storage.inside, *ground.allowed, *(one for part in parts for one in part.held)])
    return {**_told(ground), **{key: told for part in parts for key, told in part.told.items()}}


def _told(ground: Ground) -> dict[str, Any]:
    plan, foundation = ground.plan, ground.foundation
    return {
        "environment": plan.place.environment,
        "subscriptionId": plan.place.subscription_id,
        "tenantId": plan.place.tenant_id,
        "location": plan.settings.location,
        "resourceGroupName": plan.group,
        "workspaceName": ground.workspace.name,
        "workspaceId": ground.workspace.id,
        "registryName": foundation.registry.name if foundation.registry else "",
        "storageAccountName": foundation.storage.name,
        "containers": {"artifacts": ground.artifacts},
        "identities": {
            who.value: {
                "id": identity.id,
                "clientId": identity.client_id,
                "principalId": identity.principal_id,
            }
            for who, identity in foundation.identities.items()
        },
    }
