"""What an upgrade may not do, and how a recorded state is made true."""

from __future__ import annotations

import gzip
import json

import pytest

from environments.local.azure_types import azure_type
from environments.local.install import ROOT
from environments.rehearsal import earlier
from environments.rehearsal.engine import Ran, Step
from environments.rehearsal.upgrade import HOLDS_DATA, RECORDED, holding, losing, lost, wrong_of
from tests.infra.stacks import SCENARIOS, STACKS, graph

WAS, IS = "c14705e2-4968-4905-88f8-b4de0c29b782", "5f2b1c3e-0000-4000-8000-000000000001"


def test_to_make_anew_or_delete_what_holds_data_is_to_lose_it() -> None:
    vault, grant = "azure-native:keyvault:Vault", "azure-native:authorization:RoleAssignment"
    steps = [Step(operation=what, type=kind, name="x") for what in ("replace", "delete") for kind in (vault, grant)]
    kept = Step(operation="update", type=vault, name="x")

    assert losing((*steps, kept)) == (steps[0], steps[2])


def test_an_upgrade_is_wrong_when_it_fails_or_takes_data_with_it() -> None:
    gone = Step(operation="delete", type="azure-native:storage:StorageAccount", name="storage")
    made = Step(operation="create", type="azure-native:storage:StorageAccount", name="storage")

    def said(code: int, *steps: Step) -> str:
        return wrong_of(Ran(code=code, steps=steps, errors="no quota" if code else "", text=""))

    assert (said(0), said(0, made)) == ("", "")
    assert said(1, gone) == "no quota"
    assert said(0, made, gone) == "takes data with it: delete storage (storage:StorageAccount)"


def test_what_held_data_before_is_looked_for_after_however_it_is_spelled() -> None:
    state = [
        {"id": "/rg/Vault", "type": "azure-native:keyvault:Vault"},
        {"id": "/rg/grant", "type": "azure-native:authorization:RoleAssignment"},
        {"id": "/rg/store", "type": "azure-native:storage:StorageAccount"},
    ]

    assert holding(state) == ("/rg/Vault", "/rg/store")
    assert lost(("/rg/Vault", "/rg/store"), ["/RG/vault", "/rg/store", "/rg/other"]) == ""
    assert lost(("/rg/Vault", "/rg/store"), ["/rg/store"]) == "what held data is gone: /rg/Vault"


_HOLDS_NONE = {
    "app:ContainerApp",
    "app:Job",
    "app:ManagedEnvironment",
    "applicationinsights:Component",
    "applicationinsights:Workbook",
    "authorization:ManagementLockByScope",
    "authorization:PolicyAssignment",
    "authorization:PolicyDefinition",
    "authorization:PolicySetDefinition",
    "authorization:RoleAssignment",
    "authorization:RoleDefinition",
    "consumption:Budget",
    "containerservice:AgentPool",
    "containerservice:ManagedCluster",
    "containerservice:ManagedNamespace",
    "containerservice:TrustedAccessRoleBinding",
    "dbforpostgresql:AdministratorsMicrosoftEntra",
    "dbforpostgresql:Configuration",
    "eventgrid:SystemTopic",
    "eventgrid:SystemTopicEventSubscription",
    "kubernetesconfiguration:Extension",
    "kubernetesconfiguration:FluxConfiguration",
    "machinelearningservices:BatchEndpoint",
    "machinelearningservices:Compute",
    "machinelearningservices:ManagedNetworkSettingsRule",
    "machinelearningservices:OnlineDeployment",
    "machinelearningservices:OnlineEndpoint",
    "managedidentity:FederatedIdentityCredential",
    "managedidentity:UserAssignedIdentity",
    "monitor:ActionGroup",
    "monitor:AutoscaleSetting",
    "monitor:DiagnosticSetting",
    "monitor:MetricAlert",
    "monitor:PrivateLinkScope",
    "monitor:PrivateLinkScopedResource",
    "network:NatGateway",
    "network:NetworkSecurityGroup",
    "network:PrivateDnsZoneGroup",
    "network:PrivateEndpoint",
    "network:PublicIPAddress",
    "network:Subnet",
    "network:VirtualNetwork",
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    "storage:BlobServiceProperties",
    "storage:ManagementPolicy",
}


_ONLY_IN_STACKS_OF_ONES_OWN = {"azure-native:keyvault:Secret", "azure-native:storage:FileShare"}


def test_every_type_that_a_scenario_has_is_known_to_hold_data_or_none() -> None:
    made = {one.type for scenario in SCENARIOS for one in graph(scenario).resources}

    assert {one.removeprefix("azure-native:") for one in made - HOLDS_DATA} == _HOLDS_NONE
    assert HOLDS_DATA - made == _ONLY_IN_STACKS_OF_ONES_OWN


def test_what_holds_data_are_types_that_there_are() -> None:
    assert {azure_type(token).token for token in HOLDS_DATA} == HOLDS_DATA


def test_what_azure_gives_by_chance_is_told_from_what_it_spells_in_its_own_way() -> None:
    before = {"principalId": WAS, "location": "eastus", "created": "2026-01-01", "deep": {"id": f"/a/{WAS}"}}
    now = {"principalId": IS, "location": "East US", "created": "2026-02-02", "deep": {"id": f"/a/{IS}"}}

    assert dict(earlier.differences(before, now)) == {WAS: IS}
    assert earlier.renamed(f'{{"scope": "/a/{WAS}"}}', {WAS: IS}) == f'{{"scope": "/a/{IS}"}}'
    assert earlier.renamed("as it is", {}) == "as it is"


@pytest.mark.parametrize("stack", [*STACKS, *SCENARIOS])
def test_every_stack_has_a_recorded_state_with_its_stack_file(stack: str) -> None:
    states = sorted(RECORDED.glob(f"*/{stack}.json.gz"))

    assert states
    for state in states:
        resources = json.loads(gzip.decompress(state.read_bytes()))["deployment"]["resources"]
        assert any(each["type"] in HOLDS_DATA for each in resources)
        assert state.with_name(f"Pulumi.{stack}.yaml").is_file(), f"no stack file beside {state.relative_to(ROOT)}"
