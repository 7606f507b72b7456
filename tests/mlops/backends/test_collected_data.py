"""What was collected is read once, joined by key, and never counted twice or made up."""

from __future__ import annotations

import gzip
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mlops.backends.blobs import rows
from mlops.backends.blobs.cache import Cache
from mlops.backends.blobs.collected import BlobCollectedData
from mlops.backends.blobs.reader import Reader
from mlops.backends.blobs.reference import References
from mlops.domain.measurement import Measurement
from mlops.domain.project import DAY, Monitor, Reference, Signal
from mlops.domain.world import Answer, DatasetVersion, Window
from mlops.ports import Question, RefusedError, ServedQuestion
from tests.fakes.blobs import FakeBlobs
from tests.mlops.backends.collector import DATA, ROOT, blob, collect, day, line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRAINING = DatasetVersion(name="rain-training", version="1", digest="d" * 64, train_rows=4, holdout_rows=0)


@dataclass
class StandingClock:
    """Stands until it is moved."""

    moment: datetime = field(default_factory=lambda: day("1975-02-01"))

    def now(self) -> datetime:
        return self.moment


@dataclass
class World:
    """A container, a clock, and the port over both."""

    blobs: FakeBlobs
    clock: StandingClock
    path: Path
    cache: Cache

    def data(self, settle: timedelta = timedelta(0), under_way: float = 3.0) -> BlobCollectedData:
        def find(reference: str) -> tuple[FakeBlobs, str]:
            if reference.startswith("azureml://"):
                return self.blobs, reference.split("/paths/")[1]
            return self.blobs, {DATA.history: "history.csv", TRAINING.reference: "training"}[reference]

        reader = Reader(self.cache, find, "rain-local", DATA, self.clock, under_way=under_way)
        references = References(find, self.path / "training-sets", DATA.time)
        return BlobCollectedData(self.cache, reader, references, self.clock, settle)

    def again(self) -> None:
        """As after a restart of the controller."""
        self.cache.close()
        self.cache = Cache(self.path / "collected.sqlite3", DATA)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    blobs = FakeBlobs()
    blobs.put("history.csv", b"day,temperature,wind,rain\n1974-12-30,0.5,1,0\n1974-12-31,0.6,1,1\n")
    blobs.put("training/train.csv", b"day,temperature,wind,rain\n" + b"".join(_training()))
    found = World(blobs, StandingClock(), tmp_path, Cache(tmp_path / "collected.sqlite3", DATA))
    yield found
    found.cache.close()


def _training() -> Iterator[bytes]:
    for index in range(40):
        yield f"1974-{1 + index // 20 * 6:02}-{1 + index % 20:02},{index / 10},{index % 2},0\n".encode()


def _window(first: str = "1975-01-01", after: str = "1975-02-01") -> Window:
    return Window(start=day(first), end=day(after))


def _monitor(signal: Signal, metric: str, **more: Any) -> Monitor:  # noqa: ANN401 - fields of Monitor
    return Monitor(name="m", signal=signal, metric=metric, window=31 * DAY, every=DAY, **more)


def _ask(signal: Signal, metric: str, window: Window | None = None, **more: Any) -> Question:  # noqa: ANN401
    without = more.pop("without", ())
    reference = more.pop("reference_rows", None)
    monitor = _monitor(signal, metric, **more)
    return Question(monitor=monitor, window=window or _window(), without=without, reference=reference)


def _labels(world: World, name: str = "a", **labels: int) -> None:
    text = "".join(f"{key.replace('_', '-')[1:]},{label}\n" for key, label in labels.items())
    world.blobs.put(f"labels/{name}.csv", f"day,rain\n{text}".encode())


def test_an_empty_window_is_no_measurement_and_says_so(world: World) -> None:
    found = world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "null_value_rate"))
    assert found == Measurement(
        monitor="m", value=None, samples=0, why="no rows were collected from 1975-01-01 to 1975-02-01"
    )


