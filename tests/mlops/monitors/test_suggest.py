"""What is proposed for a table is a sound part of a project file, and fits the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mlops.monitors import calibration, profile
from mlops.monitors.profile import Schema
from mlops.monitors.proposal import Proposal, written
from mlops.monitors.suggest import propose
from mlops.spec.document.monitor import Monitor

MONITORS = TypeAdapter(tuple[Monitor, ...])
ROWS = 6000


def _table() -> dict[str, Any]:
    """A steady number, one with a season, a counter, a constant, one with nulls, levels, and keys."""
    random = np.random.default_rng(1)
    holes = random.normal(size=ROWS).tolist()
    holes[::10] = [None] * len(holes[::10])
    return {
        "steady": random.normal(size=ROWS),
        "season": random.normal(size=ROWS) + 3 * np.sin(np.arange(ROWS) / ROWS * 6),
        "counter": np.arange(ROWS, dtype=float),
        "constant": np.ones(ROWS),
        "holes": holes,
        "region": random.choice(["north", "south", "west"], ROWS).tolist(),
    }


def _proposed(table: dict[str, Any], rows_per_day: float | None = 500.0) -> str:
    numeric = [name for name in table if name != "region"]
    schema = profile.schema_of(table, features=numeric, levels=[name for name in table if name == "region"])
    size = len(next(iter(table.values())))
    parts = [
        profile.profile({name: values[start : start + size // 12] for name, values in table.items()}, schema=schema)
        for start in range(0, size, max(size // 12, 1))
    ]
    return propose(profile.profile(table, schema=schema), parts, rows_per_day=rows_per_day)


def _monitors(text: str) -> dict[str, Any]:
    said = yaml.safe_load(text)["monitors"] or ()
    MONITORS.validate_python(said)
    return {one["name"]: one for one in said}


def test_each_column_gets_the_monitors_that_fit_it() -> None:
    found = _monitors(_proposed(_table()))

    assert {name: one.get("columns", []) for name, one in found.items()} == {
        "nulls": ["steady", "season", "counter", "constant", "region"],
        "nulls-holes": ["holes"],
        "ranges": ["steady", "season", "holes"],
        "volume": [],
        "drift": ["steady", "holes"],
        "drift-restless": ["season"],
        "drift-levels": ["region"],
    }
    assert found["drift"]["limit"] == {"success": "< 0.1", "failure": "> 0.2", "falseAlarms": 0.01}
    assert float(found["drift-restless"]["limit"]["failure"].removeprefix("> ")) > 1
    assert found["volume"]["limit"] == {"success": ">= 250"}


def test_the_window_holds_the_rows_that_it_takes_to_tell() -> None:
    slow, quick = (_monitors(_proposed(_table(), pace)) for pace in (10.0, 5000.0))

    assert (slow["drift"]["window"], slow["drift"]["every"]) == ("P56D", "P8D")
    assert quick["drift"]["window"] == "P1D"
    assert slow["drift"]["minSamples"] == quick["drift"]["minSamples"] > 100


def test_what_is_left_out_and_what_divides_the_rows_is_said() -> None:
    said = [line for line in _proposed(_table()).splitlines() if line.startswith("# ")]

    assert said == [
        "# Proposed from 6,000 rows of 6 columns; read each before you keep it.",
        "# About 500 rows come in a day, as you said.",
        "# counter: goes one way from row to row, a counter or a time, so it is no feature that could drift.",
        "# constant: the same value in every row; a change would show in the rules for nulls and ranges only.",
        "# region: 3 levels, each frequent: segments worth a look of their own.",
    ]


def test_a_level_that_is_rare_or_one_of_many_divides_no_rows() -> None:
    """Rare: nobody could tell from so few rows. Many: they would be looked at until chance speaks."""
    levels = {"rare": ["a"] * 990 + ["b"] * 10, "many": [str(number % 13) for number in range(1000)]}
    whole = profile.profile(levels, schema=Schema(categorical=("rare", "many")))

    assert "segments" not in propose(whole, [whole])


def test_without_a_pace_the_windows_are_called_a_guess() -> None:
    text = _proposed(_table(), None)

    assert "No column says when a row was made, so the windows are a guess: give --rows-per-day." in text
    assert "volume" not in _monitors(text)


def test_a_reference_that_is_too_small_says_so() -> None:
    small = {"x": np.random.default_rng(1).normal(size=60)}

    assert "The reference has too few rows to tell a move of this size from chance" in " ".join(
        _proposed(small).replace("#", "").split()
    )


@given(st.lists(st.text(min_size=1, max_size=50), min_size=1, max_size=4, unique=True), st.integers(0, 40))
def test_any_names_and_any_number_of_rows_give_a_sound_section(columns: list[str], rows: int) -> None:
    values = [*np.random.default_rng(rows).normal(size=rows).tolist(), None]
    whole = profile.profile(
        dict.fromkeys(columns, values), schema=Schema(centres=tuple((name, 0.0) for name in columns))
    )

    found = _monitors(propose(whole, [whole] if rows else []))

    assert sorted(name for one in found for name in (found[one]["columns"] if one.startswith("nulls-") else ())) == (
        sorted(columns) if rows else []
    )


@given(st.lists(st.text(max_size=40), min_size=1, max_size=30, unique=True))
def test_long_lists_of_any_names_are_read_back_as_they_were(names: list[str]) -> None:
    one = Proposal(
        name="n",
        signal="data_quality",
        metric="null_value_rate",
        columns=tuple(names),
        why="why " * 60,
        days=7,
        least=1,
        success="<= 1",
    )

    lines = list(written(one))

    assert yaml.safe_load("\n".join(lines))[0]["columns"] == names
    assert max(len(line) for line in lines if "  # " in line) <= 110


@pytest.mark.parametrize("seconds", [86400.0, 43200.0])
def test_a_column_of_moments_tells_the_pace(seconds: float) -> None:
    times = np.arange(ROWS) * seconds / 100
    schema = Schema(centres=(("at", 0.0),), times=("at",))
    text = propose(profile.profile({"at": times}, schema=schema), [])

    assert f"About {86400 / seconds * 100:.3g} rows come in a day, by the first column of moments." in text


def test_minsamples_tells_from_chance_for_a_thousand_looks_or_no_rate_is_promised() -> None:
    """With so few rows in the reference itself nothing could ever be told, and every verdict would be inconclusive."""
    table = _table()
    found, few = (_monitors(_proposed(one)) for one in (table, {"steady": table["steady"][:60]}))

    schema = profile.schema_of(table, features=["steady"])
    steady = profile.profile({"steady": table["steady"]}, schema=schema).columns["steady"]
    least = found["drift"]["minSamples"]
    chance = calibration.limit("population_stability_index", steady, least, calibration.spent(0.01, 1000) / 2)
    assert chance < 0.2
    assert [set(one["limit"]) for one in few.values() if one["signal"] == "data_drift"] == [{"success", "failure"}]
