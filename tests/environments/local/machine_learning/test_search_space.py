"""The trials of a sweep."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.machine_learning import search_space
from environments.local.machine_learning.search_space import SearchSpaceError


def test_a_grid_tries_every_combination_once() -> None:
    space: dict[str, list[Any]] = {"a": ["choice", [[1, 2]]], "b": ["choice", [["x", "y"]]]}
    assert list(search_space.trials(space, "Grid", seed=0, most=None)) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_a_grid_over_a_range_and_an_unknown_distribution_are_refused() -> None:
    with pytest.raises(SearchSpaceError, match="grid sampling takes choices only; lr is uniform"):
        search_space.check({"lr": ["uniform", [0, 1]]}, "Grid")
    with pytest.raises(SearchSpaceError, match="lr: there is no distribution zipf"):
        search_space.check({"lr": ["zipf", [0, 1]]}, "Random")


@given(st.integers(0, 2**31), st.integers(1, 20))
def test_random_trials_are_reproducible_and_within_their_bounds(seed: int, most: int) -> None:
    space: dict[str, list[Any]] = {"lr": ["uniform", [0.1, 0.9]], "n": ["randint", [5]], "q": ["quniform", [0, 10, 2]]}
    points = list(search_space.trials(space, "Random", seed, most))
    assert points == list(search_space.trials(space, "Random", seed, most))
    assert len(points) == most
    assert all(0.1 <= p["lr"] <= 0.9 and p["n"] in range(5) and p["q"] % 2 == 0 for p in points)
