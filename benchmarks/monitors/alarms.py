"""How often a calibrated limit fires where nothing has drifted, and where something has."""

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

from benchmarks.monitors.columns import FROM_ROWS, KINDS, sample
from benchmarks.monitors.judge import METRICS, applies, fires

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.monitors.columns import Kind

PAGE = Path(__file__).parents[2] / "mlops" / "monitors" / "ALARMS.md"
ALPHA = 0.01
MOST, LEAST = 0.015, 0.003
"""Shares between which a 1 % limit may fire without drift; the lower one for PSI and JS on continuous columns."""
WITH_A_LEAST = ("population_stability_index", "jensen_shannon_distance")
SIZES = (
    *((100, 100), (300, 300), (1_000, 1_000), (10_000, 10_000), (100_000, 100_000), (1_000_000, 1_000_000)),
    *((100_000, 500), (1_000_000, 10_000)),
)
SHIFTS, SWAPS = (0.05, 0.1, 0.2, 0.5), (0.01, 0.02, 0.05, 0.1)
POWER_KINDS = ("normal", "lognormal", "bimodal", "5 levels", "30 levels")
POWER_SIZES = ((100, 100), (1_000, 1_000), (10_000, 10_000), (1_000_000, 1_000_000))
_AGAIN, _NEAR = 4, 4


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is drawn again and again: two samples of a kind, the second moved or not."""

    kind: Kind
    reference: int
    current: int
    moved: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Share:
    """How often a limit fired."""

    setting: Setting
    metric: str
    fired: int
    draws: int

    @property
    def share(self) -> float:
        """Give the share of draws."""
        return self.fired / self.draws

    def near(self, bar: float) -> bool:
        """Say whether chance alone may have put the share on its side of a bar."""
        return abs(self.share - bar) <= _NEAR * math.sqrt(bar * (1 - bar) / self.draws)

    @property
    def missed(self) -> str:
        """Say which bar is missed, if any."""
        if self.share > MOST:
            return f"fires more than {MOST:.1%}"
        least = self.metric in WITH_A_LEAST and self.setting.kind.continuous
        return f"fires less than {LEAST:.1%}" if least and self.share < LEAST else ""


def main() -> int:
    """Print both tables.  Returns 0: all bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitors.alarms", description=__doc__)
    parser.add_argument(
        "--draws",
        type=int,
        default=2000,
        help="without drift, of each kind and size",
    )
    parser.add_argument(
        "--power", type=int, default=100, help="draws with drift, of each kind, size and shift; 0: none"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}, too")
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        quiet = [Setting(kind=kind, reference=n, current=m) for kind in KINDS for n, m in SIZES]
        found = _printed(pool.map(partial(judged, draws=given.draws), quiet))
        print()
        moved = _printed(pool.map(partial(measure, draws=given.power, seed=2), _moved())) if given.power else []
    missed = [
        f"{_named(one.setting)}: {one.metric} {one.missed}: {one.share:.2%}"
        for one in itertools.chain.from_iterable(found)
        if one.missed
    ]
    if given.write:
        PAGE.write_text(page(found, moved, missed, draws=given.draws, power=given.power))
    print("\n".join(["", *missed, f"{len(missed)} of {sum(map(len, found))} miss a bar"]))
    return int(bool(missed))


def page(
    found: Sequence[list[Share]], moved: Sequence[list[Share]], missed: Sequence[str], *, draws: int, power: int
) -> str:
    """Give the text of the page."""
    lines = [
        "# How often calibrated limits fire",
        "",
        f"Limits of {ALPHA:.0%}, {draws:,} draws of both samples for each row: the share that fires **without drift**,",
        f"in %. Samples above {FROM_ROWS:,} are counts drawn at once and not rows. Bars: at most {MOST:.1%}, and at",
        f"least {LEAST:.1%} for PSI and JS on continuous columns. `make bench-alarms WRITE=1` prints this page again",
        "(a quarter of an hour) and fails when a bar is missed.",
        "",
        *([f"Missed: {'; '.join(missed)}.", ""] if missed else []),
        heading(),
        *map(row, found),
        "",
        f"**With drift**, {power:,} draws: moved by so many standard deviations, or with so large a share of the rows",
        "in another level.",
        "",
        heading(),
        *map(row, moved),
    ]
    return "\n".join(lines) + "\n"


def judged(setting: Setting, *, draws: int) -> list[Share]:
    """Measure a setting without drift.  What misses a bar by so little that chance may do it is drawn more often."""
    found = measure(setting, draws=draws, seed=0)
    return [_again(one) if one.missed and (one.near(MOST) or one.near(LEAST)) else one for one in found]


def _again(one: Share) -> Share:
    (result,) = measure(one.setting, draws=_AGAIN * one.draws, seed=1, metrics=[one.metric])
    return result


def measure(setting: Setting, *, draws: int, seed: int, metrics: Sequence[str] = METRICS) -> list[Share]:
    """Draw both samples afresh each time, so that an odd reference counts once, and ask every metric of each pair."""
    random = np.random.default_rng([seed, setting.reference, setting.current, sum(setting.kind.name.encode())])
    fired = {metric: 0 for metric in metrics if applies(metric, numbers=not setting.kind.levels)}
    for _ in range(draws):
        reference = sample(setting.kind, setting.reference, random)
        current = sample(setting.kind, setting.current, random, setting.moved)
        for metric in fired:
            fired[metric] += fires(reference, current, metric, ALPHA)
    return [Share(setting=setting, metric=metric, fired=count, draws=draws) for metric, count in fired.items()]


def heading() -> str:
    """Give the head of a table with a row a setting and a column a metric."""
    titles = ("Kind", "Reference", "Current", "Moved", *METRICS)
    return f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}"


def row(found: Sequence[Share]) -> str:
    """Give a setting's row: shares in %, empty where a metric is not for that kind of column."""
    setting, shares = found[0].setting, {one.metric: one.share for one in found}
    values = (
        *(setting.kind.name, f"{setting.reference:,}", f"{setting.current:,}", f"{setting.moved:g}"),
        *(f"{100 * shares[metric]:.2f}" if metric in shares else "" for metric in METRICS),
    )
    return f"| {' | '.join(values)} |"


def _printed(settings: Iterable[list[Share]]) -> list[list[Share]]:
    """Print a table, each row as soon as it is known: a whole run takes minutes."""
    print(heading(), flush=True)
    result = []
    for found in settings:
        print(row(found), flush=True)
        result.append(found)
    return result


def _moved() -> Iterable[Setting]:
    for kind in KINDS:
        if kind.name in POWER_KINDS:
            for n, m in POWER_SIZES:
                for moved in SWAPS if kind.levels else SHIFTS:
                    yield Setting(kind=kind, reference=n, current=m, moved=moved)


def _named(setting: Setting) -> str:
    return f"{setting.kind.name}, {setting.reference:,} against {setting.current:,}"


if __name__ == "__main__":
    sys.exit(main())