def test_each_blob_is_read_once_also_by_the_next_process(world: World) -> None:
    for number in range(1, 11):
        collect(world.blobs, f"1975-01-{number:02}", temperature=1.0, wind=1)
    count = _ask(Signal.DATA_QUALITY, "row_count")
    assert world.data().measure(DATA, count).value == 10
    assert len([name for name in world.blobs.reads if name.startswith(ROOT)]) == 20
    world.again()
    assert world.data().measure(DATA, count).value == 10
    assert len([name for name in world.blobs.reads if name.startswith(ROOT)]) == 20


def test_a_blob_that_grew_replaces_what_was_known_of_it(world: World) -> None:
    data = world.data()
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    count = _ask(Signal.DATA_QUALITY, "row_count")
    assert data.measure(DATA, count).value == 1
    grown = line("model_inputs", "second", [{"day": "1975-01-30", "temperature": 2.0, "wind": 1}])
    world.blobs.append(blob("m-1", "model_inputs", "1975-01-31"), grown)
    world.clock.moment += DAY
    assert data.measure(DATA, count).value == 2
    assert world.cache.execute("select count(*) from input").__next__() == (2,)


def test_a_day_sent_to_two_deployments_counts_once_and_the_older_ones_answer_stands(world: World) -> None:
    collect(world.blobs, "1975-01-01", deployment="m-1", answer=0.9, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", deployment="m-0-newer-by-first-day", answer=0.1, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", deployment="m-1", answer=0.8, temperature=1.0, wind=1)
    data = world.data()
    assert data.measure(DATA, _ask(Signal.DATA_QUALITY, "row_count")).value == 2
    found = rows.answers(world.cache, _window())
    assert [(one.key, one.deployment, one.output["probability"]) for one in found] == [
        ("1975-01-01", "m-1", 0.9),
        ("1975-01-02", "m-1", 0.8),
    ]


def test_labels_that_come_later_are_joined_by_key_and_the_newest_file_wins(world: World) -> None:
    for number, answer in ((1, 0.9), (2, 0.2), (3, 0.8)):
        collect(world.blobs, f"1975-01-{number:02}", answer=answer, temperature=1.0, wind=1)
    data = world.data()
    accuracy = _ask(Signal.MODEL_PERFORMANCE, "accuracy")
    assert data.measure(DATA, accuracy).why == "no prediction of the window has its label yet"
    _labels(world, "a", d1975_01_01=1, d1975_01_02=1)
    found = world.data().measure(DATA, accuracy)
    assert (found.value, found.samples) == (0.5, 2)
    _labels(world, "b", d1975_01_02=0)
    found = world.data().measure(DATA, accuracy)
    assert (found.value, found.samples) == (1.0, 2)


def test_quarantined_windows_are_left_out(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=None, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1)
    nulls = _ask(Signal.DATA_QUALITY, "null_value_rate", without=(_window("1975-01-01", "1975-01-02"),))
    found = world.data().measure(DATA, nulls)
    assert (found.value, found.samples) == (0.0, 1)


def test_quarantined_rows_are_neither_trained_nor_judged_on(world: World) -> None:
    for number, answer in ((1, 0.9), (2, 0.1), (3, 0.9)):
        collect(world.blobs, f"1975-01-{number:02}", answer=answer, temperature=1.0, wind=1)
    _labels(world, d1975_01_01=1, d1975_01_02=1, d1975_01_03=1)
    faulty = (_window("1975-01-02", "1975-01-03"),)
    found = world.data().measure(DATA, _ask(Signal.MODEL_PERFORMANCE, "accuracy", without=faulty))
    assert (found.value, found.samples) == (1.0, 2)
    kept = rows.labelled(
        world.cache, _window("1974-12-31", "1975-02-01"), (*faulty, _window("1974-12-31", "1975-01-01"))
    )
    assert [row.key for row in kept] == ["1975-01-01", "1975-01-03"]


def test_a_rule_over_columns_finds_the_sensor_that_changed_its_unit(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1.1)
    collect(world.blobs, "1975-01-02", temperature=-1.3, wind=1.0)
    rule = _ask(
        Signal.DATA_QUALITY, "out_of_bounds_rate", expression={"temperature": 1.0, "wind": -1.0}, bounds=(-1.2, 1.2)
    )
    assert world.data().measure(DATA, rule) == Measurement(monitor="m", value=0.5, samples=2, parts=(("m", 0.5),))


