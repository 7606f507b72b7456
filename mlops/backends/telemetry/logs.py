"""A line of JSON for each pass that did, decided or suffered something; no secret stands in any."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from mlops.backends.redaction import hide
from mlops.flows.watching import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlops.flows.reconcile import Pass
    from mlops.flows.watching import Ended


class JsonLog:
    """Keeps the promises of `flows.watching.Watching`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = Lock()

    @contextmanager
    def a_pass(self, project: str) -> Iterator[Ended]:
        """See Watching.a_pass."""
        began = time.perf_counter()
        told: list[Pass] = []
        try:
            yield told.append
        except Exception as error:
            seconds = round(time.perf_counter() - began, 6)
            self._write("error", "pass failed", project=project, seconds=seconds, error=str(error), kind=_kind(error))
            raise
        for done in told:
            self._passed(project, done, time.perf_counter() - began)

    def _passed(self, project: str, done: Pass, seconds: float) -> None:
        if not (done.did or done.decisions or done.trouble):
            return
        level = "warning" if done.trouble else "info"
        decisions = [
            {
                "subject": said.subject.value,
                "what": said.what,
                "why": said.why,
                "actor": said.actor,
                "attempt": said.attempt,
                "numbers": dict(said.numbers),
                "at": said.at.isoformat(),
            }
            for said in done.decisions
        ]
        self._write(
            level,
            "pass",
            project=project,
            outcome=outcome(done),
            seconds=round(seconds, 6),
            did=done.did,
            decisions=decisions,
            trouble=list(done.trouble),
        )

    def _write(self, level: str, event: str, **facts: Any) -> None:  # noqa: ANN401 - what JSON takes
        line = {"time": datetime.now(UTC).isoformat(), "level": level, "event": event, **facts, **_trace()}
        text = json.dumps(_hidden(line), ensure_ascii=False, default=str)
        with self._lock:
            self._out.write(f"{text}\n")
            self._out.flush()


def _hidden(value: Any) -> Any:  # noqa: ANN401 - what JSON takes
    """Hidden before it is quoted: a secret with quotes in it looks different afterwards."""
    match value:
        case str():
            return hide(value)
        case dict():
            return {hide(str(key)): _hidden(each) for key, each in value.items()}
        case list():
            return [_hidden(each) for each in value]
    return value


def _kind(error: Exception) -> str:
    return type(error).__name__


def _trace() -> dict[str, str]:
    """By which a line is found from its trace, and the other way."""
    import sys  # noqa: PLC0415

    if "opentelemetry.trace" not in sys.modules:  # nobody traces: it takes a while to import
        return {}
    from opentelemetry import trace  # noqa: PLC0415

    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}
