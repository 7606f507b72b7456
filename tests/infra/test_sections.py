"""Features of a stack file: each is off until it is said, and on it adds its own and nothing else."""

import json
from typing import Any

import pytest

from infra.grants import ALWAYS_THERE, On, When, grants
from infra.parts.ways import WAYS
from infra.sections.mistakes import section
from infra.settings import NAMESPACE, Settings, read
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, SCENARIOS, built, config, document, graph

NETWORK = (
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/hub/providers/Microsoft.Network"
    "/virtualNetworks/hub"
)
_CLOSED = [way for way in WAYS if way.service in {"storage", "vault", "images", "registry", "workspace"}]
_BROUGHT = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/other/providers"
_STORES = ("blob", "file", "queue", "table")
_HOSTS = document("local")["config"]["aml-kit:outboundHosts"]

_HUB = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/privateDnsZones/hub"
_CPU = {"vmSize": "Standard_DS3_v2", "maxNodes": 2}
# What one example of each feature adds to the local stack, and which resources that are there anyway it changes.
# A new section, switch or map gets a line here.
EXAMPLES: dict[str, tuple[Any, set[str], set[str]]] = {
    "network": (
        {"addressSpace": "10.40.0.0/20", "subnets": {"endpoints": "10.40.0.0/24"}},
        {"network", "network-endpoints", "network-endpoints-rules"}
        | {f"{way.name}-endpoint{part}" for way in _CLOSED for part in ("", "-names")}
        | {f"zones-{zone}{part}" for way in _CLOSED for zone in way.zones for part in ("", "-link")},
        set(),
    ),
    "events": (
        {},
        {
            "events-topic",
            "events-queue",
            "events-undelivered",
            "events-to-queue",
            "events-queue-data-sender-on-event-queue",
            "events-blob-data-contributor-on-undelivered-events",
        },
        set(),
    ),
    "controlPlane": (
        {"image": "mlops:1.4.0", "database": {"dnsZone": f"{_HUB}.postgres.database.azure.com"}},
        {
            "controller",
            "controller-environment",
            "controller-diagnostics",
            "controller-database",
            "controller-database-administrator",
            "controller-database-encrypted",
            "controller-database-data",
            "controller-database-diagnostics",
            "controller-acr-pull-on-images",
        },
        set(),
    ),
    "alerts": (
        {"emails": ["a@example.com"]},
        {"people", "alert-failed-runs", "alert-quota", "alert-rain-errors", "alert-rain-latency"},
        set(),
    ),
    "budget": ({"amount": 500, "start": "2026-01-01", "emails": ["a@example.com"]}, {"budget"}, set()),
    "guardrails": (
        {"builtIns": ["public-access"], "initiative": "tests/infra/initiative.json"},
        {
            "policy-public-access",
            "policy-initiative",
            "policy-initiative-assigned",
            "policy-initiative-close",
            "policy-initiative-open-ssh",
            "policy-initiative-acdd72a7-3385-48ef-bd42-f606fba81ae7",
            "policy-initiative-fb1c8493-542b-48eb-b624-b4c8fea62acd",
        },
        set(),
    ),
    "outbound": (
        {
            "services": [{"tag": "AzureMonitor"}],
            "private": [{"resource": f"{_BROUGHT}/Microsoft.Sql/servers/facts", "part": "sqlServer"}],
        },
        {
            "outbound-tag-azuremonitor-366879",
            "outbound-pe-facts-sqlserver-088f77",
            "pe-facts-d6cb1a-workspace-network-connection-approver-on-outbound",
        },
        set(),
    ),
    "foundation": (
        {
            "storage": f"{_BROUGHT}/Microsoft.Storage/storageAccounts/store",
            "vault": f"{_BROUGHT}/Microsoft.KeyVault/vaults/safe",
            "containerRegistry": f"{_BROUGHT}/Microsoft.ContainerRegistry/registries/images",
            "logs": f"{_BROUGHT}/Microsoft.OperationalInsights/workspaces/logs",
            "insights": f"{_BROUGHT}/Microsoft.Insights/components/insights",
            "registry": "none",
        },
        set(),
        {
            "storage",
            "storage-blobs",
            "vault",
            "images",
            "observability-logs",
            "observability-insights",
            "registry",
            "workspace",
            "workspace-diagnostics",
        }
        | {
            grant.name
            for grant in grants({When.MANAGED_NETWORK})
            if grant.on in {On.STORAGE, On.VAULT, On.IMAGES, On.REGISTRY, On.ARTIFACTS} and grant.who in ALWAYS_THERE
        },
    ),
    "encryption": ({}, {"key", "key-vault", "workspace-key-vault-crypto-user-on-key"}, {"workspace"}),
    "hub": (
        {"projects": {"rain": {}}},
        {"hub", "hub-diagnostics", "rain-project", "rain-project-diagnostics"}
        | {f"hub-outbound-{host}" for host in _HOSTS},
        set(),
    ),
    "featureStore": (
        {},
        {"feature-store", "feature-store-diagnostics"} | {f"feature-store-outbound-{host}" for host in _HOSTS},
        set(),
    ),
    # ---- maps and lists that are empty
    "computeClusters": (
        {"cpu": _CPU, "fast": {**_CPU, "identity": "own"}},
        {
            "fast",
            "compute-fast-identity",
            "fast-compute-acr-pull-on-images",
            "fast-compute-blob-data-contributor-on-storage",
            "fast-compute-metrics-writer-on-workspace",
        },
        set(),
    ),
    "computeInstances": (
        {"first": {"vmSize": "Standard_DS3_v2", "user": "10000000-0000-0000-0000-000000000001", "anywhere": True}},
        {"first-instance"},
        set(),
    ),
    "imageBuildCluster": ("cpu", set(), {"workspace"}),
    "onlineEndpoints": ({"rain": {}}, {"rain"}, set()),
    "batchEndpoints": ({"rain": {}}, {"rain-batch"}, set()),
    "fixedModels": (
        {"rain": {"deployments": {"first": {"model": "rain:1", "instanceType": "Standard_DS3_v2"}}}},
        {"rain-first"},
        set(),
    ),
    "autoscale": ({"load": {"endpoint": "rain", "deployment": "first"}}, {"load-autoscale"}, set()),
    "registryLocations": (["westus2"], set(), {"registry"}),
    "outboundHosts": (["packages.example.com"], {"outbound-packages.example.com"}, set()),
    "preflightBypass": ({"quota": "it was asked for"}, set(), set()),
    # ---- switches that are off
    "workbook": (True, {"workbook"}, set()),
    "publicNetworkAccess": (True, set(), {"workspace", "storage", "vault", "images", "registry", "rain"}),
    "diagnostics": (
        "all",
        {
            f"{name}-diagnostics"
            for name in (
                "rain-endpoint",
                "storage-blob",
                "storage-file",
                "storage-queue",
                "storage-table",
                "vault",
                "images",
                "registry",
            )
        },
        set(),
    ),
    "deleteLocks": (True, {"storage-lock", "vault-lock"}, set()),
    "dataLife": (
        {"coolAfterDays": 30, "deleteAfterDays": 365, "prefixes": ["logs/"], "restoreDays": 7},
        {"storage-life"},
        {"storage-blobs"},
    ),
    "access": (
        {
            "people": "work",
            "dataScientists": "10000000-0000-0000-0000-000000000001",
            "mlEngineers": "10000000-0000-0000-0000-000000000002",
            "auditors": "10000000-0000-0000-0000-000000000003",
            "registryReaders": "10000000-0000-0000-0000-000000000004",
            "platformCi": {"gitHub": [{"repository": "example/platform", "environment": "prod"}]},
            "modelsCi": {
                "azureDevOps": [
                    {
                        "issuer": "https://login.microsoftonline.com/99999999-8888-7777-6666-555555555555/v2.0",
                        "subject": "/eid1/c/pub/t/a/a/b/sc/c/d",
                    }
                ]
            },
        },
        {
            "experimenter-role",
            "data-scientists-experimenter-on-workspace",
            "ml-engineers-data-scientist-on-workspace",
            "ml-engineers-compute-operator-on-workspace",
            "auditors-reader-on-group",
            "auditors-log-analytics-reader-on-logs",
            "registry-readers-reader-on-registry",
            "ci-platform-identity",
            "ci-platform-reader-on-group",
            "ci-platform-trust-537aa24fcb9c",
            "ci-models-identity",
            "ci-models-data-scientist-on-workspace",
            "ci-models-blob-data-contributor-on-storage",
            "ci-models-registry-user-on-registry",
            "ci-models-trust-40a10f796c46",
        },
        set(),
    ),
    "serverless": ({"subnet": f"{NETWORK}/subnets/jobs"}, set(), {"workspace"}),
    "kubernetes": (
        {
            "subnet": f"{NETWORK}/subnets/nodes",
            "pools": {"gpu": {"vmSize": "Standard_NC4as_T4_v3", "maxNodes": 2}},
            "instanceTypes": {"small": {"cpu": "2", "memory": "8Gi", "pool": "gpu", "gpus": 1}},
            "computes": {"team": {"cpu": "32", "memory": "128Gi", "gpus": 2, "defaultInstanceType": "small"}},
            "gitOps": {"url": "https://git.example.com/platform/cluster"},
        },
        {
            "cluster-identity",
            "cluster-network-contributor-on-subnet",
            "cluster-user-role",
            "kubernetes",
            "kubernetes-gpu",
            "workspace-reader-on-cluster",
            "workspace-kubernetes-extension-contributor-on-cluster",
            "workspace-cluster-user-on-cluster",
            "kubernetes-extension",
            "kubernetes-extension-trust",
            "kubernetes-objects",
            "kubernetes-objects-flux",
            "team-namespace",
            "team",
        },
        set(),
    ),
}

