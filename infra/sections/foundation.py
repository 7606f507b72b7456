"""What an environment stands on, as a stack file asks for it: made for it, brought along, or not there at all."""

from collections.abc import Iterator

from pydantic import Field

from infra.sections.choice import CREATE, Choice, CreateOrMine, misfits
from infra.sections.values import Values


class Choices(Values):
    """What is made for this environment, what is brought along (by its ARM id), and what it does without."""

    storage: CreateOrMine = Field(default=CREATE, description="The storage account.")
    vault: CreateOrMine = Field(default=CREATE, description="The key vault; one that is brought has to be role-based.")
    container_registry: Choice = Field(
        default=CREATE, description="Images of jobs and deployments; with `none` Azure makes an open one when it must."
    )
    logs: CreateOrMine = Field(default=CREATE, description="Log Analytics.")
    insights: CreateOrMine = Field(default=CREATE, description="Application Insights.")
    registry: Choice = Field(
        default=CREATE, description="The Azure ML registry: one environment makes it, the others bring its id."
    )
    registry_public_network_access: bool | None = Field(
        default=None, description="Whether the Azure ML registry answers to the internet; not said, as all else does."
    )

    def contradictions(self) -> Iterator[str]:
        """What was brought along is of another kind, or told what only a made one can be told."""
        yield from misfits("storage", self.storage, "Microsoft.Storage/storageAccounts")
        yield from misfits("vault", self.vault, "Microsoft.KeyVault/vaults")
        yield from misfits("containerRegistry", self.container_registry, "Microsoft.ContainerRegistry/registries")
        yield from misfits("logs", self.logs, "Microsoft.OperationalInsights/workspaces")
        yield from misfits("insights", self.insights, "Microsoft.Insights/components")
        yield from misfits("registry", self.registry, "Microsoft.MachineLearningServices/registries")
        if self.registry != CREATE and self.registry_public_network_access is not None:
            yield "registryPublicNetworkAccess needs a registry that is made: take it away, or set registry to 'create'"
