"""Jobs of Azure ML: where one stands, why it failed, what it wrote."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.azure_ml.references import state_word
from mlops.backends.errors import said
from mlops.domain.world import JobPhase
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlops.backends.blobs.reader import Find

_LINES = 40
_PHASES = {
    "completed": JobPhase.SUCCEEDED,
    "failed": JobPhase.FAILED,
    "notresponding": JobPhase.FAILED,
    "canceled": JobPhase.CANCELLED,
}
"""Azure ML's final states; in every other one the job is still under way."""


def find(client: MLClient, name: str) -> Any:  # noqa: ANN401 - the SDK's job, or None
    """Give a job; None where there is none."""
    with said(f"looking at the job {name}"):
        try:
            return client.jobs.get(name)
        except ResourceNotFoundError:
            return None


def phase(job: Any) -> JobPhase:  # noqa: ANN401 - as above
    """Say where a job stands."""
    return _PHASES.get(state_word(job.status), JobPhase.RUNNING)


def cancel(client: MLClient, name: str) -> None:
    """Ask for a job to be stopped; a finished or missing one is left alone."""
    if not _runs(client, name):
        return
    try:
        with said(f"cancelling {name}"):
            client.jobs.begin_cancel(name)
    except RefusedError:  # it ended meanwhile, or was cancelled and the answer got lost
        if _runs(client, name):
            raise


def _runs(client: MLClient, name: str) -> bool:
    found = find(client, name)
    return found is not None and phase(found) is JobPhase.RUNNING


def why_failed(client: MLClient, name: str) -> str:
    """Give the end of the log of the first step that failed, or of the job itself."""
    with said(f"reading the log of {name}"):
        steps = [one for one in client.jobs.list(parent_job_name=name) if state_word(one.status) == "failed"]
        failed = steps[0] if steps else None
        log = _log(client, str(failed.name) if failed else name)
    label = f"step {failed.display_name or failed.name} failed" if failed else f"job {name} failed"
    return f"{label}: {log}" if log else label


def download_output(client: MLClient, find: Find, job: str, output: str, folder: Path) -> Path:
    """Download a finished job's named output; give the folder it is in (which may be missing).

    Looked for first where Azure ML puts outputs that have no place of their own; only the SDK knows the other places,
    and to know them it imports half of MLflow.
    """
    place = folder / "named-outputs" / output
    container, root = find(f"azureml://datastores/workspaceblobstore/paths/azureml/{job}/{output}/")
    names = [blob.name for blob in container.blobs(root)]
    for blob, content in container.read(names):
        file = place / blob.name.removeprefix(root)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if not names:
        with said(f"downloading {output} of {job}"):
            client.jobs.download(job, download_path=folder, output_name=output)
    return place


def _log(client: MLClient, job: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        client.jobs.download(job, download_path=folder)
        logs = sorted(Path(folder).rglob("std_log*.txt")) or sorted(Path(folder).rglob("*.txt"))
        return "\n".join(logs[0].read_text(errors="replace").splitlines()[-_LINES:]) if logs else ""