def test_without_bounds_the_range_of_the_training_rows_holds(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=9.0, wind=1)
    asked = _ask(Signal.DATA_QUALITY, "out_of_bounds_rate", reference_rows=TRAINING)
    assert dict(world.data().measure(DATA, asked).parts) == {"temperature": 1.0, "wind": 0.0}
    assert world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "out_of_bounds_rate")).why == (
        "the reference has no rows"
    )


def test_drift_is_measured_against_the_training_rows_or_their_season(world: World) -> None:
    for number in range(1, 21):
        collect(world.blobs, f"1975-01-{number:02}", temperature=(number - 1) / 10, wind=number % 2)
    whole = _ask(Signal.DATA_DRIFT, "kolmogorov_smirnov_distance", columns=("temperature",), reference_rows=TRAINING)
    season = _ask(
        Signal.DATA_DRIFT,
        "kolmogorov_smirnov_distance",
        columns=("temperature",),
        reference_rows=TRAINING,
        reference=Reference.SEASON,
    )
    assert world.data().measure(DATA, whole).value == pytest.approx(0.5)
    assert world.data().measure(DATA, season).value == pytest.approx(0.0)


@pytest.mark.parametrize(("aggregate", "value"), [("max", 1.0), ("mean", 0.5), ("median", 0.5)])
def test_columns_are_taken_together_as_the_project_says(world: World, aggregate: str, value: float) -> None:
    collect(world.blobs, "1975-01-01", temperature=None, wind=1)
    found = world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "null_value_rate", aggregate=aggregate))
    assert (found.value, found.parts) == (value, (("temperature", 1.0), ("wind", 0.0)))


def test_a_metric_that_a_signal_does_not_have_is_refused_with_those_it_has(world: World) -> None:
    with pytest.raises(RefusedError, match="data_quality has no metric 'psi'; it has null_value_rate"):
        world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "psi"))


def test_prediction_drift_compares_with_the_window_before(world: World) -> None:
    for number in range(1, 11):
        collect(world.blobs, f"1975-01-{number:02}", answer=0.1 + number / 100, temperature=1.0, wind=1)
        collect(world.blobs, f"1975-01-{number + 10:02}", answer=0.8 + number / 100, temperature=1.0, wind=1)
    asked = _ask(Signal.PREDICTION_DRIFT, "kolmogorov_smirnov_distance", _window("1975-01-11", "1975-01-21"))
    assert world.data().measure(DATA, asked).value == pytest.approx(1.0)


def _served(world: World, metric: str, since: str = "1975-01-05", settle: timedelta = timedelta(0)) -> Measurement:
    question = ServedQuestion(metric=metric, endpoint="rain-local", deployment="m-2", since=day(since), against="m-1")
    return world.data(settle).served(DATA, question)


def test_a_deployment_that_was_sent_nothing_has_no_error_rate(world: World) -> None:
    assert _served(world, "error_rate") == Measurement(
        monitor="error_rate", value=None, samples=0, why="m-2 was sent nothing since 1975-01-05 00:00"
    )


def test_a_request_without_an_answer_is_an_error_since_the_step_began(world: World) -> None:
    collect(world.blobs, "1975-01-04", deployment="m-2", answer=None, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-05", deployment="m-2", answer=None, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-06", deployment="m-2", temperature=1.0, wind=1)
    assert _served(world, "error_rate") == Measurement(monitor="error_rate", value=0.5, samples=2)
    assert _served(world, "requests") == Measurement(monitor="requests", value=2.0, samples=2)


