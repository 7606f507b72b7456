"""What a stack would have in Azure, as far as preflight must know it: names, types and ids, without Pulumi."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra import names
from infra.grants import Who
from infra.names import Names
from infra.preflight.stack import Document
from infra.settings import Settings

RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"
STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
CONTAINER_REGISTRY = "Microsoft.ContainerRegistry/registries"
LOGS = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
COMPUTE = f"{WORKSPACE}/computes"
OUTBOUND_RULE = f"{WORKSPACE}/managedNetworks/outboundRules"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints"
REGISTRY = "Microsoft.MachineLearningServices/registries"
ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One resource that `up` would make or keep."""

    type: str
    name: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack whose settings are good, and where it is to be built."""

    document: Document
    settings: Settings
    subscription: str

    @property
    def names(self) -> Names:
        """What its resources are called: the same names that the program gives."""
        return Names(
            workload=self.settings.workload,
            environment=self.document.stack,
            subscription=self.subscription,
            generation=self.settings.generation,
        )

    @property
    def scope(self) -> str:
        """The id of the subscription."""
        return f"/subscriptions/{self.subscription}"

    @property
    def group(self) -> str:
        """The id of the resource group."""
        return f"{self.scope}/resourceGroups/{self.names.of(names.RESOURCE_GROUP)}"

    @property
    def workspace(self) -> str:
        """The id of the workspace."""
        return f"{self.group}/providers/{WORKSPACE}/{self.names.of(names.WORKSPACE)}"


def planned(stack: Stack) -> tuple[Planned, ...]:
    """List what has a name of its own; grants and diagnostic settings are told by `types`."""
    return (
        Planned(type=RESOURCE_GROUP, name=stack.names.of(names.RESOURCE_GROUP), id=stack.group),
        *(_in_group(stack, kind, name) for kind, name in _named(stack)),
        *(_in_workspace(stack, COMPUTE, name) for name in stack.settings.compute_clusters),
        *(_in_workspace(stack, ENDPOINT, stack.names.of(names.ENDPOINT, n)) for n in stack.settings.online_endpoints),
    )


def types(stack: Stack) -> tuple[str, ...]:
    """List every type that `up` would write."""
    found = {one.type for one in planned(stack)} | {ROLE_ASSIGNMENT, DIAGNOSTICS}
    if stack.settings.outbound_hosts:
        found.add(OUTBOUND_RULE)
    return tuple(sorted(found))


def _named(stack: Stack) -> Iterator[tuple[str, str]]:
    name = stack.names.of
    yield STORAGE, name(names.STORAGE)
    yield VAULT, name(names.VAULT)
    yield CONTAINER_REGISTRY, name(names.CONTAINER_REGISTRY)
    yield LOGS, name(names.LOGS)
    yield INSIGHTS, name(names.INSIGHTS)
    for who in Who:
        yield IDENTITY, name(names.IDENTITY, who.value)
    yield WORKSPACE, name(names.WORKSPACE)
    yield REGISTRY, name(names.REGISTRY)


def _in_group(stack: Stack, kind: str, name: str) -> Planned:
    return Planned(type=kind, name=name, id=f"{stack.group}/providers/{kind}/{name}")


def _in_workspace(stack: Stack, kind: str, name: str) -> Planned:
    return Planned(type=kind, name=name, id=f"{stack.workspace}/{kind.rsplit('/', 1)[1]}/{name}")
