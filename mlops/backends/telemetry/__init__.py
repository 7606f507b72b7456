"""What operators see: traces by OpenTelemetry, metrics for Prometheus, logs as lines of JSON."""

import os
from collections.abc import Mapping


def traces_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether OpenTelemetry's own variables ask for traces."""
    exporter = environment.get("OTEL_TRACES_EXPORTER", "")
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return exporter not in {"", "none"} or (exporter != "none" and any(environment.get(name) for name in endpoints))
