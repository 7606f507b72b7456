"""Run one command as Azure ML does: runtime, code, inputs, outputs, log, exit code; from any state it was left in."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.machine_learning import (
    assets,
    capacity,
    job_outputs,
    processes,
    runtimes,
    tracking,
    transfer,
)
from environments.local.machine_learning.bindings import BindingError, fill_in
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.job_folder import (
    RUNTIME_LOG,
    STD_LOG,
    JobFolder,
    artifacts,
    folder_of,
    publish_logs,
)
from environments.local.machine_learning.job_state import (
    CANCELED,
    COMPLETED,
    PARENT,
    Outcome,
    failed,
    set_status,
)
from environments.local.machine_learning.process_environment import identity_of, job_variables, variables
from environments.local.machine_learning.runtime_spec import RuntimeRefusedError

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Context, Resource
    from environments.local.machine_learning.processes import Started
    from environments.local.machine_learning.runtime_build import Runtime

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1
_ALONE = {
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "6105",
    "NODE_RANK": "0",
    "RANK": "0",
    "LOCAL_RANK": "0",
    "WORLD_SIZE": "1",
}
"""What a distributed job is told: every job is one process here, and leads a world of one."""
_PUBLISH_SECONDS = 1.0
MODEL_FOLDER = "AZUREML_MODEL_DIR"
"""A variable for the folder that *holds* the model's own folder or file: an input named in it keeps its name."""
_DATA_TYPES = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model")


@dataclass(frozen=True, kw_only=True)
class CommandRun:
    """One command job under way."""

    context: Context
    job: Resource
    workspace: Resource
    slots: capacity.Slots
    cancel: threading.Event
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def properties(self) -> Mapping[str, Any]:
        """The job as it was submitted."""
        return self.job.properties

    @property
    def folder(self) -> JobFolder:
        """Its files on this machine."""
        return folder_of(self.context, self.job.id)


def run(this: CommandRun) -> Outcome:
    """Run it, or go on with it, and say how it ended; never raises."""
    try:
        outcome = _run(this)
    except (RuntimeRefusedError, BindingError) as error:
        outcome = failed(str(error))
    except ArmError as error:
        outcome = failed(error.message)
    except OSError as error:
        outcome = failed(f"this machine: {error}", "SystemError")
    publish_logs(this.context, this.job.id, this.seen)
    tracking.end(this.context, this.job.id.name, outcome.status)
    if outcome.status != "Failed":
        for leftover in ("inputs", "outputs", "code"):
            transfer.forget(this.folder.path / leftover)
    return outcome


def _run(this: CommandRun) -> Outcome:
    compute = _compute(this)
    key = compute.id.key if compute else f"{this.workspace.id.key}/serverless"
    nodes = int((this.properties.get("resources") or {}).get("instanceCount") or 1)
    left = processes.find(this.folder.process)
    if left is not None and not (processes.alive(left) or processes.exit_code(this.folder.process) is not None):
        left = None  # ended together with the server: like a preempted node's, the job runs again
    if left is not None:  # it outlived the server: its nodes are its own
        with this.slots.hold(key, nodes):
            return _finish(this, left)
    set_status(this.context, this.job.id, "Preparing")
    built = _runtime(this)
    if this.cancel.is_set():
        return CANCELED
    size = capacity.size_of(compute)
    if nodes > max(size, 1):
        return failed(f"{nodes} instances were asked for; compute {key.rsplit('/', 1)[-1]} has at most {size}.")
    set_status(this.context, this.job.id, "Queued")
    with this.slots.take(key, nodes, size, this.cancel) as got:
        if not got:
            return CANCELED
        if this.slots.used(key) == nodes:
            set_status(this.context, this.job.id, "Provisioning")  # scaling up from nothing
        set_status(this.context, this.job.id, "Starting")
        started = _start(this, built, compute)
        return _finish(this, started)


def _compute(this: CommandRun) -> Resource | None:
    wanted = str(this.properties.get("computeId") or "")
    if not wanted or wanted.rsplit("/", 1)[-1].lower() in {"serverless", "local"}:
        return None
    found = this.context.store.get(this.workspace.id.child("computes", wanted.rsplit("/", 1)[-1]))
    if found is None:
        raise ArmError(400, "UserError", f"compute {wanted.rsplit('/', 1)[-1]} is gone.")
    return found


def _runtime(this: CommandRun) -> Runtime:
    built = runtimes.runtime_of(this.context, this.workspace.id, str(this.properties.get("environmentId") or ""))
    log = this.folder.log(RUNTIME_LOG)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(built.log)
    return built


def _start(this: CommandRun, built: Runtime, compute: Resource | None) -> Started:
    context, folder = this.context, this.folder
    for leftover in ("inputs", "outputs", "code"):
        transfer.forget(folder.path / leftover)
    folder.code.mkdir(parents=True)
    if code := this.properties.get("codeId"):
        transfer.download(context.accounts, assets.locate(context, this.workspace.id, str(code)), folder.code)
    values = {**_inputs(this), **_outputs(this)}
    command = fill_in(str(this.properties["command"]), values)
    principal = identity_of(context, compute, this.workspace.id)
    given = {str(k): fill_in(str(v), values) for k, v in (this.properties.get("environmentVariables") or {}).items()}
    token = context.identities.issue(principal, "https://ml.azure.com")
    environment = {
        **variables(context, principal, f"job:{this.job.id.name}", built.programs),
        **job_variables(context, this.workspace, this.job.id.name, _begin_run(this), token),
        **_named(values),
        **(_ALONE if this.properties.get("distribution") else {}),
        **given,
    }  # fmt: skip
    log = folder.log(STD_LOG)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    set_status(context, this.job.id, "Running")
    started = processes.start(
        folder.process, ["bash", "-c", command], environment=environment, directory=folder.code, log=log
    )
    processes.list_for_down(context.home, f"job-{this.job.id.name}", started)
    return started


