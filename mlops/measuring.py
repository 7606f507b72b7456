"""The commands `mlops monitor …`: files in, a table for people or JSON for programs out.

They need no project and no loop, so they start with nothing but what reads files.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops.monitors.compare import Compared, Comparison, Judging
    from mlops.monitors.profile import Profile

DONE, MOVED, BAD_INPUT, UNDECIDED = 0, 1, 2, 4
STATE = ".profile"
"""How the name of a saved profile ends."""
_PARTS = 12
"""Consecutive parts of a reference that say how much it varies by itself."""
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "PSI": ("population_stability_index",),
    "distance": ("normalized_wasserstein_distance", "jensen_shannon_distance"),
}
"""Columns of the table: of several metrics the first that a column has."""
Run = Callable[[argparse.Namespace], int]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `monitor` and its commands."""
    group = commands.add_parser("monitor", help="measure files: profile, merge, compare")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    profile = _command(inner, "profile", _profile, "count files once, into a small file that stands for their rows")
    profile.add_argument("files", nargs="+", type=Path, help="parquet, CSV, JSON lines, Arrow, or folders of these")
    profile.add_argument("--reference", type=Path, help="a saved profile: count what it counts, to compare with it")
    profile.add_argument("-o", "--out", type=Path, required=True, help=f"where to save it (NAME{STATE})")
    merge = _command(inner, "merge", _merge, "add saved profiles up, as though their rows had been counted together")
    merge.add_argument("profiles", nargs="+", type=Path)
    merge.add_argument("-o", "--out", type=Path, required=True, help=f"where to save the sum (NAME{STATE})")
    init = _command(inner, "init", _init, "propose monitors for a table, as YAML with the reason of each limit")
    source = init.add_mutually_exclusive_group(required=True)
    source.add_argument("--reference", nargs="+", type=Path, help="files or folders, oldest rows first")
    source.add_argument("--azure", type=Path, help="an Azure ML monitor (YAML with create_monitor) to read instead")
    init.add_argument(
        "--rows-per-day", type=_pace, help="how many rows come in a day (default: by a column of moments)"
    )
    init.add_argument("-o", "--out", type=Path, help="where to write it (default: standard output)")
    compare = _command(inner, "compare", _compare, "say which columns moved; exit code 1 when one did")
    compare.add_argument("reference", type=Path, help="saved profile, file or folder")
    compare.add_argument("current", type=Path, help="saved profile, file or folder")
    _judging_options(compare)
    report = _command(inner, "report", _report, "draw what moved, in one window or several, as one HTML file")
    report.add_argument("reference", type=Path, help="saved profile, file or folder")
    report.add_argument("windows", nargs="+", type=Path, help="saved profiles, files or folders, oldest first")
    report.add_argument("-o", "--out", type=Path, default=Path("moved.html"), help="default: %(default)s")
    _judging_options(report)


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
    command.set_defaults(run=lambda options: _told(run, options))
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