def test_an_answer_that_may_be_under_way_is_no_error(world: World) -> None:
    just_now = datetime.now(UTC).isoformat()
    collect(world.blobs, "1975-01-05", deployment="m-2", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-06", deployment="m-2", answer=None, sent=just_now, temperature=1.0, wind=1)
    found = _served(world, "error_rate", settle=timedelta(minutes=5))
    assert found == Measurement(monitor="error_rate", value=0.0, samples=1)


def test_smoke_requests_do_not_count(world: World) -> None:
    collect(world.blobs, "1974-12-31", deployment="m-2", answer=None, temperature=1.0, wind=1)  # a row of the history
    collect(world.blobs, "1975-01-06", deployment="m-2", answer=None, request="smoke-1", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-07", deployment="m-2", temperature=1.0, wind=1)
    found = _served(world, "error_rate", since="1974-01-01")
    assert found == Measurement(monitor="error_rate", value=0.0, samples=1)


def test_disagreement_is_the_share_of_rows_that_both_answered_on_different_sides(world: World) -> None:
    for moment, old, new in (("1975-01-05", 0.4, 0.6), ("1975-01-06", 0.4, 0.3), ("1975-01-07", 0.9, None)):
        collect(world.blobs, moment, deployment="m-1", answer=old, temperature=1.0, wind=1)
        collect(world.blobs, moment, deployment="m-2", answer=new, temperature=1.0, wind=1)
    found = _served(world, "prediction_disagreement")
    assert found == Measurement(monitor="prediction_disagreement", value=0.5, samples=2)


def test_latency_is_not_made_up_from_whole_seconds(world: World) -> None:
    collect(world.blobs, "1975-01-05", deployment="m-2", temperature=1.0, wind=1)
    assert _served(world, "p95_ms").why == "m-2 collected no column 'latency_ms' in its outputs"


def test_labelled_rows_are_those_of_the_history_and_the_collected_ones(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1)
    collect(world.blobs, "1974-12-31", temperature=9.0, wind=9)  # sent although the history has it
    _labels(world, d1975_01_01=1, d1974_12_31=0)
    data = world.data()
    assert data.labelled(DATA, _window("1974-01-01", "1976-01-01")) == 3
    found = rows.labelled(world.cache, _window("1974-01-01", "1976-01-01"))
    assert [(row.key, row.label, row.data["temperature"]) for row in found] == [
        ("1974-12-30", 0, 0.5),
        ("1974-12-31", 1, 0.6),
        ("1975-01-01", 1, 1.0),
    ]


def test_a_project_that_reads_its_rows_in_another_way_starts_over(world: World, tmp_path: Path) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "row_count"))
    other = Cache(tmp_path / "collected.sqlite3", replace(DATA, key="id"))
    assert other.etags("") == {}
    other.close()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "labels/a.csv",
            b"date,rain\n1975-01-01,1\n",
            "labels/a.csv has no column day; its header",
        ),
        ("labels/a.csv", b"\xff\xfe\x00", "the file of labels labels/a.csv cannot be read as CSV"),
        ("history.csv", b"day,temperature,rain\n", "the history azureml:rain-history:1 has no column wind"),
        ("history.csv", b"day,temperature,wind,rain\nMonday,1,1,1\n", "'Monday': no ISO 8601 time"),
        (f"{ROOT}/m-1/model_inputs/1975/01/01/12/i.jsonl", b'{"id": "e", "dataref": "https://x"}\n', "send fewer rows"),
    ],
    ids=["no key", "no text", "no feature", "no time", "rows elsewhere"],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(world: World, name: str, content: bytes, message: str) -> None:
    world.blobs.put(name, content)
    with pytest.raises(RefusedError, match=message):
        world.data().measure(DATA, _ask(Signal.MODEL_PERFORMANCE, "accuracy"))


def test_a_history_may_be_compressed(world: World) -> None:
    world.blobs.put("history.csv", gzip.compress(b"day,temperature,wind,rain\n1974-12-30,0.5,1,0\n"))
    assert world.data().labelled(DATA, _window("1974-01-01", "1975-01-01")) == 1


