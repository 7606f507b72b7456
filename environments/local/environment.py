"""The variables with which programs written for Azure find the local environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from environments.local.arm.identity import Principal
    from environments.local.arm.resource_types import Context
    from environments.local.home import Home
    from environments.local.settings import Settings

_FOREIGN = ("AZURE_", "ARM_", "IDENTITY_", "MSI_")
_FOREIGN_NAMES = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"),
        *("PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"),
        *("PULUMI_DEBUG_PROVIDERS", "PULUMI_HOME", "PULUMI_STACK"),
        *("AZUREML_CURRENT_CLOUD", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"),
    }
)
_SLOW = frozenset({"PYTHONDONTWRITEBYTECODE"})
"""Without compiled modules each start of MLflow takes twenty seconds, and each preview half as long again."""


def inherited() -> dict[str, str]:
    """This process's variables, without those that could lead a program to the real cloud or make it slow."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_FOREIGN) and name.upper() not in _FOREIGN_NAMES | _SLOW
    }


def network(home: Home, proxy_port: int) -> dict[str, str]:
    """The way to Azure's host names, and the certificates to trust there."""
    return {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy_port}",
        "NO_PROXY": "127.0.0.1,localhost",
        "REQUESTS_CA_BUNDLE": str(home.bundle),
    }


def state(folder: Path) -> str:
    """Where Pulumi's engine keeps its state: an address of this folder.

    With `metadata=skip`: the engine replaces a state whole, but writes the file of attributes that it keeps beside it
    in place, and an engine that is killed just then leaves one that no later engine can read ("EOF").
    """
    return f"file://{folder}?metadata=skip"


def deployer(settings: Settings, client_secret: str) -> dict[str, str]:
    """The identity of whoever runs `local-azure run`."""
    return {
        "AZURE_SUBSCRIPTION_ID": settings.subscription,
        "AZURE_TENANT_ID": settings.tenant,
        "AZURE_CLIENT_ID": settings.client_id,
        "AZURE_CLIENT_SECRET": client_secret,
    }


def for_process(context: Context, principal: Principal, process: str) -> dict[str, str]:
    """What a job or a scoring process gets: the network, and tokens of its own managed identity only."""
    return {
        **network(context.home, context.ports.proxy),
        "IDENTITY_ENDPOINT": f"http://127.0.0.1:{context.ports.plain}/msi/token",
        "IDENTITY_HEADER": context.identities.header_for(principal, process),
        "AZURE_CLIENT_ID": principal.client_id,
        "AZURE_TENANT_ID": context.settings.tenant,
        "AZURE_SUBSCRIPTION_ID": context.settings.subscription,
    }
