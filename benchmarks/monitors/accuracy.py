"""How far distances from counts are from exact ones by sorting: the table in mlops/monitors/ACCURACY.md."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.monitors import exact
from benchmarks.monitors.families import NUMERIC
from mlops.monitors import distances, numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draw = Callable[[Generator, int, bool], Floats]

ROWS, WINDOW = 1_000_000, 10_000
KS, PSI, WASSERSTEIN = 1e-4, 3e-4, 5e-3
"""What an error may be at ROWS rows a side; Wasserstein's is relative."""
PAGE = Path(__file__).parents[2] / "mlops" / "monitors" / "ACCURACY.md"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One column, before and after."""

    name: str
    draw: Draw
    drifted: bool
    rows: int
    current_rows: int

    @property
    def judged(self) -> bool:
        """Say whether the bars are for a case of this size."""
        return self.current_rows >= ROWS


@dataclass(frozen=True, kw_only=True)
class Error:
    """How far each distance from counts is from the exact one."""

    case: Case
    ks: float
    ks_error: float
    ks_width: float
    held: bool
    psi: float
    psi_error: float
    js_error: float
    wasserstein: float
    """In standard deviations of the reference."""
    wasserstein_error: float
    """In standard deviations of the reference."""

    @property
    def wasserstein_relative(self) -> float:
        """The error as a share of the exact distance."""
        return self.wasserstein_error / self.wasserstein if self.wasserstein else float(self.wasserstein_error > 0)

    @property
    def missed(self) -> tuple[str, ...]:
        """Name the bars that are not kept; that the bound holds is asked of every case."""
        at_size = (
            ("KS", self.ks_error > KS),
            ("PSI", self.psi_error > PSI),
            ("Wasserstein", self.wasserstein_relative > WASSERSTEIN),
        )
        return (
            *(name for name, over in at_size if self.case.judged and over),
            *(() if self.held else ("bound",)),
        )


def main() -> int:
    """Print the page.  Returns 0: all bars are kept, 1: one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitors.accuracy", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--draws", type=int, default=3, help="of each column; the worst counts")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} instead of printing it")
    given = parser.parse_args()
    errors = [worst([measure(case, draw) for draw in range(given.draws)]) for case in cases(given.rows)]
    text = page(errors)
    if given.write:
        PAGE.write_text(text)
    else:
        print(text, end="")
    missed = _missed(errors)
    print("\n".join([*missed, f"{len(missed)} of {len(errors)} columns miss a bar"]), file=sys.stderr)
    return int(bool(missed))


def cases(rows: int) -> Iterator[Case]:
    """Give every column twice, without and with drift, and with drift in a window much smaller than the reference."""
    for label, draw in _columns().items():
        for drifted, current_rows in ((False, rows), (True, rows), (True, min(WINDOW, rows))):
            yield Case(name=label, draw=draw, drifted=drifted, rows=rows, current_rows=current_rows)


def measure(case: Case, seed: int) -> Error:
    """Compare one draw of one column both ways."""
    label = sum(case.name.encode())
    reference = case.draw(np.random.default_rng([seed, label, 0]), case.rows, False)  # noqa: FBT003
    current = case.draw(np.random.default_rng([seed, label, 1, case.drifted]), case.current_rows, case.drifted)
    centre = numeric.centre_of(reference)
    before, after = numeric.count(reference, centre=centre), numeric.count(current, centre=centre)
    bins, true_bins = distances.binned(before, after), exact.deciles(reference, current)
    ks, true_ks = distances.kolmogorov_smirnov(before, after), exact.kolmogorov_smirnov(reference, current)
    psi, true_psi = (distances.population_stability_index(*each) for each in (bins, true_bins))
    js, true_js = (distances.jensen_shannon_distance(*each) for each in (bins, true_bins))
    deviation, true_area = float(reference.std()), exact.wasserstein(reference, current)
    return Error(
        case=case,
        ks=true_ks,
        ks_error=abs(ks.value - true_ks),
        ks_width=ks.at_most - ks.value,
        held=ks.value - _ROUNDING <= true_ks <= ks.at_most + _ROUNDING,
        psi=true_psi,
        psi_error=abs(psi - true_psi),
        js_error=abs(js - true_js),
        wasserstein=true_area / deviation,
        wasserstein_error=abs(distances.wasserstein(before, after) - true_area) / deviation,
    )


def worst(errors: Sequence[Error]) -> Error:
    """Take the worst of each figure over several draws; the distances themselves are those of the first."""
    furthest = max(errors, key=lambda error: error.wasserstein_relative)
    return replace(
        errors[0],
        ks_error=max(error.ks_error for error in errors),
        ks_width=max(error.ks_width for error in errors),
        held=all(error.held for error in errors),
        psi_error=max(error.psi_error for error in errors),
        js_error=max(error.js_error for error in errors),
        wasserstein=furthest.wasserstein,
        wasserstein_error=furthest.wasserstein_error,
    )


