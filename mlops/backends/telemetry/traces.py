"""A span for each pass, with its decisions as events."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from mlops.backends.redaction import hide
from mlops.flows.watching import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace.export import SpanExporter

    from mlops.flows.reconcile import Pass
    from mlops.flows.watching import Ended


class Traces:
    """Keeps the promises of `flows.watching.Watching`."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        """Without an exporter, the one that OpenTelemetry's variables name: `console`, or OTLP."""
        resource = Resource.create({} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "mlops"})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or _exporter()))
        self._tracer = self._provider.get_tracer("aml-kit.mlops")

    @contextmanager
    def a_pass(self, project: str) -> Iterator[Ended]:
        """See Watching.a_pass."""
        with self._tracer.start_as_current_span(
            "pass", attributes={"aml_kit.project": project}, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield lambda done: _describe(span, done)
            except Exception as error:
                span.set_status(trace.StatusCode.ERROR, hide(f"{type(error).__name__}: {error}"))
                raise

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def _describe(span: trace.Span, done: Pass) -> None:
    span.set_attributes({"aml_kit.outcome": outcome(done), "aml_kit.did": hide(done.did)})
    for said in done.decisions:
        facts: dict[str, str | int] = {"why": hide(said.why), "actor": said.actor}
        if said.attempt is not None:
            facts["attempt"] = said.attempt
        span.add_event(f"{said.subject.value} {said.what}", facts)
    if done.trouble:
        span.set_status(trace.StatusCode.ERROR, hide("; ".join(done.trouble)))


def _exporter() -> SpanExporter:
    if os.environ.get("OTEL_TRACES_EXPORTER") == "console":
        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - loads gRPC

    return OTLPSpanExporter()
