"""One scoring process: a deployment's code, model and runtime under Azure's own inference server."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import shutil
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments.local import supervisor
from environments.local.arm.errors import ArmError
from environments.local.machine_learning import assets, mlflow_model, processes, runtimes, transfer
from environments.local.machine_learning.collector import Target
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.process_environment import identity_of, variables, workspace_variables
from environments.local.machine_learning.runtime_spec import RuntimeRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context, Resource
    from environments.local.machine_learning.assets import Location
    from environments.local.machine_learning.runtime_build import Runtime

# Azure's server listens on all addresses of its container; here it must not be seen from outside.
_LAUNCH = "from azureml_inference_server_http import amlserver; amlserver.DEFAULT_HOST = '127.0.0.1'; amlserver.run()"
_LOOK_SECONDS = 0.05
_STARTS_AFRESH = ("model", "environmentId", "codeConfiguration", "environmentVariables", "dataCollector")
_CRASHED = (
    "User container has crashed or terminated. Please see troubleshooting guide, available here: "
    "https://aka.ms/oe-tsg#error-resourcenotready"
)
_DEFAULT_PROBE = {"initialDelay": "PT10S", "period": "PT10S", "failureThreshold": 30}


@dataclass(frozen=True, kw_only=True)
class Serving:
    """One generation of a deployment's process; all that is needed to find it again."""

    folder: str
    port: int
    spec: str
    """Digest of what makes another process necessary."""
    credential: str
    """With which its collected data is accepted."""
    instance: str
    ways: tuple[int, int]
    """The ports of the proxy and of the plain-http server that it was told."""


def spec_of(deployment: Resource) -> str:
    """Digest what a change of which needs a new process."""
    content = {key: deployment.properties.get(key) for key in _STARTS_AFRESH}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def folder_of(context: Context, deployment: ResourceId) -> Path:
    """Where a deployment's files lie on this machine."""
    workspace, endpoint, name = (part.lower() for part in deployment.names)
    return context.home.path / "deployments" / (deployment.resource_group or "").lower() / workspace / endpoint / name


def prepare(context: Context, deployment: Resource) -> Serving:
    """Bring code and model here and build the runtime.

    Raises ArmError in Azure's words: what cannot be had, and why.
    """
    workspace = deployment.id.parent.parent if deployment.id.parent else None
    assert workspace is not None  # noqa: S101 - a deployment lies in an endpoint of a workspace
    home = folder_of(context, deployment.id)
    folder = home / uuid.uuid4().hex[:12]
    folder.mkdir(parents=True)
    (home / "log.txt").unlink(missing_ok=True)
    try:
        _bring(context, workspace, deployment, folder)
        built = _runtime(context, workspace, deployment, folder)
    except RuntimeRefusedError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ArmError(400, "ImageBuildFailure", str(error)) from error
    except ArmError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (folder / "runtime").symlink_to(built.folder)
    kept = context.store.document("instances", deployment.id.key) or {"id": str(uuid.uuid4())}
    context.store.put_document("instances", deployment.id.key, kept)
    return Serving(
        folder=str(folder),
        port=supervisor.free_port(),
        spec=spec_of(deployment),
        credential=secrets.token_hex(12),
        instance=kept["id"],
        ways=(context.ports.proxy, context.ports.plain),
    )


def start(context: Context, deployment: Resource, serving: Serving) -> None:
    """Start the process; `wait_ready` says whether it comes up.  Raises OSError."""
    folder = Path(serving.folder)
    endpoint = context.store.get(deployment.id.parent) if deployment.id.parent else None
    workspace = context.store.get(endpoint.id.parent) if endpoint and endpoint.id.parent else None
    assert endpoint is not None  # noqa: S101 - checked when the deployment was made
    assert workspace is not None  # noqa: S101 - the endpoint's parent
    programs = folder / "runtime" / "bin"
    principal = identity_of(context, endpoint, workspace.id)
    script = _script(deployment)
    given = deployment.properties.get("environmentVariables") or {}
    environment = {
        **variables(context, principal, f"deployment:{endpoint.id.name}/{deployment.id.name}", programs),
        **workspace_variables(context, workspace),
        "AML_APP_ROOT": str(folder / "code"),
        "AZUREML_ENTRY_SCRIPT": script,
        "AZUREML_MODEL_DIR": str(model_folder(folder)),
        "SERVICE_NAME": endpoint.id.name,
        "WORKSPACE_NAME": workspace.id.name,
        **_collection(deployment, serving, context.ports.plain, folder),
        **{str(key): str(value) for key, value in given.items()},
    }
    workers = str(given.get("WORKER_COUNT") or 1)
    server = [str(programs / "python"), "-c", _LAUNCH, "--entry_script", script, "--port", str(serving.port)]
    log = folder.parent / "log.txt"
    started = processes.start(
        folder / "process",
        [*server, "--worker_count", workers],
        environment=environment,
        directory=folder / "code",
        log=log,
    )
    processes.list_for_down(context.home, listed_as(deployment.id), started, http=serving.port)


def listed_as(deployment: ResourceId) -> str:
    """What `status` calls a deployment's process."""
    return f"deployment-{deployment.names[-2]}-{deployment.name}"


def model_folder(folder: Path) -> Path:
    """`AZUREML_MODEL_DIR`: the folder that holds the model's folder or file."""
    found = sorted((folder / "azureml-models").glob("*/*"))
    return found[0] if found else folder / "azureml-models"


