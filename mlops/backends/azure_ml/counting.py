"""Azure ML counts: a job on the workspace's own cluster reads the files where they lie, and profiles come back.

The job is a pipeline of one component, with a step for each machine; every step counts its share of the files.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.ai.ml import MLClient, load_job
from ruamel.yaml import YAML

from mlops.backends.azure_ml import jobs, package, quiet
from mlops.backends.blobs.container import credential
from mlops.backends.errors import said
from mlops.backends.tables import task
from mlops.domain.data.data_error import DataError
from mlops.domain.world import JobPhase
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from mlops.backends.blobs.reader import Find
    from mlops.backends.tables.pieces import Hour, Order, Share
    from mlops.domain.project import Platform
    from mlops.monitors.profile import Profile

_LOOK_SECONDS = 1.0


def client_of(platform: Platform) -> MLClient:
    """Give what speaks to a platform's workspace, by identity."""
    quiet()
    workspace = (platform.subscription_id, platform.resource_group, platform.workspace)
    return MLClient(credential(), *workspace, enable_telemetry=False, show_progress=False)


class AzureMachines:
    """Counts on machines of Azure ML, which read files of blob storage by their own identity."""

    far = True

    def __init__(
        self, client: MLClient, find: Find, compute: str, *, nodes: int, timeout: timedelta, tell: Callable[[str], None]
    ) -> None:
        """Take a workspace's cluster by its name in Azure; nothing is asked of Azure yet."""
        self._client = client
        self._find = find
        self._compute = compute
        self._nodes = nodes
        self._timeout = timeout
        self._tell = tell

    def count(self, shares: Sequence[Share], order: Order) -> Iterator[tuple[Share, Mapping[Hour, Profile]]]:
        """See Engine.count.  Raise DataError too where the job fails: its log says why."""
        steps = min(self._nodes, len(shares))
        if not steps:
            return
        name = f"mlops-monitor-{uuid.uuid4().hex[:12]}"
        with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
            here = Path(folder)
            task.write(here / "task", [share.source for share in shares], order)
            try:
                self._run(name, _pipeline(here, steps, self._compute, self._timeout))
                for step in range(steps):
                    place = jobs.download_output(self._client, self._find, name, f"counted_{step}", here / str(step))
                    for number, by_hour in task.kept(place):
                        yield shares[number], by_hour
            except OutsideError as error:
                raise DataError(str(error)) from error

    def _run(self, name: str, pipeline: Path) -> None:
        job = load_job(pipeline)
        job.name = job.display_name = name
        with said(f"submitting {name}"):
            self._client.jobs.create_or_update(job)
        self._tell(f"job {name} counts on {self._compute}")
        try:
            phase = self._ended(name)
        except KeyboardInterrupt:
            with said(f"cancelling {name}"):
                self._client.jobs.begin_cancel(name)
            raise
        if phase is not JobPhase.SUCCEEDED:
            raise DataError(
                jobs.why_failed(self._client, name) if phase is JobPhase.FAILED else f"{name} was cancelled"
            )

    def _ended(self, name: str) -> JobPhase:
        while (found := jobs.find(self._client, name)) is None or jobs.phase(found) is JobPhase.RUNNING:
            time.sleep(_LOOK_SECONDS)
        return jobs.phase(found)


def _pipeline(folder: Path, steps: int, compute: str, timeout: timedelta) -> Path:
    """Write the pipeline and all that it carries; the task lies there already."""
    package.archive(folder / "code")
    component: dict[str, Any] = {
        "type": "command",
        "name": "aml_kit_count",
        "display_name": "Count columns",
        "description": "Profiles of files: additive counts of each column, small and without rows.",
        "inputs": {"task": {"type": "uri_folder"}, "part": {"type": "integer"}, "parts": {"type": "integer"}},
        "outputs": {"counted": {"type": "uri_folder"}},
        "code": "./code",
        "environment": package.runtime(),
        "command": f"{package.command('mlops.backends.blobs.node')} ${{{{inputs.task}}}} ${{{{outputs.counted}}}} "
        "--part ${{inputs.part}} --parts ${{inputs.parts}}",
    }
    pipeline: dict[str, Any] = {
        "type": "pipeline",
        "experiment_name": "mlops-monitors",
        "inputs": {"task": {"type": "uri_folder", "path": "./task"}},
        "outputs": {f"counted_{step}": {"type": "uri_folder"} for step in range(steps)},
        "settings": {"default_compute": f"azureml:{compute}"},
        "jobs": {f"part_{step}": _step(step, steps, timeout) for step in range(steps)},
    }
    for name, content in (("count.yml", component), ("pipeline.yml", pipeline)):
        with (folder / name).open("w", encoding="utf-8") as file:
            YAML().dump(content, file)
    return folder / "pipeline.yml"


def _step(step: int, steps: int, timeout: timedelta) -> Mapping[str, Any]:
    return {
        "type": "command",
        "component": "./count.yml",
        "limits": {"timeout": round(timeout.total_seconds())},
        "inputs": {"task": "${{parent.inputs.task}}", "part": step, "parts": steps},
        "outputs": {"counted": f"${{{{parent.outputs.counted_{step}}}}}"},
    }
