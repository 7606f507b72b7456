"""How often multivariate drift speaks where nothing has drifted, and where only a correlation has."""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import domain_classifier, reconstruction
from mlops.monitors.evidence import Rows
from mlops.monitors.table import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Columns = dict[str, NDArray[np.float64] | list[object]]
    Draw = Callable[[int, np.random.Generator, float], Columns]

PAGE = Path(__file__).parents[2] / "mlops" / "monitors" / "TOGETHER.md"
ALPHA, MOST = 0.01, 0.015
SIZES = ((60, 60), (300, 300), (2_000, 200))
POWER_SIZES, TOGETHER = ((100, 100), (300, 300), (1_000, 1_000)), 0.8
MOVED = (0.7, 0.5, 0.0)
NULLS = 0.2
_NEAR = 4
JUDGED = ("domain_classifier_test", "domain_classifier_auc", "reconstruction_error_test", "reconstruction_error")


def _numbers(rows: int, random: np.random.Generator, together: float) -> Columns:
    """Five columns, of which two go together."""
    values = random.normal(size=(5, rows))
    values[1] = together * values[0] + math.sqrt(1 - together**2) * values[1]
    return {f"x{at}": column for at, column in enumerate(values)}


def _alone(rows: int, random: np.random.Generator, _: float) -> Columns:
    return _numbers(rows, random, 0.0)


def _heavy(rows: int, random: np.random.Generator, together: float) -> Columns:
    """The same, with tails that have no fourth moment."""
    return {name: np.sinh(np.asarray(column) * 1.5) for name, column in _numbers(rows, random, together).items()}


def _counts(rows: int, random: np.random.Generator, together: float) -> Columns:
    """Whole numbers, so that most rows have equals."""
    return {name: np.round(np.asarray(column)) for name, column in _numbers(rows, random, together).items()}


def _mixed(rows: int, random: np.random.Generator, together: float) -> Columns:
    """Numbers with nulls, a column of levels that goes with one of them, and one of forty rare levels."""
    found = _numbers(rows, random, together)
    first = np.asarray(found["x0"])
    found["x2"] = np.where(random.random(rows) < NULLS, np.nan, np.asarray(found["x2"]))
    kind: list[object] = ["low" if one < 0 else "high" for one in first]
    rare: list[object] = [f"level {one}" for one in random.geometric(0.1, rows).clip(max=40)]
    return {**found, "kind": kind, "rare": rare}


