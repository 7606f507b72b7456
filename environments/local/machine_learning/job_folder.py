"""Where a job keeps its files on this machine, and its log for everybody to see."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError
from environments.local.machine_learning import assets, transfer

if TYPE_CHECKING:
    from pathlib import Path

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Context
    from environments.local.machine_learning.assets import Location

_log = logging.getLogger(__name__)
STD_LOG = "user_logs/std_log.txt"
RUNTIME_LOG = "system_logs/runtime.txt"


@dataclass(frozen=True)
class JobFolder:
    """A job's own folder."""

    path: Path

    @property
    def code(self) -> Path:
        """Where the command runs."""
        return self.path / "code"

    @property
    def process(self) -> Path:
        """What is needed to find the process again."""
        return self.path / "process"

    def input(self, name: str) -> Path:
        """Where an input lies."""
        return self.path / "inputs" / name

    def output(self, name: str) -> Path:
        """Where an output is written."""
        return self.path / "outputs" / name

    def log(self, name: str) -> Path:
        """One of its logs."""
        return self.path / "logs" / name


def folder_of(context: Context, job: ResourceId) -> JobFolder:
    """Name the folder; it need not exist."""
    group, workspace = (job.resource_group or "").lower(), job.names[0].lower()
    return JobFolder(context.home.path / "jobs" / group / workspace / job.name)


def artifacts(context: Context, job: ResourceId) -> Location:
    """Where Azure keeps a job's logs and artifacts.  Raises ArmError."""
    assert job.parent is not None  # noqa: S101 - a job lies in a workspace
    return assets.datastore(context, job.parent, assets.ARTIFACT_STORE).below(f"ExperimentRun/dcid.{job.name}")


def publish_logs(context: Context, job: ResourceId, seen: dict[str, int]) -> None:
    """Upload the logs that have grown since `seen` (name -> size, changed here).  What fails is tried again later."""
    folder = folder_of(context, job)
    for name in (STD_LOG, RUNTIME_LOG):
        file = folder.log(name)
        size = file.stat().st_size if file.exists() else 0
        if size == seen.get(name, 0) and (size or name != STD_LOG or name in seen):
            continue
        try:
            content = file.read_bytes() if file.exists() else b""
            transfer.write(context.accounts, content, artifacts(context, job).below(name))
            seen[name] = size
        except ArmError as error:
            _log.warning("the log of %s waits: %s", job.name, error)


def log_addresses(context: Context, job: ResourceId) -> dict[str, str]:
    """Log name -> an address from which anybody can read it."""
    folder, where = folder_of(context, job), artifacts(context, job)
    names = [name for name in (STD_LOG, RUNTIME_LOG) if folder.log(name).exists()]
    return {name: transfer.signed(context.accounts, where.below(name)) for name in names}
