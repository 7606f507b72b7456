"""`mlops monitor run`: the monitors of a project file, over files."""

import argparse
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.measuring.files import load
from mlops.measuring.progress import progress
from mlops.measuring.tables import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlops.backends.tables.engines import Engine
    from mlops.domain.data.measurement import Verdict
    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.project import Platform, Project
    from mlops.measuring.places import Places
    from mlops.measuring.seen import Files

ENGINES = ("local", "spark", "azureml")
NOW = "now"
EXPORTS = {"json": "FILE", "prometheus": "FILE", "otlp": "", "mlflow": ""}
"""Where what was said can be sent, and whether it must be said to where."""
BY_VERDICT = {"pass": 0, "fail": 1, "inconclusive": 4, "error": 5}
"""Exit codes."""


def run(options: argparse.Namespace) -> int:
    """Measure and judge what a project's monitors look at.  Raise DataError."""
    from mlops.measuring import looked  # noqa: PLC0415
    from mlops.measuring.places import Places  # noqa: PLC0415
    from mlops.measuring.seen import Seen  # noqa: PLC0415

    project = _project(options)
    with (
        progress() as tell,
        Places(options.platform) as places,
        _engine(options, project) as engine,
        places.states(options.states) as states,
    ):
        seen = Seen(
            project=project,
            files=_files(options, project, places, states),
            engine=engine,
            now=datetime.now(UTC),
            number=options.look,
            looks_since=options.looks_since,
            progress=tell,
            fetch=places.fetch,
        )
        found = [looked.look(monitor, seen) for monitor in project.monitors]
    show(options, looked.plain(found, seen), "" if options.output == "json" else looked.as_table(found, seen.undated))
    for kind, where in options.export:
        from mlops.measuring.exports import EXPORTS  # noqa: PLC0415

        EXPORTS[kind](found, seen, where)
    return _code(looked.worst(found))


def _code(verdict: "Verdict") -> int:
    return BY_VERDICT[verdict.word]


def _project(options: argparse.Namespace) -> "Project":
    """Read the project file, with the monitors that are asked for."""
    from dataclasses import replace  # noqa: PLC0415

    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.spec.read import checked_project, read_project  # noqa: PLC0415
    from mlops.spec.tree import read_text  # noqa: PLC0415

    file = options.project_file
    project = checked_project(read_text(file), file) if options.sent else read_project(file)
    known = {monitor.name: monitor for monitor in project.monitors}
    if not known:
        raise DataError(f"{options.project_file}: declares no monitors; mlops monitor init proposes some")
    if unknown := sorted(set(options.monitor) - known.keys()):
        raise DataError(f"{options.project_file}: has no monitor {', '.join(unknown)}; it has {', '.join(known)}")
    chosen: Sequence[Monitor] = [one for name, one in known.items() if not options.monitor or name in options.monitor]
    return replace(project, monitors=tuple(chosen))


def _files(options: argparse.Namespace, project: "Project", places: "Places", states: Path | None) -> "Files":
    """Find the files that the command names, else those that the project file does."""
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.measuring.seen import Files  # noqa: PLC0415

    def found(name: str) -> "tuple[tuple[str, ...], Path]":
        given = getattr(options, name)
        return (tuple(given), Path()) if given else (getattr(project.files, name), project.folder)

    if not found("current")[0]:
        raise DataError("which rows are looked at? Name their files with --current, or in the project file (files)")
    reference, folder = found("reference")
    saved = load(folder / reference[0]) if len(reference) == 1 and _is_saved(folder / reference[0]) else None
    return Files(
        current=places.resolve(*found("current")),
        reference=() if saved else places.resolve(reference, folder),
        saved=saved,
        labels=places.resolve(*found("labels")),
        until=_last_hour(project) if options.until == NOW else options.until,
        states=states,
    )


def _last_hour(project: "Project") -> datetime:
    """Give the last full hour of which all rows should be there."""
    return (datetime.now(UTC) - project.data.grace).replace(minute=0, second=0, microsecond=0)


def _is_saved(path: Path) -> bool:
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    return path.is_file() and is_saved(path)


@contextmanager
def _engine(options: argparse.Namespace, project: "Project") -> "Iterator[Engine]":
    """Open what counts, and end it."""
    if options.engine == "azureml":
        yield _machines(options, project)
        return
    if options.engine == "spark":
        from mlops.backends.tables.spark import Spark  # noqa: PLC0415

        spark = Spark(options.master)
        try:
            yield spark
        finally:
            spark.close()
        return
    from mlops.backends.tables.engines import Local  # noqa: PLC0415

    yield Local(options.processes)


def _machines(options: argparse.Namespace, project: "Project") -> "Engine":
    from mlops.backends.azure_ml import finder  # noqa: PLC0415
    from mlops.backends.azure_ml.counting import AzureMachines, client_of  # noqa: PLC0415
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.spec.platform import read_platform  # noqa: PLC0415

    if options.platform is None:
        raise DataError("--engine azureml: of which workspace? Give --platform outputs.json")
    platform = read_platform(options.platform)
    return AzureMachines(
        client_of(platform),
        finder(platform),
        cluster(options, project, platform),
        nodes=options.nodes,
        timeout=project.pipeline.timeout,
        tell=lambda line: print(f"mlops: {line}", file=sys.stderr),
    )


def cluster(options: argparse.Namespace, project: "Project", platform: "Platform") -> str:
    """Give the name of the cluster that is to measure.  Raise DataError."""
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415

    key = options.compute or project.pipeline.compute
    if key not in platform.compute:
        known = ", ".join(sorted(platform.compute)) or "none"
        raise DataError(f"the platform has no compute cluster {key!r}; it has {known}: say another with --compute")
    return platform.compute[key]
