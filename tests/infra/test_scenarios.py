"""Every capability is in a scenario, so that rehearsing the scenarios rehearses all of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.recorder import Asked, Graph
from tests.infra.stacks import ROOT, SCENARIOS, graph

Row = Callable[[Graph], bool]


def _has(token: str, right: Callable[[dict[str, Any]], object] = lambda _: True) -> Row:
    return lambda made: any(one.token == token and right(one.inputs) for one in made.resources)


def _kind(name: str) -> Row:
    return _has("machinelearningservices:Workspace", lambda inputs: inputs.get("kind", "Default").lower() == name)


def _workspace(key: str, right: Callable[[Any], object] = bool) -> Row:
    return _has("machinelearningservices:Workspace", lambda inputs: right(inputs.get(key)))


def _compute(kind: str, right: Callable[[dict[str, Any]], object] = lambda _: True) -> Row:
    return _has(
        "machinelearningservices:Compute",
        lambda inputs: inputs["properties"]["computeType"] == kind and right(inputs["properties"]["properties"]),
    )


def _rule(kind: str) -> Row:
    return _has(
        "machinelearningservices:ManagedNetworkSettingsRule", lambda inputs: inputs["properties"]["type"] == kind
    )


def _any(right: Callable[[Asked], object]) -> Row:
    return lambda made: any(right(one) for one in made.resources)


ROWS: dict[str, Row] = {
    "workspace: default": _kind("default"),
    "workspace: hub": _kind("hub"),
    "workspace: project": _kind("project"),
    "workspace: feature store": _kind("featurestore"),
    "system datastores by identity": _workspace("systemDatastoresAuthMode", lambda value: value == "Identity"),
    "diagnostics": _has("monitor:DiagnosticSetting"),
    "managed network, approved outbound only": _workspace(
        "managedNetwork", lambda value: value["isolationMode"] == "AllowOnlyApprovedOutbound"
    ),
    "outbound rule: FQDN": _rule("FQDN"),
    "outbound rule: private endpoint": _rule("PrivateEndpoint"),
    "outbound rule: service tag": _rule("ServiceTag"),
    "own virtual network": _has("network:VirtualNetwork"),
    "private endpoints": _has("network:PrivateEndpoint"),
    "DNS zones": _has("privatedns:PrivateZone"),
    "customer-managed key": _workspace("encryption"),
    "customer-managed key over storage": _has("storage:StorageAccount", lambda inputs: "encryption" in inputs),
    "delete protection": _any(lambda one: one.protect),
    "delete protection by Azure itself": _has("authorization:ManagementLockByScope"),
    "cluster: CPU": _compute("AmlCompute", lambda found: "_NC" not in found["vmSize"]),
    "cluster: GPU": _compute("AmlCompute", lambda found: "_NC" in found["vmSize"]),
    "cluster: low priority": _compute("AmlCompute", lambda found: found["vmPriority"] == "LowPriority"),
    "cluster: in a subnet": _compute("AmlCompute", lambda found: found.get("subnet")),
    "compute instance with a schedule and idle shutdown": _compute(
        "ComputeInstance", lambda found: found.get("schedules") and found.get("idleTimeBeforeShutdown")
    ),
    "serverless": _workspace("serverlessComputeSettings"),
    "AKS": _has("containerservice:ManagedCluster"),
    "AKS: GPU pool": _has("containerservice:AgentPool", lambda inputs: "_NC" in inputs["vmSize"]),
    "AKS: extension": _has("kubernetesconfiguration:Extension"),
    "AKS: namespace with a quota": _has("containerservice:ManagedNamespace"),
    "AKS: attached, with instance types": _compute("Kubernetes", lambda found: found.get("instanceTypes")),
    "registry": _has("machinelearningservices:Registry"),
    "registry: several regions": _has(
        "machinelearningservices:Registry", lambda inputs: len(inputs["regionDetails"]) > 1
    ),
    "container registry": _has("containerregistry:Registry"),
    "storage": _has("storage:StorageAccount"),
    "storage: lifecycle": _has("storage:ManagementPolicy"),
    "storage: recovery": _has("storage:BlobServiceProperties", lambda inputs: inputs.get("restorePolicy")),
    "key vault": _has("keyvault:Vault"),
    "identity a purpose": lambda made: len({one.name for one in made.resources if "UserAssigned" in one.token}) > 3,
    "CI: GitHub Actions": _has(
        "managedidentity:FederatedIdentityCredential", lambda inputs: "githubusercontent" in inputs["issuer"]
    ),
    "CI: Azure DevOps": _has(
        "managedidentity:FederatedIdentityCredential", lambda inputs: "vstoken.dev.azure" in inputs["issuer"]
    ),
    "groups for people": _has("authorization:RoleAssignment", lambda inputs: inputs["principalType"] == "Group"),
    "custom roles": _has("authorization:RoleDefinition"),
    "online endpoint": _has("machinelearningservices:OnlineEndpoint"),
    "batch endpoint": _has("machinelearningservices:BatchEndpoint"),
    "deployment of a fixed model": _has("machinelearningservices:OnlineDeployment"),
    "autoscale": _has("monitor:AutoscaleSetting", lambda inputs: inputs["targetResourceUri"] == "/id/normals-first"),
    "Event Grid topic": _has("eventgrid:SystemTopic"),
    "events to a storage queue": _has("storage:Queue"),
    "alerts": _has("monitor:MetricAlert"),
    "workbook": _any(lambda one: one.token.endswith(":Workbook")),
    "budget": _has("consumption:Budget"),
    "control plane: job": _has("app:Job"),
    "control plane: app": _has("app:ContainerApp"),
    "control plane: PostgreSQL by identity": _has(
        "dbforpostgresql:Server", lambda inputs: inputs["authConfig"]["passwordAuth"] == "Disabled"
    ),
    "guardrails: Azure's policies": _has(
        "authorization:PolicyAssignment", lambda inputs: inputs["policyDefinitionId"].startswith("/providers/")
    ),
    "guardrails: policies of one's own": _has(
        "authorization:PolicyAssignment", lambda inputs: inputs["policyDefinitionId"] == "/id/policy-initiative"
    ),
}
"""What the platform is said to be able to do, and how it shows in what is asked of Azure."""


@pytest.mark.parametrize("row", ROWS)
def test_every_capability_is_in_a_scenario(row: str) -> None:
    assert [name for name in SCENARIOS if ROWS[row](graph(name))] != []


def test_every_component_is_in_a_scenario() -> None:
    written = {
        name
        for file in (ROOT / "infra" / "components").glob("*.py")
        for name in re.findall(r'"aml-kit:infra:(\w+)"', file.read_text())
    }
    used = {
        one.type.rsplit(":", 1)[1] for name in SCENARIOS for one in graph(name).asked if "aml-kit:infra:" in one.type
    }

    assert written - used == set()