def test_a_file_of_another_release_is_emptied_and_filled_again(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    world.cache.close()
    path = world.path / "collected.sqlite3"
    path.unlink()
    with sqlite3.connect(path) as old:
        old.execute("create table input (blob text, data text)")
    old.close()
    world.again()
    assert world.data().measure(DATA, _ask(Signal.DATA_QUALITY, "row_count")).value == 1


def test_a_steady_look_lists_the_newest_months_of_deployments_in_use_only(world: World) -> None:
    for year in range(1970, 1975):
        collect(world.blobs, f"{year}-06-01", deployment=f"m-{year}", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-31", deployment="m-9", temperature=1.0, wind=1)
    data, count = world.data(under_way=0), _ask(Signal.DATA_QUALITY, "row_count")
    data.measure(DATA, count)
    world.blobs.listings.clear()
    world.clock.moment += DAY
    data.measure(DATA, count)
    assert world.blobs.listings == [
        f"{ROOT}/m-9/{collection}/1975/{month}/"
        for collection in ("model_inputs", "model_outputs")
        for month in ("01", "02")
    ]


def test_what_is_filed_a_moment_late_is_found_though_the_clock_went_on_for_months(world: World) -> None:
    data, count = world.data(), _ask(Signal.DATA_QUALITY, "row_count", _window("1975-01-01", "1976-01-01"))
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    assert data.measure(DATA, count).value == 1
    world.clock.moment = day("1975-04-01")
    assert data.measure(DATA, count).value == 1
    for number in range(1, 29):
        collect(world.blobs, f"1975-02-{number:02}", temperature=1.0, wind=1)
    world.clock.moment = day("1975-10-01")
    assert data.measure(DATA, count).value == 29


def test_a_canary_with_a_request_a_month_is_still_seen(world: World) -> None:
    data = world.data()
    world.clock.moment = day("1975-01-02")
    collect(world.blobs, "1975-01-01", deployment="m-2", temperature=1.0, wind=1)
    question = ServedQuestion(
        metric="requests", endpoint="rain-local", deployment="m-2", since=day("1975-01-01"), against="m-1"
    )
    assert data.served(DATA, question).value == 1
    count = _ask(Signal.DATA_QUALITY, "row_count", _window("1975-01-01", "1976-01-01"))
    for month in range(2, 6):
        collect(world.blobs, f"1975-{month:02}-01", deployment="m-2", temperature=1.0, wind=1)
        collect(world.blobs, f"1975-{month:02}-01", deployment="m-1", temperature=1.0, wind=1)
        world.clock.moment = day(f"1975-{month:02}-20")
        data.measure(DATA, count)
    world.clock.moment = day("1975-06-01")
    assert data.served(DATA, question).value == 5


def test_what_came_while_nobody_asked_is_there_when_somebody_does(world: World) -> None:
    data = world.data()
    collect(world.blobs, "1975-01-01", deployment="m-2", temperature=1.0, wind=1)

    def served(deployment: str, moment: str) -> float | None:
        world.clock.moment = day(moment)
        question = ServedQuestion(
            metric="requests", endpoint="rain-local", deployment=deployment, since=day("1975-01-01"), against="m-1"
        )
        return data.served(DATA, question).value

    assert served("m-2", "1975-01-02") == 1
    served("m-3", "1975-02-20")
    collect(world.blobs, "1975-02-21", deployment="m-2", temperature=1.0, wind=1)
    served("m-3", "1975-04-01")
    assert served("m-2", "1975-04-02") == 2


def test_what_was_filed_late_is_found_by_the_next_full_look(world: World) -> None:
    data, count = world.data(), _ask(Signal.DATA_QUALITY, "row_count", _window("1974-12-01", "1975-02-01"))
    collect(world.blobs, "1975-01-31", temperature=1.0, wind=1)
    assert data.measure(DATA, count).value == 1
    collect(world.blobs, "1974-12-02", temperature=1.0, wind=1)
    world.clock.moment += DAY
    assert data.measure(DATA, count).value == 1
    assert world.data().measure(DATA, count).value == 2


def test_answers_come_with_their_labels_for_the_report(world: World) -> None:
    collect(world.blobs, "1975-01-01", answer=0.9, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", answer=0.2, temperature=1.0, wind=1)
    _labels(world, d1975_01_01=1)
    assert world.data().answers(DATA, _window()) == (
        Answer(key="1975-01-01", time=day("1975-01-01"), prediction=0.9, deployment="m-1", label=1.0),
        Answer(key="1975-01-02", time=day("1975-01-02"), prediction=0.2, deployment="m-1", label=None),
    )