KINDS: Mapping[str, Draw] = {
    "five numbers, two together": _numbers,
    "five numbers, each alone": _alone,
    "heavy tails": _heavy,
    "whole numbers": _counts,
    "nulls and levels": _mixed,
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is drawn again and again: two tables, in the second of which two columns go together by `now`."""

    kind: str
    reference: int
    current: int
    now: float = TOGETHER


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How often each metric spoke."""

    setting: Setting
    fired: tuple[int, ...]
    draws: int

    @property
    def missed(self) -> tuple[str, ...]:
        """Name the metrics that speak more often than the bar, by more than few draws explain."""
        slack = _NEAR * math.sqrt(MOST * (1 - MOST) / self.draws)
        return tuple(
            f"{self.setting.kind}, {self.setting.reference:,} against {self.setting.current:,}: {metric} {share:.1%}"
            for metric, share in zip(JUDGED, (count / self.draws for count in self.fired), strict=True)
            if share > MOST + slack
        )


def main() -> int:
    """Print both tables.  Returns 0: the bar is kept, 1: it is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitors.together", description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="without drift, of each kind and size")
    parser.add_argument("--power", type=int, default=50, help="draws with drift, of each size and change; 0: none")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}, too")
    given = parser.parse_args()
    quiet = [Setting(kind=kind, reference=n, current=m) for kind in KINDS for n, m in SIZES]
    moved = [Setting(kind=next(iter(KINDS)), reference=n, current=m, now=now) for n, m in POWER_SIZES for now in MOVED]
    with ProcessPoolExecutor(given.workers) as pool:
        found = _printed(pool.map(partial(measure, draws=given.draws), quiet))
        print()
        power = _printed(pool.map(partial(measure, draws=given.power), moved)) if given.power else []
    missed = [one for shares in found for one in shares.missed]
    if given.write:
        PAGE.write_text(page(found, power, missed, draws=given.draws, power_draws=given.power))
    print("\n".join(["", *missed, f"{len(missed)} of {len(found) * len(JUDGED)} miss the bar"]))
    return int(bool(missed))


def measure(setting: Setting, *, draws: int) -> Shares:
    """Draw both tables afresh each time and ask both methods of each pair."""
    random = np.random.default_rng([setting.reference, setting.current, int(100 * setting.now), *setting.kind.encode()])
    counts = np.zeros(len(JUDGED), dtype=int)
    for _ in range(draws):
        reference = KINDS[setting.kind](setting.reference, random, TOGETHER)
        current = KINDS[setting.kind](setting.current, random, setting.now)
        counts += spoken(reference, current)
    return Shares(setting=setting, fired=tuple(counts.tolist()), draws=draws)


def spoken(reference: Columns, current: Columns) -> NDArray[np.bool_]:
    """Say of each of JUDGED whether it speaks: a p-value below ALPHA, a value above what chance does so often."""
    both = encode(Rows(current=current, reference=reference), tuple(reference))
    told, built = domain_classifier.tell_apart(both, explain=False), reconstruction.rebuild(both)
    passed_by = NormalDist().inv_cdf(1 - ALPHA)
    return np.array(
        [
            told.p < ALPHA,
            told.area > 0.5 + passed_by * told.by_chance,
            built.p < ALPHA,
            built.ratio > 1 + passed_by * built.by_chance,
        ]
    )


def page(
    found: Sequence[Shares], power: Sequence[Shares], missed: Sequence[str], *, draws: int, power_draws: int
) -> str:
    """Give the text of the page."""
    lines = [
        "# How often multivariate drift speaks",
        "",
        f"At {ALPHA:.0%}, {draws:,} draws of both tables for each row: the share that speaks **without drift**, in %.",
        f"Bar: at most {MOST:.1%}, and what so few draws may add to it. `make bench-together WRITE=1` prints this page",
        "again and fails when the bar is missed. The halves' mean score is taken to be as wide as one half's, which it",
        "is at most: so the rates stay below what they promise.",
        "",
        *([f"Missed: {'; '.join(missed)}.", ""] if missed else []),
        heading(),
        *map(row, found),
        "",
        f"Over all rows: {overall(found)}.",
        "",
        f"**With drift**, {power_draws:,} draws: two of five columns went together by {TOGETHER:g} and now do by the",
        "number given, while each column by itself stays what it was.",
        "",
        heading(),
        *map(row, power),
    ]
    return "\n".join(lines) + "\n"


def overall(found: Sequence[Shares]) -> str:
    """Say how often each metric spoke over all settings: of one alone few draws tell little."""
    draws = sum(one.draws for one in found)
    shares = (100 * sum(one.fired[at] for one in found) / draws for at in range(len(JUDGED)))
    return ", ".join(f"{metric} {share:.2f} %" for metric, share in zip(JUDGED, shares, strict=True))


def heading() -> str:
    """Give the head of a table with a row a setting and a column a metric."""
    titles = ("Kind", "Reference", "Current", "Together now", *JUDGED)
    return f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}"


def row(found: Shares) -> str:
    """Give a setting's row."""
    setting = found.setting
    values = (setting.kind, f"{setting.reference:,}", f"{setting.current:,}", f"{setting.now:g}")
    return f"| {' | '.join([*values, *(f'{100 * count / found.draws:.1f}' for count in found.fired)])} |"


def _printed(settings: Iterable[Shares]) -> list[Shares]:
    """Print a table, each row as soon as it is known: a whole run takes long."""
    print(heading(), flush=True)
    result = []
    for found in settings:
        print(row(found), flush=True)
        result.append(found)
    return result


if __name__ == "__main__":
    sys.exit(main())
