"""Run a pipeline: its steps as child jobs, each as soon as all that it needs is there."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.machine_learning import graph, job_outputs, step_job, tracking
from environments.local.machine_learning.bindings import BindingError
from environments.local.machine_learning.job_state import CANCELED, COMPLETED, Outcome, failed, set_status

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Resource

RunChild = Callable[["Resource", str, "Body", threading.Event], Outcome]
_NAMESPACE = uuid.UUID("2b4f0d0e-30b6-4d0e-9a45-0a6a5f6f2a37")
_AT_ONCE = 16
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class PipelineRun:
    """One pipeline under way."""

    context: Context
    job: Resource
    workspace: Resource
    cancel: threading.Event
    run_child: RunChild


def child_name(parent: str, step: str) -> str:
    """The child job of a step: the same each time, so that a pipeline taken up again finds it."""
    return str(uuid.uuid5(_NAMESPACE, f"{parent}/{step}"))


def run(this: PipelineRun) -> Outcome:
    """Run it, or go on with it, and say how it ended; never raises."""
    set_status(this.context, this.job.id, "Preparing")
    with contextlib.suppress(tracking.TrackingError):  # each step runs without it, and the log says so
        tracking.begin(
            this.context,
            this.job.id.name,
            str(this.job.properties.get("experimentName") or "Default"),
            {"mlflow.runName": str(this.job.properties.get("displayName") or this.job.id.name)},
        )
    try:
        outcome = _run_steps(this)
    except (BindingError, ArmError) as error:
        outcome = failed(str(error))
    tracking.end(this.context, this.job.id.name, outcome.status)
    return outcome


def _run_steps(this: PipelineRun) -> Outcome:
    steps: dict[str, Any] = this.job.properties.get("jobs") or {}
    waits = graph.needs(steps)
    set_status(this.context, this.job.id, "Running")
    keep_going = bool((this.job.properties.get("settings") or {}).get("continue_on_step_failure"))
    stop = threading.Event()
    done: set[str] = set()
    bad: dict[str, Outcome] = {}
    running: dict[Future[Outcome], str] = {}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"steps-{this.job.id.name[:12]}") as pool:
        while True:
            if this.cancel.is_set() or (bad and not keep_going):
                stop.set()
            else:
                started = frozenset([*done, *bad, *running.values()])
                for name in graph.ready(waits, frozenset(done), started):
                    running[pool.submit(_run_step, this, name, steps, stop)] = name
            if not running:
                break
            for each in wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
                name, outcome = running.pop(each), each.result()
                if outcome.status == "Completed":
                    done.add(name)
                else:
                    bad[name] = outcome
    return _judge(this, bad)


def _judge(this: PipelineRun, bad: dict[str, Outcome]) -> Outcome:
    if this.cancel.is_set():
        return CANCELED
    broken = {name: outcome for name, outcome in bad.items() if outcome.status == "Failed"} or bad
    if broken:
        said = " ".join(f"{name}: {outcome.message}" for name, outcome in broken.items())
        nodes = ", ".join(f"/{name}" for name in broken)
        return failed(f"Pipeline has failed child jobs. Failed nodes: {nodes}. {said}")
    workspace = this.workspace.id
    for name, given in (this.job.properties.get("outputs") or {}).items():
        if given.get("assetName"):
            job_outputs.register(this.context, workspace, this.job.id.name, name, given)
    return COMPLETED


def _run_step(this: PipelineRun, name: str, steps: dict[str, Any], stop: threading.Event) -> Outcome:
    try:
        body = step_job.body_of(this.context, this.job, name, steps, lambda step: child_name(this.job.id.name, step))
    except (BindingError, ArmError) as error:
        return failed(str(error))
    return this.run_child(this.job, child_name(this.job.id.name, name), body, stop)
