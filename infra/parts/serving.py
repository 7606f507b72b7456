"""The addresses that models are deployed behind, and what stands behind them where a model is fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import Output, Resource

from infra import names
from infra.components.autoscale import Autoscale, AutoscaleArgs
from infra.components.batch_endpoint import BatchEndpoint, BatchEndpointArgs
from infra.components.online_deployment import OnlineDeployment, OnlineDeploymentArgs
from infra.components.online_endpoint import OnlineEndpoint, OnlineEndpointArgs
from infra.grants import Who
from infra.parts.access import granted
from infra.parts.diagnostics import logged_to
from infra.parts.ground import Ground
from infra.parts.plan import Declared


@dataclass(frozen=True, kw_only=True)
class Serving:
    """The endpoints, and what was declared with them."""

    online: Mapping[str, OnlineEndpoint]
    declared: Declared


def served(ground: Ground) -> Serving:
    """Declare all endpoints, and deployments where they are asked for."""
    plan, identity = ground.plan, ground.foundation.identities[Who.ENDPOINT]
    after = granted(plan, ground.foundation, ground.scopes, Who.ENDPOINT)
    online = {name: _online(ground, name, after) for name in plan.settings.online_endpoints}
    batch = {name: _batch(ground, name, after) for name in plan.settings.batch_endpoints}
    deployed = {
        (endpoint, name): _deployment(ground, online[endpoint], endpoint, name)
        for endpoint, model in plan.settings.fixed_models.items()
        for name in model.deployments
    }
    for name in plan.settings.autoscale:
        _scaled(ground, online, deployed, name)
    logged_to(ground, {f"{name}-endpoint": endpoint.id for name, endpoint in online.items()})
    told: dict[str, Any] = {
        "onlineEndpoints": {
            name: {"name": endpoint.name, "scoringUri": endpoint.scoring_uri, "identityClientId": identity.client_id}
            for name, endpoint in online.items()
        }
    }
    if batch:
        told["batchEndpoints"] = {
            name: {"name": endpoint.name, "identityClientId": identity.client_id} for name, endpoint in batch.items()
        }
    return Serving(online=online, declared=Declared(told=told, held=tuple(after)))


def _online(ground: Ground, name: str, after: Sequence[Resource]) -> OnlineEndpoint:
    plan = ground.plan
    fixed = plan.settings.fixed_models.get(name)
    return OnlineEndpoint(
        name,
        OnlineEndpointArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            location=plan.settings.location,
            name=plan.names.of(names.ENDPOINT, name),
            description=plan.settings.online_endpoints[name].description,
            identity_id=ground.foundation.identities[Who.ENDPOINT].id,
            public=plan.settings.public_network_access,
            traffic=fixed.traffic if fixed and fixed.traffic else None,
            tags=plan.tags,
            after=after,
        ),
    )


def _batch(ground: Ground, name: str, after: Sequence[Resource]) -> BatchEndpoint:
    plan = ground.plan
    asked = plan.settings.batch_endpoints[name]
    return BatchEndpoint(
        name,
        BatchEndpointArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            location=plan.settings.location,
            # An online endpoint may have the project's bare name, and both share a region's names.
            name=plan.names.of(names.ENDPOINT, f"{name}-batch"),
            description=asked.description,
            default_deployment=asked.default_deployment,
            identity_id=ground.foundation.identities[Who.ENDPOINT].id,
            tags=plan.tags,
            after=after,
        ),
    )


def _deployment(ground: Ground, endpoint: OnlineEndpoint, project: str, name: str) -> OnlineDeployment:
    plan = ground.plan
    asked = plan.settings.fixed_models[project].deployments[name]
    return OnlineDeployment(
        f"{project}-{name}",
        OnlineDeploymentArgs(
            resource_group_name=plan.group,
            workspace_name=ground.workspace.name,
            endpoint=endpoint.resource,
            endpoint_name=endpoint.name,
            location=plan.settings.location,
            name=name,
            model=_asset(ground, "models", asked.model),
            environment=_asset(ground, "environments", asked.environment) if asked.environment else None,
            code_id=_asset(ground, "codes", asked.code) if asked.code else None,
            scoring_script=asked.scoring_script,
            instance_type=asked.instance_type,
            instances=asked.instances,
            request_timeout=asked.request_timeout,
            # A managed network says itself what may be reached; Azure takes no second word on it.
            public_egress=plan.settings.isolation_mode != "Disabled" or plan.settings.public_network_access,
            autoscaled=any(
                (scale.endpoint, scale.deployment) == (project, name) for scale in plan.settings.autoscale.values()
            ),
            tags=plan.tags,
        ),
    )


def _asset(ground: Ground, kind: str, pinned: str) -> Output[str]:
    """An asset of a registry by its own id, one of this workspace by its name and version."""
    if pinned.startswith("azureml://"):
        return Output.from_input(pinned)
    name, _, version = pinned.partition(":")
    return Output.concat(ground.workspace.id, f"/{kind}/{name}/versions/{version}")


def _scaled(
    ground: Ground,
    online: Mapping[str, OnlineEndpoint],
    deployed: Mapping[tuple[str, str], OnlineDeployment],
    name: str,
) -> None:
    plan, asked = ground.plan, ground.plan.settings.autoscale[name]
    ours = deployed.get((asked.endpoint, asked.deployment))
    elsewhere = Output.concat(online[asked.endpoint].id, "/deployments/", asked.deployment)
    Autoscale(
        f"{name}-autoscale",
        AutoscaleArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.AUTOSCALE, name),
            deployment_id=ours.id if ours else elsewhere,
            minimum=asked.minimum,
            maximum=asked.maximum,
            metric=asked.metric,
            above=asked.above,
            below=asked.below,
            tags=plan.tags,
        ),
    )
