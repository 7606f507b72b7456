"""A rehearsal of somebody's own project: what is sound passes, and each kind of mistake is found by its own act."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import yaml

from environments.local.install import ROOT, VENV

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = textwrap.dedent("""
    import time
    import pulumi

    config = pulumi.Config("own")
    wrong = config.get_bool("wrong") or False

    def azure(token, name, inputs, **options):
        return pulumi.CustomResource(f"azure-native:{token}", name, inputs, pulumi.ResourceOptions(**options))

    group = azure("resources:ResourceGroup", "rg", {"resourceGroupName": "rg", "location": "eastus"})
    tags = {"owner": config.require("owner"), **({"made": str(time.time())} if wrong else {})}
    here = {"resourceGroupName": "rg", "location": "eastus", "tags": tags}
    within = {"depends_on": [group]}
    network = azure("network:VirtualNetwork", "net", {
        **here, "virtualNetworkName": "net", "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
    }, **within)
    subnet = azure("network:Subnet", "inner", {
        "resourceGroupName": "rg", "virtualNetworkName": "net", "subnetName": "inner", "addressPrefix": "10.0.1.0/24",
    }, depends_on=[network])
    azure("network:PrivateEndpoint", "endpoint", {
        **here, "privateEndpointName": "endpoint", "subnet": {"id": subnet.id},
    }, depends_on=[group], retain_on_delete=wrong)
    azure("managedidentity:UserAssignedIdentity", "protected", {**here, "resourceName": "id"}, protect=True, **within)
    if wrong:
        pulumi.export("password", pulumi.Output.unsecret(config.require_secret("password")))
""")


def _project(folder: Path, *, wrong: bool) -> Path:
    (folder / "program").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        "name: own\nmain: program\nruntime: {name: python, options: {virtualenv: .venv}}\n"
    )
    (folder / ".venv").symlink_to(VENV)
    (folder / "program" / "__main__.py").write_text(PROGRAM)
    said = {"own:owner": "me", "own:wrong": wrong, "own:password": {"secure": "v1:abc"}}
    (folder / "Pulumi.trial.yaml").write_text(json.dumps({"encryptionsalt": "v1:x", "config": said}))
    return folder


def _command(project: Path, *options: str) -> list[str]:
    arguments = [str(project / "Pulumi.trial.yaml"), "--project", str(project), "--output", "json", *options]
    return [sys.executable, "-m", "environments.rehearsal", *arguments]


def _rehearsed(project: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(_command(project, *options), cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def test_a_sound_project_passes_and_is_not_written_to(tmp_path: Path) -> None:
    project = _project(tmp_path / "own", wrong=False)
    before = {file: file.read_text() for file in project.glob("*.yaml")}

    code, told = _rehearsed(project, "--only", "up", "settings", "destroy")

    assert code == 0, json.dumps(told, indent=1)
    assert {file: file.read_text() for file in project.glob("*.yaml")} == before
    results = {(row["act"], row["what"]): (row["result"], row["told"]) for row in told["rows"]}
    touched = "{update: [endpoint (PrivateEndpoint), net (VirtualNetwork), protected (UserAssignedIdentity)]}"
    assert results["up", "first up"] == ("passed", "5 created")
    assert results["setting", "owner"] == ("shown", touched)
    assert results["destroy", "what is protected stays"] == ("passed", "protected: protected")


def test_what_settings_touch_is_written_from_where_it_stopped_and_then_held_to(tmp_path: Path) -> None:
    project, home = _project(tmp_path / "own", wrong=False), tmp_path / "home"
    seen = home / "azure" / "touched" / "rows.yaml"
    seen.parent.mkdir(parents=True)
    seen.write_text('own:owner: {update: ["seen before the interruption"]}\n')

    _rehearsed(project, "--only", "settings", "--write-touched", "--home", str(home))
    table = yaml.safe_load((project / "touched" / "trial.yaml").read_text())
    code, told = _rehearsed(project, "--only", "settings")

    assert table["own:owner"] == {"update": ["seen before the interruption"]}
    assert list(table) == ["own:owner", "own:wrong", "own:password"]
    assert not seen.exists()
    results = {row["what"]: row["result"] for row in told["rows"] if row["act"] == "setting"}
    assert (code, results) == (1, {"owner": "failed", "wrong": "passed", "password": "passed"})


def test_the_least_scenario_lives_its_whole_life() -> None:
    command = [sys.executable, "-m", "environments.rehearsal", "minimal", "--output", "json"]
    acts = ("--only", "up", "again", "secrets", "destroy", "upgrade")
    done = subprocess.run([*command, *acts], cwd=ROOT, capture_output=True, text=True, check=False)

    told = json.loads(done.stdout)
    assert {(row["act"], row["what"]): row["result"] for row in told["rows"]} == {
        ("up", "first up"): "passed",
        ("again", "second up"): "passed",
        ("again", "refresh"): "passed",
        ("again", "preview after refresh"): "passed",
        ("secrets", "state, outputs and logs"): "passed",
        ("destroy", "all goes, in Azure's order"): "passed",
        ("upgrade", "from 0.1.0: planned"): "passed",
        ("upgrade", "from 0.1.0: stands as recorded"): "passed",
        ("upgrade", "from 0.1.0: made"): "passed",
        ("upgrade", "from 0.1.0: preview after"): "passed",
        ("upgrade", "from 0.1.0: all goes"): "passed",
    }, json.dumps(told, indent=1)


def test_each_mistake_is_found_by_its_own_act(tmp_path: Path) -> None:
    project = _project(tmp_path / "own", wrong=True)

    code, told = _rehearsed(project, "--only", "up", "again", "secrets", "destroy")

    failed = {f"{row['act']}: {row['what']}": row["told"] for row in told["rows"] if row["result"] == "failed"}
    assert code == 1
    assert set(failed) == {
        "again: second up",
        "again: preview after refresh",
        "secrets: state, outputs and logs",
        "destroy: all goes, in Azure's order",
    }
    assert failed["again: second up"].startswith("changes what stands: update ")
    assert "an encrypted value of the stack file in the outputs" in failed["secrets: state, outputs and logs"]
    assert "is in use by" in failed["destroy: all goes, in Azure's order"]


def test_an_interrupted_rehearsal_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    project = _project(tmp_path / "own", wrong=False)
    variables = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        _command(project, "--only", "up"),
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("rehearsal-*/azure/processes/server.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=100)

    assert (running.returncode, said.strip().splitlines()[-1]) == (130, "rehearse: interrupted; nothing is left of it")
    assert list(tmp_path.glob("rehearsal-*")) == []
