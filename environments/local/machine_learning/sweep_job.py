"""Run a sweep: trials as child jobs, and the best of them by the metric that each logged to MLflow."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.machine_learning import search_space, tracking
from environments.local.machine_learning.bindings import BindingError
from environments.local.machine_learning.durations import read_duration
from environments.local.machine_learning.job_state import CANCELED, COMPLETED, Outcome, failed, note, set_status
from environments.local.machine_learning.search_space import SearchSpaceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Body, Context, Resource

RunChild = Callable[["Resource", str, "Body", threading.Event], Outcome]
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class SweepRun:
    """One sweep under way."""

    context: Context
    job: Resource
    workspace: Resource
    cancel: threading.Event
    run_child: RunChild

    @property
    def properties(self) -> Mapping[str, Any]:
        """The sweep as it was submitted."""
        return self.job.properties


def run(this: SweepRun) -> Outcome:
    """Run it, or go on with it, and say how it ended; never raises."""
    set_status(this.context, this.job.id, "Running")
    try:
        experiment = str(this.properties.get("experimentName") or "Default")
        tracking.begin(this.context, this.job.id.name, experiment, {"mlflow.runName": this.job.id.name})
        ended = _run_trials(this)
        outcome = _judge(this, ended)
    except (SearchSpaceError, BindingError, ValueError) as error:
        outcome = failed(str(error))
    except tracking.TrackingError as error:
        outcome = failed(f"a sweep needs its metric: {error}", "SystemError")
    tracking.end(this.context, this.job.id.name, outcome.status)
    return outcome


def trial_name(sweep: str, number: int) -> str:
    """As Azure names them."""
    return f"{sweep}_{number}"


def _run_trials(this: SweepRun) -> dict[str, Outcome]:
    limits = this.properties.get("limits") or {}
    most = limits.get("maxTotalTrials")
    at_once = int(limits.get("maxConcurrentTrials") or most or 4)
    until = time.monotonic() + read_duration(limits.get("timeout"), float("inf"))
    algorithm = this.properties.get("samplingAlgorithm") or {}
    seed = int(algorithm.get("seed") or zlib.crc32(this.job.id.name.encode()))
    space = this.properties.get("searchSpace") or {}
    points = enumerate(
        search_space.trials(space, str(algorithm.get("samplingAlgorithmType", "Random")), seed, int(most or 0) or None)
    )
    stop, ended = threading.Event(), dict[str, Outcome]()
    running: dict[Future[Outcome], str] = {}
    with ThreadPoolExecutor(max(1, at_once), thread_name_prefix=f"trials-{this.job.id.name[:12]}") as pool:
        while True:
            if this.cancel.is_set() or time.monotonic() > until:
                stop.set()
            while not stop.is_set() and len(running) < at_once and (point := next(points, None)) is not None:
                name = trial_name(this.job.id.name, point[0])
                running[pool.submit(this.run_child, this.job, name, _trial(this, point[1]), stop)] = name
            if not running:
                return ended
            for each in wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
                ended[running.pop(each)] = each.result()


def _trial(this: SweepRun, point: Mapping[str, Any]) -> Body:
    trial, limits = this.properties.get("trial") or {}, this.properties.get("limits") or {}
    command = str(trial["command"])
    for name, value in point.items():
        command = command.replace(f"${{{{search_space.{name}}}}}", str(value))
    return {
        "jobType": "Command",
        "command": command,
        "codeId": trial.get("codeId"),
        "environmentId": trial.get("environmentId"),
        "environmentVariables": trial.get("environmentVariables") or {},
        "resources": trial.get("resources") or {},
        "limits": {"timeout": limits.get("trialTimeout")},
        "inputs": this.properties.get("inputs") or {},
        "outputs": {
            name: {key: value for key, value in given.items() if key == "jobOutputType"}
            for name, given in (this.properties.get("outputs") or {}).items()
        },
        "computeId": this.properties.get("computeId") or "",
        "experimentName": this.properties.get("experimentName") or "Default",
        "displayName": ", ".join(f"{name}={value}" for name, value in point.items()),
        "status": "NotStarted",
        "isArchived": False,
        "tags": {name: str(value) for name, value in point.items()},
        "properties": {},
        "services": {},
    }


def _judge(this: SweepRun, ended: Mapping[str, Outcome]) -> Outcome:
    if this.cancel.is_set():
        return CANCELED
    objective = this.properties.get("objective") or {}
    metric = str(objective.get("primaryMetric") or "")
    values = {
        name: value
        for name, outcome in ended.items()
        if outcome.status == "Completed" and (value := tracking.metric(this.context, name, metric)) is not None
    }
    if not values:
        messages = sorted({outcome.message for outcome in ended.values() if outcome.message})
        why = f" {' '.join(messages)}" if messages else ""
        return failed(f"no trial completed and logged the primary metric `{metric}` to MLflow.{why}")
    best = (max if str(objective.get("goal", "")).lower() == "maximize" else min)(values, key=lambda name: values[name])
    note(this.context, this.job.id, best_child_run_id=best, score=values[best])
    return COMPLETED
