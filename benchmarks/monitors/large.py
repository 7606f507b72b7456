"""A file larger than the memory: counted by a process that may have so many gigabytes of addresses, and no more.

`make bench-large`: of each form one file is written, counted with `mlops monitor profile`, and deleted.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.monitors import described
from benchmarks.monitors.measured import run

FORMS = ("parquet", "csv", "jsonl", "arrow")
_GIGA = 1 << 30


def main() -> int:
    """Print a line for each form; 1 where one could not be counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--memory", type=float, default=2, help="gigabytes of addresses, which is stricter than memory")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    given = parser.parse_args()
    described.cache().mkdir(parents=True, exist_ok=True)
    return max(counted(form, given.gigabytes, given.memory) for form in given.forms)


def counted(form: str, gigabytes: float, memory: float) -> int:
    """Write a file, count it within the memory and print what that took; 1 where it could not be counted."""
    with tempfile.TemporaryDirectory(dir=described.cache()) as folder:
        file = Path(folder) / f"large.{form}"
        # Elsewhere: a child's peak counts what its parent holds.
        write = [sys.executable, "-m", "benchmarks.monitors.repeated", str(file), str(gigabytes)]
        rows = int(subprocess.run(write, check=True, capture_output=True, text=True).stdout)
        count = [sys.executable, "-m", "mlops", "monitor", "profile", str(file), "-o", f"{folder}/large.profile"]
        limited = f"ulimit -v {int(memory * _GIGA / 1024)}; exec {shlex.join(count)}"
        took = run(["bash", "-c", limited], limit=3600)
        size = file.stat().st_size / _GIGA
    told = took.failed or f"{took.wall:.0f} s, {took.cpu:.0f} CPU s, peak {took.megabytes:.0f} MB"
    print(f"{form}: {size:.1f} GB, {rows:,} rows, within {memory:g} GB of addresses: {told}", flush=True)
    return 1 if took.failed else 0


if __name__ == "__main__":
    sys.exit(main())
