"""Online endpoints and deployments: scoring processes behind a router that speaks as Azure does."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import mlflow
import psutil
import pytest
from azure.ai.ml.entities import ManagedOnlineDeployment, Model, OnlineRequestSettings
from azure.core.exceptions import HttpResponseError

from environments.local import supervisor
from tests.environments.local.machine_learning.workspace import SCORING, a_model, collecting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.environments.local.machine_learning.workspace import Workspace

_SCORE = """
import json, os, pathlib, time
from azureml.contrib.services.aml_response import AMLResponse
def init():
    global weight
    folder = pathlib.Path(os.environ["AZUREML_MODEL_DIR"])
    found = list(folder.glob("weights.txt"))
    weight = found[0].read_text() if found else "none"
def run(body):
    asked = json.loads(body)
    if asked.get("raise"):
        raise ValueError("no such thing")
    if asked.get("sleep"):
        time.sleep(asked["sleep"])
    if asked.get("refuse"):
        return AMLResponse("not this", 418)
    return {"who": os.environ["WHO"], "weight": weight, "pid": os.getppid()}
"""
_COLLECTING = """
import json
import pandas
from azureml.ai.monitoring import Collector
from azureml.ai.monitoring.context import BasicCorrelationContext
def init():
    global inputs, outputs
    inputs, outputs = Collector(name="model_inputs"), Collector(name="model_outputs")
def run(body, request_headers=None):
    rows = pandas.DataFrame(json.loads(body))
    context = inputs.collect(rows, BasicCorrelationContext(id=request_headers["X-Request-Id"]))
    outputs.collect(pandas.DataFrame({"sum": rows.sum(axis=1)}), context)
    return []
