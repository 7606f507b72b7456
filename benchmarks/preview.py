"""How long a preview of the whole platform takes, beside a bare program that declares the same resources."""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.bare import program
from environments.local.install import ROOT, VENV
from environments.rehearsal.stage import staged
from environments.rehearsal.subject import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.rehearsal.engine import Engine

LONGEST, LARGEST = 1.3, 300
_RUNS = 5
_EVERY = 0.02


@dataclass
class Peak:
    """The largest resident memory of one process, in MB."""

    megabytes: float = 0.0


def main() -> int:
    """Measure and judge.  Returns 0: both bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack", nargs="?", default="regulated")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        staged(find(given.stack, ROOT), Path(folder), None) as stage,
    ):
        ours = replace(stage.engine, pack="")
        whole = ours.changed("preview")
        if whole.code:
            print(whole.errors, file=sys.stderr)
            return 1
        bare = _bare(ours, Path(folder) / "bare", program(whole.text))
        count = len(whole.steps)
        if len(bare.changed("preview").steps) != count:
            print("the bare program does not declare the same resources", file=sys.stderr)
            return 1
        times: dict[str, list[float]] = {"platform": [], "bare": []}
        with _watched((ours.project / "infra").resolve()) as peak:
            for _ in range(_RUNS):
                for name, engine in (("platform", ours), ("bare", bare)):
                    began = time.monotonic()
                    engine.changed("preview")
                    times[name].append(time.monotonic() - began)
    return _judged(given.stack, count, times, peak.megabytes)


def _judged(stack: str, count: int, times: dict[str, list[float]], megabytes: float) -> int:
    for name, each in times.items():
        print(f"{name:<9} median {statistics.median(each):6.2f} s   least {min(each):6.2f}   most {max(each):6.2f}")
    ratio = statistics.median(times["platform"]) / statistics.median(times["bare"])
    print(f"{stack}: {count} resources; ratio {ratio:.2f} (bar {LONGEST}); program {megabytes:.0f} MB (bar {LARGEST})")
    return int(ratio > LONGEST or megabytes > LARGEST)


def _bare(like: Engine, folder: Path, text: str) -> Engine:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: bare\nruntime: {name: python, options: {virtualenv: .venv}}\n")
    (folder / ".venv").symlink_to(VENV)
    (folder / "__main__.py").write_text(text)
    engine = replace(like, project=folder, stack="bare")
    engine.told("stack", "init", "bare", "--no-select")
    engine.told("config", "set", "azure-native:location", "eastus", "--stack", "bare")
    return engine


@contextlib.contextmanager
def _watched(program_folder: Path) -> Iterator[Peak]:
    """Look at the memory of whatever Python runs in a program's folder."""
    peak, over = Peak(), threading.Event()
    thread = threading.Thread(target=_watch, args=(program_folder, peak, over), daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _watch(program_folder: Path, peak: Peak, over: threading.Event) -> None:
    own = psutil.Process()
    while not over.wait(_EVERY):
        with contextlib.suppress(psutil.Error):
            for process in own.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "python" in process.name() and Path(process.cwd()) == program_folder:
                        peak.megabytes = max(peak.megabytes, process.memory_info().rss / 2**20)


if __name__ == "__main__":
    sys.exit(main())