# What a feature needs of other keys, with or without it; of itself, what being off means where the stack has it on.
_NETWORK = {
    "addressSpace": "10.40.0.0/20",
    "egress": "nat",
    "subnets": {"endpoints": "10.40.0.0/24", "controller": "10.40.1.0/24", "database": "10.40.2.0/24"},
}
NEEDS: dict[str, dict[str, Any]] = {
    "serverless": {"isolationMode": "Disabled", "outboundHosts": []},
    "encryption": {"purgeProtection": True},
    "controlPlane": {"network": _NETWORK},
    "computeClusters": {"computeClusters": {"cpu": _CPU}},
    "imageBuildCluster": {"imageBuildCluster": "gpu"},
    "onlineEndpoints": {"onlineEndpoints": {}},
    "outboundHosts": {"outboundHosts": []},
}


def _sections() -> set[str]:
    schema = Settings.model_json_schema()
    found = schema["properties"].items()
    return {key for key, value in found if "properties" in section(value, schema["$defs"])}


def test_every_section_is_off_until_it_is_said() -> None:
    least = Settings.model_validate({"location": "eastus", "owner": "team", "costCenter": "42"})

    assert {key: least.model_dump(by_alias=True)[key] for key in _sections()} == dict.fromkeys(_sections())


def test_every_feature_that_is_off_has_an_example() -> None:
    least = Settings.model_validate({"location": "eastus", "owner": "team", "costCenter": "42"})
    off = {key for key, value in least.model_dump(by_alias=True).items() if value in (None, False, {}, ())}

    assert off - set(EXAMPLES) == set()


