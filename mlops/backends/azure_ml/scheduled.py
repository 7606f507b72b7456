"""Monitors as scheduled jobs of Azure ML: the files that its command line and its SDK make a schedule of.

Each schedule starts a pipeline of one component, which runs `mlops monitor run` with this package as its code.  A job
ends as failed where a monitor fails or cannot be measured, so that Azure's alerts on jobs tell of it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.ai.ml.entities._load_functions import load_schedule
from ruamel.yaml import YAML

from mlops.backends.azure_ml import package
from mlops.backends.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from azure.ai.ml import MLClient

PROJECT = "project"
"""The folder beside the schedules with all that a job needs of this machine."""
_FOUND = "found.json"


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """One schedule: what is run, how often, and where."""

    name: str
    rhythm: tuple[str, int]
    """Azure's unit of time, and how many of it."""
    arguments: Sequence[str]
    """Of `mlops monitor run`; `{project}` in one is the folder with the project."""
    compute: str
    timeout: timedelta
    since: datetime


def write(folder: Path, schedules: Sequence[Scheduled]) -> tuple[Path, ...]:
    """Write the schedules and what their jobs carry; the folder with the project is there already."""
    package.archive(folder / "code")
    return tuple(_write(folder, one) for one in schedules)


def create(client: MLClient, file: Path) -> str:
    """Make or change the schedule of a file; gives its name.  Raise OutsideError."""
    schedule = load_schedule(file)
    with said(f"making the schedule {schedule.name}"):
        return str(client.schedules.begin_create_or_update(schedule).result().name)


def _write(folder: Path, one: Scheduled) -> Path:
    unit, count = one.rhythm
    start = one.since.replace(tzinfo=None).isoformat(timespec="seconds")
    schedule = {
        "$schema": "https://azuremlschemas.azureedge.net/latest/schedule.schema.json",
        "name": one.name,
        "trigger": {"type": "recurrence", "frequency": unit, "interval": count, "start_time": start},
        "create_job": f"./{one.name}.pipeline.yaml",
    }
    contents = {"pipeline": _pipeline(one), "component": _component(one)}
    for name, content in {f"{one.name}.{kind}": content for kind, content in contents.items()}.items():
        _dump(folder / f"{name}.yaml", content)
    return _dump(folder / f"{one.name}.yaml", schedule)


def _pipeline(one: Scheduled) -> Mapping[str, Any]:
    step = {
        "type": "command",
        "component": f"./{one.name}.component.yaml",
        "limits": {"timeout": round(one.timeout.total_seconds())},
        "inputs": {PROJECT: f"${{{{parent.inputs.{PROJECT}}}}}"},
        "outputs": {"found": "${{parent.outputs.found}}"},
    }
    return {
        "type": "pipeline",
        "experiment_name": "mlops-monitors",
        "display_name": one.name,
        "inputs": {PROJECT: {"type": "uri_folder", "path": f"./{PROJECT}"}},
        "outputs": {"found": {"type": "uri_folder"}},
        "settings": {"default_compute": f"azureml:{one.compute}"},
        "jobs": {"look": step},
    }


def _component(one: Scheduled) -> Mapping[str, Any]:
    place = f"${{{{inputs.{PROJECT}}}}}"
    written = " ".join(shlex.quote(word).replace("{project}", place) for word in one.arguments)
    run = f"{package.command('mlops')} monitor run {written} --export json=${{{{outputs.found}}}}/{_FOUND}"
    return {
        "type": "command",
        "name": "aml_kit_look",
        "display_name": "Look at monitors",
        "description": f"mlops monitor run; {_FOUND} says what was found.",
        "inputs": {PROJECT: {"type": "uri_folder"}},
        "outputs": {"found": {"type": "uri_folder"}},
        "code": "./code",
        "environment": package.runtime(),
        # Too few rows to tell is nothing that anybody has to be told of.
        "command": f"{run} || [ $? = 4 ]",
    }


def _dump(file: Path, content: Mapping[str, Any]) -> Path:
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(content, out)
    return file
