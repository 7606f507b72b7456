"""From a message to events: Event Grid's schema, CloudEvents 1.0, S3's notifications; whatever comes, an answer."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from mlops.domain.declared.source import Kind
from mlops.domain.messages.event import Event

_LONGEST = 200  # of an id: longer ones stand by their digest
_WIDTH = 64  # of an order: shorter ones are filled up so that they compare as text
MOST_EVENTS = 1000
"""Events in one message.  Event Grid sends one to a queue, S3 a few; more is somebody's mistake."""

_ML = "Microsoft.MachineLearningServices."
_KINDS: Mapping[str, Kind] = {
    f"{_ML}RunCompleted": Kind.RUN,
    f"{_ML}RunStatusChanged": Kind.RUN,
    f"{_ML}ModelRegistered": Kind.MODEL,
    f"{_ML}ModelDeployed": Kind.ENDPOINT,
    f"{_ML}DatasetDriftDetected": Kind.DATA,
    "Microsoft.Storage.BlobCreated": Kind.DATA,
    "Microsoft.Storage.BlobRenamed": Kind.DATA,
    "Microsoft.Storage.BlobDeleted": Kind.DATA,
    "Microsoft.EventGrid.SubscriptionValidationEvent": Kind.NOTICE,
    "Microsoft.EventGrid.SubscriptionDeletedEvent": Kind.NOTICE,
    "s3:TestEvent": Kind.NOTICE,
    "Object Created": Kind.DATA,  # by EventBridge
    "Object Deleted": Kind.DATA,
    **{f"aml-kit.{kind.value}": kind for kind in Kind if kind is not Kind.NOTICE},
}


class MalformedError(Exception):
    """A message in no form that we know; the message says which forms there are."""


def parse(body: bytes, name: str = "") -> tuple[Event, ...]:
    """The events in a message; an object of another form is one whose type says nothing.  Raises MalformedError.

    `name` is the delivery's, for a form that names itself nowhere.
    """
    tree = _json(body)
    if isinstance(tree, dict) and _form(tree) is None:
        return (_plain(tree, name or digest(body)),)
    events = tuple(_events(tree))
    if not events:
        raise MalformedError("no event in it: use Event Grid's schema, CloudEvents 1.0 or S3's notification")
    return events


def clean(text: object, longest: int = 1000) -> str:
    """Text that every database takes: no NUL, nothing that is no Unicode, not endless."""
    return str(text).encode("utf-8", "replace").decode().replace("\x00", "\ufffd")[:longest]


def named(text: str) -> str:
    """An id that fits a key of the database."""
    found = clean(text, longest=10_000)
    return found if len(found) <= _LONGEST else f"sha256:{hashlib.sha256(found.encode()).hexdigest()}"


def digest(body: bytes) -> str:
    """The name of a message that names itself nowhere."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _json(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        text = body if body.lstrip()[:1] in {b"{", b"["} else base64.b64decode(body, validate=True)
        return json.loads(text)
    except (ValueError, RecursionError, binascii.Error) as error:
        raise MalformedError(f"no JSON, nor JSON in Base64: {clean(error, 100)}") from error


def _form(tree: Mapping[str, Any]) -> str | None:
    """By which keys a form is told from the others."""
    keys = {"specversion": "cloud", "eventType": "grid", "Records": "s3", "detail-type": "bridge", "Message": "sns"}
    if tree.get("Event") == "s3:TestEvent":
        return "test"
    return next((form for key, form in keys.items() if key in tree), None)


def _events(tree: Any, depth: int = 0) -> Iterator[Event]:  # noqa: ANN401
    listed = tree if isinstance(tree, list) else [tree]
    if len(listed) > MOST_EVENTS:
        raise MalformedError(f"{len(listed)} events in one message; at most {MOST_EVENTS}")
    for each in listed:
        if not isinstance(each, dict):
            raise MalformedError("an event is an object, or a list of such")
        yield from _inside_of(each, depth)


def _inside_of(tree: Mapping[str, Any], depth: int) -> Iterator[Event]:
    form = _form(tree)
    if form in _ONE:
        yield _ONE[form](tree)
    elif form == "s3":
        yield from _s3_events(tree)
    elif form == "sns" and depth == 0 and isinstance(tree["Message"], str):
        yield from _events(_json(tree["Message"].encode("utf-8", "replace")), depth=1)
    else:
        raise MalformedError("no form that is known: Event Grid's schema, CloudEvents 1.0, S3's notification")


def _cloud_event(tree: Mapping[str, Any]) -> Event:
    if str(tree["specversion"]) not in {"1.0", "1"}:
        raise MalformedError(f"CloudEvents {clean(tree['specversion'], 20)}: only 1.0 is read")
    kind, source, number = (_said(tree, key, "CloudEvents 1.0") for key in ("type", "source", "id"))
    return Event(
        id=named(f"{source}#{number}"),
        type=kind,
        kind=_KINDS.get(kind),
        subject=clean(tree.get("subject") or source),
        about=_about(tree.get("subject"), tree.get("data")),
        order=_sequence(tree) or _order(_inside(tree.get("data"), "sequencer")),
        at=_moment(tree.get("time")),
    )


def _sequence(tree: Mapping[str, Any]) -> str:
    """CloudEvents' extension: text that compares, unless it says that it is a whole number."""
    found = tree.get("sequence")
    whole = tree.get("sequencetype") == "Integer" and isinstance(found, str) and found.isascii() and found.isdigit()
    return _order(int(str(found)[:_WIDTH])) if whole else _order(found)


