"""What our monitors cost beside decoding the same files, and beside others; whole processes, in turn."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.monitors import described, judged, peers
from benchmarks.monitors.curve import printed
from benchmarks.monitors.judged import Bar
from benchmarks.monitors.measured import Took, run
from environments.local.install import VENV

_FULL, _LONG = 1_000_000, 10_000_000
_FRESH, _SAVED, _LARGE = Bar(ratio=1.4, megabytes=200), Bar(ratio=0.95, megabytes=200), Bar(ratio=1.6, megabytes=300)
_STATE_KB = 200
OURS = str(VENV / "bin" / "mlops")
FLOOR = [sys.executable, "-m", "benchmarks.monitors.floor"]


def main() -> int:
    """Measure and judge.  Returns 0: all bars are kept, 1: one is missed or could not be measured."""
    given = _arguments()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs; {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = Path(folder) / "reference.state"
        reference, current = _files(f"0:{given.rows}", f"1:{given.rows}")
        made = run([OURS, "monitor", "profile", reference, "-o", str(state)])
        if made.failed:
            print(f"our profile of the reference failed: {made.failed}")
            return 1
        right = judged.named(_said(reference, current), described.columns(), full=given.rows == _FULL)
        print(right.line)
        kept = [right.kept, *_compared(given, reference, current, state), _small(state, given.rows)]
        if given.peers:
            _peers(given, Path(reference), Path(current))
        if given.curve:
            kept.append(printed(given.most, state, given.gigabytes, ours=OURS, floor=FLOOR, files=_files))
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    return int(not all(kept))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitors", description=__doc__)
    parser.add_argument("--rows", type=int, default=_FULL, help="rows of the reference and of the current file")
    parser.add_argument("--long", type=int, default=_LONG, help="rows of the long current file; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=7, help="pairs of runs")
    parser.add_argument("--peers", action="store_true", help="run the others too, once each")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one of the others may take")
    parser.add_argument("--curve", action="store_true", help="cost per row and memory up to --most rows")
    parser.add_argument("--most", type=int, default=100_000_000, help="rows at which the curve ends")
    parser.add_argument("--gigabytes", type=float, default=20, help="disk that all files together may take")
    return parser.parse_args()


def _files(*tables: str) -> list[str]:
    """Let another process write what is missing: this one stays small."""
    command = [sys.executable, "-m", "benchmarks.monitors.data", *tables]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def _compared(given: argparse.Namespace, reference: str, current: str, state: Path) -> list[bool]:
    full = given.rows == _FULL
    cases = [
        (f"{given.rows:,} x {given.rows:,}", reference, current, _FRESH if full else None),
        ("  reference saved", str(state), current, _SAVED if full else None),
    ]
    if given.long:
        (long,) = _files(f"1:{given.long}")
        bar = _LARGE if full and given.long == _LONG else None
        cases.append((f"{given.rows:,} x {given.long:,}", reference, long, bar))
    print(judged.HEADING)
    kept = []
    for name, first, second, bar in cases:
        # The floor decodes both files, whatever ours is given.
        runs = interleaved([*FLOOR, reference, second], [OURS, *_COMPARE, first, second], given.rounds)
        one = judged.judge(name, *runs, bar)
        print(one.line, flush=True)
        kept.append(one.kept)
    return kept


_COMPARE = ("monitor", "compare", "--output", "json")
_ANSWERS = (0, 1)
"""1: a column moved."""


def _said(reference: str, current: str) -> str:
    """Give what ours prints, once and outside all timing: a fast answer must also be the right one."""
    command = [OURS, *_COMPARE, reference, current]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True).stdout


def interleaved(floor: list[str], ours: list[str], rounds: int) -> tuple[list[Took], list[Took]]:
    """Run both in turn: floor, ours, floor, ours.  The first pair warms the page cache and is not counted."""
    runs: tuple[list[Took], list[Took]] = ([], [])
    for _ in range(rounds + 1):
        beneath, above = run(floor), run(ours, answers=_ANSWERS)
        runs[0].append(above)
        runs[1].append(beneath)
        if above.failed or beneath.failed:
            return runs
    return runs[0][1:], runs[1][1:]


def _small(state: Path, rows: int) -> bool:
    kilobytes = state.stat().st_size / 1000
    bar = f"bar {_STATE_KB} kB" if rows == _FULL else "no bar at this size"
    print(f"{'the saved reference':<22} {kilobytes:.0f} kB ({bar})")
    return rows != _FULL or kilobytes <= _STATE_KB


def _peers(given: argparse.Namespace, reference: Path, current: Path) -> None:
    floor, ours = (
        run([*FLOOR, str(reference), str(current)]),
        run([OURS, *_COMPARE, str(reference), str(current)], answers=_ANSWERS),
    )
    for peer in peers.PEERS:
        try:
            python = peers.installed(peer)
        except peers.NotInstalledError as error:
            print(f"{peer.name:<36} not installed: {error}")
            continue
        for setting in peer.settings:
            command = peers.command(peer, python, setting, reference, current)
            took = run(command, limit=given.limit, more=peers.QUIET)
            print(judged.beside(f"{peer.name} {setting}", took, floor, ours), flush=True)


if __name__ == "__main__":
    sys.exit(main())
