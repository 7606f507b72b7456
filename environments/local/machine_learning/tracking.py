"""A job's run on the stock MLflow server: made, ended and read over its own protocol.

Azure calls a job's run by the job's name; the stock server gives runs ids of its own.  So each job's run id is kept
here, and the tracking route puts one for the other.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from environments.local import supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.resource_types import Context

_log = logging.getLogger(__name__)
KIND = "mlflow runs"
BY_ID = "mlflow jobs"
_API = "/api/2.0/mlflow"
_SECONDS = 10.0
_ENDED = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}


class TrackingError(Exception):
    """The MLflow server does not answer, or refuses; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A job's run."""

    id: str
    """The stock server's."""
    experiment: str
    """The experiment's id."""


def address(context: Context) -> str:
    """Where the stock server listens.  Raises TrackingError while it does not run."""
    found = supervisor.find(context.home, "mlflow")
    if found is None:
        raise TrackingError("the MLflow server does not run")
    return f"http://127.0.0.1:{next(iter(found.ports.values()))}"


def begin(context: Context, job: str, experiment: str, tags: Mapping[str, str]) -> Run:
    """Make the job's run, or find it.  Raises TrackingError."""
    kept = context.store.document(KIND, job)
    if kept is not None:
        return Run(**kept)
    where = _experiment(context, experiment)
    made = _post(
        context,
        "/runs/create",
        {
            "experiment_id": where,
            "run_name": tags.get("mlflow.runName", job),
            "start_time": int(time.time() * 1000),
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        },
    )
    run = Run(id=made["run"]["info"]["run_id"], experiment=where)
    with context.store.transaction():
        context.store.put_document(KIND, job, {"id": run.id, "experiment": run.experiment})
        context.store.put_document(BY_ID, run.id, {"job": job})
    return run


def end(context: Context, job: str, status: str) -> None:
    """Say how the job ended; the log tells where the server could not be told."""
    kept = context.store.document(KIND, job)
    if kept is None:
        return
    update = {"run_id": kept["id"], "status": _ENDED.get(status, "FINISHED"), "end_time": int(time.time() * 1000)}
    try:
        _post(context, "/runs/update", update)
    except TrackingError as error:
        _log.warning("run %s stays open: %s", job, error)


def forget(context: Context, job: str) -> None:
    """Let another job have the name; the run itself stays on the server."""
    context.store.delete_document(KIND, job)


def metric(context: Context, job: str, name: str) -> float | None:
    """The last value that the job logged under a name; None when it logged none.  Raises TrackingError."""
    kept = context.store.document(KIND, job)
    if kept is None:
        return None
    found = _get(context, "/runs/get", {"run_id": kept["id"]})
    metrics = {m["key"]: float(m["value"]) for m in found["run"]["data"].get("metrics", [])}
    return metrics.get(name)


def _experiment(context: Context, name: str) -> str:
    try:
        return str(_get(context, "/experiments/get-by-name", {"experiment_name": name})["experiment"]["experiment_id"])
    except _MissingError:
        pass
    try:
        return str(_post(context, "/experiments/create", {"name": name})["experiment_id"])
    except TrackingError:  # another job was first
        return str(_get(context, "/experiments/get-by-name", {"experiment_name": name})["experiment"]["experiment_id"])


class _MissingError(TrackingError):
    pass


def _get(context: Context, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    return _answer(context, lambda base: httpx.get(base + _API + path, params=query, timeout=_SECONDS))


def _post(context: Context, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return _answer(context, lambda base: httpx.post(base + _API + path, json=body, timeout=_SECONDS))


def _answer(context: Context, ask: Any) -> dict[str, Any]:  # noqa: ANN401 - a closure over httpx's verbs
    try:
        reply: httpx.Response = ask(address(context))
    except httpx.HTTPError as error:
        raise TrackingError(f"the MLflow server does not answer ({type(error).__name__})") from error
    if reply.status_code == httpx.codes.NOT_FOUND:
        raise _MissingError(reply.text)
    if reply.is_error:
        raise TrackingError(f"the MLflow server refused ({reply.status_code}): {reply.text[:300]}")
    found: dict[str, Any] = reply.json()
    return found
