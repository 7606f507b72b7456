"""How often multivariate drift speaks is counted and judged."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.monitors.together import JUDGED, KINDS, PAGE, SIZES, Setting, Shares, heading, spoken


@pytest.mark.parametrize(
    ("fired", "missed"), [(15, ()), (30, ()), (31, ("x, 60 against 60: reconstruction_error 3.1%",))]
)
def test_what_speaks_more_often_than_chance_explains_misses_the_bar(fired: int, missed: tuple[str, ...]) -> None:
    shares = Shares(setting=Setting(kind="x", reference=60, current=60), fired=(0, 0, 0, fired), draws=1000)
    assert shares.missed == missed


def test_a_correlation_that_went_makes_all_speak() -> None:
    draw, random = next(iter(KINDS.values())), np.random.default_rng(1)
    assert spoken(draw(600, random, 0.9), draw(600, random, 0.0)).tolist() == [True] * len(JUDGED)


def test_the_page_has_a_row_for_each_kind_and_size_and_misses_no_bar() -> None:
    said = PAGE.read_text(encoding="utf-8")
    assert heading() in said
    assert all(f"| {kind} | {n:,} | {m:,} | 0.8 |" in said for kind in KINDS for n, m in SIZES)
    assert "Missed" not in said
