"""Which parts of a resource a private endpoint can lead to: Azure's group ids by type of resource, as a table."""

from collections.abc import Iterator, Mapping

from infra.sections.choice import kind_of
from infra.sections.values import near

_STORES = ("blob", "file", "queue", "table", "dfs", "web")

# "Azure Private Endpoint private DNS zone values" and "What is a private endpoint?", private-link resource.
# An application gateway's parts are its own front ends, so that it is in no table.
PARTS: Mapping[str, tuple[str, ...]] = {
    "Microsoft.ApiManagement/service": ("Gateway",),
    "Microsoft.AppConfiguration/configurationStores": ("configurationStores",),
    "Microsoft.Batch/batchAccounts": ("batchAccount", "nodeManagement"),
    "Microsoft.Cache/redis": ("redisCache",),
    "Microsoft.Cache/redisEnterprise": ("redisEnterprise",),
    "Microsoft.CognitiveServices/accounts": ("account",),
    "Microsoft.ContainerRegistry/registries": ("registry",),
    "Microsoft.ContainerService/managedClusters": ("management",),
    "Microsoft.DataFactory/factories": ("dataFactory", "portal"),
    "Microsoft.Databricks/workspaces": ("databricks_ui_api", "browser_authentication"),
    "Microsoft.DBforMariaDB/servers": ("mariadbServer",),
    "Microsoft.DBforMySQL/flexibleServers": ("mysqlServer",),
    "Microsoft.DBforMySQL/servers": ("mysqlServer",),
    "Microsoft.DBforPostgreSQL/flexibleServers": ("postgresqlServer",),
    "Microsoft.DBforPostgreSQL/servers": ("postgresqlServer",),
    "Microsoft.DocumentDB/databaseAccounts": (
        "Sql",
        "MongoDB",
        "Cassandra",
        "Gremlin",
        "Table",
        "Analytical",
        "SqlDedicated",
    ),
    "Microsoft.EventGrid/domains": ("domain",),
    "Microsoft.EventGrid/topics": ("topic",),
    "Microsoft.EventHub/namespaces": ("namespace",),
    "Microsoft.Insights/privateLinkScopes": ("azuremonitor",),
    "Microsoft.KeyVault/vaults": ("vault",),
    "Microsoft.Kusto/clusters": ("cluster",),
    "Microsoft.MachineLearningServices/registries": ("amlregistry",),
    "Microsoft.MachineLearningServices/workspaces": ("amlworkspace",),
    "Microsoft.Relay/namespaces": ("namespace",),
    "Microsoft.Search/searchServices": ("searchService",),
    "Microsoft.ServiceBus/namespaces": ("namespace",),
    "Microsoft.Sql/managedInstances": ("managedInstance",),
    "Microsoft.Sql/servers": ("sqlServer",),
    "Microsoft.Storage/storageAccounts": (*_STORES, *(f"{store}_secondary" for store in _STORES)),
    "Microsoft.Synapse/workspaces": ("Sql", "SqlOnDemand", "Dev"),
    "Microsoft.Web/sites": ("sites",),
}
_BY_TYPE = {kind.lower(): parts for kind, parts in PARTS.items()}


def parts_of(resource_id: str) -> tuple[str, ...]:
    """The parts of a resource that an endpoint can lead to; none: its type is not in the table."""
    return _BY_TYPE.get(kind_of(resource_id).lower(), ())


def no_part(resource_id: str, part: str) -> Iterator[str]:
    """Tell if a resource has no such part; of a type that nobody knows nothing is told."""
    known = parts_of(resource_id)
    if known and part.lower() not in {each.lower() for each in known}:
        yield f"part {part!r} is none of a {kind_of(resource_id)}{near(part, known)}"
