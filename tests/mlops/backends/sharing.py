"""Two workspaces of the local environment and the registry that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.ai.ml import MLClient
from azure.ai.ml.constants._registry import StorageAccountType
from azure.ai.ml.entities import Registry
from azure.ai.ml.entities._registry.registry_support_classes import (
    RegistryRegionDetails,
    SystemCreatedAcrAccount,
    SystemCreatedStorageAccount,
)
from azure.identity import DefaultAzureCredential

from tests.environments.local.services.platform import make_workspace

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

NAME = "shared"


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the SDK says of them."""

    azure: LocalAzure
    source: Any
    target: Any
    registry: Any


def share(azure: LocalAzure) -> Shared:
    """Make them, as whoever may."""
    _, _, subscription, _, group, *_, source = make_workspace(azure, "shared", "shareddev").split("/")
    make_workspace(azure, "shared", "sharedprod")
    storage = SystemCreatedStorageAccount(
        storage_account_hns=False, storage_account_type=StorageAccountType.STANDARD_LRS, replication_count=1
    )
    region = RegistryRegionDetails(
        location="eastus", storage_config=storage, acr_config=[SystemCreatedAcrAccount(acr_account_sku="Premium")]
    )
    credential = DefaultAzureCredential()
    top = MLClient(credential, subscription, group)
    top.registries.begin_create(Registry(name=NAME, location="eastus", replication_locations=[region])).result()
    return Shared(
        azure=azure,
        source=MLClient(credential, subscription, group, source, enable_telemetry=False),
        target=MLClient(credential, subscription, group, "sharedprod", enable_telemetry=False),
        registry=MLClient(credential, registry_name=NAME, enable_telemetry=False),
    )
