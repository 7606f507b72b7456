"""Ratios are taken pair by pair, and a bar that was missed or not measured is never kept."""

from __future__ import annotations

import json

import pytest

from benchmarks.monitors import described
from benchmarks.monitors.judged import Bar, Ratio, beside, judge, named, paired
from benchmarks.monitors.measured import Took

BAR = Bar(ratio=1.4, megabytes=200)


def _took(wall: float, megabytes: float = 100, failed: str = "") -> Took:
    return Took(wall=wall, cpu=wall * 1.5, megabytes=megabytes, failed=failed)


def test_ratios_are_of_pairs_so_a_slow_minute_cancels_out() -> None:
    # Medians first would say 1.4 / 1.0; every pair says 1.3 or 1.4.
    assert paired([1.3, 13.0, 1.4], [1.0, 10.0, 1.0]) == Ratio(median=1.3, least=1.3, most=1.4)


@pytest.mark.parametrize(("ours", "floor"), [([], []), ([1.0], [1.0, 2.0])], ids=["none", "unequal"])
def test_runs_without_a_partner_have_no_ratio(ours: list[float], floor: list[float]) -> None:
    with pytest.raises(ValueError, match="no pairs"):
        paired(ours, floor)


@pytest.mark.parametrize(
    ("wall", "megabytes", "told", "kept"),
    [
        (1.4, 200, "kept", True),
        (1.41, 200, "MISSED: 1.41 times the floor", False),
        (1.4, 201, "MISSED: 201 MB", False),
        (2.0, 500, "MISSED: 2.00 times the floor, 500 MB", False),
    ],
    ids=["both kept", "slow", "large", "both missed"],
)
def test_each_bar_is_judged(wall: float, megabytes: float, told: str, kept: bool) -> None:  # noqa: FBT001
    one = judge("case", [_took(wall, megabytes)], [_took(1.0)], BAR)

    assert (one.line.rpartition("MB ")[2] if kept else one.line[one.line.index("MISSED") :], one.kept) == (told, kept)


def test_the_largest_memory_of_all_runs_counts() -> None:
    assert not judge("case", [_took(1.0, 100), _took(1.0, 300), _took(1.0, 100)], [_took(1.0)] * 3, BAR).kept


@pytest.mark.parametrize("bar", [BAR, None], ids=["a bar", "none"])
@pytest.mark.parametrize("side", ["ours", "floor"])
def test_a_run_that_failed_is_told_and_keeps_no_bar(side: str, bar: Bar | None) -> None:
    good, bad = [_took(1.0)], [_took(0.1, failed="exit code 2: no such command")]

    one = judge("case", *((bad, good) if side == "ours" else (good, bad)), bar)

    assert (one.line.split("  ")[-1].strip(), one.kept) == ("exit code 2: no such command", False)


def test_without_a_bar_it_is_said_that_there_is_none() -> None:
    one = judge("case", [_took(9.0)], [_took(1.0)], None)

    assert (one.line.endswith("no bar at this size"), one.kept) == (True, True)


def test_a_peer_is_told_beside_the_floor_and_ours() -> None:
    line = beside("peer JS", _took(40.0, 3000), _took(0.5), _took(0.8))

    assert " ".join(line.split()) == "peer JS 40.0 s 60.0 CPU s 3000 MB 80.0 x the floor 50.0 x ours"


def test_a_peer_that_failed_is_told_and_not_left_out() -> None:
    line = beside("peer JS", _took(600.0, 12000, "not done after 600 s"), _took(0.5), _took(0.8))

    assert " ".join(line.split()) == "peer JS not done after 600 s (900 CPU s, 12000 MB)"


def _printed(moved: set[str], columns: tuple[described.Column, ...] = described.columns()) -> str:
    found = [{"column": one.name, "adjusted": 0.001 if one.name in moved else 0.5} for one in columns]
    return json.dumps({"alpha": 0.01, "columns": found})


DRIFTING = {one.name for one in described.columns() if one.drifts}
STILL = sorted({one.name for one in described.columns()} - DRIFTING)


@pytest.mark.parametrize(
    ("printed", "kept", "line"),
    [
        (_printed(DRIFTING), True, "ours names 25 of 25 columns that drift and 0 that do not"),
        (_printed(DRIFTING | {STILL[0]}), True, "ours names 25 of 25 columns that drift and 1 that do not"),
        (_printed(DRIFTING | set(STILL[:2])), False, "ours names 25 of 25 columns that drift and 2 that do not"),
        (_printed(DRIFTING - {"number_01"}), False, "ours names 24 of 25 columns that drift and 0 that do not"),
        (_printed(DRIFTING, described.columns()[1:]), False, "ours compared 49 columns and not the 50 there are"),
        ("Traceback", False, "ours gave no comparison as JSON"),
        ("[]", False, "ours gave no comparison as JSON"),
    ],
    ids=["right", "one too many", "two too many", "one missed", "a column short", "no JSON", "other JSON"],
)
def test_a_fast_answer_must_be_the_right_one(printed: str, kept: bool, line: str) -> None:  # noqa: FBT001
    one = named(printed, described.columns(), full=True)

    assert (one.kept, one.line) == (kept, line)


def test_of_few_rows_it_is_told_and_not_judged() -> None:
    assert named(_printed(set()), described.columns(), full=False).kept
    assert not named("", described.columns(), full=False).kept
