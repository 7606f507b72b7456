"""The order in which a model goes by its columns, and each column's share of what it says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlops.domain.measurement import Measurement
from mlops.monitors.attribution import gain
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.registry import MONITORS

if TYPE_CHECKING:
    from mlops.monitors.evidence import Table

DRIFT = MONITORS["feature_attribution_drift"]
NDCG = "normalized_discounted_cumulative_gain"


def _given(reference: Table, current: Table, *columns: str, prefix: str | None = "shap_") -> Evidence:
    rows = Rows(current=current, reference=reference, roles=Roles(attributions=prefix))
    return Evidence(rows=rows, columns=columns)


REFERENCE: Table = {"wind": [7.0, 8.0], "shap_wind": [3.0, -3.0], "shap_dew": [1.0, -1.0], "shap_fog": [0.0, 2.0]}


@pytest.mark.parametrize(
    ("current", "value"),
    [
        ([3.0, 2.0, 1.0], 1.0),
        ([30.0, 2.0, 1.0], 1.0),
        ([1.0, 2.0, 3.0], (1 + 2 / math.log2(3) + 3 / 2) / (3 + 2 / math.log2(3) + 1 / 2)),
        ([1.0, 1.0, 1.0], 6 * (1 + 1 / math.log2(3) + 1 / 2) / 3 / (3 + 2 / math.log2(3) + 1 / 2)),
    ],
    ids=["the same order", "other weights", "the other way round", "ties share their ranks"],
)
def test_the_gain_is_that_of_its_formula(current: list[float], value: float) -> None:
    assert gain(np.array([3.0, 2.0, 1.0]), np.array(current)) == pytest.approx(value)


def test_attributions_that_come_with_the_rows_are_ranked_by_their_mean_size() -> None:
    current: Table = {"shap_fog": [9.0, 0.0], "shap_wind": [1.0, -1.0], "shap_dew": [3.0, None]}
    found = DRIFT.measure("a", NDCG, _given(REFERENCE, current))
    ideal = 3 + 1 / math.log2(3) + 1 / 2  # wind 3, dew 1, fog 1
    assert (found.monitor, found.samples, found.low, found.high, found.why) == ("a", 2, None, None, "")
    assert found.value == pytest.approx((1 + 1 / math.log2(3) + 3 / 2) / ideal)
    assert dict(found.parts) == pytest.approx({"wind": 1 / 8.5, "dew": 3 / 8.5, "fog": 4.5 / 8.5})


def test_a_share_that_grew_is_seen_where_the_order_stays() -> None:
    current: Table = {"shap_wind": [30.0], "shap_dew": [1.0], "shap_fog": [1.0]}
    found = DRIFT.measure("a", "attribution_share_change", _given(REFERENCE, current))
    assert DRIFT.measure("a", NDCG, _given(REFERENCE, current)).value == pytest.approx(1.0)
    assert found.value == pytest.approx(30 / 32 - 3 / 5)
    assert [name for name, _ in found.parts] == ["wind", "dew", "fog"]


def test_only_the_columns_asked_for_are_ranked() -> None:
    current: Table = {"shap_wind": [1.0], "shap_dew": [3.0], "shap_gust": [9.0]}
    found = DRIFT.measure("a", NDCG, _given(REFERENCE, current, "wind", "dew"))
    assert found.parts == (("wind", 0.25), ("dew", 0.75))


@pytest.mark.parametrize(
    ("current", "why"),
    [
        ({"shap_wind": [1.0], "shap_dew": [1.0]}, "the window has no attributions of fog: no column shap_fog"),
        (
            {"shap_wind": [1.0], "shap_dew": [1.0], "shap_fog": [1.0], "shap_gust": [1.0]},
            "the reference has no attributions of shap_gust: name the columns that both have",
        ),
        (
            {"shap_wind": ["strong"], "shap_dew": [1.0], "shap_fog": [1.0]},
            "column 'shap_wind' has 'strong' in row 1, which is no number",
        ),
        ({"shap_wind": [None], "shap_dew": [1.0], "shap_fog": [1.0]}, "column shap_wind holds no number"),
        (
            {"shap_wind": [0.0], "shap_dew": [0.0], "shap_fog": [0.0]},
            "no column contributes anything on the window: there is no order to compare",
        ),
    ],
    ids=["gone", "new", "text", "null", "nothing"],
)
def test_what_cannot_be_ranked_says_why(current: Table, why: str) -> None:
    found = DRIFT.measure("a", NDCG, _given(REFERENCE, current))
    assert found == Measurement(monitor="a", value=None, samples=1, why=why)
