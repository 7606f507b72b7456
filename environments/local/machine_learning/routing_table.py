"""Which scoring process answers a request: endpoints by name, their traffic, their keys."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

MODEL_DEPLOYMENT = "azureml-model-deployment"


@dataclass(frozen=True, kw_only=True)
class DeploymentRoute:
    """One deployment as the router sees it."""

    name: str
    port: int | None
    """Where its process listens; None while there is none."""
    timeout: float
    """Seconds that one request may take."""
    at_once: int
    """Requests in progress or waiting beyond which Azure answers 429: twice what the instances take."""


@dataclass(frozen=True, kw_only=True)
class EndpointRoute:
    """One endpoint as the router sees it."""

    name: str
    auth: str
    """`key`, `aadtoken` or `amltoken`."""
    keys: tuple[str, ...] = ()
    audience: str = ""
    """Of tokens made by the endpoint itself."""
    traffic: Mapping[str, int] = field(default_factory=dict)
    mirror: Mapping[str, int] = field(default_factory=dict)
    deployments: Mapping[str, DeploymentRoute] = field(default_factory=dict)


class NoRouteError(Exception):
    """Nobody can answer; the text says why."""


def choose(endpoint: EndpointRoute, wanted: str | None, numbers: random.Random) -> DeploymentRoute:
    """Pick the deployment: the one asked for by header, else one by the weights of the traffic.

    Raises NoRouteError where there is no such deployment, or no traffic.
    """
    if wanted:
        found = endpoint.deployments.get(wanted.lower())
        if found is None:
            raise NoRouteError(f"endpoint {endpoint.name} has no deployment {wanted}")
        return found
    live = [(name, weight) for name, weight in endpoint.traffic.items() if weight > 0 and name in endpoint.deployments]
    if not live:
        raise NoRouteError(f"endpoint {endpoint.name} sends traffic to no deployment")
    if len(live) == 1:
        return endpoint.deployments[live[0][0]]
    names, weights = zip(*live, strict=True)
    return endpoint.deployments[numbers.choices(names, weights)[0]]


def choose_mirrors(endpoint: EndpointRoute, numbers: random.Random) -> list[DeploymentRoute]:
    """Pick the deployments that get a copy of this request."""
    return [
        endpoint.deployments[name]
        for name, percent in endpoint.mirror.items()
        if name in endpoint.deployments and numbers.random() * 100 < percent
    ]


def has_key(endpoint: EndpointRoute, shown: str) -> bool:
    """Whether one of the endpoint's keys is shown."""
    return any(hmac.compare_digest(shown.encode(), key.encode()) for key in endpoint.keys)
