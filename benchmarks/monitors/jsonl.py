"""The data collector's JSON lines to parquet and counts: ours beside DuckDB, Polars and pyarrow.

Whole processes, in turn.  The others make the parquet; ours then counts it, since none of them does.  All must give
the same counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.monitors import peers
from benchmarks.monitors.described import cache
from benchmarks.monitors.measured import Took, run
from environments.local.install import VENV

_OURS = str(VENV / "bin" / "mlops")
_AN_EVENT = 10
_BAR = 1.0
"""Ours takes at most as long as the fastest of the others."""


def main() -> int:
    """Measure and judge.  Returns 0: the bar is kept, 1: it is missed or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitors.jsonl", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of 50 columns, ten in an event")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each; one more warms the page cache")
    given = parser.parse_args()
    try:
        python = peers.installed(peers.READERS)
    except peers.NotInstalledError as error:
        print(f"the others are not installed: {error}")
        return 1
    source = _file(given.rows)
    print(f"load average {os.getloadavg()[0]:.1f}; {given.rows:,} rows in {source.stat().st_size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        times: dict[str, list[Took]] = {name: [] for name in ("ours", *peers.READERS.settings)}
        for number in range(given.rounds + 1):
            for name, runs in times.items():
                runs.append(_once(name, python, source, Path(folder) / f"{name}-{number}"))
        times = {name: runs[1:] for name, runs in times.items()}
        wrong = _differ(times, Path(folder))
    return _judged(times, wrong)


def _once(name: str, python: Path, source: Path, target: Path) -> Took:
    profile = [_OURS, "monitor", "profile"]
    saved = ["-o", str(target.with_name(f"{name}.profile"))]
    if name == "ours":
        return run([*profile, str(source), *saved, "--rows", str(target)])
    alike = ["--reference", str(target.with_name("ours.profile"))]
    script = str(peers.READERS.folder / "rows.py")
    parquet = f"{target}.parquet"
    more = {**peers.QUIET, "POLARS_MAX_THREADS": "2"}
    made, counted = (
        run([str(python), script, name, str(source), parquet], more=more),
        run([*profile, parquet, *saved, *alike]),
    )
    return Took(
        wall=made.wall + counted.wall,
        cpu=made.cpu + counted.cpu,
        megabytes=max(made.megabytes, counted.megabytes),
        failed=made.failed or counted.failed,
    )


def _differ(names: dict[str, list[Took]], folder: Path) -> list[str]:
    """Name those whose rows do not have the counts that ours have."""
    wrong = []
    for name in names:
        both = [str(folder / f"{one}.profile") for one in ("ours", name)]
        said = subprocess.run(
            [_OURS, "monitor", "compare", "--output", "json", *both], check=False, stdout=subprocess.PIPE, text=True
        ).stdout
        found = json.loads(said or '{"columns": []}')["columns"]
        moved = [value["value"] for column in found for value in column["values"] if value["value"]]
        if moved or len(found) != len(_names()):
            wrong.append(name)
    return wrong


def _judged(times: dict[str, list[Took]], wrong: list[str]) -> int:
    for name, runs in times.items():
        failed = next((one.failed for one in runs if one.failed), "")
        wall, cpu = (statistics.median(getattr(one, kind) for one in runs) for kind in ("wall", "cpu"))
        peak = max(one.megabytes for one in runs)
        print(f"{name:<8} " + (failed or f"{wall:6.2f} s  {cpu:6.2f} CPU s  {peak:5.0f} MB"))
    whole = {
        name: statistics.median(one.wall for one in runs)
        for name, runs in times.items()
        if not any(r.failed for r in runs)
    }
    others = {name: wall for name, wall in whole.items() if name != "ours" and name not in wrong}
    if "ours" not in whole or "ours" in wrong or not others:
        print("nothing to compare with: a run failed")
        return 1
    fastest = min(others, key=lambda name: others[name])
    ratio = whole["ours"] / others[fastest]
    print(f"ours / {fastest}, the fastest of those with the same counts: {ratio:.2f} (bar {_BAR:g})")
    return int(ratio > _BAR or bool(wrong))


def _names() -> list[str]:
    return [
        *(f"x{number}" for number in range(40)),
        *(f"k{number}" for number in range(5)),
        *(f"n{number}" for number in range(5)),
    ]


def _file(rows: int) -> Path:
    """Write the events once: numbers, levels and counts, as the data collector writes a scoring process's inputs."""
    path = cache() / "data" / f"events-{rows}.jsonl"
    if path.exists():
        return path
    import numpy as np  # noqa: PLC0415 - what measures stays small

    random = np.random.default_rng(777)
    columns = {
        **{name: random.normal(number, 1 + number, rows).tolist() for number, name in enumerate(_names()[:40])},
        **{name: random.choice(["red", "green", "blue", name], rows).tolist() for name in _names()[40:45]},
        **{name: random.poisson(5, rows).tolist() for name in _names()[45:]},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        for first in range(0, rows, _AN_EVENT):
            data = [{name: values[row] for name, values in columns.items()} for row in range(first, first + _AN_EVENT)]
            file.write(json.dumps({**_event(first), "data": data}) + "\n")
    beside.replace(path)
    return path


def _event(number: int) -> dict[str, str]:
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w",
        "type": "azureml.inference.model_inputs",
        "datacontenttype": "application/json",
        "time": "2026-01-01T00:00:00Z",
        "correlationid": f"request-{number}",
        "xrequestid": f"request-{number}",
        "modelversion": "default",
        "collectdatatype": "pandas.core.frame.DataFrame",
        "agent": "azureml-ai-monitoring/1.0.0",
        "contentrange": "bytes 0-12000/12001",
    }


if __name__ == "__main__":
    sys.exit(main())
