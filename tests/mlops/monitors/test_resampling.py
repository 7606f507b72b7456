"""The bootstrap on arrays gives the very numbers of the plain one, draw by draw."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.domain.gates import resampling as plain
from mlops.domain.gates.resampling import Draws
from mlops.monitors import resampling as arrays

ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.floats(0, 1)),
    min_size=1,
    max_size=40,
)


def drawn(rows: list[tuple[float, float, float]], metric: str, block: int, seed: str = "s") -> Draws:
    labels, candidate, champion = (list(column) for column in zip(*rows, strict=True))
    return Draws(metric=metric, labels=labels, candidate=candidate, champion=champion, block=block, times=20, seed=seed)


@given(rows=ROWS, metric=st.sampled_from(["roc_auc", "accuracy", "log_loss"]), block=st.integers(1, 50), seed=st.text())
@settings(max_examples=60, deadline=None)
def test_both_draw_and_count_alike(rows: list[tuple[float, float, float]], metric: str, block: int, seed: str) -> None:
    asked = drawn(rows, metric, block, seed)

    assert repr(arrays.resampled(asked)) == repr(plain.resampled(asked))  # NaN is NaN, and nothing is only near


def test_a_score_that_is_no_number_has_no_area_and_does_not_hang() -> None:
    asked = drawn([(0.0, 0.1, 0.2), (1.0, math.nan, 0.4), (1.0, 0.5, 0.9)], "roc_auc", 1)

    assert [math.isnan(each) for each in (*arrays.resampled(asked), *plain.resampled(asked))] == [True, True]


@pytest.mark.parametrize("block", [1, 3])
def test_a_draw_with_one_class_only_says_nothing(block: int) -> None:
    asked = drawn([(0.0, 0.1, 0.2), (1.0, 0.5, 0.4), (1.0, 0.5, 0.9)], "roc_auc", block)
    found = arrays.resampled(asked)

    assert len(found) < 20 if block == 1 else len(found) == 20
    assert all(map(math.isfinite, found))
