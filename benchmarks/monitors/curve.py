"""Cost per row and peak memory as rows grow: what must stay flat."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.monitors import described
from benchmarks.monitors.measured import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_SIZES = (1_000_000, 10_000_000, 30_000_000, 100_000_000)
PART = 10_000_000
_SPARE = 5 * 10**9
"""Bytes that the disk keeps free."""


def printed(
    most: int,
    state: Path,
    gigabytes: float,
    *,
    ours: str,
    floor: Sequence[str],
    files: Callable[..., list[str]],
) -> bool:
    """Print the curve up to `most` rows, or to what fits on the disk, which is said.  False when a run failed."""
    enough = [room(size, gigabytes) for size in sizes(most)]
    print(f"{'rows':>12} {'ns CPU a row':>13} {'ns CPU, floor':>14} {'s':>8} {'MB':>6} {'floor MB':>9}")
    for size in sorted(set(enough) - {0}):
        paths = files(*(f"{table.part}:{table.rows}" for table in described.parts(size, PART)))
        beneath = run([*floor, *paths], limit=3600)
        target = state.with_name(f"{size}.state")
        took = run([ours, "monitor", "profile", *paths, "--reference", str(state), "-o", str(target)], limit=3600)
        if took.failed or beneath.failed:
            print(f"{size:>12,} {took.failed or beneath.failed}")
            return False
        costs = f"{took.cpu / size * 1e9:13.0f} {beneath.cpu / size * 1e9:14.0f} {took.wall:8.1f}"
        print(f"{size:>12,} {costs} {took.megabytes:6.0f} {beneath.megabytes:9.0f}", flush=True)
    for size, fits in zip(sizes(most), enough, strict=True):
        if fits != size:
            print(f"{size:,} rows do not fit in {gigabytes:g} GB of files; {fits:,} do")
    return True


def sizes(most: int) -> tuple[int, ...]:
    """Give the sizes below `most`, and `most` itself."""
    return (*(size for size in _SIZES if size < most), most)


def room(rows: int, gigabytes: float) -> int:
    """Give the rows that fit on the disk, whole parts, counting what is there already as room."""
    folder = described.path(described.reference(1)).parent
    folder.mkdir(parents=True, exist_ok=True)
    there = {table: described.path(table).exists() for table in described.parts(rows, PART)}
    written = sum(table.rows * described.BYTES_A_ROW for table, found in there.items() if found)
    free = shutil.disk_usage(folder).free + written - _SPARE
    taken = 2 * _SIZES[0] * described.BYTES_A_ROW
    return described.affordable(rows, limit=min(int(gigabytes * 1e9), free), taken=taken, each=PART)