def wait_ready(deployment: Resource, serving: Serving, process: processes.Started | None) -> None:
    """Return when the process answers.

    Raises ArmError `ResourceNotReady`, as Azure does, when it ends first or takes longer than its readiness probe
    allows.
    """
    probe = {**_DEFAULT_PROBE, **{k: v for k, v in (deployment.properties.get("readinessProbe") or {}).items() if v}}
    allowed = read_duration(probe["initialDelay"], 10) + int(probe["failureThreshold"]) * read_duration(
        probe["period"], 10
    )
    deadline = time.monotonic() + allowed
    while not healthy(serving.port):
        if not processes.alive(process):
            raise ArmError(400, "ResourceNotReady", _CRASHED)
        if time.monotonic() > deadline:
            why = f"the scoring process did not become ready within {allowed:.0f} s (its readiness probe)"
            raise ArmError(400, "ResourceNotReady", f"{_CRASHED} ({why})")
        time.sleep(_LOOK_SECONDS)


def healthy(port: int) -> bool:
    """Whether the server answers its liveness path."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200  # noqa: PLR2004
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def target_of(context: Context, deployment: Resource, serving: Serving) -> Target | None:
    """Where its collected data goes; None when it collects none.  Raises ArmError."""
    wanted = _collections(deployment)
    if not wanted:
        return None
    endpoint = deployment.id.parent
    workspace = endpoint.parent if endpoint else None
    assert endpoint is not None and workspace is not None  # noqa: S101, PT018 - a deployment lies in both
    found: dict[str, Location] = {}
    for name, given in wanted.items():
        if given.get("dataId"):
            found[name.lower()] = assets.locate(context, workspace, str(given["dataId"]))
        else:
            base = assets.datastore(context, workspace, assets.DEFAULT_STORE)
            found[name.lower()] = base.below(f"modelDataCollector/{endpoint.name}/{deployment.id.name}/{name}")
    rate = str((deployment.properties.get("dataCollector") or {}).get("rollingRate") or "Hour")
    return Target(source=deployment.id.text, instance=serving.instance, rolling_rate=rate, collections=found)


def save(home: Path, serving: Serving | None) -> None:
    """Remember which generation is the current one."""
    file = home / "current.json"
    if serving is None:
        file.unlink(missing_ok=True)
        return
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps(asdict(serving)))
    aside.replace(file)


def load(home: Path) -> Serving | None:
    """The current generation, if any."""
    try:
        kept: dict[str, Any] = json.loads((home / "current.json").read_text())
    except FileNotFoundError:
        return None
    return Serving(**{**kept, "ways": tuple(kept["ways"])})


def _runtime(context: Context, workspace: ResourceId, deployment: Resource, folder: Path) -> Runtime:
    environment = str(deployment.properties.get("environmentId") or "")
    if environment or _script(deployment) != mlflow_model.SCRIPT:
        return runtimes.runtime_of(context, workspace, environment)
    return runtimes.runtime_for(context, mlflow_model.read_runtime(model_folder(folder)))


def _script(deployment: Resource) -> str:
    """The scoring script: the user's, or the one that is made for an MLflow model without."""
    given = str((deployment.properties.get("codeConfiguration") or {}).get("scoringScript") or "")
    return given or mlflow_model.SCRIPT


def _bring(context: Context, workspace: ResourceId, deployment: Resource, folder: Path) -> None:
    (folder / "code").mkdir()
    code = (deployment.properties.get("codeConfiguration") or {}).get("codeId")
    script = (deployment.properties.get("codeConfiguration") or {}).get("scoringScript")
    model = deployment.properties.get("model")
    asset = assets.find(context, workspace, str(model), ("models",)) if model else None
    if code and script:
        transfer.download(context.accounts, assets.locate(context, workspace, str(code)), folder / "code")
        if not (folder / "code" / str(script)).is_file():
            raise ArmError(400, "BadArgument", f"the scoring script {script} is not in the deployment's code.")
    elif asset is not None and str(asset.properties.get("modelType", "")).lower() == "mlflow_model":
        mlflow_model.write_script(folder / "code")
    else:
        raise ArmError(
            400,
            "BadArgument",
            "only an MLflow model is deployed without code and a scoring script (code_configuration).",
        )
    if asset is not None:
        location = assets.locate(context, workspace, asset.id.text)
        into = folder / "azureml-models" / asset.id.names[-2] / asset.id.name
        transfer.download_named(context.accounts, location, into)


def _collections(deployment: Resource) -> Mapping[str, Any]:
    given: Mapping[str, Any] = (deployment.properties.get("dataCollector") or {}).get("collections") or {}
    return {k: v for k, v in given.items() if str(v.get("dataCollectionMode", "")).lower() == "enabled"}


def _collection(deployment: Resource, serving: Serving, port: int, folder: Path) -> dict[str, str]:
    """What the collector's library reads; the user in the host's place tells the receiver who posts."""
    wanted = _collections(deployment)
    if not wanted:
        return {"AZUREML_MDC_ENABLED": "false"}
    config = folder / "mdc.json"
    rates = {name: float(given.get("samplingRate") or 1.0) * 100 for name, given in wanted.items()}
    entries = {name.lower(): {"enabled": True, "sampleRatePercentage": rate} for name, rate in rates.items()}
    config.write_text(json.dumps({"runMode": "cloud", "collections": entries}))
    return {
        "AZUREML_MDC_ENABLED": "true",
        "AZUREML_MDC_CONFIG_PATH": str(config),
        "AZUREML_MDC_HOST": f"{serving.credential}:x@127.0.0.1",
        "AZUREML_MDC_PORT": str(port),
    }
