"""The provider under the real engine, onto a resource manager that records."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest

from environments.local.install import ROOT, engine
from environments.local.provider.__main__ import serve
from environments.local.provider.configuration import Surroundings
from tests.environments.local.engine.pulumi_project import Project, project
from tests.environments.local.provider.stand_in import SUBSCRIPTION, Deployer, Manager, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
COMPUTE = f"{WORKSPACE}/computes/cpu"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints/rain"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"

PROGRAM = textwrap.dedent("""
    import pulumi
    from pulumi_azure_native import machinelearningservices as ml, managedidentity, resources

    group = resources.ResourceGroup("rg", resource_group_name="rg")
    identity = managedidentity.UserAssignedIdentity("id", resource_group_name=group.name, resource_name_="id")
    workspace = ml.Workspace(
        "ws",
        resource_group_name=group.name,
        workspace_name="ws",
        identity={"type": "UserAssigned", "user_assigned_identities": [identity.id]},
        public_network_access="Disabled",
        tags={"a.b": "one"},
    )
    cluster = ml.Compute(
        "cpu",
        resource_group_name=group.name,
        workspace_name=workspace.name,
        compute_name="cpu",
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            properties=ml.AmlComputePropertiesArgs(
                vm_size="Standard_DS3_v2",
                scale_settings=ml.ScaleSettingsArgs(min_node_count=0, max_node_count=2),
            ),
        ),
    )
    endpoint = ml.OnlineEndpoint(
        "rain",
        resource_group_name=group.name,
        workspace_name=workspace.name,
        endpoint_name="rain",
        properties={"auth_mode": "AADToken"},
        opts=pulumi.ResourceOptions(ignore_changes=["properties.traffic"]),
    )
    pulumi.export("id", workspace.id)
    pulumi.export("state", workspace.provisioning_state)
    pulumi.export("identities", workspace.identity)
""")


PLAIN = textwrap.dedent("""
    import pulumi

    config = pulumi.Config()

    def azure(token, name, inputs, **options):
        return pulumi.CustomResource(f"azure-native:{token}", name, inputs, pulumi.ResourceOptions(**options))

    group = azure("resources:ResourceGroup", "rg", {"resourceGroupName": "rg"})
    here = {"resourceGroupName": group.id.apply(lambda each: each.rsplit("/", 1)[1])}
    identity = azure("managedidentity:UserAssignedIdentity", "id", {**here, "resourceName": "id"})
    workspace = azure("machinelearningservices:Workspace", "ws", {
        **here,
        "workspaceName": "ws",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity.id]},
        "publicNetworkAccess": "Disabled",
        "tags": {"a.b": "one"},
    })
    within = {**here, "workspaceName": workspace.id.apply(lambda each: each.rsplit("/", 1)[1])}
    azure("machinelearningservices:Compute", "cpu", {
        **within,
        "computeName": "cpu",
        "properties": {"computeType": "AmlCompute", "properties": {
            "vmSize": config.get("size") or "Standard_DS3_v2",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": config.get_int("nodes") or 2},
        }},
    })
    azure("machinelearningservices:OnlineEndpoint", "rain", {
        **within,
        "endpointName": "rain",
        "properties": {"authMode": "AADToken", "description": config.get("words") or "rain"},
    }, ignore_changes=["properties.traffic"])
""")
"""The same without the SDK, whose import is most of a run's time."""


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
    with serving() as manager, _served(tmp_path / "provider", manager) as port:
        yield Platform(_project(tmp_path, port, PLAIN), manager)


