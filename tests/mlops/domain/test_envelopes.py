"""What is in a message: three forms in the wild, ours, and whatever else somebody sends."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.declared.source import Kind
from mlops.domain.messages.envelopes import MalformedError, clean, parse
from mlops.domain.messages.event import Event
from tests.fakes.events import grid

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
TIME = "2026-11-24T08:00:00Z"


def body(tree: object) -> bytes:
    return json.dumps(tree).encode()


def test_event_grids_run_is_about_its_job() -> None:
    run = {
        "id": "e1",
        "eventType": "Microsoft.MachineLearningServices.RunCompleted",
        "subject": "experiments/0fa9dfaa/runs/rain-7-train",
        "eventTime": TIME,
        "data": {"runId": "rain-7-train"},
    }
    expected = Event(
        id="e1",
        type=run["eventType"],  # type: ignore[arg-type]
        kind=Kind.RUN,
        subject="experiments/0fa9dfaa/runs/rain-7-train",
        about="rain-7-train",
        at=AT,
    )
    assert parse(body(run)) == parse(body([run])) == parse(base64.b64encode(body(run))) == (expected,)


@pytest.mark.parametrize(
    ("kind", "subject", "expected"),
    [
        ("Microsoft.MachineLearningServices.RunStatusChanged", "experiments/e/runs/j", (Kind.RUN, "j")),
        ("Microsoft.MachineLearningServices.ModelRegistered", "models/rain:7", (Kind.MODEL, "rain:7")),
        ("Microsoft.MachineLearningServices.ModelDeployed", "endpoints/rain-prod", (Kind.ENDPOINT, "rain-prod")),
        ("Microsoft.MachineLearningServices.DatasetDriftDetected", "datadrift/1/run/2", (Kind.DATA, "2")),
        ("Microsoft.EventGrid.SubscriptionValidationEvent", "", (Kind.NOTICE, "")),
        ("Contoso.Something", "x", (None, "x")),
    ],
)
def test_a_type_says_what_is_looked_at(kind: str, subject: str, expected: tuple[Kind | None, str]) -> None:
    (event,) = parse(grid("1", kind, subject))

    assert (event.kind, event.about) == expected


def test_cloud_events_carry_the_same_and_their_order_compares() -> None:
    def cloud(**more: object) -> Event:
        tree = {"specversion": "1.0", "id": "1", "source": "/storage", "type": "Microsoft.Storage.BlobCreated", **more}
        (event,) = parse(body(tree))
        return event

    plain = cloud(subject="/blobServices/default/containers/labels/blobs/a.csv", time=TIME)
    assert (plain.id, plain.kind, plain.order, plain.at) == ("/storage#1", Kind.DATA, "", AT)
    assert cloud(sequence="10", sequencetype="Integer").order > cloud(sequence="9", sequencetype="Integer").order
    assert cloud(data={"sequencer": "0A1"}).order > cloud(data={"sequencer": "0a"}).order
    assert cloud(data={"url": "https://a/b"}, subject="").about == "https://a/b"


def test_s3s_notification_directly_through_sns_and_through_eventbridge() -> None:
    item = {"key": "labels/1975 a.csv", "sequencer": "0055AED6DCD90281E5"}
    record = {
        "eventName": "ObjectCreated:Put",
        "eventTime": TIME,
        "s3": {"bucket": {"name": "rain"}, "object": {**item, "key": "labels%2F1975+a.csv"}},
    }
    bridged = {
        "id": "b1",
        "detail-type": "Object Created",
        "time": TIME,
        "detail": {"bucket": {"name": "rain"}, "object": item},
    }
    (direct,) = parse(body({"Records": [record]}))
    (bridge,) = parse(body(bridged))

    assert parse(body({"Type": "Notification", "Message": json.dumps({"Records": [record]})})) == (direct,)
    assert (direct.kind, direct.subject, direct.order) == (bridge.kind, bridge.subject, bridge.order)
    assert (direct.subject, direct.order.rstrip("0")) == ("s3://rain/labels/1975 a.csv", "0055AED6DCD90281E5")
    assert parse(body({"Service": "Amazon S3", "Event": "s3:TestEvent", "RequestId": "r"}))[0].kind is Kind.NOTICE


def test_another_form_is_kept_as_an_event_that_says_nothing_yet() -> None:
    (event,) = parse(body({"id": 7, "subject": "main", "ref": "refs/heads/main"}))

    assert event == Event(id="7", type="plain", kind=None, subject="main", about="main")
    assert parse(body({"ref": "x"}))[0].id.startswith("sha256:")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "no JSON, nor JSON in Base64"),
        (b"\xff\xfe{", "no JSON, nor JSON in Base64"),
        (b"[" * 100_000, "no JSON, nor JSON in Base64"),
        (b"[]", "no event in it"),
        (b"[1]", "an event is an object"),
        (body([{"a": 1}]), "no form that is known"),
        (body([{"eventType": "x", "id": "1"}] * 1001), "1001 events in one message; at most 1000"),
        (body({"specversion": "0.3", "id": "1", "source": "s", "type": "t"}), "CloudEvents 0.3: only 1.0 is read"),
        (body({"specversion": "1.0", "source": "s", "type": "t"}), "CloudEvents 1.0 needs 'id'"),
        (body({"eventType": "t", "id": 5}), "Event Grid's schema needs 'id'"),
        (body({"Records": "x"}), "Records should list between 1 and 1000 events"),
        (body({"Records": [3]}), "S3's notification needs 'eventName'"),
    ],
)
def test_what_is_no_event_is_one_clear_error(sent: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=said.replace("[", r"\[")):
        parse(sent)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("specversion", "type", "source", "id", "eventType", "subject", "data", "sequence", "Records", "s3", "Message")
LIKELY = st.dictionaries(st.sampled_from((*KEYS, "detail-type", "detail", "time", "eventName")), JSON, max_size=8)


@given(st.binary(max_size=80) | st.builds(body, LIKELY) | st.builds(body, st.lists(LIKELY, max_size=3)))
def test_whatever_comes_is_events_or_one_error_and_every_text_fits_a_database(sent: bytes) -> None:
    try:
        events = parse(sent)
    except MalformedError:
        return
    for event in events:
        for text in (event.id, event.subject, event.about, event.order):
            assert "\x00" not in text
            assert len(text.encode()) <= 4000
        assert event.type == clean(event.type, 10_000)
