"""A job's state as everybody sees it: Azure's names, written durably, each change once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Body, Context

TYPE = "Microsoft.MachineLearningServices/workspaces/jobs"
PARENT = "aml-kit.parent"
"""Key of a stored child's body, beside `properties`: the name of the job that made it."""
TERMINAL = ("Completed", "Failed", "Canceled", "NotResponding")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a job ended."""

    status: str
    code: str = ""
    message: str = ""


COMPLETED = Outcome(status="Completed")
CANCELED = Outcome(status="Canceled", code="Canceled", message="The job was canceled.")


def failed(message: str, code: str = "UserError") -> Outcome:
    """A failure, with what the user is told."""
    return Outcome(status="Failed", code=code, message=message)


def status_of(context: Context, job: ResourceId) -> str:
    """The job's status; empty when it is gone."""
    found = context.store.get(job)
    return str(found.properties.get("status", "")) if found else ""


def set_status(context: Context, job: ResourceId, status: str) -> None:
    """Move on; a job that has ended stays as it is."""

    def change(properties: Body) -> Body:
        if properties.get("status") in TERMINAL or (properties.get("status") == "CancelRequested"):
            return properties
        begun = {"startTimeUtc": _now()} if status == "Running" and "startTimeUtc" not in properties else {}
        return {**properties, **begun, "status": status}

    _update(context, job, change)


def finish(context: Context, job: ResourceId, outcome: Outcome) -> None:
    """End a job; only the first end counts."""

    def change(properties: Body) -> Body:
        if properties.get("status") in TERMINAL:
            return properties
        ended: dict[str, Any] = {**properties, "status": outcome.status, "endTimeUtc": _now()}
        if outcome.status == "Failed":
            ended["error"] = {"code": outcome.code, "message": outcome.message}
        return ended

    _update(context, job, change)


def request_cancel(context: Context, job: ResourceId) -> None:
    """Let everybody see that the job is about to be cancelled."""
    _update(context, job, lambda p: p if p.get("status") in TERMINAL else {**p, "status": "CancelRequested"})


def note(context: Context, job: ResourceId, **properties: object) -> None:
    """Write into the job's own `properties`, which are texts."""
    texts = {key: str(value) for key, value in properties.items()}
    _update(context, job, lambda p: {**p, "properties": {**(p.get("properties") or {}), **texts}})


def _update(context: Context, job: ResourceId, change: Any) -> None:  # noqa: ANN401 - Body -> Body
    context.store.update(job, lambda body: {**body, "properties": change(body.get("properties") or {})})


def _now() -> str:
    return datetime.now(UTC).isoformat()
