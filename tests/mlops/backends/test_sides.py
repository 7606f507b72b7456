"""Monitors that compare rows with rows are given those of the window, and those of its reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlops.backends.blobs import sides
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Signal
from mlops.monitors.evidence import Roles, Rows
from tests.mlops.backends.collected import TRAINING, World, ask, give_labels, span
from tests.mlops.backends.collector import DATA, blob, collect, line

if TYPE_CHECKING:
    from mlops.backends.blobs.reference import Columns

NDCG = "normalized_discounted_cumulative_gain"
ROLES = Roles(label="rain", probability="probability", key="day")


def test_a_row_that_was_filed_twice_is_a_duplicate_and_a_mirrored_one_is_not(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1, deployment="m-2")
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1, request="sent-again")
    found = world.data().measure(DATA, ask(Signal.DATA_QUALITY, "duplicate_rate"))
    assert found == Measurement(monitor="m", value=0.25, samples=4)


def test_a_feature_that_turned_into_text_or_went_is_a_change_of_the_schema(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature="mild", station=7)
    asked = ask(Signal.DATA_QUALITY, "schema_change_count", reference_rows=TRAINING)
    assert world.data().measure(DATA, asked) == Measurement(
        monitor="m", value=2.0, samples=1, parts=(("temperature", 1.0), ("wind", 1.0))
    )


def test_columns_are_seen_together_on_both_sides(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1, answer=None)
    asked = ask(Signal.MULTIVARIATE_DRIFT, "domain_classifier_auc", reference_rows=TRAINING)
    why = "telling rows apart needs 50 on each side; one has 1"
    assert world.data().measure(DATA, asked) == Measurement(monitor="m", value=None, samples=1, why=why)
    training: Columns = {"temperature": [1.0], "wind": [2.0]}
    found = sides.evidence(world.cache, DATA, asked, lambda: training)
    current: Columns = {"day": ["1975-01-01"], "temperature": [1.0], "wind": [1]}
    assert (found.rows, found.columns) == (Rows(current=current, reference=training, roles=ROLES), DATA.features)


def test_an_empty_window_is_not_compared(world: World) -> None:
    for signal, metric in (
        (Signal.MULTIVARIATE_DRIFT, "domain_classifier_auc"),
        (Signal.FEATURE_ATTRIBUTION_DRIFT, NDCG),
        (Signal.DATA_QUALITY, "duplicate_rate"),
    ):
        found = world.data().measure(DATA, ask(signal, metric, reference_rows=TRAINING))
        why = "no rows were collected from 1975-01-01 to 1975-02-01"
        assert found == Measurement(monitor="m", value=None, samples=0, why=why)


def test_trees_are_fitted_to_the_answers_and_to_the_labels_of_the_training_set(world: World) -> None:
    for number in range(1, 29):
        collect(world.blobs, f"1975-01-{number:02}", temperature=number / 10, wind=1, answer=number / 28)
    asked = ask(Signal.FEATURE_ATTRIBUTION_DRIFT, NDCG, reference_rows=TRAINING)
    why = "fitting trees to answers needs 100 rows; the reference has 40"
    assert world.data().measure(DATA, asked).why == why


def _explained(world: World, moment: str, deployment: str = "m-1", **sizes: float) -> None:
    collect(world.blobs, moment, temperature=1.0, wind=1, answer=None, deployment=deployment)
    output = {"day": moment, "probability": 0.5, **{f"shap_{name}": size for name, size in sizes.items()}}
    answered = line("model_outputs", f"{deployment}-{moment}", [output])
    world.blobs.append(blob(deployment, "model_outputs", moment), answered)


def test_attributions_that_were_answered_are_compared_with_those_of_the_window_before(world: World) -> None:
    _explained(world, "1975-01-10", temperature=3.0, wind=1.0)
    _explained(world, "1975-01-20", temperature=1.0, wind=3.0)
    asked = ask(
        Signal.FEATURE_ATTRIBUTION_DRIFT,
        "attribution_share_change",
        span("1975-01-15", "1975-01-25"),
        attributions="shap_",
    )
    assert world.data().measure(DATA, asked) == Measurement(
        monitor="m", value=0.5, samples=1, parts=(("temperature", 0.5), ("wind", 0.5))
    )


def test_attributions_of_another_model_are_no_reference(world: World) -> None:
    _explained(world, "1975-01-10", deployment="m-0", temperature=3.0, wind=1.0)
    _explained(world, "1975-01-20", temperature=1.0, wind=3.0)
    asked = ask(Signal.FEATURE_ATTRIBUTION_DRIFT, NDCG, span("1975-01-15", "1975-01-25"), attributions="shap_")
    why = "the window before has no answers of the model that answers now"
    assert world.data().measure(DATA, asked) == Measurement(monitor="m", value=None, samples=0, why=why)


def test_the_model_of_a_file_is_no_champion_of_a_loop(world: World) -> None:
    """It would go on speaking for a champion that has long been replaced."""
    _explained(world, "1975-01-20", temperature=1.0, wind=3.0)
    asked = ask(Signal.FEATURE_ATTRIBUTION_DRIFT, NDCG, span("1975-01-15", "1975-01-25"), model="model.txt")

    found = world.data().measure(DATA, asked)

    why = "a file's model is no champion, which changes: `mlops monitor run` reads it; here use `attributions`"
    assert found == Measurement(monitor="m", value=None, samples=1, why=why)


def test_a_signal_of_a_package_is_given_all_that_is_known_of_the_rows(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1, answer=0.9)
    collect(world.blobs, "1975-01-02", temperature=2.0, wind=1, answer=None)
    give_labels(world, d1975_01_01=1)
    world.data().labelled(DATA, span())
    found = sides.evidence(world.cache, DATA, ask("tides", "tide_range"), lambda: None)
    assert found.rows == Rows(
        current={
            "day": ["1975-01-01", "1975-01-02"],
            "temperature": [1.0, 2.0],
            "wind": [1, 1],
            "probability": [0.9, None],
            "rain": [1.0, None],
        },
        roles=ROLES,
    )


@pytest.mark.parametrize("metric", ["null_value_rate", "row_count"])
def test_what_counts_of_columns_can_give_needs_no_rows(metric: str) -> None:
    assert not sides.compared(ask(Signal.DATA_QUALITY, metric).monitor)
