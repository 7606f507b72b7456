"""Every command of `mlops monitor` and its options."""

import argparse
import math
from datetime import UTC, datetime
from pathlib import Path

from mlops.measuring import azure, run, scheduling
from mlops.measuring import commands as runs
from mlops.measuring.commands import Run, told
from mlops.measuring.files import STATE

_COMPUTE = "key of the platform's cluster (default: where the project trains)"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `monitor` and its commands."""
    group = commands.add_parser("monitor", help="measure files: profile, merge, compare")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    profile = _command(inner, "profile", runs.profile, "count files once, into a small file that stands for their rows")
    profile.add_argument("files", nargs="+", type=Path, help="parquet, CSV, JSON lines, Arrow, or folders of these")
    profile.add_argument("--reference", type=Path, help="a saved profile: count what it counts, to compare with it")
    profile.add_argument("-o", "--out", type=Path, required=True, help=f"where to save it (NAME{STATE})")
    profile.add_argument("--rows", type=Path, help="keep the rows as parquet too, in this new folder: it reads quickly")
    merge = _command(inner, "merge", runs.merge, "add saved profiles up, as though all rows had been counted at once")
    merge.add_argument("profiles", nargs="+", type=Path)
    merge.add_argument("-o", "--out", type=Path, required=True, help=f"where to save the sum (NAME{STATE})")
    init = _command(inner, "init", runs.init, "propose monitors for a table, as YAML with the reason of each limit")
    source = init.add_mutually_exclusive_group(required=True)
    source.add_argument("--reference", nargs="+", type=Path, help="files or folders, oldest rows first")
    source.add_argument("--azure", type=Path, help="an Azure ML monitor (YAML with create_monitor) to read instead")
    init.add_argument(
        "--rows-per-day", type=_pace, help="how many rows come in a day (default: by a column of moments)"
    )
    init.add_argument("-o", "--out", type=Path, help="where to write it (default: standard output)")
    compare = _command(inner, "compare", runs.compare, "say which columns moved; exit code 1 when one did")
    compare.add_argument("reference", type=Path, help="saved profile, file or folder")
    compare.add_argument("current", type=Path, help="saved profile, file or folder")
    compare.add_argument(
        "--exact", action="store_true", help="read again what counts leave open: exact Kolmogorov-Smirnov distances"
    )
    _judging_options(compare)
    _run_options(_command(inner, "run", run.run, "measure and judge what a project's monitors look at, over files"))
    _azure_options(_command(inner, "azure", azure.schedules, "write a project's monitors as Azure ML's own schedules"))
    words = "write jobs that run the monitors on Azure ML by a schedule, as files for az, or make them"
    _schedule_options(_command(inner, "schedule", scheduling.schedule, words))
    report = _command(inner, "report", runs.report, "draw what moved, in one window or several, as one HTML file")
    report.add_argument("reference", type=Path, help="saved profile, file or folder")
    report.add_argument("windows", nargs="+", type=Path, help="saved profiles, files or folders, oldest first")
    report.add_argument("-o", "--out", type=Path, default=Path("moved.html"), help="default: %(default)s")
    _judging_options(report)


def _azure_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("project_file", nargs="?", type=Path, default=Path("project.yaml"), metavar="PROJECT")
    command.add_argument("--endpoint", required=True, help="the endpoint's name in the workspace")
    command.add_argument("--deployment", required=True, help="the champion's deployment: another champion, another run")
    command.add_argument("--training", required=True, help="its training set as an MLTable, azureml:NAME:VERSION")
    command.add_argument("--email", default="", help="who is told; nobody where it is left out")
    command.add_argument("-o", "--out", type=Path, required=True, help="a folder for the files, one a schedule")


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("project_file", nargs="?", type=Path, default=Path("project.yaml"), metavar="PROJECT")
    command.add_argument("--monitor", action="append", default=[], metavar="NAME", help="only this one; several times")
    _files_options(command)
    command.add_argument("--platform", type=Path, help="`pulumi stack output --json`: whose workspace azureml: means")
    command.add_argument(
        "--until", type=_end, help="where the windows end: a moment, or `now`, the last full hour (default: all rows)"
    )
    command.add_argument(
        "--states",
        default="",
        metavar="FOLDER",
        help="keep profiles by the hour there, here or in blob storage, so that a file is counted once "
        "(windows end with the newest hour)",
    )
    look = command.add_mutually_exclusive_group()
    look.add_argument(
        "--look", type=_look, help="the number of this look (1, 2, …): it gets its share of a limit's falseAlarms"
    )
    look.add_argument(
        "--looks-since", type=_moment, metavar="MOMENT", help="count looks from then on, one each `every` of a monitor"
    )
    command.add_argument(
        "--export",
        action="append",
        type=_export,
        default=[],
        metavar="KIND=WHERE",
        help="also as json=FILE, prometheus=FILE, otlp=http://HOST:4317 or mlflow=URI; otlp and mlflow alone: as set",
    )
    command.add_argument("--engine", choices=run.ENGINES, default="local", help="who counts (default: %(default)s)")
    command.add_argument("--master", default="", help="spark: its address (default: $MASTER, else local[*])")
    command.add_argument("--compute", default="", help=f"azureml: {_COMPUTE}")
    command.add_argument("--sent", action="store_true", help=argparse.SUPPRESS)  # what a scheduled job says
    command.add_argument("--nodes", type=_processes, default=1, help="azureml: so many machines share the files")
    command.add_argument("--processes", type=_processes, default=0, help="so many processes instead of threads")


def _schedule_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("project_file", nargs="?", type=Path, default=Path("project.yaml"), metavar="PROJECT")
    _files_options(command)
    command.add_argument("--platform", type=Path, required=True, help="`pulumi stack output --json`: which workspace")
    command.add_argument("--compute", default="", help=_COMPUTE)
    command.add_argument("--states", default="", metavar="FOLDER", help="in blob storage: keep hourly profiles there")
    command.add_argument("--create", action="store_true", help="make the schedules in the workspace, too")
    command.add_argument("-o", "--out", type=Path, required=True, help="a folder for the files")


def _files_options(command: argparse.ArgumentParser) -> None:
    for name, words in (
        ("current", "the rows that are looked at"),
        ("reference", "what they are compared with; a saved profile will do where no rows are needed"),
        ("labels", "files with the key and the label, joined to the rows by the key"),
    ):
        command.add_argument(
            f"--{name}", nargs="+", default=(), help=f"{words}: files, folders, patterns (default: the project file's)"
        )


def _judging_options(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("--alpha", type=_share, default=0.01, help="rate of false alarms (default: %(default)s)")
    compare.add_argument(
        "--limit",
        action="append",
        type=_limit,
        default=[],
        metavar="METRIC=NUMBER",
        help="from where a move is large; null_value_rate=0.02: how much more nulls",
    )
    compare.add_argument(
        "--look",
        type=_look,
        help="the number of this look (1, 2, …): it gets its share of --alpha, for all there will be",
    )
    compare.add_argument("--min-samples", type=int, default=1, help="with fewer values nothing is said of a column")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Run, words: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    command.add_argument("--output", choices=("table", "json"), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    command.set_defaults(run=lambda options: told(run, options))
    return command


def _share(text: str) -> float:
    if not 0 < (number := _number(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no rate of false alarms: give one between 0 and 1, such as 0.01")
    return number


def _pace(text: str) -> float:
    if not 0 < (number := _number(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number of rows: give one above 0")
    return number


def _look(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a look: they are counted from 1")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment: write 2026-03-01 or 2026-03-01T06:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _end(text: str) -> datetime | str:
    return text if text == run.NOW else _moment(text)


def _export(text: str) -> tuple[str, str]:
    kind, _, where = text.partition("=")
    if kind not in run.EXPORTS:
        raise argparse.ArgumentTypeError(f"{kind!r} is no export: use one of {', '.join(run.EXPORTS)}")
    if run.EXPORTS[kind] and not where:
        raise argparse.ArgumentTypeError(f"{text!r} does not say where to: write {kind}={run.EXPORTS[kind]}")
    return kind, where


def _processes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give 1 or more")
    return int(text)


def _limit(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    if not number:
        raise argparse.ArgumentTypeError(f"{text!r} is no limit: write population_stability_index=0.25")
    if not 0 <= (limit := _number(number)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text}: a limit is a number from 0 on, above which a move is large")
    return name, limit


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
