"""Exact distances are exact, each error is judged, and the page holds what the program prints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.monitors import accuracy, exact
from benchmarks.monitors.accuracy import Case, Error

CASE = Case(
    name="normal", draw=lambda random, rows, _: random.random(rows), drifted=True, rows=10**6, current_rows=10**6
)
GOOD = Error(
    case=CASE,
    ks=0.1,
    ks_error=1e-4,
    ks_width=1e-3,
    held=True,
    psi=0.1,
    psi_error=3e-4,
    js_error=1e-4,
    wasserstein=0.5,
    wasserstein_error=0.0025,
)


def test_exact_distances_are_those_of_a_table_worked_by_hand() -> None:
    reference, current = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 3.0, 4.0, 9.0])

    assert exact.kolmogorov_smirnov(reference, current) == 0.25
    assert exact.wasserstein(reference, current) == 2.0


def test_bins_end_with_the_decile_and_equal_deciles_make_one_bin() -> None:
    reference = np.array([0.0] * 5 + [1.0, 2.0, 3.0, 4.0, 5.0])

    bins = exact.deciles(reference, np.array([0.0, 1.0, 1.5, 6.0]))

    assert [side.tolist() for side in bins] == [[5, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 1]]


def test_an_empty_last_bin_is_none() -> None:
    bins = exact.deciles(np.array([1.0, 1.0]), np.array([0.5, 1.0]))

    assert [side.tolist() for side in bins] == [[2], [2]]


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({}, ()),
        ({"ks_error": 1.01e-4}, ("KS",)),
        ({"psi_error": 3.01e-4}, ("PSI",)),
        ({"wasserstein_error": 0.00251}, ("Wasserstein",)),
        ({"held": False}, ("bound",)),
        ({"ks_error": 1.0, "case": replace(CASE, current_rows=10_000)}, ()),
        ({"held": False, "case": replace(CASE, current_rows=10_000)}, ("bound",)),
    ],
    ids=["none", "KS", "PSI", "Wasserstein", "bound", "no bar for a small window", "but its bound holds"],
)
def test_each_bar_is_judged(change: dict[str, object], missed: tuple[str, ...]) -> None:
    assert replace(GOOD, **change).missed == missed  # type: ignore[arg-type]


def test_of_several_draws_the_worst_counts() -> None:
    bad = replace(GOOD, ks_error=0.2, ks_width=0.3, held=False, psi_error=0.4, js_error=0.5, wasserstein_error=0.6)

    assert accuracy.worst([GOOD, bad, GOOD]) == bad


def test_the_page_has_a_row_for_each_case_and_the_bars_of_the_program() -> None:
    text = accuracy.PAGE.read_text()
    printed = accuracy.page([GOOD])

    rows = [line.split(" | ")[:3] for line in text.splitlines() if line.startswith("| ")][2:]
    expected = [
        [f"| {case.name}", "yes" if case.drifted else "no", f"{case.current_rows:,}"]
        for case in accuracy.cases(accuracy.ROWS)
    ]
    assert rows == expected
    assert text.split("\nLargest")[0] == printed.split("\nLargest")[0]


def test_small_cases_hold_their_bounds() -> None:
    errors = [accuracy.measure(case, 0) for case in accuracy.cases(2_000)]

    assert [accuracy.name(error.case) for error in errors if not error.held] == []


def test_a_missed_bar_stands_on_the_page() -> None:
    assert "Missed: KS of normal (drifted, 1,000,000 rows)." in accuracy.page([replace(GOOD, ks_error=1.0)])
    assert "Missed" not in accuracy.page([GOOD])
