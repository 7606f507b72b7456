"""The provider under the real engine, onto a resource manager that records."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from environments.local.provider.__main__ import serve
from environments.local.provider.configuration import Surroundings
from tests.environments.local.engine.pulumi_project import Project, project
from tests.environments.local.provider.stand_in import SUBSCRIPTION, Deployer, Manager, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"

PROGRAM = textwrap.dedent("""
    import pulumi
    from pulumi_azure_native import machinelearningservices as ml, managedidentity, resources

    config = pulumi.Config()
    group = resources.ResourceGroup("rg", resource_group_name="rg")
    identity = managedidentity.UserAssignedIdentity("id", resource_group_name=group.name, resource_name_="id")
    workspace = ml.Workspace(
        "ws",
        resource_group_name=group.name,
        workspace_name="ws",
        identity={"type": "UserAssigned", "user_assigned_identities": [identity.id]},
        public_network_access=config.get("access") or "Disabled",
        hbi_workspace=config.get_bool("hbi") or False,
        tags={"a.b": config.get("tag") or "one"},
    )
    cluster = ml.Compute(
        "cpu",
        resource_group_name=group.name,
        workspace_name=workspace.name,
        compute_name="cpu",
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            properties=ml.AmlComputePropertiesArgs(
                vm_size=config.get("size") or "Standard_DS3_v2",
                scale_settings=ml.ScaleSettingsArgs(min_node_count=0, max_node_count=config.get_int("nodes") or 2),
            ),
        ),
    )
    endpoint = ml.OnlineEndpoint(
        "rain",
        resource_group_name=group.name,
        workspace_name=workspace.name,
        endpoint_name="rain",
        properties={"auth_mode": "AADToken", "description": config.get("words") or "rain"},
        opts=pulumi.ResourceOptions(ignore_changes=["properties.traffic"]),
    )
    pulumi.export("id", workspace.id)
    pulumi.export("state", workspace.provisioning_state)
    pulumi.export("identities", workspace.identity)
""")


@dataclass(frozen=True)
class Platform:
    project: Project
    manager: Manager

    def configure(self, **settings: str) -> None:
        for name, value in settings.items():
            ran = self.project.pulumi("config", "set", name, value, "--stack", "local")
            assert ran.code == 0, ran.text

    def held(self) -> list[str]:
        return sorted(self.manager.resources)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with serving() as manager:
        around = Surroundings(endpoint=manager.endpoint, variables={}, credential=Deployer())
        server, port = serve(around, tmp_path / "provider")
        made = project(tmp_path, PROGRAM, settings={"PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}"})
        found = Platform(made, manager)
        found.configure(**{"azure-native:subscriptionId": SUBSCRIPTION, "azure-native:location": "eastus"})
        try:
            yield found
        finally:
            server.stop(None).wait()


def test_a_platforms_whole_life(platform: Platform) -> None:
    assert platform.project.changes("preview") == {"create": 6}
    assert platform.held() == []
    assert platform.project.changes("up") == {"create": 6}
    assert platform.project.changes("up") == {}