"""


@pytest.fixture
def score(tmp_path: Path) -> Path:
    return _folder(tmp_path, _SCORE.replace("azureml.contrib.services.aml_response", _RESPONSE))


_RESPONSE = "azureml_inference_server_http.api.aml_response"


def _folder(tmp_path: Path, code: str) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "score.py").write_text(code)
    return folder


def _until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_traffic_headers_keys_and_failures_are_answered_as_azure_does(
    workspace: Workspace, score: Path, tmp_path: Path
) -> None:
    endpoint = workspace.endpoint()
    settings = OnlineRequestSettings(request_timeout_ms=1000)
    model = a_model(workspace, tmp_path)
    for name in ("blue", "green"):
        given: dict[str, Any] = {"model": model} if name == "blue" else {}
        workspace.deploy(endpoint, score, name, environment_variables={"WHO": name}, request_settings=settings, **given)
    assert workspace.score(endpoint, {}).status_code == 404  # no traffic, no header
    chosen = workspace.score(endpoint, {}, {"azureml-model-deployment": "green"})
    assert (chosen.status_code, chosen.json()["who"], chosen.json()["weight"]) == (200, "green", "none")
    workspace.traffic(endpoint, {"blue": 50, "green": 50})
    seen = Counter(workspace.score(endpoint, {}).json()["who"] for _ in range(40))
    assert set(seen) == {"blue", "green"}
    workspace.traffic(endpoint, {"blue": 100}, {"green": 50})
    answered = workspace.score(endpoint, {})
    assert (answered.json()["who"], answered.json()["weight"]) == ("blue", "42")
    assert answered.headers["azureml-model-deployment"] == "blue"
    raised = workspace.score(endpoint, {"raise": True})
    assert (raised.status_code, raised.headers["ms-azureml-model-error-statuscode"]) == (424, "500")
    refused = workspace.score(endpoint, {"refuse": True})
    assert (refused.status_code, refused.headers["ms-azureml-model-error-statuscode"]) == (424, "418")
    assert workspace.score(endpoint, {"sleep": 3}).status_code == 408
    assert workspace.score(endpoint, {}, {"Authorization": "Bearer wrong"}).status_code == 401
    assert workspace.score(endpoint, {}, {"azureml-model-deployment": "red"}).status_code == 404
    key = workspace.client.online_endpoints.get_keys(endpoint).primary_key
    workspace.client.online_endpoints.begin_regenerate_keys(endpoint, key_type="primary").result()
    assert workspace.client.online_endpoints.get_keys(endpoint).primary_key != key
    assert workspace.score(endpoint, {}, {"Authorization": f"Bearer {key}"}).status_code == 401
    _traffic_that_does_not_fit(workspace, endpoint)
    with pytest.raises(HttpResponseError, match="set its traffic to 0 first"):
        workspace.client.online_deployments.begin_delete("blue", endpoint).result()
    workspace.client.online_endpoints.begin_delete(endpoint).result()
    assert not any(endpoint in name for name in supervisor.known(workspace.azure.home))


def _traffic_that_does_not_fit(workspace: Workspace, endpoint: str) -> None:
    for live, mirror, says in (
        ({"blue": 90}, {}, "adds up to 90"),
        ({"red": 100}, {}, "names deployment red"),
        ({"blue": 100}, {"green": 60}, "at most 50 percent"),
        ({"blue": 100}, {"blue": 10}, "live and mirrored traffic at once"),
    ):
        with pytest.raises(HttpResponseError, match=says):
            workspace.traffic(endpoint, live, mirror)


def test_an_init_that_raises_fails_the_deployment_and_its_log_says_why(workspace: Workspace, tmp_path: Path) -> None:
    endpoint = workspace.endpoint()
    folder = _folder(tmp_path, "def init():\n    raise RuntimeError('no weights here')\ndef run(body):\n    return 1\n")
    with pytest.raises(HttpResponseError) as caught:
        workspace.deploy(endpoint, folder)
    assert caught.value.error is not None
    assert caught.value.error.code == "ResourceNotReady"
    assert workspace.client.online_deployments.get("blue", endpoint).provisioning_state == "Failed"
    assert "RuntimeError: no weights here" in workspace.client.online_deployments.get_logs("blue", endpoint, lines=50)
    assert workspace.score(endpoint, {}, {"azureml-model-deployment": "blue"}).status_code == 503


def test_a_changed_deployment_gets_a_new_process_and_a_broken_change_leaves_the_old_one(
    workspace: Workspace, score: Path
) -> None:
    endpoint = workspace.endpoint()
    header = {"azureml-model-deployment": "blue"}
    workspace.deploy(endpoint, score, environment_variables={"WHO": "one"})
    first = workspace.score(endpoint, {}, header).json()
    workspace.deploy(endpoint, score, environment_variables={"WHO": "one"}, tags={"a": "b"})
    assert workspace.score(endpoint, {}, header).json() == first
    workspace.deploy(endpoint, score, environment_variables={"WHO": "two"})
    second = workspace.score(endpoint, {}, header).json()
    assert (second["who"], second["pid"] != first["pid"]) == ("two", True)
    (score / "score.py").write_text("raise ImportError('gone')")
    with pytest.raises(HttpResponseError, match="crashed or terminated"):
        workspace.deploy(endpoint, score, environment_variables={"WHO": "three"})
    assert workspace.score(endpoint, {}, header).json() == second


def test_a_killed_scoring_process_is_an_error_and_then_there_again(workspace: Workspace, score: Path) -> None:
    endpoint = workspace.endpoint("aad_token")
    workspace.deploy(endpoint, score, environment_variables={"WHO": "blue"})
    workspace.traffic(endpoint, {"blue": 100})
    address = workspace.client.online_endpoints.get(endpoint).scoring_uri
    with workspace.azure.http("https://ml.azure.com") as http:
        first = http.post(address, json={}).json()
        os.killpg(os.getpgid(first["pid"]), signal.SIGKILL)
        answers = [http.post(address, json={}).status_code]
        deadline = time.monotonic() + 30
        while answers[-1] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
            answers.append(http.post(address, json={}).status_code)
        assert set(answers[:-1]) <= {424, 503}
        assert answers[0] != 200
        assert http.post(address, json={}).json()["pid"] != first["pid"]
    with workspace.azure.http("https://management.azure.com") as http:
        assert http.post(address, json={}).status_code == 401  # a token for somebody else


def test_what_the_model_sees_lands_as_jsonl_in_the_hour_of_the_driven_clock(
    workspace: Workspace, tmp_path: Path
) -> None:
    endpoint = workspace.endpoint()
    folder = _folder(tmp_path, _COLLECTING)
    workspace.deploy(endpoint, folder, data_collector=collecting("model_inputs", "model_outputs"))
    clock = workspace.azure.context.clock
    try:
        for hour in (3, 4):
            clock.set(datetime(1985, 7, 1, hour, tzinfo=UTC))
            header = {"azureml-model-deployment": "blue", "x-request-id": f"request-{hour}"}
            assert workspace.score(endpoint, [{"a": hour, "b": 1}], header).status_code == 200
    finally:
        clock.reset()
    base = f"modelDataCollector/{endpoint}/blue/"
    blobs = workspace.container()
    _until(lambda: len(list(blobs.list_blob_names(name_starts_with=base))) == 4)
    names = sorted(blobs.list_blob_names(name_starts_with=base))
    instance = names[0].rsplit("/", 1)[1]
    assert names == [
        f"{base}{collection}/1985/07/01/{hour:02}/{instance}"
        for collection in ("model_inputs", "model_outputs")
        for hour in (3, 4)
    ]
    _until(lambda: blobs.download_blob(names[3]).readall())
    event = json.loads(blobs.download_blob(names[3]).readall())
    deployment = f"{workspace.id}/onlineEndpoints/{endpoint}/deployments/blue"
    assert {key: event[key] for key in event if key not in {"id", "time"}} == {
        "specversion": "1.0",
        "source": deployment,
        "type": "azureml.inference.model_outputs",
        "datacontenttype": "application/json",
        "data": [{"sum": 5}],
        "correlationid": "request-4",
        "xrequestid": "request-4",
        "modelversion": "default",
        "collectdatatype": "pandas.DataFrame",
        "agent": "azureml-ai-monitoring/1.0.0",
        "contentrange": "bytes 0-10/11",
    }
    assert event["time"][:10] == datetime.now(UTC).date().isoformat()


def test_a_process_has_its_own_identity_and_never_the_deployers_secret(workspace: Workspace, tmp_path: Path) -> None:
    endpoint = workspace.endpoint()
    code = "import os\ndef init():\n    pass\ndef run(body):\n    return dict(os.environ)\n"
    workspace.deploy(endpoint, _folder(tmp_path, code))
    seen = workspace.score(endpoint, {}, {"azureml-model-deployment": "blue"}).json()
    identity = workspace.client.online_endpoints.get(endpoint).identity
    assert workspace.azure.context.identities.client_secret not in json.dumps(seen)
    assert seen["AZURE_CLIENT_ID"] == identity.principal_id
    listening = {
        c.laddr.ip
        for process in psutil.process_iter(["cmdline"])
        if str(workspace.azure.home.path) in " ".join(process.info["cmdline"] or [])
        for c in process.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


_MODEL = """
import mlflow
class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input * 2
mlflow.models.set_model(Doubles())
"""


def test_an_mlflow_model_is_deployed_without_code_or_environment(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "doubles.py").write_text(_MODEL)
    packages = ["mlflow-skinny==3.15.0", "cloudpickle", "numpy", "pandas"]
    folder = tmp_path / "model"
    mlflow.pyfunc.save_model(folder, python_model=str(tmp_path / "doubles.py"), pip_requirements=packages)
    name = workspace.new_name("mlflow")
    model = workspace.client.models.create_or_update(Model(name=name, path=str(folder), type="mlflow_model"))
    endpoint = workspace.endpoint()
    deployment = ManagedOnlineDeployment(
        name="blue", endpoint_name=endpoint, model=model.id, instance_type="Standard_DS3_v2", instance_count=1
    )
    workspace.client.online_deployments.begin_create_or_update(deployment).result()
    body = {"input_data": {"columns": ["a"], "data": [[1], [21]]}}
    answered = workspace.score(endpoint, body, {"azureml-model-deployment": "blue"})
    assert (answered.status_code, answered.json()) == (200, [{"a": 2}, {"a": 42}])


def test_a_deployment_without_code_whose_model_is_no_mlflow_model_is_refused(
    workspace: Workspace, tmp_path: Path
) -> None:
    endpoint = workspace.endpoint()
    deployment = ManagedOnlineDeployment(
        name="blue",
        endpoint_name=endpoint,
        model=a_model(workspace, tmp_path),
        environment=SCORING,
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
    with pytest.raises(HttpResponseError, match="only an MLflow model is deployed without code"):
        workspace.client.online_deployments.begin_create_or_update(deployment).result()