def test_a_program_on_the_sdk_comes_up_once_and_goes_without_a_trace(tmp_path: Path) -> None:
    with serving() as manager, _served(tmp_path / "provider", manager) as port:
        made = _project(tmp_path, port, PROGRAM)
        assert made.changes("preview") == {"create": 6}
        assert manager.requests == []
        assert made.changes("up") == {"create": 6}
        assert made.changes("up") == {}
        outputs = made.outputs()
        assert (outputs["id"], outputs["state"]) == (WORKSPACE, "Succeeded")
        assert outputs["identities"] == {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
        made.changes("destroy")
        assert manager.resources == {}


def test_a_platforms_whole_life(platform: Platform) -> None:
    made, manager = platform.project, platform.manager
    assert made.changes("up") == {"create": 6}
    assert made.changes("refresh") == {}
    assert made.changes("up") == {}

    platform.configure(nodes="4")
    assert made.changes("up") == {"update": 1}
    assert manager.body_of(COMPUTE)["properties"]["properties"]["scaleSettings"]["maxNodeCount"] == 4

    manager.requests.clear()
    platform.configure(size="Standard_DS4_v2")
    assert made.changes("preview") == {"replace": 1}
    made.changes("up")
    assert manager.writes() == [("DELETE", COMPUTE), ("PUT", COMPUTE)]
    assert made.changes("preview") == {}

    manager.requests.clear()
    assert made.changes("destroy") == {"delete": 6}
    assert platform.held() == []
    order = [path for _, path in manager.writes()]
    assert set(order[:2]) == {COMPUTE, ENDPOINT}
    assert order[2:] == [WORKSPACE, IDENTITY, GROUP]


def test_drift_is_seen_and_taken_back(platform: Platform) -> None:
    made, manager = platform.project, platform.manager
    made.changes("up")
    live = manager.resources[WORKSPACE.lower()]
    live["properties"]["publicNetworkAccess"] = "Enabled"
    live["tags"]["added.by"] = "hand"
    live["properties"]["notebookInfo"] = {"fqdn": "an address that Azure has given it"}
    assert made.changes("refresh") == {"update": 1}
    assert made.changes("up") == {"update": 1}
    body = manager.body_of(WORKSPACE)
    assert (body["properties"]["publicNetworkAccess"], body["tags"]) == ("Disabled", {"a.b": "one"})


def test_what_another_owner_sets_survives_an_update_and_a_refresh(platform: Platform) -> None:
    made, manager = platform.project, platform.manager
    made.changes("up")
    manager.resources[ENDPOINT.lower()]["properties"]["traffic"] = {"blue": 100}
    platform.configure(words="rain in Nebraska")
    assert made.changes("up") == {"update": 1}
    assert manager.body_of(ENDPOINT)["properties"]["traffic"] == {"blue": 100}
    made.changes("refresh")
    assert made.changes("preview") == {}


def test_an_operation_that_failed_is_mended_by_the_next_up(platform: Platform) -> None:
    made, manager = platform.project, platform.manager
    manager.failing_operations.add(COMPUTE)
    failed = made.pulumi("up", "--stack", "local", "--yes", "--skip-preview")
    assert failed.code != 0
    assert "MadeToFail: on order" in failed.text
    assert "Traceback" not in failed.text
    manager.failing_operations.clear()
    assert "update" in made.changes("up")
    assert made.changes("preview") == {}
    assert manager.resources[COMPUTE.lower()]["properties"]["provisioningState"] == "Succeeded"


def test_a_fault_at_any_call_is_healed_by_the_next_up(platform: Platform) -> None:
    made, manager = platform.project, platform.manager
    for refusals in (["GET workspaces/ws"], ["PUT workspaces/ws"], ["GET onlineEndpoints", "PUT computes"]):
        manager.failing.update(dict.fromkeys(refusals, (400, "OnOrder")))
        assert made.pulumi("up", "--stack", "local", "--yes", "--skip-preview").code != 0
        manager.failing.clear()
    made.changes("up")
    assert made.changes("preview") == {}
    assert platform.held() == sorted(each.lower() for each in (GROUP, IDENTITY, WORKSPACE, COMPUTE, ENDPOINT))


@pytest.mark.parametrize("victim", ["provider", "engine", "engine, by Ctrl-C"])
def test_an_up_that_was_ended_goes_on_with_the_next(tmp_path: Path, victim: str) -> None:
    with serving() as manager, _provider_process(tmp_path, manager) as (provider, port):
        made = _project(tmp_path, port, PLAIN)
        manager.held["computes"] = threading.Event()
        with subprocess.Popen(
            [str(engine()), "up", "--stack", "local", "--yes", "--skip-preview", "--non-interactive"],
            cwd=made.folder,
            env=made.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            _until(lambda: ("PUT", COMPUTE) in manager.writes())
            plugins = psutil.Process(running.pid).children(recursive=True)
            (provider if victim == "provider" else running).send_signal(
                signal.SIGINT if "Ctrl-C" in victim else signal.SIGKILL
            )
            said, _ = running.communicate(timeout=60)
            for plugin in plugins:  # an engine that is killed leaves its language host
                with contextlib.suppress(psutil.NoSuchProcess):
                    plugin.kill()
        assert "Traceback" not in said
        assert running.returncode != 0
        assert list((tmp_path / "state").rglob("*.attrs")) == []  # written in place: half-written by a kill
        manager.held.clear()
        made.pulumi("cancel", "--stack", "local", "--yes")  # the engine that was killed has left its lock
        with _provider_process(tmp_path, manager, port if victim == "provider" else 0) as (_, second):
            again = Project(folder=made.folder, settings={"PULUMI_DEBUG_PROVIDERS": f"azure-native:{second}"})
            again.changes("up")
            assert again.changes("preview") == {}
            assert again.changes("destroy") == {"delete": 6}
    assert manager.resources == {}


def test_secrets_stay_out_of_the_state_file(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import pulumi
        from pulumi_azure_native import keyvault

        keyvault.Secret(
            "password", resource_group_name="rg", vault_name="v", secret_name="s", properties={"value": "plain-as-day"}
        )
        keyvault.Secret(
            "other",
            resource_group_name="rg",
            vault_name="v",
            secret_name="o",
            properties={"value": "x", "content_type": pulumi.Output.secret("said-to-be-secret")},
        )
    """)
    with serving() as manager, _served(tmp_path, manager) as port:
        made = _project(tmp_path, port, program)
        made.changes("up")
        state = made.pulumi("stack", "export", "--stack", "local")
    assert state.code == 0
    assert "plain-as-day" not in state.text
    assert "said-to-be-secret" not in state.text
    assert "/secrets/s" in state.text


def test_an_existing_resource_is_imported_as_the_program_describes_it(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import pulumi
        from pulumi_azure_native import resources

        resources.ResourceGroup(
            "rg",
            resource_group_name="rg",
            location="eastus",
            tags={{"owner": "me"}},
            opts=pulumi.ResourceOptions(import_="{GROUP}"),
        )
    """)
    with serving() as manager, _served(tmp_path, manager) as port:
        manager.answer("PUT", GROUP, {"api-version": "1"}, {"location": "eastus", "tags": {"owner": "me"}})
        made = _project(tmp_path, port, program)
        assert made.changes("up") == {"create": 1, "import": 1}
        assert manager.writes() == [("PUT", GROUP)]
        assert made.changes("preview") == {}


def test_an_existing_resource_is_imported_by_the_command(tmp_path: Path) -> None:
    with serving() as manager, _served(tmp_path, manager) as port:
        for path, body in ((GROUP, {"location": "eastus"}), (IDENTITY, {"location": "eastus", "tags": {"a": "b"}})):
            manager.answer("PUT", path, {"api-version": "1"}, body)
        made = _project(tmp_path, port, KEPT)
        imported = ["import", "azure-native:managedidentity:UserAssignedIdentity", "kept", IDENTITY, "--yes"]
        code = made.pulumi(*imported, "--stack", "local")
        assert "say so with `pulumi import --generate-code=false`" in code.text

        assert made.pulumi(*imported, "--stack", "local", "--generate-code=false").code == 0
        made.pulumi("state", "unprotect", "--all", "--yes", "--stack", "local")
        assert made.changes("up") == {"create": 2}
        assert [path for _, path in manager.writes() if path == IDENTITY] == [IDENTITY]


KEPT = textwrap.dedent("""
    import pulumi

    config = pulumi.Config()

    def identity(name, **options):
        inputs = {"resourceGroupName": "rg", "resourceName": "id" if name == "kept" else name,
                  "location": "eastus", "tags": {"a": config.get("tag") or "b"}}
        pulumi.CustomResource(
            "azure-native:managedidentity:UserAssignedIdentity", name, inputs, pulumi.ResourceOptions(**options)
        )

    identity("kept")
    identity("protected", protect=config.get_bool("protect"))
    identity("retained", retain_on_delete=True)
""")


def test_what_is_protected_stays_and_what_is_retained_is_let_go_of(tmp_path: Path) -> None:
    with serving() as manager, _served(tmp_path, manager) as port:
        made = _project(tmp_path, port, KEPT)
        platform = Platform(made, manager)
        platform.configure(protect="true")
        assert made.changes("up") == {"create": 4}

        refused = made.pulumi("destroy", "--stack", "local", "--yes", "--skip-preview")
        assert refused.code != 0
        assert 'resource "urn:pulumi:local::trial::azure-native:managedidentity:UserAssignedIdentity::protected"' in (
            refused.text
        )
        # The engine does not undo what it had deleted when it came to what is protected.
        assert "protected" in [each.rsplit("/", 1)[1] for each in platform.held()]

        platform.configure(protect="false")
        made.changes("up")
        made.changes("destroy")
        assert [each.rsplit("/", 1)[1] for each in platform.held()] == ["retained"]


def test_a_target_is_all_that_an_up_touches(tmp_path: Path) -> None:
    with serving() as manager, _served(tmp_path, manager) as port:
        made = _project(tmp_path, port, KEPT)
        made.changes("up")
        Platform(made, manager).configure(tag="c")
        manager.requests.clear()

        urn = "urn:pulumi:local::trial::azure-native:managedidentity:UserAssignedIdentity::kept"
        assert made.changes("up", "--target", urn) == {"update": 1}
        assert manager.writes() == [("PUT", IDENTITY)]
        assert made.changes("preview") == {"update": 2}


@contextlib.contextmanager
def _served(folder: Path, manager: Manager) -> Iterator[int]:
    server, port = serve(Surroundings(endpoint=manager.endpoint, variables={}, credential=Deployer()), folder)
    try:
        yield port
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def _provider_process(folder: Path, manager: Manager, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The provider as a process of its own, which can be killed; its token is of the stand-in's own making."""
    command = [sys.executable, "-m", "tests.environments.local.provider.as_process"]
    arguments = [manager.endpoint, str(folder / "provider"), str(port)]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def _project(folder: Path, port: int, program: str) -> Project:
    made = project(folder, program, settings={"PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}"})
    for name, value in (("azure-native:subscriptionId", SUBSCRIPTION), ("azure-native:location", "eastus")):
        made.pulumi("config", "set", name, value, "--stack", "local")
    return made


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
