"""Which settings cost money while nothing runs, what turns each off, and by which resources it shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.sections.choice import CREATE
from infra.settings import Settings

Inputs = Mapping[str, Any]
_RULE = "machinelearningservices:ManagedNetworkSettingsRule"
_FREE_RETENTION = 31  # days that Log Analytics keeps without charging for them ("Azure Monitor Logs cost calculations")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One thing that is paid for because it stands there."""

    what: str
    keys: tuple[str, ...]
    off: str
    on: Callable[[Settings], bool]
    shows: Callable[[str, Inputs], bool]
    """Whether a resource (its type without the package, its inputs) is what costs."""


def switched_on(settings: Settings) -> tuple[Cost, ...]:
    """All that an environment pays for while nothing runs."""
    return tuple(cost for cost in COSTS if cost.on(settings))


def _is(*tokens: str) -> Callable[[str, Inputs], bool]:
    return lambda token, _: token in tokens


def _has(token: str, *path: str, among: Callable[[Any], bool]) -> Callable[[str, Inputs], bool]:
    def shows(found: str, inputs: Inputs) -> bool:
        value: Any = inputs
        for step in path:
            value = value.get(step, {}) if isinstance(value, Mapping) else {}
        return found == token and among(value)

    return shows


def _made(settings: Settings, what: str) -> bool:
    return settings.foundation is None or getattr(settings.foundation, what) == CREATE


def _several(listed: Sequence[Any]) -> bool:
    return len(listed) > 1


def _always_run(settings: Settings) -> Iterator[int]:
    yield from (cluster.min_nodes for cluster in settings.compute_clusters.values())