def _told(run: Run, options: argparse.Namespace) -> int:
    """Run a command; what is wrong with its files is one line and an exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the threads are ours: numpy's own would only wait for them
    from mlops.domain.data_error import DataError  # noqa: PLC0415 - numpy and pyarrow wait until they are needed
    from mlops.monitors.profile import DoesNotFitError  # noqa: PLC0415

    try:
        return run(options)
    except (DataError, DoesNotFitError) as error:
        print(f"mlops: {error}", file=sys.stderr)
        return BAD_INPUT


def _profile(options: argparse.Namespace) -> int:
    like = _load(options.reference) if options.reference else None
    found = _counted(options.files, like)
    size = _save(options.out, found)
    said = {"file": str(options.out), "rows": found.rows, "columns": len(found.columns), "bytes": size}
    _print(options, said, f"{options.out}: {found.rows:,} rows of {len(found.columns)} columns in {size / 1024:.0f} kB")
    return DONE


def _merge(options: argparse.Namespace) -> int:
    from mlops.monitors.profile import merge  # noqa: PLC0415

    found = merge([_load(path) for path in options.profiles])
    size = _save(options.out, found)
    said = {"file": str(options.out), "rows": found.rows, "profiles": len(options.profiles), "bytes": size}
    _print(
        options, said, f"{options.out}: {found.rows:,} rows of {len(options.profiles)} profiles in {size / 1024:.0f} kB"
    )
    return DONE


def _compare(options: argparse.Namespace) -> int:
    from mlops.domain.measurement import Verdict  # noqa: PLC0415
    from mlops.monitors.compare import compare  # noqa: PLC0415

    reference = _given(options.reference, None)
    current = _given(options.current, reference)
    found = compare(reference, current, _judging(options))
    _print(options, _plain(found), "" if options.output == "json" else _table(found))
    if found.verdict is Verdict.PASS:
        return DONE
    return UNDECIDED if found.verdict is Verdict.INCONCLUSIVE else MOVED


def _init(options: argparse.Namespace) -> int:
    from mlops.backends.tables.count import parts  # noqa: PLC0415
    from mlops.monitors.suggest import propose  # noqa: PLC0415

    if options.azure:
        text = _from_azure(options.azure)
    else:
        whole = _counted(options.reference, None)
        text = propose(whole, parts(options.reference, whole, _PARTS), rows_per_day=options.rows_per_day)
    if options.out is None:
        print(text, end="")
        return DONE
    size = _write(options.out, text.encode())
    _print(options, {"file": str(options.out), "bytes": size}, f"{options.out}: read each limit before you keep it")
    return DONE


def _from_azure(path: Path) -> str:
    from mlops.monitors.proposal import written  # noqa: PLC0415
    from mlops.spec.azure_monitor import read  # noqa: PLC0415

    found = read(path)
    remarks = (f"# Not read: {remark}." for remark in found.remarks)
    lines = (line for one in found.monitors for line in written(one))
    return "\n".join((f"# Read from {path.name}.", *remarks, "monitors:", *lines)) + "\n"


def _report(options: argparse.Namespace) -> int:
    from mlops.monitors.compare import compare  # noqa: PLC0415
    from mlops.report.moved import Looked, render  # noqa: PLC0415

    reference = _given(options.reference, None)
    looked = []
    for path in options.windows:
        current = _given(path, reference)
        looked.append(
            Looked(name=path.stem, comparison=compare(reference, current, _judging(options)), profile=current)
        )
    size = _write(options.out, render(reference, looked).encode())
    said = {"file": str(options.out), "windows": len(looked), "bytes": size}
    _print(options, said, f"{options.out}: {len(looked)} window{'s' if len(looked) > 1 else ''}, {size / 1024:.0f} kB")
    return DONE


def _judging(options: argparse.Namespace) -> "Judging":
    from mlops.monitors.calibration import spent  # noqa: PLC0415
    from mlops.monitors.compare import Judging  # noqa: PLC0415

    alpha = spent(options.alpha, options.look) if options.look else options.alpha
    return Judging(alpha=alpha, limits=dict(options.limit) or None, min_samples=options.min_samples)


def _given(path: Path, like: "Profile | None") -> "Profile":
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    if path.is_file() and is_saved(path):
        return _load(path)
    return _counted([path], like)


def _counted(paths: Sequence[Path], like: "Profile | None") -> "Profile":
    import pyarrow as pa  # noqa: PLC0415

    from mlops.backends.tables.count import profile  # noqa: PLC0415

    pa.set_cpu_count(1)
    with progress() as tell:
        return profile(paths, like=like.schema if like else None, progress=tell)


@contextmanager
def progress(after: float = 2.0) -> Iterator[Callable[[int, int], None]]:
    """Show how far a long command is, on a terminal only, once it has taken so many seconds."""
    began, bar = time.monotonic(), None

    def tell(done: int, total: int) -> None:
        nonlocal bar
        if not sys.stderr.isatty() or time.monotonic() - began < after:
            return
        if bar is None:
            from rich.console import Console  # noqa: PLC0415
            from rich.progress import Progress  # noqa: PLC0415

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            bar.add_task("counting columns", total=total)
        bar.update(bar.task_ids[0], completed=done)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def _load(path: Path) -> "Profile":
    from mlops.domain.data_error import DataError  # noqa: PLC0415
    from mlops.monitors.profile import DoesNotFitError  # noqa: PLC0415
    from mlops.monitors.saved import from_bytes  # noqa: PLC0415

    try:
        return from_bytes(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except DoesNotFitError as error:
        raise DataError(f"{path}: {error}") from error


def _save(path: Path, found: "Profile") -> int:
    from mlops.monitors.saved import to_bytes  # noqa: PLC0415

    return _write(path, to_bytes(found))


def _write(path: Path, data: bytes) -> int:
    """Write it whole or not at all; returns its size in bytes."""
    from mlops.domain.data_error import DataError  # noqa: PLC0415

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    return len(data)


def _plain(found: "Comparison") -> Mapping[str, Any]:
    """As JSON has it: verdicts by their words."""
    from dataclasses import asdict  # noqa: PLC0415

    columns = [{**asdict(one), "verdict": one.verdict.word} for one in found.columns]
    return {**asdict(found), "verdict": found.verdict.word, "columns": columns}


def _table(found: "Comparison") -> str:
    from mlops.show import table  # noqa: PLC0415

    rows = [
        (
            one.column,
            one.kind,
            one.verdict.word,
            *(_size(one, metrics) for metrics in _SHOWN.values()),
            "" if one.adjusted is None else f"{one.adjusted:.2g}",
            _remark(one),
        )
        for one in sorted(found.columns, key=lambda one: -one.verdict)
    ]
    head = f"{found.reference:,} rows of reference, {found.current:,} now: {found.verdict.word}"
    new = f"\nnew columns, not compared: {', '.join(found.new_columns)}" if found.new_columns else ""
    return f"{head}\n{table(('column', 'kind', 'verdict', *_SHOWN, 'p', 'remarks'), rows)}{new}"


def _size(one: "Compared", metrics: Sequence[str]) -> str:
    """A distance, marked where it is past its limit."""
    by_metric = {value.metric: value for value in one.values}
    value = next((by_metric[metric] for metric in metrics if metric in by_metric), None)
    if value is None:
        return ""
    return f"{value.value:.3g}{' *' if value.limit is not None and value.value > value.limit else ''}"


def _remark(one: "Compared") -> str:
    return "; ".join((*((one.why,) if one.why and one.verdict.word != "fail" else ()), *one.findings))


def _print(options: argparse.Namespace, value: object, text: str) -> None:
    if options.output == "table":
        print(text)
        return
    import json  # noqa: PLC0415

    print(json.dumps(value, indent=2, ensure_ascii=False))
