"""One event of Azure ML's model data collector: what the library posts, and the line that Azure files of it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE = "azureml.inference."
_FOLDERS = {"minute": "%Y/%m/%d/%H/%M", "hour": "%Y/%m/%d/%H", "day": "%Y/%m/%d", "month": "%Y/%m", "year": "%Y"}


class EventError(Exception):
    """A post that is no event; the text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event to file."""

    id: str
    collection: str
    request: str
    """The correlation id that the scoring script gave; Azure calls it `xrequestid`."""
    line: bytes
    """One line of JSON, in the collector's real form, line end included."""


def read_event(headers: Mapping[str, str], body: bytes, source: str) -> Event:
    """Read a POST to `/modeldata/log`; `source` is the deployment's ARM id.  Raises EventError."""
    kind = headers.get("ce-type", "")
    if not kind.startswith(_TYPE):
        raise EventError(f"ce-type must be {_TYPE}<collection>, not {kind or 'missing'}")
    try:
        data = json.loads(body)
        seconds = int(headers.get("ce-time", ""))
    except ValueError as error:
        raise EventError(f"the body must be JSON and ce-time epoch seconds: {error}") from error
    identity = headers.get("trace-id") or str(uuid.uuid4())
    request = headers.get("ce-x-request-id", "")
    event = {
        "specversion": "1.0",
        "id": identity,
        "source": source,
        "type": kind,
        "datacontenttype": "application/json",
        "time": datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
        "correlationid": request,
        "xrequestid": request,
        "modelversion": headers.get("ce-model-version", "default"),
        "collectdatatype": headers.get("ce-collect-data-type", ""),
        "agent": headers.get("ce-agent", ""),
        "contentrange": f"bytes 0-{len(body) - 1}/{len(body)}",
    }
    line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
    return Event(id=identity, collection=kind.removeprefix(_TYPE), request=request, line=line)


def folder_of(moment: datetime, rolling_rate: str = "hour") -> str:
    """Name the folder for what was collected at `moment` (UTC): Azure's `rollingRate` says how deep."""
    return moment.astimezone(UTC).strftime(_FOLDERS.get(rolling_rate.lower(), _FOLDERS["hour"]))


def event_ids(content: bytes) -> frozenset[str]:
    """Read which events a filed blob holds."""
    return frozenset(json.loads(line)["id"] for line in content.splitlines() if line.strip())