COSTS = (
    Cost(
        what="firewall of the managed network, by the hour: Azure makes one as soon as a host name is approved",
        keys=("outboundHosts", "firewallSku"),
        off="`outboundHosts: []`, or `isolationMode: AllowInternetOutbound`; `firewallSku: Basic` costs less",
        on=lambda settings: settings.isolation_mode == "AllowOnlyApprovedOutbound" and bool(settings.outbound_hosts),
        shows=_has(_RULE, "properties", "type", among="FQDN".__eq__),
    ),
    Cost(
        what="private endpoints, each by the hour and by what flows through it",
        keys=("network.subnets.endpoints", "network.closeLogs"),
        off="no `network.subnets.endpoints`; a closed environment then needs another way in",
        on=lambda settings: settings.network is not None and settings.network.subnets.endpoints is not None,
        shows=_is("network:PrivateEndpoint"),
    ),
    Cost(
        what="private DNS zones, each by the month",
        keys=("network.dnsZones",),
        off="`network.dnsZones: none`, or the resource group of a hub that has them",
        on=lambda settings: bool(
            settings.network and settings.network.subnets.endpoints and settings.network.dns_zones == "create"
        ),
        shows=_is("privatedns:PrivateZone"),
    ),
    Cost(
        what="NAT gateway and its address, by the hour",
        keys=("network.egress",),
        off="`network.egress: none`",
        on=lambda settings: settings.network is not None and settings.network.egress == "nat",
        shows=_is("network:NatGateway"),
    ),
    Cost(
        what="container registry of the highest tier, by the day",
        keys=("containerRegistrySku",),
        off="`containerRegistrySku: Basic`, which answers to the internet",
        on=lambda settings: settings.container_registry_sku == "Premium" and _made(settings, "container_registry"),
        shows=_has("containerregistry:Registry", "sku", "name", among="Premium".__eq__),
    ),
    Cost(
        what="further regions of the Azure ML registry: a storage account and a container registry in each",
        keys=("registryLocations",),
        off="`registryLocations: []`",
        on=lambda settings: bool(settings.registry_locations) and _made(settings, "registry"),
        shows=_has("machinelearningservices:Registry", "regionDetails", among=lambda it: len(it) > 1),
    ),
    Cost(
        what="data kept more than once or in another region, by the gigabyte",
        keys=("storageSku",),
        off="`storageSku: Standard_LRS`",
        on=lambda settings: settings.storage_sku != "Standard_LRS" and _made(settings, "storage"),
        shows=_has("storage:StorageAccount", "sku", "name", among="Standard_LRS".__ne__),
    ),
    Cost(
        what="logs kept longer than is free, by the gigabyte and month",
        keys=("logRetentionDays",),
        off=f"`logRetentionDays: 30` ({_FREE_RETENTION} are free)",
        on=lambda settings: settings.log_retention_days > _FREE_RETENTION and _made(settings, "logs"),
        shows=_has("operationalinsights:Workspace", "retentionInDays", among=lambda days: days > _FREE_RETENTION),
    ),
    Cost(
        what="machines of a cluster that always run",
        keys=("computeClusters.*.minNodes",),
        off="`minNodes: 0`",
        on=lambda settings: any(_always_run(settings)),
        shows=_has(
            "machinelearningservices:Compute",
            *("properties", "properties", "scaleSettings", "minNodeCount"),
            among=bool,
        ),
    ),
    Cost(
        what="people's machines: their disks, also while they are stopped",
        keys=("computeInstances",),
        off="delete what nobody uses",
        on=lambda settings: bool(settings.compute_instances),
        shows=_has("machinelearningservices:Compute", "properties", "computeType", among="ComputeInstance".__eq__),
    ),
    Cost(
        what="AKS: its own machines, its load balancer, and its promise to be there unless `tier` is `Free`",
        keys=("kubernetes.cluster", "kubernetes.systemPool.minNodes", "kubernetes.tier"),
        off="no `kubernetes`, or the id of a cluster that there is",
        on=lambda settings: settings.kubernetes is not None and settings.kubernetes.made,
        shows=_is("containerservice:ManagedCluster"),
    ),
    Cost(
        what="AKS: machines for machine learning that always run",
        keys=("kubernetes.pools.*.minNodes",),
        off="`minNodes: 0`",
        on=lambda settings: bool(
            settings.kubernetes and any(pool.min_nodes for pool in settings.kubernetes.pools.values())
        ),
        shows=_has("containerservice:AgentPool", "minCount", among=bool),
    ),
    Cost(
        what="machines of models that are deployed as code; they always answer",
        keys=("fixedModels", "autoscale.*.minimum"),
        off="leave deployments to `mlops`, and take away what nothing asks",
        on=lambda settings: bool(settings.fixed_models),
        shows=_is("machinelearningservices:OnlineDeployment"),
    ),
    Cost(
        what="alerts, each by the month and figure",
        keys=("alerts",),
        off="no `alerts`, or `null` for a limit",
        on=lambda settings: settings.alerts is not None,
        shows=_is("insights:MetricAlert", "monitor:MetricAlert"),
    ),
    Cost(
        what="everything that was written or deleted within so many days, by the gigabyte",
        keys=("dataLife.restoreDays",),
        off="`dataLife.restoreDays: 0`",
        on=lambda settings: bool(settings.data_life and settings.data_life.restore_days),
        shows=_has("storage:BlobServiceProperties", "restorePolicy", "enabled", among=lambda on: on is True),
    ),
    Cost(
        what="private endpoints that the managed network makes, each by the hour and by what flows through it",
        keys=("outbound.private",),
        off="no `outbound.private`",
        on=lambda settings: bool(settings.outbound and settings.outbound.private),
        shows=_has(_RULE, "properties", "type", among="PrivateEndpoint".__eq__),
    ),
    Cost(
        what="a vault for a key of one's own, by use; with `serviceSide: false` also a database and a search service",
        keys=("encryption.key", "encryption.serviceSide"),
        off="no `encryption`: Azure's own keys encrypt as well",
        on=lambda settings: settings.encryption is not None and settings.encryption.key == CREATE,
        shows=_is("keyvault:Key"),
    ),
    Cost(
        what="logs of everything, by the gigabyte that is written",
        keys=("diagnostics",),
        off="`diagnostics: workspace`",
        on=lambda settings: settings.diagnostics == "all",
        shows=_has("monitor:DiagnosticSetting", "resourceUri", among=lambda uri: "/workspaces/" not in str(uri)),
    ),
)
