"""The jobs under way: a thread each, found again after the server was killed, ended when asked."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.machine_learning import command_job, pipeline_job, processes, sweep_job, tracking, transfer
from environments.local.machine_learning.capacity import Slots
from environments.local.machine_learning.job_folder import folder_of
from environments.local.machine_learning.job_state import (
    CANCELED,
    PARENT,
    TERMINAL,
    TYPE,
    Outcome,
    failed,
    finish,
    request_cancel,
    status_of,
)

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Body, Context, Resource

_log = logging.getLogger(__name__)
_STOP_SECONDS = 8.0
_NOT_BUILT = "jobs of type {} are accepted and not run: the local environment runs Command, Pipeline and Sweep jobs."


class Jobs:
    """Starts jobs and remembers who runs."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._slots = Slots()
        self._lock = threading.Lock()
        self._cancels: dict[str, threading.Event] = {}
        self._stopping = threading.Event()

    def resume(self) -> None:
        """Take up every job that had not ended; a pipeline or sweep takes up its own children."""
        for job in self._context.store.of_type(TYPE):
            if job.properties.get("status") not in TERMINAL and not job.body.get(PARENT):
                _log.info("takes up job %s again (%s)", job.id.name, job.properties.get("status"))
                self.submit(job.id)

    def stop(self) -> None:
        """Let go: the jobs' processes are ended, and the next start runs them again from their beginning."""
        self._stopping.set()
        with self._lock:
            for event in self._cancels.values():
                event.set()
        deadline = time.monotonic() + _STOP_SECONDS
        while self._cancels and time.monotonic() < deadline:
            time.sleep(0.05)

    def used(self, compute: ResourceId) -> int:
        """How many of a compute's nodes run something."""
        return self._slots.used(compute.key)

    def submit(self, job: ResourceId) -> None:
        """Run a job in a thread of its own."""
        with self._lock:
            if job.key in self._cancels or self._stopping.is_set():
                return
            self._cancels[job.key] = threading.Event()
        threading.Thread(target=self._run, args=(job,), daemon=True, name=f"job-{job.name}").start()

    def run_child(self, parent: Resource, name: str, properties: Body, cancel: threading.Event) -> Outcome:
        """Make a child job, or find it, and run it to its end in this thread."""
        assert parent.id.parent is not None  # noqa: S101 - a job lies in a workspace
        job = parent.id.parent.child("jobs", name)
        if self._context.store.get(job) is None:
            self._context.store.put(job, {"properties": properties, PARENT: parent.id.name}, by=parent.created_by)
        with self._lock:
            own = self._cancels.setdefault(job.key, threading.Event())
        threading.Thread(target=_pass_on, args=(cancel, own), daemon=True).start()
        self._run(job)
        own.set()
        found = self._context.store.get(job)
        ended: Body = found.properties if found else {"status": "Canceled"}
        error = ended.get("error") or {}
        return Outcome(status=ended["status"], code=error.get("code", ""), message=error.get("message", ""))

    def cancel(self, job: ResourceId) -> None:
        """End a job and all that it made.  Raises ArmError 400 when it has ended already."""
        if status_of(self._context, job) in TERMINAL:
            raise ArmError(400, "UserError", f"Job {job.name} has ended and cannot be canceled.")
        request_cancel(self._context, job)
        with self._lock:
            event = self._cancels.get(job.key)
        if event is None:
            finish(self._context, job, CANCELED)
        else:
            event.set()

    def forget(self, job: ResourceId) -> None:
        """End what runs of a job that is being deleted."""
        with self._lock:
            event = self._cancels.get(job.key)
        if event is not None:
            event.set()
        processes.stop(processes.find(folder_of(self._context, job).process))
        transfer.forget(folder_of(self._context, job).path)
        tracking.forget(self._context, job.name)

    def _run(self, job: ResourceId) -> None:
        cancel = self._cancels[job.key]
        try:
            found = self._context.store.get(job)
            if found is None or found.properties.get("status") in TERMINAL:
                return
            if found.properties.get("status") == "CancelRequested":
                cancel.set()
            outcome = self._do(found, cancel)
            if self._stopping.is_set() and outcome.status != "Completed":
                return  # goes on at the next start
            finish(self._context, job, CANCELED if cancel.is_set() and outcome.status == "Failed" else outcome)
        except Exception as error:  # noqa: BLE001 - whatever broke, the job must end
            if self._stopping.is_set():
                return
            _log.exception("job %s broke", job.name)
            finish(self._context, job, failed(f"the local environment: {error}", "SystemError"))
        finally:
            with self._lock:
                self._cancels.pop(job.key, None)
            if not self._stopping.is_set() and self._context.store.get(job) is None:  # deleted meanwhile
                transfer.forget(folder_of(self._context, job).path)

    def _do(self, job: Resource, cancel: threading.Event) -> Outcome:
        workspace = self._context.store.get(job.id.parent) if job.id.parent else None
        if workspace is None:
            return failed("the job's workspace is gone.")
        kind = str(job.properties.get("jobType", ""))
        shared: dict[str, Any] = {"context": self._context, "job": job, "workspace": workspace, "cancel": cancel}
        match kind.lower():
            case "command":
                return command_job.run(command_job.CommandRun(**shared, slots=self._slots))
            case "pipeline":
                return pipeline_job.run(pipeline_job.PipelineRun(**shared, run_child=self.run_child))
            case "sweep":
                return sweep_job.run(sweep_job.SweepRun(**shared, run_child=self.run_child))
        return failed(_NOT_BUILT.format(kind), "NotSupported")


def _pass_on(cancel: threading.Event, own: threading.Event) -> None:
    """A parent's cancellation is its children's."""
    while not own.wait(0.1):
        if cancel.is_set():
            own.set()
