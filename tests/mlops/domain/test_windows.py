"""Windows: which event time is measured, trained on and left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.data.windows import TrainingWindows, lag, last_boundary, reaching_back, subtract, training_windows
from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.declared.pipeline import Excluded
from mlops.domain.loop import Quarantine
from mlops.domain.world import Window
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.projects import project_with
from tests.mlops.rig import PROJECT

START = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def window(first: int, last: int) -> Window:
    return Window(start=START + first * DAY, end=START + last * DAY)


holes = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=5).map(
    lambda pairs: tuple(window(first, first + length) for first, length in pairs)
)


def days(parts: tuple[Window, ...]) -> set[int]:
    return {at for part in parts for at in range((part.start - START) // DAY, (part.end - START) // DAY)}


@given(holes)
def test_what_is_left_of_a_window_is_the_window_without_its_holes(without: tuple[Window, ...]) -> None:
    whole = window(50, 250)

    assert days(subtract(whole, without)) == days((whole,)) - days(without)


@given(holes, st.integers(1, 200))
def test_a_window_that_reaches_back_has_its_length_outside_the_holes(without: tuple[Window, ...], length: int) -> None:
    found = reaching_back(START + 320 * DAY, length * DAY, without)

    assert found.end == START + 320 * DAY
    assert len(days(subtract(found, without))) == length


def test_boundaries_are_multiples_and_weeks_begin_on_monday() -> None:
    assert last_boundary(datetime(1975, 3, 6, 15, tzinfo=UTC), 7 * DAY) == datetime(1975, 3, 3, tzinfo=UTC)
    assert last_boundary(datetime(1949, 3, 6, 15, tzinfo=UTC), DAY) == datetime(1949, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("signal", "metric", "days"),
    [
        ("data_drift", "population_stability_index", 1),
        ("model_performance", "accuracy", 6),
        ("fairness", "demographic_parity_difference", 1),
        ("fairness", "accuracy_difference", 6),
    ],
)
def test_a_window_is_measured_when_late_rows_are_in_and_late_labels_only_where_it_needs_them(
    tmp_path: Path, signal: str, metric: str, days: int
) -> None:
    write_project_folder(tmp_path)
    project = parse_project(PROJECT, tmp_path / "project.yaml")
    monitor = Monitor(name="m", signal=Signal(signal), metric=metric, window=DAY, every=DAY)
    assert lag(project, monitor) == days * DAY


def trained(holes: tuple[Window, ...] = (), **rules: Any) -> TrainingWindows:  # noqa: ANN401 - the pipeline's
    plain = project_with()
    pipeline = replace(plain.pipeline, **{"window": 200 * DAY, "holdout": 50 * DAY, **rules})
    quarantines = tuple(Quarantine(window=hole, monitor="m", value=1.0) for hole in holes)
    return training_windows(replace(plain, pipeline=pipeline), START + 1006 * DAY, quarantines, None)


def test_training_moves_on_with_its_window_and_grows_without_one() -> None:
    assert (trained().train, trained().holdout) == (window(750, 950), window(950, 1000))
    assert trained(window=None, since=START + 100 * DAY).train == window(100, 950)


def test_nothing_before_since_is_trained_on_however_far_the_window_reaches() -> None:
    assert trained(since=START + 800 * DAY).train == window(800, 950)
    assert trained(since=START + 100 * DAY).train == window(750, 950)
    assert trained(since=START + 990 * DAY).train == window(950, 950)


def test_what_is_excluded_is_left_out_as_a_quarantine_is() -> None:
    excluded = (Excluded(window=window(900, 960), reason="the strike"),)
    found = trained(exclude=excluded)

    assert found == trained((window(900, 960),))
    assert found.without == (window(900, 960),)
    assert (found.train, found.holdout) == (window(690, 890), window(890, 1000))
