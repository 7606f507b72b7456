"""Performance without labels: nearer to the truth than no change, said only where something is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.estimates import worlds
from benchmarks.estimates.__main__ import draw
from mlops.domain.data.measurement import Measurement
from mlops.monitors.evidence import Evidence, Roles, Rows, Scored
from mlops.monitors.registry import MONITORS

ESTIMATED = MONITORS["estimated_performance"]
SCORED = Roles(label="rain", probability="chance", key="day")


def _measured(metric: str, reference: dict[str, Any], current: dict[str, Any], roles: Roles = SCORED) -> Measurement:
    return ESTIMATED.measure("e", metric, Evidence(rows=Rows(current=current, reference=reference, roles=roles)))


def _labelled(rows: int = 400) -> dict[str, Any]:
    chance = (np.arange(rows) % 20 + 0.5) / 20
    return {"chance": chance, "rain": (np.random.default_rng(5).random(rows) < chance).astype(float)}


@pytest.mark.parametrize(
    ("world", "metrics"),
    [
        (worlds.classes, ("recall",)),
        (worlds.numbers, ("root_mean_squared_error",)),
        (worlds.weather, ("recall",)),
    ],
    ids=["drawn classes", "drawn numbers", "weather"],
)
def test_where_features_moved_an_estimate_is_nearer_to_the_truth_than_no_change(
    world: worlds.World, metrics: tuple[str, ...]
) -> None:
    for one in draw(world, metrics, 1.0, 5):
        assert abs(one.estimated - one.truth) < abs(one.before - one.truth)
        assert one.low <= one.truth <= one.high


def test_a_feature_that_the_probability_overlooks_is_seen_in_the_rows() -> None:
    draws = np.random.default_rng(11)
    foggy = (draws.random(3000) < 0.3).astype(float)
    right = draws.random(3000) < np.where(foggy == 1, 0.5, 0.95)
    reference = {"chance": np.full(3000, 0.9), "fog": foggy, "rain": right.astype(float)}
    current = {"chance": np.full(500, 0.9), "fog": np.ones(500)}
    found = _measured("estimated_accuracy", reference, current)
    assert found.value == pytest.approx(0.5, abs=0.05)
    without = _measured(
        "estimated_accuracy", {name: reference[name] for name in ("chance", "rain")}, {"chance": current["chance"]}
    )
    assert without.value == pytest.approx(right.mean(), abs=0.01)


def test_probabilities_that_are_too_sure_are_calibrated_first() -> None:
    reference = _labelled()
    sure = {**reference, "chance": np.where(reference["chance"] > 0.5, 0.999, 0.001)}
    found = _measured("estimated_accuracy", sure, {"chance": sure["chance"]})
    assert found.value == pytest.approx(((reference["chance"] > 0.5) == reference["rain"]).mean(), abs=1e-9)


def test_where_only_unsure_answers_are_left_their_calibrated_chance_is_what_counts() -> None:
    reference = {"chance": np.repeat([0.8, 0.99], 500), "rain": np.repeat([1.0, 0.0, 1.0, 0.0], [300, 200, 475, 25])}
    found = _measured("estimated_accuracy", reference, {"chance": np.full(200, 0.8)})
    assert found.value == pytest.approx(0.6, abs=1e-9)


def test_chances_that_were_fitted_to_the_labelled_rows_do_not_flatter_them() -> None:
    draws = np.random.default_rng(2)
    reference = {"chance": draws.random(300), "rain": (draws.random(300) < 0.5).astype(float)}
    found = _measured("estimated_roc_auc", reference, {"chance": reference["chance"]})
    own = MONITORS["model_performance"].measure(
        "own", "roc_auc", Evidence(scored=Scored(labels=list(reference["rain"]), scores=list(reference["chance"])))
    )
    assert found.value == pytest.approx(own.value, abs=1e-9)


def test_predicted_classes_are_taken_where_there_are_any() -> None:
    reference, current = _labelled(), _labelled()
    roles = replace(SCORED, prediction="rains")
    ones = {"rains": np.ones(400)}
    found = _measured("estimated_precision", {**reference, **ones}, {"chance": current["chance"], **ones}, roles)
    assert found.value == pytest.approx(reference["rain"].mean(), abs=1e-9)


def test_rows_that_say_nothing_are_counted_and_left_out() -> None:
    reference = _labelled()
    reference["rain"][:3] = np.nan
    current = {"chance": [None, *_labelled()["chance"]]}
    found = _measured("estimated_accuracy", reference, current)
    assert found.value is not None
    assert found.why == "3 rows of the reference have no label or no answer; 1 rows of the window have no answer"


@pytest.mark.parametrize(
    ("metric", "change", "why"),
    [
        ("estimated_accuracy", {"rain": np.full(400, 2.0)}, "a label of the reference is neither 0 nor 1"),
        ("estimated_accuracy", {"rain": np.ones(400)}, "all of one kind: nothing can be calibrated"),
        ("estimated_accuracy", {"chance": np.full(400, 7.0)}, "a probability of the reference is outside 0 to 1"),
        ("estimated_accuracy", {"wind": np.ones(400)}, "the window has no column wind"),
        ("estimated_mean_squared_error", {}, "no column was named as the prediction"),
    ],
)
def test_what_cannot_be_estimated_says_why(metric: str, change: dict[str, Any], why: str) -> None:
    found = _measured(metric, {**_labelled(), **change}, {"chance": _labelled()["chance"]})
    assert (found.value, found.samples) == (None, 400)
    assert why in found.why


@pytest.mark.parametrize(("rows", "labels"), [(99, 99), (0, 0), (400, 60)])
def test_with_few_labelled_rows_the_samples_are_these_for_that_is_no_fault(rows: int, labels: int) -> None:
    reference = _labelled(rows)
    reference["rain"][labels:] = np.nan
    found = _measured("estimated_accuracy", reference, {"chance": _labelled()["chance"]})
    why = f"the reference has {labels} labelled rows, and at least 100 are needed"
    assert found == Measurement(monitor="e", value=None, samples=labels, why=why)


def test_without_a_reference_there_is_nothing_to_go_by() -> None:
    rows = Rows(current=_labelled(), roles=SCORED)
    found = ESTIMATED.measure("e", "estimated_accuracy", Evidence(rows=rows))
    assert found == Measurement(monitor="e", value=None, samples=400, why="the reference has no rows")
