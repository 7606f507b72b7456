"""`kill -9` of the server and of Azurite, `down` and `up`: jobs, deployments and collected data go on."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from environments.local import supervisor
from environments.local.accounts import Accounts
from environments.local.arm.store import Store
from environments.local.home import Home
from tests.environments.local.test_commands import Commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCORE = """
import json, os
import pandas
from azureml.ai.monitoring import Collector
from azureml.ai.monitoring.context import BasicCorrelationContext
def init():
    global inputs
    inputs = Collector(name="model_inputs")
def run(body, request_headers=None):
    inputs.collect(pandas.DataFrame(json.loads(body)), BasicCorrelationContext(id=request_headers["X-Request-Id"]))
    return os.getppid()
"""
_ASK = """
workspace = group + "/providers/Microsoft.MachineLearningServices/workspaces/ws"
def score(first, last):
    endpoint = workspace + "/onlineEndpoints/lasting"
    key = arm("POST", endpoint + "/listKeys", "2023-10-01").json()["primaryKey"]
    address = "https://lasting.eastus.inference.ml.azure.com/score"
    for number in range(first, last):
        head = {"Authorization": "Bearer " + key, "x-request-id": f"r{number}", "azureml-model-deployment": "blue"}
        reply = requests.post(address, json=[{"n": number}], headers=head)
        assert reply.status_code == 200, (reply.status_code, reply.text)
    return reply.json()
"""
_SDK = """
from azure.ai.ml import MLClient, command
from azure.ai.ml.entities import *
client = MLClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"], "durable", "ws", enable_telemetry=False)
"""
_SETUP = """
arm("PUT", group, "2024-03-01", {"location": "eastus"})
client.workspaces.begin_create(Workspace(name="ws", location="eastus")).result()
client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2", max_instances=1)).result()
packages = ["azureml-inference-server-http==1.5.1", "azureml-ai-monitoring==1.0.0", "pandas"]
client.environments.create_or_update(Environment(name="scoring", version="1",
    image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
    conda_file={"name": "scoring", "dependencies": ["python=3.11", "pip", {"pip": packages}]}))
client.environments.create_or_update(Environment(name="plain", version="1", image="python:3.11"))
client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name="lasting", auth_mode="key")).result()
client.online_deployments.begin_create_or_update(ManagedOnlineDeployment(
    name="blue", endpoint_name="lasting", environment="azureml:scoring:1", instance_type="Standard_DS3_v2",
    instance_count=1, code_configuration=CodeConfiguration(code=FOLDER, scoring_script="score.py"),
    data_collector=DataCollector(collections={"model_inputs": DeploymentCollection(enabled="true")}))).result()
job = client.jobs.create_or_update(command(
    command=f"echo started >> {FOLDER}/starts; while [ ! -e {FOLDER}/go ]; do sleep 0.1; done; echo done",
    environment="azureml:plain:1", compute="cpu"))
while client.jobs.get(job.name).status != "Running":
    time.sleep(0.1)
print()
print(job.name, score(0, 30))
"""
_WAIT = """
while (status := arm("GET", workspace + "/jobs/" + JOB, "2024-01-01-preview").json()["properties"]["status"]) not in (
        "Completed", "Failed"):
    time.sleep(0.1)
print(status)
"""


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Commands]:
    found = Commands(Home(tmp_path / "home"))
    assert found("up").returncode == 0
    yield found
    found("down")


def _collected(local: Commands, least: int) -> list[str]:
    """The request ids in the blobs, once there are so many."""
    store = Store(local.home.database)
    datastore = next(
        each
        for each in store.of_type("Microsoft.MachineLearningServices/workspaces/datastores")
        if each.id.name == "workspaceblobstore"
    )
    account = Accounts(store, local.home).client(datastore.properties["accountName"])
    blobs = account.get_container_client(datastore.properties["containerName"])
    deadline = time.monotonic() + 60
    while True:
        names = list(blobs.list_blob_names(name_starts_with="modelDataCollector/lasting/blue/model_inputs/"))
        lines = b"".join(blobs.download_blob(name).readall() for name in names).splitlines()
        found = sorted(str(json.loads(line)["xrequestid"]) for line in lines)
        if len(found) >= least or time.monotonic() > deadline:
            account.close()
            store.close()
            return found
        time.sleep(0.2)


def _ids(count: int) -> list[str]:
    return sorted(f"r{number}" for number in range(count))


def test_everything_goes_on_after_a_kill(local: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "score.py").write_text(_SCORE)
    setup = f"FOLDER = {str(folder)!r}\n"
    job, scorer = local.script(_ASK + _SDK + setup + _SETUP).splitlines()[-1].split()

    local.kill("server")
    assert "started server" in local("up").stdout
    (folder / "go").touch()
    ended = local.script(_ASK + f"JOB = {job!r}\n" + _WAIT + "print(score(30, 60))\n").splitlines()[-2:]
    assert ended == ["Completed", scorer]  # the same job process and the same scoring process
    assert (folder / "starts").read_text() == "started\n"
    assert _collected(local, 60) == _ids(60)

    azurite = next(name for name in supervisor.known(local.home) if name.startswith("azurite-"))
    local.script(_ASK + "score(60, 90)\n")
    local.kill(azurite)
    assert f"started {azurite}" in local("up").stdout
    local.script(_ASK + "score(90, 100)\n")
    assert _collected(local, 100) == _ids(100)

    local("down")
    left = [p for p in psutil.process_iter(["cmdline"]) if str(local.home.path) in " ".join(p.info["cmdline"] or [])]
    assert left == []
    local("up")
    deadline = time.monotonic() + 60
    while (answer := local("run", "--", "python", "-c", _commands_prelude() + "print(score(100, 101))")).returncode:
        assert time.monotonic() < deadline, answer.stderr  # 503 until the process is up again
    assert answer.stdout.split()[-1] != scorer


def _commands_prelude() -> str:
    from tests.environments.local.test_commands import _PRELUDE  # noqa: PLC0415

    return _PRELUDE + _ASK