def _grid_event(tree: Mapping[str, Any]) -> Event:
    kind, number = (_said(tree, key, "Event Grid's schema") for key in ("eventType", "id"))
    return Event(
        id=named(number),
        type=kind,
        kind=_KINDS.get(kind),
        subject=clean(tree.get("subject") or ""),
        about=_about(tree.get("subject"), tree.get("data")),
        order=_order(_inside(tree.get("data"), "sequencer")),
        at=_moment(tree.get("eventTime")),
    )


def _bridge_event(tree: Mapping[str, Any]) -> Event:
    kind, number = (_said(tree, key, "EventBridge's form") for key in ("detail-type", "id"))
    detail = tree.get("detail")
    key = f"s3://{_inside(_inside(detail, 'bucket'), 'name')}/{_inside(_inside(detail, 'object'), 'key')}"
    order = _order(_inside(_inside(detail, "object"), "sequencer"))
    return Event(
        id=named(number),
        type=kind,
        kind=_KINDS.get(kind),
        subject=clean(key),
        about=clean(key),
        order=order,
        at=_moment(tree.get("time")),
    )


def _s3_events(tree: Mapping[str, Any]) -> Iterator[Event]:
    records = tree["Records"]
    if not isinstance(records, list) or not records or len(records) > MOST_EVENTS:
        raise MalformedError(f"Records should list between 1 and {MOST_EVENTS} events")
    for record in records:
        name = _said(record if isinstance(record, dict) else {}, "eventName", "S3's notification")
        s3 = record.get("s3")
        name_of = unquote_plus(str(_inside(_inside(s3, "object"), "key")))  # as S3 writes it: spaces are plus signs
        key = f"s3://{_inside(_inside(s3, 'bucket'), 'name')}/{name_of}"
        sequencer = _inside(_inside(s3, "object"), "sequencer")
        turn = sequencer or _inside(record.get("responseElements"), "x-amz-request-id") or record.get("eventTime")
        yield Event(
            id=named(f"{key} {name} {turn}"),
            type=name,
            kind=Kind.DATA if name.startswith("Object") else None,
            subject=clean(key),
            about=clean(key),
            order=_order(sequencer),
            at=_moment(record.get("eventTime")),
        )


def _test_event(tree: Mapping[str, Any]) -> Event:
    """What S3 sends when a notification is set up."""
    return Event(id=named(f"test {tree.get('RequestId')}"), type="s3:TestEvent", kind=Kind.NOTICE, subject="")


_ONE: Mapping[str | None, Callable[[Mapping[str, Any]], Event]] = {
    "cloud": _cloud_event,
    "grid": _grid_event,
    "bridge": _bridge_event,
    "test": _test_event,
}


def _plain(tree: Mapping[str, Any], name: str) -> Event:
    """Somebody else's JSON: the source says in the project file what it means."""
    number = tree.get("id")
    found = named(str(number)) if isinstance(number, (str, int)) and number != "" else named(name)
    subject = clean(tree.get("subject") or "")
    order = _order(tree.get("sequence"))
    return Event(id=found, type="plain", kind=None, subject=subject, about=subject, order=order)


def _said(tree: Mapping[str, Any], key: str, form: str) -> str:
    found = tree.get(key)
    if not isinstance(found, str) or not found:
        raise MalformedError(f"{form} needs {key!r}, a text that says something")
    return clean(found, longest=10_000)


def _about(subject: object, data: object) -> str:
    """The name that the subject ends in: experiments/E/runs/R, endpoints/E, models/NAME:VERSION, blobs by path."""
    text = clean(subject or "")
    for marker in ("/runs/", "/run/", "endpoints/", "models/"):
        if marker in f"/{text}":
            return text.rpartition(marker.lstrip("/") if text.startswith(marker.lstrip("/")) else marker)[2]
    return clean(_inside(data, "url") or text)


def _inside(tree: object, key: str) -> Any:  # noqa: ANN401
    return tree.get(key) if isinstance(tree, dict) else None


def _order(found: object) -> str:
    """An order as text that compares: whole numbers by size, sequencers digit by digit, the shorter filled up."""
    if isinstance(found, bool) or found is None or not isinstance(found, (str, int)) or found == "":
        return ""
    text = clean(found, longest=_WIDTH)
    if isinstance(found, int):
        return text.zfill(_WIDTH) if found >= 0 else ""
    return text.upper().ljust(_WIDTH, "0")


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
