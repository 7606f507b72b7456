"""From runs side by side to ratios, and from ratios to a judgement."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.monitors.described import Column
    from benchmarks.monitors.measured import Took


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What may not be exceeded: the ratio to the floor and the peak memory."""

    ratio: float
    megabytes: float


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """The median of paired ratios, with the least and the most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One comparison: the line that is printed, and whether all bars were kept."""

    line: str
    kept: bool


HEADING = (
    f"{'':<22} {'÷ floor, wall':<18} {'÷ floor, CPU':<18} {'s':>7}"
    f" {'CPU s':>7} {'floor s':>8} {'MB':>6} {'floor MB':>9}"
)


def paired(ours: Sequence[float], floor: Sequence[float]) -> Ratio:
    """Divide run by run, so that what slows the machine for a while slows both sides of a pair."""
    if not ours or len(ours) != len(floor):
        raise ValueError(f"{len(ours)} runs have no pairs among {len(floor)} of the floor")
    ratios = [one / other for one, other in zip(ours, floor, strict=True)]
    return Ratio(median=statistics.median(ratios), least=min(ratios), most=max(ratios))


def judge(name: str, ours: Sequence[Took], floor: Sequence[Took], bar: Bar | None) -> Judged:
    """Judge a comparison.  A run that failed has no figure and misses the bar; without a bar only failing does."""
    failed = [one.failed for one in (*ours, *floor) if one.failed]
    if failed:
        return Judged(line=f"{name:<22} {failed[0]}", kept=False)
    wall = paired([one.wall for one in ours], [one.wall for one in floor])
    cpu = paired([one.cpu for one in ours], [one.cpu for one in floor])
    peak = max(one.megabytes for one in ours)
    figures = (
        f"{_median(one.wall for one in ours):7.2f} {_median(one.cpu for one in ours):7.2f} "
        f"{_median(one.wall for one in floor):8.2f} {peak:6.0f} {max(one.megabytes for one in floor):9.0f}"
    )
    line = f"{name:<22} {wall!s:<18} {cpu!s:<18} {figures}"
    if bar is None:
        return Judged(line=f"{line}   no bar at this size", kept=True)
    missed = [
        *([f"{wall.median:.2f} times the floor"] if wall.median > bar.ratio else []),
        *([f"{peak:.0f} MB"] if peak > bar.megabytes else []),
    ]
    told = f"bars {bar.ratio:g} and {bar.megabytes:g} MB {'MISSED: ' + ', '.join(missed) if missed else 'kept'}"
    return Judged(line=f"{line}   {told}", kept=not missed)


def named(printed: str, columns: Sequence[Column], *, full: bool) -> Judged:
    """Judge what ours says: of a full file, which columns drift is plain, and at most one other may be named."""
    try:
        answer = json.loads(printed)
        found = {one["column"]: one["adjusted"] for one in answer["columns"]}
        moved = {name for name, p in found.items() if p is not None and p < answer["alpha"]}
    except (ValueError, KeyError, TypeError):
        return Judged(line="ours gave no comparison as JSON", kept=False)
    if found.keys() != {one.name for one in columns}:
        return Judged(line=f"ours compared {len(found)} columns and not the {len(columns)} there are", kept=False)
    drifting = {one.name for one in columns if one.drifts}
    missing, others = sorted(drifting - moved), sorted(moved - drifting)
    told = (
        f"ours names {len(drifting) - len(missing)} of {len(drifting)} columns that drift and {len(others)} that do not"
    )
    return Judged(line=told, kept=not full or (not missing and len(others) <= 1))


def beside(name: str, peer: Took, floor: Took, ours: Took) -> str:
    """Tell a peer's run as ratios to the floor and to ours."""
    if peer.failed:
        return f"{name:<36} {peer.failed} ({peer.cpu:.0f} CPU s, {peer.megabytes:.0f} MB)"
    figures = f"{peer.wall:7.1f} s {peer.cpu:7.1f} CPU s {peer.megabytes:6.0f} MB"
    ratios = "  no ratio to ours, which failed" if ours.failed else f"{peer.wall / ours.wall:7.1f} x ours"
    return f"{name:<36} {figures} {peer.wall / floor.wall:7.1f} x the floor {ratios}"


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)
