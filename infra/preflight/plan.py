"""What a stack would have in Azure, as far as preflight must know it: names, types and ids, without Pulumi."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra import names
from infra.conditions import identities, own_roles
from infra.names import Names
from infra.preflight.stack import Document
from infra.sections.choice import CREATE
from infra.sections.foundation import Choices
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
BATCH_ENDPOINT = f"{WORKSPACE}/batchEndpoints"
DEPLOYMENT = f"{ENDPOINT}/deployments"
POLICY_ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
REGISTRY = "Microsoft.MachineLearningServices/registries"
EVENT_TOPIC = "Microsoft.EventGrid/systemTopics"
POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/managedEnvironments"
APP = "Microsoft.App/containerApps"
JOB = "Microsoft.App/jobs"
VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"
KUBERNETES = "Microsoft.ContainerService/managedClusters"
EXTENSION = "Microsoft.KubernetesConfiguration/extensions"
FLUX = "Microsoft.KubernetesConfiguration/fluxConfigurations"
ROLE_DEFINITION = "Microsoft.Authorization/roleDefinitions"
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
        *(_in_workspace(stack, COMPUTE, stack.names.of(names.INSTANCE, n)) for n in stack.settings.compute_instances),
        *(_in_workspace(stack, COMPUTE, name) for name in _attached(stack.settings)),
        *(
            _in_workspace(stack, BATCH_ENDPOINT, stack.names.of(names.ENDPOINT, f"{name}-batch"))
            for name in stack.settings.batch_endpoints
        ),
        *(_in_workspace(stack, ENDPOINT, stack.names.of(names.ENDPOINT, n)) for n in stack.settings.online_endpoints),
    )


def types(stack: Stack) -> tuple[str, ...]:
    """List every type that `up` would write."""
    found = {one.type for one in planned(stack)} | {ROLE_ASSIGNMENT, DIAGNOSTICS}
    if own_roles(stack.settings, stack.group):
        found.add(ROLE_DEFINITION)
    for asked, written in _WRITTEN:
        if asked(stack.settings):
            found |= set(written)
    return tuple(sorted(found))


def _closed_network(settings: Settings) -> bool:
    return settings.network is not None and settings.network.exists and not settings.public_network_access


def _made_network(settings: Settings) -> bool:
    return settings.network is not None and settings.network.virtual_network == CREATE


def _zone_of_database(settings: Settings) -> bool:
    plane = settings.control_plane
    return plane is not None and plane.database is not None and plane.database.dns_zone == CREATE


_NETWORK = "Microsoft.Network"
_WRITTEN: tuple[tuple[Callable[[Settings], bool], tuple[str, ...]], ...] = (
    (lambda s: bool(s.outbound_hosts) or s.outbound is not None, (OUTBOUND_RULE,)),
    (lambda s: s.encryption is not None and s.encryption.key == CREATE, (f"{VAULT}/keys",)),
    (lambda s: s.delete_locks, ("Microsoft.Authorization/locks",)),
    (_made_network, (f"{_NETWORK}/virtualNetworks/subnets", f"{_NETWORK}/networkSecurityGroups")),
    (
        lambda s: _made_network(s) and s.network is not None and s.network.egress == "nat",
        (f"{_NETWORK}/natGateways", f"{_NETWORK}/publicIPAddresses"),
    ),
    (
        lambda s: _made_network(s) and s.network is not None and s.network.hub is not None,
        (f"{_NETWORK}/virtualNetworks/virtualNetworkPeerings",),
    ),
    (_closed_network, (f"{_NETWORK}/privateEndpoints", f"{_NETWORK}/privateEndpoints/privateDnsZoneGroups")),
    (
        lambda s: _closed_network(s) and s.network is not None and s.network.dns_zones == CREATE,
        (f"{_NETWORK}/privateDnsZones", f"{_NETWORK}/privateDnsZones/virtualNetworkLinks"),
    ),
    (
        lambda s: _closed_network(s) and s.network is not None and s.network.close_logs,
        ("Microsoft.Insights/privateLinkScopes", "Microsoft.Insights/privateLinkScopes/scopedResources"),
    ),
    (lambda s: s.kubernetes is not None and s.kubernetes.made, (KUBERNETES,)),
    (lambda s: s.kubernetes is not None and bool(s.kubernetes.pools), (f"{KUBERNETES}/agentPools",)),
    (
        lambda s: s.kubernetes is not None and not s.kubernetes.local_accounts,
        (f"{KUBERNETES}/trustedAccessRoleBindings",),
    ),
    (
        lambda s: s.kubernetes is not None and any(each.cpu for each in s.kubernetes.computes.values()),
        (f"{KUBERNETES}/managedNamespaces",),
    ),
    (lambda s: s.kubernetes is not None, (EXTENSION, COMPUTE)),
    (lambda s: s.kubernetes is not None and s.kubernetes.git_ops is not None, (FLUX,)),
    (lambda s: bool(s.fixed_models), (DEPLOYMENT,)),
    (lambda s: bool(s.autoscale), ("Microsoft.Insights/autoscaleSettings",)),
    (
        lambda s: s.events is not None,
        (
            f"{STORAGE}/queueServices/queues",
            f"{STORAGE}/blobServices/containers",
            EVENT_TOPIC,
            f"{EVENT_TOPIC}/eventSubscriptions",
        ),
    ),
    (lambda s: s.control_plane is not None, (APPS,)),
    (lambda s: s.control_plane is not None and s.control_plane.runs == "job", (JOB,)),
    (lambda s: s.control_plane is not None and s.control_plane.runs == "app", (APP,)),
    (
        lambda s: s.control_plane is not None and s.control_plane.database is not None,
        (POSTGRES, *(f"{POSTGRES}/{inside}" for inside in ("administrators", "configurations", "databases"))),
    ),
    (_zone_of_database, (f"{_NETWORK}/privateDnsZones", f"{_NETWORK}/privateDnsZones/virtualNetworkLinks")),
    (lambda s: s.alerts is not None, ("Microsoft.Insights/actionGroups", "Microsoft.Insights/metricAlerts")),
    (lambda s: s.budget is not None, ("Microsoft.Consumption/budgets",)),
    (lambda s: s.workbook, ("Microsoft.Insights/workbooks",)),
    (lambda s: s.guardrails is not None and bool(s.guardrails.built_ins), (POLICY_ASSIGNMENT,)),
    (
        lambda s: s.guardrails is not None and s.guardrails.initiative is not None,
        (
            POLICY_ASSIGNMENT,
            "Microsoft.Authorization/policyDefinitions",
            "Microsoft.Authorization/policySetDefinitions",
        ),
    ),
    (
        lambda s: s.access is not None and (s.access.platform_ci is not None or s.access.models_ci is not None),
        (f"{IDENTITY}/federatedIdentityCredentials",),
    ),
)
"""What is written besides what has a name of its own, by what a stack file asks for."""


def _named(stack: Stack) -> Iterator[tuple[str, str]]:
    name, settings = stack.names.of, stack.settings
    yield from ((kind, name(of)) for kind, of, choice in _chosen(settings.chosen) if choice == CREATE)
    if settings.encryption is not None and settings.encryption.key == CREATE:
        yield VAULT, name(names.VAULT, "key")
    for who in identities(settings):
        yield IDENTITY, name(names.IDENTITY, who.value)
    for cluster, asked in settings.compute_clusters.items():
        if asked.identity == "own":
            yield IDENTITY, name(names.IDENTITY, f"compute-{cluster}")
    yield WORKSPACE, name(names.WORKSPACE)
    if settings.hub is not None:
        yield from ((WORKSPACE, name(names.WORKSPACE, purpose)) for purpose in ("hub", *settings.hub.projects))
    if settings.feature_store is not None:
        yield WORKSPACE, name(names.WORKSPACE, "features")
    if _made_network(settings):
        yield VIRTUAL_NETWORK, name(names.VIRTUAL_NETWORK)
    if settings.kubernetes is not None and settings.kubernetes.made:
        yield KUBERNETES, name(names.KUBERNETES)
    yield from _controller(settings, name)


def _controller(settings: Settings, name: Callable[[names.Kind], str]) -> Iterator[tuple[str, str]]:
    plane = settings.control_plane
    if plane is not None:
        yield APPS, name(names.APPS)
        yield (APP if plane.runs == "app" else JOB), name(names.APP)
    if plane is not None and plane.database is not None:
        yield POSTGRES, name(names.DATABASE)


def _chosen(chosen: Choices) -> tuple[tuple[str, names.Kind, str], ...]:
    return (
        (STORAGE, names.STORAGE, chosen.storage),
        (VAULT, names.VAULT, chosen.vault),
        (CONTAINER_REGISTRY, names.CONTAINER_REGISTRY, chosen.container_registry),
        (LOGS, names.LOGS, chosen.logs),
        (INSIGHTS, names.INSIGHTS, chosen.insights),
        (REGISTRY, names.REGISTRY, chosen.registry),
    )


def _attached(settings: Settings) -> Iterator[str]:
    yield from settings.kubernetes.computes if settings.kubernetes is not None else ()


def _in_group(stack: Stack, kind: str, name: str) -> Planned:
    return Planned(type=kind, name=name, id=f"{stack.group}/providers/{kind}/{name}")


def _in_workspace(stack: Stack, kind: str, name: str) -> Planned:
    return Planned(type=kind, name=name, id=f"{stack.workspace}/{kind.rsplit('/', 1)[1]}/{name}")
