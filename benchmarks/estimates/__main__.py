"""Is an estimate without labels nearer to the truth than assuming no change, and does its interval hold the truth?"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.estimates import worlds
from mlops.monitors import estimate, performance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.estimates.worlds import World

PAGE = Path(__file__).parents[2] / "mlops" / "monitors" / "ESTIMATES.md"
STATED = 0.95
_OF_CLASSES = ("accuracy", "recall", "roc_auc")
_OF_NUMBERS = ("mean_absolute_error", "root_mean_squared_error")
WORLDS: tuple[tuple[str, World, tuple[str, ...]], ...] = (
    ("drawn classes", worlds.classes, _OF_CLASSES),
    ("drawn numbers", worlds.numbers, _OF_NUMBERS),
    ("weather", worlds.weather, _OF_CLASSES),
)
MOVED = (0.0, 0.5, 1.0)
_FAR = 3.0


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One estimate beside the truth."""

    estimated: float
    low: float
    high: float
    truth: float
    before: float
    """The reference's own metric: what assuming no change would say."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of all draws of one metric."""

    world: str
    moved: float
    metric: str
    held: float
    error: float
    unchanged: float
    width: float
    draws: int

    @property
    def missed(self) -> str:
        """Say which bar is missed, by more than chance in so many draws may do.

        Where the truth did not change, nothing is nearer to it than to say so: then only the interval counts.
        """
        chance = _FAR * math.sqrt(STATED * (1 - STATED) / self.draws)
        if self.held < STATED - chance:
            return f"the interval holds the truth {self.held:.1%} of the time"
        changed = self.unchanged > self.width / 2
        return "assuming no change is nearer to the truth" if changed and self.error >= self.unchanged else ""


def draw(world: World, metrics: Sequence[str], moved: float, number: int) -> list[Draw]:
    """Draw a reference and a window once, and estimate each metric."""
    pair = world(moved, number)
    evidence = pair.evidence(numbers=set(metrics) <= set(_OF_NUMBERS))
    found = []
    for metric in metrics:
        one = estimate.measure("e", f"estimated_{metric}", evidence)
        truth = performance.measure("t", metric, pair.window.scored()).value
        before = performance.measure("b", metric, pair.reference.scored()).value
        if None in (one.value, one.low, one.high, truth, before):
            raise ValueError(f"{metric} of draw {number} could not be measured: {one.why}")
        values = (one.value, one.low, one.high, truth, before)
        found.append(
            Draw(**dict(zip(("estimated", "low", "high", "truth", "before"), map(_number, values), strict=True)))
        )
    return found


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def row(world: str, moved: float, metric: str, draws: Sequence[Draw]) -> Row:
    """Sum up the draws of a metric."""
    return Row(
        world=world,
        moved=moved,
        metric=metric,
        held=float(np.mean([one.low <= one.truth <= one.high for one in draws])),
        error=float(np.mean([abs(one.estimated - one.truth) for one in draws])),
        unchanged=float(np.mean([abs(one.before - one.truth) for one in draws])),
        width=float(np.mean([one.high - one.low for one in draws])),
        draws=len(draws),
    )


def main() -> int:
    """Print the table.  Returns 0: all bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimates", description=__doc__)
    parser.add_argument("--draws", type=int, default=200, help="of each world and shift")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}, too")
    given = parser.parse_args()
    print(heading(), flush=True)
    rows: list[Row] = []
    with ProcessPoolExecutor(given.workers) as pool:
        for (name, world, metrics), moved in itertools.product(WORLDS, MOVED):
            drawn = list(pool.map(partial(draw, world, metrics, moved), range(given.draws)))
            for metric, draws in zip(metrics, zip(*drawn, strict=True), strict=True):
                rows.append(row(name, moved, metric, draws))
                print(line(rows[-1]), flush=True)
    missed = [f"{one.world}, moved {one.moved:g}, {one.metric}: {one.missed}" for one in rows if one.missed]
    if given.write:
        PAGE.write_text(page(rows, missed), encoding="utf-8")
    print("\n".join(["", *missed, f"{len(missed)} of {len(rows)} miss a bar"]))
    return int(bool(missed))


def page(rows: Sequence[Row], missed: Sequence[str]) -> str:
    """Give the text of the page."""
    lines = [
        "# How good estimates without labels are",
        "",
        f"{rows[0].draws} draws for each row: {worlds.REFERENCE:,} labelled rows of the reference and a window of",
        f"{worlds.WINDOW:,}, whose labels the estimate does not see. *Held*: how often the 95 % interval holds the",
        "metric that these labels give. *Error*: mean distance of the estimate from it; *unchanged*: that of the",
        "reference's own metric. The features move by so many standard deviations; the weather is real, and its",
        "windows prefer days of a high dew point. Its later days follow another rule (concept drift), which rows",
        "without labels cannot show: they are left out. `make bench-estimates WRITE=1` prints this page again.",
        "",
        *([f"Missed: {'; '.join(missed)}.", ""] if missed else []),
        heading(),
        *map(line, rows),
    ]
    return "\n".join(lines) + "\n"


def heading() -> str:
    """Give the head of the table."""
    titles = ("World", "Moved", "Metric", "Held, %", "Error", "Unchanged", "Width")
    return f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}"


def line(one: Row) -> str:
    """Give a row of the table."""
    values = (f"{100 * one.held:.1f}", f"{one.error:.4f}", f"{one.unchanged:.4f}", f"{one.width:.4f}")
    return f"| {one.world} | {one.moved:g} | `{one.metric}` | {' | '.join(values)} |"


if __name__ == "__main__":
    sys.exit(main())
