"""The provider's settings as a stack file and the local environment give them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from azure.identity import ClientSecretCredential, DefaultAzureCredential

from environments.local.provider.resource_manager import ResourceManager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import TokenCredential

REPLACING = ("subscriptionId", "tenantId", "environment")
"""Settings whose change means other resources."""

NO_SUBSCRIPTION = (
    "no subscription: set `pulumi config set azure-native:subscriptionId …`, or AZURE_SUBSCRIPTION_ID for this provider"
)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One program's provider: who asks, where, and for which subscription."""

    subscription: str
    location: str | None
    manager: ResourceManager


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What holds where a program says nothing."""

    endpoint: str = "https://management.azure.com"
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    credential: TokenCredential | None = None
    """None: from a program's settings, else whatever `DefaultAzureCredential` finds."""
    managers: dict[tuple[object, ...], ResourceManager] = field(default_factory=dict)
    """Clients that are at hand, with their connections and tokens: an engine's next command needs no new ones."""

    @property
    def subscription(self) -> str | None:
        """The subscription of the variables that Azure's tools read."""
        return self.variables.get("ARM_SUBSCRIPTION_ID") or self.variables.get("AZURE_SUBSCRIPTION_ID")


def configured(settings: Mapping[str, Any], around: Surroundings) -> Configuration:
    """Read a program's settings.  Raises ValueError when no subscription is to be found."""
    plain = {name: _decoded(value) for name, value in settings.items()}
    subscription = plain.get("subscriptionId") or around.subscription
    if not subscription:
        raise ValueError(NO_SUBSCRIPTION)
    return Configuration(
        subscription=str(subscription),
        location=plain.get("location"),
        manager=_manager(plain, around),
    )


def _manager(settings: Mapping[str, Any], around: Surroundings) -> ResourceManager:
    identity = tuple(settings.get(name) for name in ("tenantId", "clientId", "clientSecret"))
    if identity not in around.managers:
        credential = around.credential or _credential(*identity)
        around.managers[identity] = ResourceManager(endpoint=around.endpoint, credential=credential)
    return around.managers[identity]


def _credential(tenant: object, client: object, secret: object) -> TokenCredential:
    if tenant and client and secret:
        return ClientSecretCredential(str(tenant), str(client), str(secret))
    return DefaultAzureCredential()


def _decoded(value: Any) -> Any:  # noqa: ANN401
    """Settings that are no strings arrive as JSON text."""
    if isinstance(value, str) and value in {"true", "false"}:
        return json.loads(value)
    return value
