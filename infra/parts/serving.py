"""The addresses that models are deployed behind."""

from typing import Any

from infra import names
from infra.components.online_endpoint import OnlineEndpoint, OnlineEndpointArgs
from infra.grants import Who
from infra.parts.access import granted
from infra.parts.ground import Ground


def served(ground: Ground) -> dict[str, Any]:
    """Declare all endpoints, and return what the outside is told of them."""
    plan, identity = ground.plan, ground.foundation.identities[Who.ENDPOINT]
    after = granted(plan, ground.foundation, ground.scopes, Who.ENDPOINT)
    endpoints = {
        name: OnlineEndpoint(
            name,
            OnlineEndpointArgs(
                resource_group_name=plan.group,
                workspace_name=ground.workspace.name,
                location=plan.settings.location,
                name=plan.names.of(names.ENDPOINT, name),
                description=endpoint.description,
                identity_id=identity.id,
                public=plan.settings.public_network_access,
                tags=plan.tags,
                after=after,
            ),
        )
        for name, endpoint in plan.settings.online_endpoints.items()
    }
    return {
        "onlineEndpoints": {
            name: {
                "name": endpoint.name,
                "scoringUri": endpoint.scoring_uri,
                "identityClientId": identity.client_id,
            }
            for name, endpoint in endpoints.items()
        }
    }
