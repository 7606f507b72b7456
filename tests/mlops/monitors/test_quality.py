"""Data quality of levels, of whole rows and of the columns there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlops.domain.data.measurement import Measurement
from mlops.monitors import profile
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.profile import Profile, Schema
from mlops.monitors.registry import MONITORS

if TYPE_CHECKING:
    from mlops.monitors.evidence import Table

QUALITY = MONITORS["data_quality"]
KEYED = Roles(key="day", label="rain", prediction="probability")


def _rows(current: Table, reference: Table | None = None) -> Evidence:
    return Evidence(rows=Rows(current=current, reference=reference, roles=KEYED))


@pytest.mark.parametrize(
    ("keys", "rate"),
    [
        (["a", "b", "a", "a"], 0.5),
        (["a", "b", "c", "d"], 0.0),
        (["a", None, None, float("nan")], 0.0),
        (np.array([1, 1, 2, 2]), 0.5),
    ],
    ids=["twice and again", "once each", "no key is no name", "numbers"],
)
def test_a_row_that_came_before_under_its_key_is_a_duplicate(keys: list[object], rate: float) -> None:
    found = QUALITY.measure("twice", "duplicate_rate", _rows({"day": keys, "x": [1.0, 2.0, 3.0, 4.0]}))
    assert found == Measurement(monitor="twice", value=rate, samples=4)


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        (Roles(), "no column is said to be the key of a row"),
        (Roles(key="id"), "the rows have no key column 'id'"),
    ],
    ids=["no key", "another key"],
)
def test_without_a_key_nothing_is_said_of_duplicates(roles: Roles, why: str) -> None:
    evidence = Evidence(rows=Rows(current={"day": ["a", "a"]}, roles=roles))
    found = QUALITY.measure("twice", "duplicate_rate", evidence)
    assert found == Measurement(monitor="twice", value=None, samples=2, why=why)


REFERENCE: Table = {
    "day": ["2001-01-01", "2001-01-02"],
    "wind": [1.0, 2.0],
    "calm": ["true", "False"],
    "kind": ["a", "b"],
    "rain": [0.0, 1.0],
}


@pytest.mark.parametrize(
    ("current", "changed"),
    [
        ({"day": ["x"], "wind": [3], "calm": [True], "kind": ["z"], "probability": [0.5]}, ()),
        ({"day": ["x"], "calm": [True], "kind": ["z"]}, ("wind",)),
        ({"day": ["x"], "wind": ["3 m/s"], "calm": [True], "kind": [7]}, ("wind", "kind")),
        ({"day": ["x"], "wind": [3], "calm": [True], "kind": ["z"], "gust": [1]}, ("gust",)),
        ({"day": ["x"], "wind": [None], "calm": [None], "kind": [""]}, ()),
    ],
    ids=["the same", "one is missing", "two are of another type", "one is new", "empty columns may be anything"],
)
def test_columns_that_went_came_or_turned_into_something_else_are_counted(
    current: Table, changed: tuple[str, ...]
) -> None:
    found = QUALITY.measure("schema", "schema_change_count", _rows(current, REFERENCE))
    assert (found.value, tuple(name for name, value in found.parts if value)) == (len(changed), changed)


def test_of_a_schema_only_the_columns_asked_for_are_looked_at() -> None:
    evidence = replace(_rows({"kind": ["a"], "gust": [1]}, REFERENCE), columns=("kind", "wind"))
    found = QUALITY.measure("schema", "schema_change_count", evidence)
    assert found == Measurement(monitor="schema", value=1.0, samples=1, parts=(("kind", 0.0), ("wind", 1.0)))


def test_files_say_themselves_of_which_type_their_columns_are() -> None:
    def counted(**types: tuple[str, ...]) -> Profile:
        return Profile(schema=Schema(), rows=3, columns={}, types=types)

    reference = counted(x=("double",), y=("string",), z=("double",))
    current = counted(x=("double",), y=("int64",), z=("absent", "double"))
    found = QUALITY.measure("schema", "schema_change_count", Evidence(reference=reference, current=current))
    assert found == Measurement(monitor="schema", value=2.0, samples=3, parts=(("x", 0.0), ("y", 1.0), ("z", 1.0)))


def _levels(*levels: str) -> Profile:
    table: dict[str, list[object]] = {"kind": list(levels), "x": [1.0] * len(levels)}
    return profile.profile(table, schema=Schema(centres=(("x", 0.0),), categorical=("kind",)))


def test_levels_that_the_reference_did_not_have_are_unseen() -> None:
    evidence = Evidence(reference=_levels("a", "b"), current=_levels("a", "c", "c", "b"))
    found = QUALITY.measure("unseen", "unseen_level_rate", evidence)
    assert found == Measurement(monitor="unseen", value=0.5, samples=4, low=0.5, high=0.5, parts=(("kind", 0.5),))


def test_of_more_levels_than_are_kept_at_least_the_empty_buckets_are_unseen() -> None:
    many = _levels(*(f"level {number}" for number in range(6000)))
    found = QUALITY.measure("unseen", "unseen_level_rate", Evidence(reference=_levels("a"), current=many))
    assert found.value == pytest.approx(1 - 1 / 1024, abs=2e-3)
    assert found.high == 1.0
    same = QUALITY.measure("unseen", "unseen_level_rate", Evidence(reference=many, current=_levels("level 3")))
    assert (same.value, same.high) == (0.0, 1.0)


def test_without_columns_of_levels_nothing_is_unseen() -> None:
    numbers = profile.profile({"x": [1.0]}, schema=Schema(centres=(("x", 0.0),)))
    found = QUALITY.measure("unseen", "unseen_level_rate", Evidence(reference=numbers, current=numbers))
    assert found == Measurement(monitor="unseen", value=None, samples=1, why="no column holds levels")
