"""What a simulated year takes: seconds of one core, and how memory grows with simulated time."""

import argparse
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from mlops.__main__ import main as mlops
from mlops.wiring import simulate
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT

YEAR_S, GROWTH_MB = 15.0, 10.0
_SHORT, _YEAR = 95, 365
TYPICAL = (
    PROJECT.replace("window: P1000D, holdout: P300D", "window: P90D, holdout: P14D")
    .replace(", checkEvery: P7D", "")
    .replace("    measureEvery: P1D\n", "")
    .replace("cooldown: P60D", "cooldown: P7D, budget: {runs: 3, per: P30D}")
    .replace("window: P28D, every: P7D", "window: P7D, every: P1D")
    .replace("for: P2D", "for: P1D")
    .replace("keepPrevious: P2D", "keepPrevious: P1D")
)
"""Monitors that look daily, an endpoint that is compared every five minutes, rollouts that are measured as often."""
PROJECTS = {"a typical project": "typical", "what `mlops init` writes": "init"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and judge.  Returns 0: all bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lived", nargs=2, metavar=("PROJECT", "DAYS"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.lived:
        return _live(options.lived[0], int(options.lived[1]))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; the best of {options.rounds} rounds")
    return max(_judged(title, project, options.rounds) for title, project in PROJECTS.items())


def _judged(title: str, project: str, rounds: int) -> int:
    short, year = (min(_measured(project, days) for _ in range(rounds)) for days in (_SHORT, _YEAR))
    growth = year[1] - short[1]
    print(f"a simulated year of {title}")
    print(f"  CPU time             {year[0]:.1f} s of one core (bar {YEAR_S:g}), {year[2]:.0f} passes")
    print(f"  peak memory          {short[1]:.0f} MB after {_SHORT} days, {year[1]:.0f} MB after {_YEAR}")
    print(f"  growth               {growth:.1f} MB in {_YEAR - _SHORT} days (bar {GROWTH_MB:g})")
    return int(year[0] > YEAR_S or growth > GROWTH_MB)


def _measured(project: str, days: int) -> tuple[float, float, float]:
    """Seconds, MB and passes of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.simulate", "--lived", project, str(days)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    seconds, memory, passes = map(float, said)
    return seconds, memory, passes


def _live(project: str, days: int) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        path = _written(Path(name), project)
        simulate((path,), None, days=1, seed=0)  # what is imported is not a part of it
        begun = time.process_time()
        (found,) = simulate((path,), None, days=days, seed=0)
        took = time.process_time() - begun
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found.passes)
    return 0


def _written(folder: Path, project: str) -> Path:
    if project == "typical":
        write_project_folder(folder)
        (folder / "project.yaml").write_text(TYPICAL, encoding="utf-8")
    else:
        with redirect_stdout(io.StringIO()):
            mlops(["init", str(folder), "--yes", "--name", "rain", "--features", "temperature,pressure,humidity"])
    return folder / "project.yaml"


if __name__ == "__main__":
    sys.exit(main())
