"""`mlops monitor schedule`: a project's monitors as jobs that Azure ML starts by itself."""

import argparse
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.measuring.files import write
from mlops.measuring.tables import show

if TYPE_CHECKING:
    from mlops.backends.azure_ml.scheduled import Scheduled
    from mlops.domain.project import Platform, Project

DONE = 0
_SAVED = "reference.profile"


def schedule(options: argparse.Namespace) -> int:
    """Write a schedule for each `every`, with all that its job carries; make them where that is asked.

    Raise DataError.
    """
    from mlops.backends.azure_ml import scheduled  # noqa: PLC0415
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.ports import OutsideError  # noqa: PLC0415
    from mlops.spec.platform import read_platform  # noqa: PLC0415
    from mlops.spec.read import read_project  # noqa: PLC0415

    project, platform = read_project(options.project_file), read_platform(options.platform)
    if not project.monitors:
        raise DataError(f"{options.project_file}: declares no monitors; mlops monitor init proposes some")
    if odd := sorted(one.name for one in project.monitors if one.every % timedelta(minutes=1)):
        raise DataError(f"Azure's schedules count whole minutes: see `every` of {', '.join(odd)}")
    carried = {"project.yaml": options.project_file.read_bytes(), "outputs.json": options.platform.read_bytes()}
    carried |= _models(project)
    arguments = [*_arguments(options, project, carried)]
    schedules = _schedules(options, project, platform, arguments)
    shutil.rmtree(options.out / scheduled.PROJECT, ignore_errors=True)
    (options.out / scheduled.PROJECT).mkdir(parents=True)
    for name, content in carried.items():
        file = options.out / scheduled.PROJECT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, content)
    files = scheduled.write(options.out, schedules)
    if options.create:
        from mlops.backends.azure_ml.counting import client_of  # noqa: PLC0415

        client = client_of(platform)
        try:
            for file in files:
                scheduled.create(client, file)
        except OutsideError as error:
            raise DataError(str(error)) from error
    lines = (f"{file}: {'made' if options.create else f'az ml schedule create --file {file}'}" for file in files)
    show(options, {"schedules": {file.stem: str(file) for file in files}, "made": options.create}, "\n".join(lines))
    return DONE


def _models(project: "Project") -> dict[str, bytes]:
    """Give the models whose contributions are compared, by their places beside the project file."""
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415

    found = {}
    for name in sorted({one.model for one in project.monitors if one.model}):
        file = (project.folder / name).resolve()
        if not file.is_file() or not file.is_relative_to(project.folder.resolve()):
            raise DataError(f"{name}: a scheduled job takes a model along that lies beside the project file or below")
        found[name] = file.read_bytes()
    return found


def _arguments(options: argparse.Namespace, project: "Project", carried: dict[str, bytes]) -> Iterator[str]:
    """Give what the job is told; a saved profile of the reference goes along, all other files are in blob storage."""
    from mlops.backends.blobs.files import is_elsewhere  # noqa: PLC0415
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    yield from ("{project}/project.yaml", "--sent", "--platform", "{project}/outputs.json", "--until", "now")
    here: list[str] = []
    for name in ("current", "reference", "labels"):
        given = list(getattr(options, name))
        folder, places = (Path(), given) if given else (project.folder, list(getattr(project.files, name)))
        for number, place in enumerate(places):
            if name == "reference" and len(places) == 1 and (folder / place).is_file() and is_saved(folder / place):
                carried[_SAVED] = (folder / place).read_bytes()
                places[number] = f"{{project}}/{_SAVED}"
            elif not is_elsewhere(place):
                here.append(f"{name} {folder / place}")
        yield from (f"--{name}", *places) if places else ()
    if here:
        raise DataError(
            f"no job of Azure ML reads files of this machine: {', '.join(here)}; name places in blob storage, and of a "
            "reference its saved profile (mlops monitor profile)"
        )
    if options.states:
        if not is_elsewhere(options.states):
            raise DataError(
                f"--states {options.states}: of this machine, where no job keeps anything: name a place in blob storage"
            )
        yield from ("--states", options.states)


def _schedules(
    options: argparse.Namespace, project: "Project", platform: "Platform", arguments: list[str]
) -> "list[Scheduled]":
    from mlops.backends.azure_ml.scheduled import Scheduled  # noqa: PLC0415
    from mlops.measuring.run import cluster  # noqa: PLC0415
    from mlops.spec.azure_schedule import rhythm  # noqa: PLC0415
    from mlops.spec.fields import written_duration  # noqa: PLC0415

    compute, since = cluster(options, project, platform), datetime.now(UTC).replace(microsecond=0)
    rhythms: dict[timedelta, list[str]] = {}
    for monitor in project.monitors:
        rhythms.setdefault(monitor.every, []).append(monitor.name)
    return [
        Scheduled(
            name=f"{project.name}-monitors-every-{written_duration(every).lower()}",
            rhythm=rhythm(every),
            arguments=(
                *arguments,
                "--looks-since",
                since.isoformat(),
                *(word for name in names for word in ("--monitor", name)),
            ),
            compute=compute,
            timeout=project.pipeline.timeout,
            since=since,
        )
        for every, names in rhythms.items()
    ]
