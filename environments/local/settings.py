"""What a local environment calls its subscription, tenant, region and deployer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = (
    "australiacentral",
    "australiaeast",
    "australiasoutheast",
    "brazilsouth",
    "canadacentral",
    "canadaeast",
    "centralindia",
    "centralus",
    "eastasia",
    "eastus",
    "eastus2",
    "francecentral",
    "germanywestcentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "koreacentral",
    "mexicocentral",
    "newzealandnorth",
    "northcentralus",
    "northeurope",
    "norwayeast",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southcentralus",
    "southindia",
    "southeastasia",
    "spaincentral",
    "swedencentral",
    "switzerlandnorth",
    "switzerlandwest",
    "uaenorth",
    "uksouth",
    "ukwest",
    "westcentralus",
    "westeurope",
    "westindia",
    "westus",
    "westus2",
    "westus3",
)
"""Azure's public regions: the ones that the proxy and the certificate know."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the server process listens on this machine."""

    tls: int
    """Azure's hosts, told apart by name; reach them through the proxy."""
    plain: int
    """Plain http: managed identities' tokens, the collector's receiver, the clock."""
    proxy: int
    """`HTTPS_PROXY`."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The same on every machine, so that a stack file can name them; nothing here is a secret."""

    subscription: str = "a3f5c1d0-0000-4000-8000-10ca1a2c0001"
    tenant: str = "a3f5c1d0-0000-4000-8000-10ca1a2c0002"
    client_id: str = "a3f5c1d0-0000-4000-8000-10ca1a2c0003"
    """The deployer: whoever runs `local-azure run`."""
    object_id: str = "a3f5c1d0-0000-4000-8000-10ca1a2c0004"
    region: str = "eastus"
    """Where resources go that name no location."""
    schemas: Path | None = None
    """A folder of Azure's JSON Schemas by api-version; None: bodies are checked by what the installed SDKs know."""

    @property
    def api(self) -> str:
        """The data plane of the default region."""
        return api(self.region)


def api(region: str) -> str:
    """The address of a region's data plane."""
    return f"https://{region}.api.azureml.ms"