_ROUNDING = 1e-12
_INTRODUCTION = (
    "Against exact ones by sorting the rows, for columns of every kind. *Bound* is the width of the interval that KS",
    "is given with, *held* whether the exact one lies in it. Each row is the worst of several draws. The last row of",
    "each column is a window much smaller than its reference: there cells are coarser, so it has no bar.",
    "",
    "`make bench-accuracy WRITE=1` prints this page again (two minutes) and fails when a bar is missed:",
    f"at {ROWS:,} rows a side an error of KS is at most {KS:g}, of PSI {PSI:g}, of Wasserstein {WASSERSTEIN:.1%}",
    "of the exact distance; the bound holds everywhere.",
)
_TITLES = (
    *("Column", "Drift", "Rows", "KS", "error", "bound", "held", "PSI", "error", "JS error"),
    *("Wasserstein ÷ std", "error", "relative"),
)


def page(errors: Sequence[Error]) -> str:
    """Give the text of the page."""
    judged = [error for error in errors if error.case.judged]
    lines = [
        "# How exact distances from counts are",
        "",
        *_INTRODUCTION,
        "",
        *([_summary(judged), ""] if judged else []),
        *([f"Missed: {'; '.join(_missed(errors))}.", ""] if _missed(errors) else []),
        _line(_TITLES),
        _line(["---"] * len(_TITLES)),
        *(_line(_cells(error)) for error in errors),
    ]
    return "\n".join(lines) + "\n"


def name(case: Case) -> str:
    """Name a case."""
    return f"{case.name} ({'drifted' if case.drifted else 'no drift'}, {case.current_rows:,} rows)"


def _missed(errors: Sequence[Error]) -> list[str]:
    return [f"{', '.join(error.missed)} of {name(error.case)}" for error in errors if error.missed]


def _summary(errors: Sequence[Error]) -> str:
    return (
        f"Largest errors at that size: KS {max(e.ks_error for e in errors):.1e}, "
        f"PSI {max(e.psi_error for e in errors):.1e}, "
        f"Jensen-Shannon {max(e.js_error for e in errors):.1e}, "
        f"Wasserstein {max(e.wasserstein_relative for e in errors):.2%}; "
        f"the bound held for {sum(e.held for e in errors)} of {len(errors)}."
    )


def _cells(error: Error) -> Sequence[str]:
    case = error.case
    return (
        *(case.name, "yes" if case.drifted else "no", f"{case.current_rows:,}"),
        *(f"{error.ks:.4f}", f"{error.ks_error:.1e}", f"{error.ks_width:.1e}", "yes" if error.held else "**no**"),
        *(f"{error.psi:.5f}", f"{error.psi_error:.1e}", f"{error.js_error:.1e}"),
        *(f"{error.wasserstein:.4f}", f"{error.wasserstein_error:.1e}", f"{error.wasserstein_relative:.2%}"),
    )


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _columns() -> dict[str, Draw]:
    def scaled(label: str, factor: float, offset: float = 0.0) -> Draw:
        return lambda random, rows, drifted: offset + factor * NUMERIC[label](random, rows, 1.0, drifted)

    return {
        **{label: scaled(label, 1.0) for label in NUMERIC},
        "skewed (lognormal, deviation 3)": lambda random, rows, drifted: random.lognormal(0.3 * drifted, 3.0, rows),
        "three atoms in a normal": _atomic,
        "tiny (exponential · 1e-12)": scaled("exponential", 1e-12),
        "tiny (normal · 1e-12)": scaled("normal", 1e-12),
        "huge (normal · 1e12)": scaled("normal", 1e12),
        "huge (lognormal · 1e12)": scaled("lognormal", 1e12),
        "far away (normal + 1e12)": scaled("normal", 1.0, 1e12),
        "heavy tails (t, 1 degree of freedom)": lambda random, rows, drifted: (
            random.standard_t(1, rows) + 0.2 * drifted
        ),
    }


def _atomic(random: Generator, rows: int, drifted: bool) -> Floats:  # noqa: FBT001
    shares = [0.35, 0.2, 0.15, 0.3] if drifted else [0.3, 0.25, 0.15, 0.3]
    which = random.choice(4, size=rows, p=shares)
    result: Floats = np.where(which < 3, np.array([-1.0, 0.25, 2.0, 0.0])[which], random.standard_normal(rows))  # noqa: PLR2004
    return result


if __name__ == "__main__":
    sys.exit(main())