def _whole(made: Graph) -> dict[str, Any]:
    return {one.name: (one.type, one.inputs) for one in made.resources}


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_section_adds_its_own_and_touches_nothing_else(key: str) -> None:
    example, adds, changes = EXAMPLES[key]

    needs = NEEDS.get(key, {})
    off, on = _whole(graph("local", **needs)), _whole(graph("local", **{**needs, key: example}))

    assert set(on) - set(off) == adds
    assert {name for name in off if off[name] != on.get(name)} == changes


def _said(stack: str, given: dict[str, str]) -> dict[str, str]:
    """The same settings with nothing left out: every switch that is off, every map that is empty, null below a key."""
    whole: dict[str, Any] = json.loads(read(stack, given).model_dump_json(by_alias=True))
    texts = {f"{NAMESPACE}:{key}": value for key, value in whole.items() if value is not None}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in texts.items()}


@pytest.mark.parametrize("stack", ["dev", *SCENARIOS])
def test_what_is_off_and_said_to_be_off_is_the_same(stack: str) -> None:
    given = LEAST if stack == "dev" else config(stack)

    left_out, said = built(stack, given), built(stack, _said(stack, given))

    assert len(_said(stack, given)) > len(given)
    assert _whole(said) == _whole(left_out)
    assert said.outputs == left_out.outputs


def test_without_any_section_only_this_is_built() -> None:
    made = built("dev", LEAST).resources

    assert {one.name: one.token for one in made if one.token != "authorization:RoleAssignment"} == {
        "group": "resources:ResourceGroup",
        "storage": "storage:StorageAccount",
        "storage-blobs": "storage:BlobServiceProperties",
        "vault": "keyvault:Vault",
        "images": "containerregistry:Registry",
        "observability-logs": "operationalinsights:Workspace",
        "observability-insights": "applicationinsights:Component",
        "registry": "machinelearningservices:Registry",
        "workspace-identity": "managedidentity:UserAssignedIdentity",
        "compute-identity": "managedidentity:UserAssignedIdentity",
        "endpoint-identity": "managedidentity:UserAssignedIdentity",
        "controller-identity": "managedidentity:UserAssignedIdentity",
        "workspace": "machinelearningservices:Workspace",
        "workspace-diagnostics": "monitor:DiagnosticSetting",
    }
    granted = {one.name for one in made if one.token == "authorization:RoleAssignment"}
    assert granted == {grant.name for grant in grants({When.MANAGED_NETWORK}) if grant.who in ALWAYS_THERE}
