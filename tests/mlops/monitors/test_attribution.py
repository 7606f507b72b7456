"""The order in which a model goes by its columns, and each column's share of what it says."""

from __future__ import annotations

import math
import pickle
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.tree import DecisionTreeClassifier

from mlops.domain.data.measurement import Measurement
from mlops.monitors.attribution import gain
from mlops.monitors.contributions import load, of_model
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.registry import MONITORS
from mlops.monitors.table import UnfitError, encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        (
            {"shap_wind": [None], "shap_dew": [1.0], "shap_fog": [1.0]},
            "what a column contributed is not known of any row of the window",
        ),
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


def _storm(rows: int, seed: int, wind: float = 2.0, dew: float = 1.0) -> dict[str, NDArray[np.float64] | list[object]]:
    """Storms come with wind, less with dew, and fog is nothing to them; kind is the wind once more, in words."""
    random = np.random.default_rng(seed)
    first, second, third = random.normal(size=(3, rows))
    chance = 1 / (1 + np.exp(-wind * first - dew * second))
    kind: list[object] = ["calm" if one < 0 else "gale" for one in first]
    return {"wind": first, "dew": second, "fog": third, "kind": kind, "chance": chance}


ANSWERED = Roles(label="storm", probability="chance")


def _computed(metric: str, reference: Table, current: Table, model: object = None, *columns: str) -> Measurement:
    rows = Rows(current=current, reference=reference, roles=ANSWERED, model=model)
    return DRIFT.measure("a", metric, Evidence(rows=rows, columns=columns))


def test_trees_fitted_to_the_answers_say_by_what_a_model_goes_where_nobody_else_does() -> None:
    same = _computed(NDCG, _storm(400, 1), _storm(400, 2))
    other = _computed(NDCG, _storm(400, 1), _storm(400, 3, wind=0.2, dew=3.0))
    assert same.value == pytest.approx(1.0, abs=0.02)
    assert other.value is not None
    assert other.value < 0.9
    assert max(other.parts, key=lambda part: part[1])[0] == "dew"


def test_a_training_set_without_answers_is_read_by_its_labels() -> None:
    reference = _storm(1000, 1)
    chances = np.asarray(reference.pop("chance"))
    reference["storm"] = (np.random.default_rng(5).random(1000) < chances).astype(float)
    found = _computed(NDCG, reference, _storm(1000, 2), None, "wind", "dew", "fog")
    assert found.value == pytest.approx(1.0, abs=0.02)


def test_shapley_values_of_a_linear_model_are_exact() -> None:
    reference, current = _storm(300, 1), _storm(300, 2)
    names = ("wind", "dew", "fog")
    table = np.column_stack([np.asarray(reference[name]) for name in names])
    model = make_pipeline(MinMaxScaler(), LinearRegression()).fit(table, 3 * table[:, 0] - table[:, 1])
    both = encode(Rows(current=current, reference=reference), names)
    before, now = of_model(model, both)
    by_hand = np.abs((both.current - table.mean(axis=0)) * np.array([3.0, -1.0, 0.0]))
    assert now == pytest.approx(by_hand)
    found = _computed("attribution_share_change", reference, current, model, *names)
    shares = [side.mean(axis=0) / side.mean(axis=0).sum() for side in (before, now)]
    assert dict(found.parts) == pytest.approx(dict(zip(names, np.abs(shares[1] - shares[0]), strict=True)))


def test_shapley_values_of_trees_are_those_of_their_definition(tmp_path: Path) -> None:
    reference, names = _storm(500, 1), ("fog", "wind", "dew")
    rows = np.column_stack([np.asarray(reference[name]) for name in names])
    data = lightgbm.Dataset(rows, np.asarray(reference["chance"]), feature_name=list(names), params={"verbosity": -1})
    settings = {"num_leaves": 6, "verbosity": -1, "num_threads": 1}
    lightgbm.train(settings, data, num_boost_round=1).save_model(tmp_path / "model.txt")
    model = load(tmp_path / "model.txt")
    both = encode(Rows(current=_storm(20, 2), reference=reference), ("wind", "dew", "fog"))
    tree = lightgbm.Booster(model_file=tmp_path / "model.txt").dump_model()["tree_info"][0]["tree_structure"]
    _, found = of_model(model, both)
    for row, given in zip(both.current, found, strict=True):
        by_name = dict(zip(both.names, row, strict=True))
        by_hand = [abs(_shapley(tree, names, by_name, name)) for name in both.names]
        assert given == pytest.approx(by_hand, abs=1e-9)


def _shapley(tree: dict[str, Any], names: tuple[str, ...], row: dict[str, float], name: str) -> float:
    """By all orders in which columns may become known."""
    total = 0.0
    for order in permutations(names):
        before = set(order[: order.index(name)])
        total += _expected(tree, names, row, before | {name}) - _expected(tree, names, row, before)
    return total / math.factorial(len(names))


def _expected(node: dict[str, Any], names: tuple[str, ...], row: dict[str, float], known: set[str]) -> float:
    """A tree's mean answer where only some columns are known: at others, both ways by how many rows went there."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    ways = [node["left_child"], node["right_child"]]
    name = names[node["split_feature"]]
    if name in known:
        return _expected(ways[0] if row[name] <= node["threshold"] else ways[1], names, row, known)
    counts = [way.get("internal_count", way.get("leaf_count")) for way in ways]
    total = sum(count * _expected(way, names, row, known) for count, way in zip(counts, ways, strict=True))
    return float(total / sum(counts))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (
            DecisionTreeClassifier(),
            "LightGBM's models and linear ones of scikit-learn, not of a DecisionTreeClassifier",
        ),
        (make_pipeline(PCA(3), LinearRegression()).fit(np.eye(5)[:, :3], range(5)), "not of a PCA"),
        (LinearRegression().fit(np.eye(2), [0, 1]), "the model has 2 columns; given are 3"),
    ],
    ids=["another kind", "a step that mixes columns", "other columns"],
)
def test_a_model_whose_contributions_are_not_known_is_told(model: object, why: str) -> None:
    found = _computed(NDCG, _storm(50, 1), _storm(50, 2), model, "wind", "dew", "fog")
    assert found.value is None
    assert why in found.why


def test_a_model_file_that_may_hold_code_is_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(UnfitError, match="only models that LightGBM saved as text, and JSON of"):
        load(tmp_path / "model.pkl")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"tree\nversion=v4\n", b"tree\n\xff"], ids=["cut off", "no text"])
def test_a_broken_model_file_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.txt").write_bytes(content)
    with pytest.raises(UnfitError, match=r"model\.txt: LightGBM cannot read it"):
        load(tmp_path / "model.txt")


def test_too_few_answers_to_fit_trees_to_are_told() -> None:
    found = _computed(NDCG, _storm(400, 1), _storm(99, 2))
    assert found.why == "fitting trees to answers needs 100 rows; the window has 99"