def _named(values: Mapping[str, str]) -> dict[str, str]:
    """`inputs.x` -> `AZURE_ML_INPUT_x`, as Azure names them for the process."""
    pairs = ((*key.split(".", 1), value) for key, value in values.items())
    return {f"AZURE_ML_{kind.rstrip('s').upper()}_{name}": value for kind, name, value in pairs}


def _begin_run(this: CommandRun) -> dict[str, str]:
    """Begin the job's run; a job also runs without tracking, and its log then says so."""
    experiment = str(this.properties.get("experimentName") or "Default")
    tags = {
        "mlflow.runName": str(this.properties.get("displayName") or this.job.id.name),
        "mlflow.source.type": "JOB",
        **{str(key): str(value) for key, value in (this.properties.get("tags") or {}).items()},
    }
    parent = this.job.body.get(PARENT)
    kept = this.context.store.document(tracking.KIND, str(parent)) if parent else None
    if kept is not None:
        tags |= {"mlflow.parentRunId": kept["id"], "mlflow.rootRunId": kept["id"]}
    try:
        begun = tracking.begin(this.context, this.job.id.name, experiment, tags)
    except tracking.TrackingError as error:
        _log.warning("job %s runs without tracking: %s", this.job.id.name, error)
        return {"name": experiment, "id": "0"}
    return {"name": experiment, "id": begun.experiment}


def _inputs(this: CommandRun) -> dict[str, str]:
    """Bring the inputs here; a `Direct` one stays a URI."""
    found: dict[str, str] = {}
    held = str((this.properties.get("environmentVariables") or {}).get(MODEL_FOLDER, ""))
    for name, given in (this.properties.get("inputs") or {}).items():
        kind = str(given.get("jobInputType", "literal")).lower()
        if kind not in _DATA_TYPES:
            found[f"inputs.{name}"] = str(given.get("value", ""))
        elif str(given.get("mode", "")).lower() == "direct":
            found[f"inputs.{name}"] = str(given["uri"])
        else:
            location = assets.locate(this.context, this.workspace.id, str(given["uri"]))
            into = this.folder.input(name)
            if held == f"${{{{inputs.{name}}}}}":
                transfer.download_named(this.context.accounts, location, into)
                found[f"inputs.{name}"] = str(into)
            else:
                found[f"inputs.{name}"] = str(transfer.download(this.context.accounts, location, into))
    return found


def _outputs(this: CommandRun) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, given in (this.properties.get("outputs") or {}).items():
        if name == "default":
            continue
        path = this.folder.output(name)
        if str(given.get("jobOutputType", "")).lower() == "uri_file":
            path.mkdir(parents=True)
            uri = str(given.get("uri") or "").rstrip("/")
            path /= uri.rsplit("/", 1)[-1] or name
        else:
            path.mkdir(parents=True)
        found[f"outputs.{name}"] = str(path)
    return found


def _finish(this: CommandRun, started: Started) -> Outcome:
    """Wait for the end of the process, then bring its outputs to where they belong."""
    outcome = _wait(this, started)
    processes.list_for_down(this.context.home, f"job-{this.job.id.name}", None)
    if outcome.status != "Canceled":
        set_status(this.context, this.job.id, "Finalizing")
    accounts, where = this.context.accounts, artifacts(this.context, this.job.id)
    for name in ("outputs", "logs"):
        if (this.folder.code / name).is_dir():
            transfer.upload(accounts, this.folder.code / name, where.below(name))
    return job_outputs.deliver(this.context, this.job, this.folder, outcome)


def _wait(this: CommandRun, started: Started) -> Outcome:
    limit = read_duration((this.properties.get("limits") or {}).get("timeout"), float("inf"))
    published = 0.0
    while not processes.wait(started, _LOOK_SECONDS):
        if this.cancel.is_set():
            processes.stop(started)
            transfer.forget(this.folder.process)  # a stopped server runs the job again, from its beginning
            return CANCELED
        if time.time() - started.born > limit:
            processes.stop(started)
            return failed(f"the job ran longer than its limit of {limit:g} s and was ended.", "JobTimeout")
        if time.monotonic() - published > _PUBLISH_SECONDS:
            publish_logs(this.context, this.job.id, this.seen)
            published = time.monotonic()
    if this.cancel.is_set():
        return CANCELED
    code = processes.exit_code(this.folder.process)
    if code == 0:
        return COMPLETED
    if code is None:
        return failed("the process was killed: it left no exit code.", "SystemError")
    said = this.folder.log(STD_LOG).read_text(errors="replace").strip().splitlines()
    message = (
        f"Execution failed. User process '{this.properties['command'].split()[0]}' exited with status code {code}."
    )
    return failed(f"{message} Please check log file 'user_logs/std_log.txt' for error details."
                  + (f" Error: {said[-1]}" if said else ""))  # fmt: skip
