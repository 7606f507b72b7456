"""What was collected is read once, joined by key, and never counted twice or made up."""

from __future__ import annotations

import gzip

import pytest

from mlops.backends.blobs import rows
from mlops.domain.declared.monitor import Signal
from mlops.domain.world import Answer
from mlops.ports import RefusedError
from tests.mlops.backends.collected import World, ask, give_labels, span
from tests.mlops.backends.collector import DATA, ROOT, collect, day


def test_a_day_sent_to_two_deployments_counts_once_and_the_older_ones_answer_stands(world: World) -> None:
    collect(world.blobs, "1975-01-01", deployment="m-1", answer=0.9, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", deployment="m-0-newer-by-first-day", answer=0.1, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", deployment="m-1", answer=0.8, temperature=1.0, wind=1)
    data = world.data()
    assert data.measure(DATA, ask(Signal.DATA_QUALITY, "row_count")).value == 2
    found = rows.answers(world.cache, span())
    assert [(one.key, one.deployment, one.output["probability"]) for one in found] == [
        ("1975-01-01", "m-1", 0.9),
        ("1975-01-02", "m-1", 0.8),
    ]


def test_labels_that_come_later_are_joined_by_key_and_the_newest_file_wins(world: World) -> None:
    for number, answer in ((1, 0.9), (2, 0.2), (3, 0.8)):
        collect(world.blobs, f"1975-01-{number:02}", answer=answer, temperature=1.0, wind=1)
    data = world.data()
    accuracy = ask(Signal.MODEL_PERFORMANCE, "accuracy")
    assert data.measure(DATA, accuracy).why == "no prediction of the window has its label yet"
    give_labels(world, "a", d1975_01_01=1, d1975_01_02=1)
    found = world.data().measure(DATA, accuracy)
    assert (found.value, found.samples) == (0.5, 2)
    give_labels(world, "b", d1975_01_02=0)
    found = world.data().measure(DATA, accuracy)
    assert (found.value, found.samples) == (1.0, 2)


def test_labelled_rows_are_those_of_the_history_and_the_collected_ones(world: World) -> None:
    collect(world.blobs, "1975-01-01", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", temperature=1.0, wind=1)
    collect(world.blobs, "1974-12-31", temperature=9.0, wind=9)  # sent although the history has it
    give_labels(world, d1975_01_01=1, d1974_12_31=0)
    data = world.data()
    assert data.labelled(DATA, span("1974-01-01", "1976-01-01")) == 3
    found = rows.labelled(world.cache, span("1974-01-01", "1976-01-01"))
    assert [(row.key, row.label, row.data["temperature"]) for row in found] == [
        ("1974-12-30", 0, 0.5),
        ("1974-12-31", 1, 0.6),
        ("1975-01-01", 1, 1.0),
    ]


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
        world.data().measure(DATA, ask(Signal.MODEL_PERFORMANCE, "accuracy"))


def test_a_history_may_be_compressed(world: World) -> None:
    world.blobs.put("history.csv", gzip.compress(b"day,temperature,wind,rain\n1974-12-30,0.5,1,0\n"))
    assert world.data().labelled(DATA, span("1974-01-01", "1975-01-01")) == 1


def test_answers_come_with_their_labels_for_the_report(world: World) -> None:
    collect(world.blobs, "1975-01-01", answer=0.9, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-02", answer=0.2, temperature=1.0, wind=1)
    give_labels(world, d1975_01_01=1)
    assert world.data().answers(DATA, span()) == (
        Answer(key="1975-01-01", time=day("1975-01-01"), prediction=0.9, deployment="m-1", label=1.0),
        Answer(key="1975-01-02", time=day("1975-01-02"), prediction=0.2, deployment="m-1", label=None),
    )
