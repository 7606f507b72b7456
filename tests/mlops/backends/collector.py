"""Writes what Azure's collector would have filed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlops.domain.project import Data

if TYPE_CHECKING:
    from tests.fakes.blobs import FakeBlobs

ROOT = "modelDataCollector/rain-local"
LONG_AGO = "2026-01-01T00:00:00Z"
DATA = Data(
    history="azureml:rain-history:1",
    labels="azureml://datastores/workspaceblobstore/paths/labels",
    key="day",
    time="day",
    features=("temperature", "wind"),
    label="rain",
    prediction="probability",
)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def line(collection: str, request: str, rows: list[dict[str, Any]], sent: str = LONG_AGO) -> bytes:
    event = {
        "specversion": "1.0",
        "id": f"{request}-{collection}",
        "source": "/subscriptions/s/deployments/d",
        "type": f"azureml.inference.{collection}",
        "datacontenttype": "application/json",
        "time": sent,
        "data": rows,
        "correlationid": request,
        "xrequestid": request,
    }
    return json.dumps(event).encode() + b"\n"


def blob(deployment: str, collection: str, moment: str, instance: str = "i-1") -> str:
    return f"{ROOT}/{deployment}/{collection}/{moment.replace('-', '/')}/12/{instance}.jsonl"


def collect(
    blobs: FakeBlobs,
    moment: str,
    *,
    deployment: str = "m-1",
    answer: float | None = 0.5,
    request: str = "",
    sent: str = LONG_AGO,
    **features: object,
) -> None:
    """File a day's record and, unless it failed, its answer."""
    name = request or f"{deployment}-{moment}"
    row = {"day": moment, **features}
    blobs.append(blob(deployment, "model_inputs", moment), line("model_inputs", name, [row], sent))
    if answer is not None:
        output = {"day": moment, "probability": answer}
        blobs.append(blob(deployment, "model_outputs", moment), line("model_outputs", name, [output], sent))
