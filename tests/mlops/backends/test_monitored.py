"""What monitors measure of the collected rows: by signal, by column, without what is quarantined."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mlops.backends.blobs import rows
from mlops.domain.data.measurement import Bound, Limit, Measurement
from mlops.domain.declared.monitor import Reference, Segment, Signal
from mlops.domain.project import DAY
from mlops.ports import Question, RefusedError
from mlops.spec.read import applied_project
from tests.fakes.azure import write_project_folder
from tests.mlops.backends.collected import TRAINING, World, ask, give_labels, span
from tests.mlops.backends.collector import DATA, collect, day
from tests.mlops.rig import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_window_is_no_measurement_and_says_so(world: World) -> None:
    found = world.data().measure(DATA, ask(Signal.DATA_QUALITY, "null_value_rate"))
    assert found == Measurement(
        monitor="m", value=None, samples=0, why="no rows were collected from 1975-01-01 to 1975-02-01"
    )


def test_quarantined_windows_are_left_out(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=None, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1)
    nulls = ask(Signal.DATA_QUALITY, "null_value_rate", without=(span("1975-01-01", "1975-01-02"),))
    found = world.data().measure(DATA, nulls)
    assert (found.value, found.samples) == (0.0, 1)


def test_quarantined_rows_are_neither_trained_nor_judged_on(world: World) -> None:
    for number, answer in ((1, 0.9), (2, 0.1), (3, 0.9)):
        collect(world.blobs, f"1975-01-{number:02}", answer=answer, temperature=1.0, wind=1)
    give_labels(world, d1975_01_01=1, d1975_01_02=1, d1975_01_03=1)
    faulty = (span("1975-01-02", "1975-01-03"),)
    found = world.data().measure(DATA, ask(Signal.MODEL_PERFORMANCE, "accuracy", without=faulty))
    assert (found.value, found.samples) == (1.0, 2)
    kept = rows.labelled(world.cache, span("1974-12-31", "1975-02-01"), (*faulty, span("1974-12-31", "1975-01-01")))
    assert [row.key for row in kept] == ["1975-01-01", "1975-01-03"]


def test_a_rule_over_columns_finds_the_sensor_that_changed_its_unit(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1.1)
    collect(world.blobs, "1975-01-02", temperature=-1.3, wind=1.0)
    rule = ask(
        Signal.DATA_QUALITY, "out_of_bounds_rate", expression={"temperature": 1.0, "wind": -1.0}, bounds=(-1.2, 1.2)
    )
    assert world.data().measure(DATA, rule) == Measurement(monitor="m", value=0.5, samples=2, parts=(("m", 0.5),))


def test_without_bounds_the_range_of_the_training_rows_holds(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=9.0, wind=1)
    asked = ask(Signal.DATA_QUALITY, "out_of_bounds_rate", reference_rows=TRAINING)
    assert dict(world.data().measure(DATA, asked).parts) == {"temperature": 1.0, "wind": 0.0}
    assert world.data().measure(DATA, ask(Signal.DATA_QUALITY, "out_of_bounds_rate")).why == (
        "the reference has no rows"
    )


def test_drift_is_measured_against_the_training_rows_or_their_season(world: World) -> None:
    for number in range(1, 21):
        collect(world.blobs, f"1975-01-{number:02}", temperature=(number - 1) / 10, wind=number % 2)
    whole = ask(Signal.DATA_DRIFT, "kolmogorov_smirnov_distance", columns=("temperature",), reference_rows=TRAINING)
    season = ask(
        Signal.DATA_DRIFT,
        "kolmogorov_smirnov_distance",
        columns=("temperature",),
        reference_rows=TRAINING,
        reference=Reference.SEASON,
    )
    assert world.data().measure(DATA, whole).value == pytest.approx(0.5)
    assert world.data().measure(DATA, season).value == pytest.approx(0.0)


def test_a_relative_distance_is_a_multiple_of_what_the_training_rows_do_by_themselves(world: World) -> None:
    """Eight stretches of five days, 0.0 to 0.4 and so on: each is far from the rest, as the window is."""
    for number in range(1, 6):
        collect(world.blobs, f"1975-01-{number:02}", temperature=(number - 1) / 10, wind=number % 2)
    about: dict[str, Any] = {"columns": ("temperature",), "reference_rows": TRAINING}
    plain, relative = (
        world.data().measure(DATA, ask(Signal.DATA_DRIFT, "kolmogorov_smirnov_distance", relative=told, **about))
        for told in (False, True)
    )

    places = [max(start, 35 - start) / 35 for start in range(0, 40, 5)]
    own = statistics.fmean(places) + 3 * statistics.pstdev(places)
    assert plain.value == pytest.approx(35 / 40)
    assert relative.value == pytest.approx(35 / 40 / own)


def test_a_limit_with_false_alarms_says_what_chance_reaches_more_at_each_look(world: World) -> None:
    for number in range(1, 21):
        collect(world.blobs, f"1975-01-{number:02}", temperature=(number - 1) / 10, wind=number % 2)
    limit = Limit(monitor="m", success=Bound(comparison="<=", offset=0.1), false_alarms=0.05)
    asked = ask(Signal.DATA_DRIFT, "kolmogorov_smirnov_distance", reference_rows=TRAINING, limit=limit)

    first, fifth = (world.data().measure(DATA, replace(asked, look=look)).chance for look in (1, 5))
    plain = world.data().measure(DATA, replace(asked, monitor=replace(asked.monitor, limit=None)))

    # Smirnov's first term for 40 and 20 values at (0.05 / 2 columns) of 6 / (pi look)**2.
    assert [first, fifth] == pytest.approx([0.4278, 0.5511], abs=1e-4)
    assert plain.chance is None


@pytest.mark.parametrize(("aggregate", "value"), [("max", 1.0), ("mean", 0.5), ("median", 0.5)])
def test_columns_are_taken_together_as_the_project_says(world: World, aggregate: str, value: float) -> None:
    collect(world.blobs, "1975-01-01", temperature=None, wind=1)
    found = world.data().measure(DATA, ask(Signal.DATA_QUALITY, "null_value_rate", aggregate=aggregate))
    assert (found.value, found.parts) == (value, (("temperature", 1.0), ("wind", 0.0)))


def test_a_metric_that_a_signal_does_not_have_is_refused_with_those_it_has(world: World) -> None:
    with pytest.raises(RefusedError, match="data_quality has no metric 'psi'; it has null_value_rate"):
        world.data().measure(DATA, ask(Signal.DATA_QUALITY, "psi"))


def test_prediction_drift_compares_with_the_window_before(world: World) -> None:
    for number in range(1, 11):
        collect(world.blobs, f"1975-01-{number:02}", answer=0.1 + number / 100, temperature=1.0, wind=1)
        collect(world.blobs, f"1975-01-{number + 10:02}", answer=0.8 + number / 100, temperature=1.0, wind=1)
    asked = ask(Signal.PREDICTION_DRIFT, "kolmogorov_smirnov_distance", span("1975-01-11", "1975-01-21"))
    assert world.data().measure(DATA, asked).value == pytest.approx(1.0)


def test_groups_are_compared_on_what_was_sent_answered_and_labelled(world: World) -> None:
    for number in range(1, 9):
        station = "north" if number <= 4 else "south"
        answer = 0.9 if number in (1, 2, 5) else 0.1
        collect(world.blobs, f"1975-01-{number:02}", answer=answer, station=station, temperature=1.0, wind=1)
    give_labels(world, d1975_01_01=1, d1975_01_02=0, d1975_01_05=1, d1975_01_06=0)
    asked: dict[str, Any] = {"group": "station", "smallest_group": 2}
    parity = world.data().measure(DATA, ask(Signal.FAIRNESS, "demographic_parity_difference", **asked))
    assert (parity.value, parity.samples, parity.parts) == (0.25, 4, (("north", 0.5), ("south", 0.25)))
    accuracy = world.data().measure(DATA, ask(Signal.FAIRNESS, "accuracy_difference", **asked))
    assert (accuracy.value, accuracy.samples, accuracy.parts) == (0.5, 2, (("north", 0.5), ("south", 1.0)))


def test_a_loop_goes_on_when_a_package_went_since_its_project_was_applied(tmp_path: Path, world: World) -> None:
    write_project_folder(tmp_path)
    text = PROJECT.replace(
        "signal: data_drift, metric: population_stability_index", "signal: tides, metric: tide_range"
    )
    monitor = applied_project(text, tmp_path / "project.yaml").monitors[1]
    found = world.data().measure(DATA, Question(monitor=monitor, window=span()))
    assert (found.value, found.samples) == (None, monitor.min_samples)  # enough to be an error, not a lack of rows
    assert found.why.startswith("there is no signal 'tides'")


def test_an_estimate_goes_by_the_champions_labelled_answers_before_the_window(world: World) -> None:
    days = [f"{day('1975-01-01') + at * DAY:%Y-%m-%d}" for at in range(170)]
    for at, moment in enumerate(days):
        collect(world.blobs, moment, answer=0.9 if at % 2 else 0.2, temperature=at % 7, wind=1)
    labels: dict[str, Any] = {f"d{one.replace('-', '_')}": int(at % 4 == 1) for at, one in enumerate(days[:110])}
    give_labels(world, **labels)
    asked = ask(Signal.ESTIMATED_PERFORMANCE, "estimated_accuracy", span("1975-05-01", "1975-06-20"))
    early = world.data().measure(DATA, asked)
    assert (early.value, early.samples, early.why) == (
        None,
        0,
        "the reference has 0 labelled rows, and at least 100 are needed",
    )
    found = world.data().measure(DATA, replace(asked, past=span("1975-01-01", "1975-05-01")))
    assert found.value == pytest.approx(0.75, abs=0.01)
    assert found.samples == 50
    assert found.why == "10 rows of the reference have no label or no answer"


NORTH = Segment(column="station", value="north")


def test_a_segment_is_measured_by_its_own_rows_on_both_sides(world: World) -> None:
    for number in range(1, 9):
        station = "north" if number <= 4 else "south"
        values: dict[str, Any] = {
            "station": station,
            "temperature": float(number),
            "wind": None if number == 1 else 1.0,
        }
        collect(world.blobs, f"1975-01-{number:02}", answer=0.9, **values)
    give_labels(world, d1975_01_01=1, d1975_01_02=0, d1975_01_05=1)
    accuracy = world.data().measure(DATA, ask(Signal.MODEL_PERFORMANCE, "accuracy", segment=NORTH))
    nulls = world.data().measure(DATA, ask(Signal.DATA_QUALITY, "null_value_rate", segment=NORTH))
    assert (accuracy.value, accuracy.samples) == (0.5, 2)
    assert (nulls.value, nulls.samples) == (0.25, 4)
    windy = Segment(column="wind", low=1.0)
    drift = ask(Signal.DATA_DRIFT, "kolmogorov_smirnov_distance", reference_rows=TRAINING, segment=windy)
    assert dict(world.data().measure(DATA, drift).parts)["wind"] == 0.0  # the other half of the training set is calm


def test_a_segment_that_no_row_can_be_told_by_is_an_error_and_an_empty_one_is_not(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    asked = ask(Signal.DATA_QUALITY, "null_value_rate", segment=NORTH, min_samples=5)
    why = "no row has a column 'station', by which the segment station=north is told"
    assert world.data().measure(DATA, asked) == Measurement(monitor="m", value=None, samples=5, why=why)
    empty = ask(Signal.DATA_QUALITY, "null_value_rate", segment=Segment(column="wind", low=2.0), min_samples=5)
    assert world.data().measure(DATA, empty).samples == 0


def test_p_values_and_false_alarms_are_shared_out_over_segments(world: World) -> None:
    for number in range(1, 31):
        collect(world.blobs, f"1975-01-{number:02}", temperature=number / 15 + 1.3, wind=number % 2)

    def p(family: int) -> float:
        test = ask(Signal.DATA_DRIFT, "two_sample_kolmogorov_smirnov_test", reference_rows=TRAINING, family=family)
        found = world.data().measure(DATA, test).value
        assert found is not None
        return found

    assert p(3) == pytest.approx(3 * p(1))
    assert p(10**9) == 1.0

    def chance(family: int) -> float:
        limit = Limit(monitor="m", success=Bound(comparison="<", offset=0.1), false_alarms=0.05)
        metric = "kolmogorov_smirnov_distance"
        asked = ask(Signal.DATA_DRIFT, metric, reference_rows=TRAINING, limit=limit, family=family)
        found = world.data().measure(DATA, asked).chance
        assert found is not None
        return found

    assert chance(20) > chance(1)
