"""By which private endpoints each service is reached, and under which names: a table, without Pulumi."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Way:
    """One endpoint: which part of which service, and the zones of its names."""

    name: str
    service: str
    group: str  # Azure's word for the part of a service that an endpoint leads to
    zones: tuple[str, ...]


_BLOB = "privatelink.blob.core.windows.net"
_AZURE_ML = "privatelink.api.azureml.ms"

# Groups and zones: "Azure Private Endpoint private DNS zone values".
WAYS = (
    Way(name="storage-blob", service="storage", group="blob", zones=(_BLOB,)),
    Way(name="storage-file", service="storage", group="file", zones=("privatelink.file.core.windows.net",)),
    Way(name="storage-queue", service="storage", group="queue", zones=("privatelink.queue.core.windows.net",)),
    Way(name="vault", service="vault", group="vault", zones=("privatelink.vaultcore.azure.net",)),
    Way(name="images", service="images", group="registry", zones=("privatelink.azurecr.io",)),
    Way(name="registry", service="registry", group="amlregistry", zones=(_AZURE_ML,)),
    *(
        Way(name=service, service=service, group="amlworkspace", zones=(_AZURE_ML, "privatelink.notebooks.azure.net"))
        for service in ("workspace", "hub", "feature-store")  # projects are reached by their hub's
    ),
    Way(
        name="logs",
        service="logs",
        group="azuremonitor",
        zones=(
            "privatelink.monitor.azure.com",
            "privatelink.oms.opinsights.azure.com",
            "privatelink.ods.opinsights.azure.com",
            "privatelink.agentsvc.azure-automation.net",
            _BLOB,
        ),
    ),
)
