"""What monitors said, for other programs: Prometheus' text, OpenTelemetry's metrics, MLflow's, JSON in a file."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.domain.data.data_error import DataError
from mlops.measuring.files import write
from mlops.measuring.looked import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlops.measuring.looked import Looked
    from mlops.measuring.seen import Seen

    Export = Callable[[Sequence[Looked], Seen, str], None]
    """Gives what was said to where it is wanted.  Raise DataError."""

VERDICTS = ("pass", "inconclusive", "error", "fail")
_OF_MONITOR = {
    "aml_kit_monitor_value": "What the monitor measured.",
    "aml_kit_monitor_samples": "Rows that it was measured on.",
    "aml_kit_monitor_verdict": "1 for the verdict that holds, 0 for the others.",
    "aml_kit_monitor_part": "The same metric for one column, rule or group.",
    "aml_kit_monitor_missing_hours": "Hours of the window of which there is nothing.",
    "aml_kit_monitor_timestamp_seconds": "When it was measured.",
}
"""Names of metrics and their meaning."""
_FORBIDDEN = re.compile(r"[^\w\-. /]")
"""What MLflow does not allow in a name."""
_SAMPLE = tuple[str, tuple[tuple[str, str], ...], float]


def samples(found: Sequence[Looked], seen: Seen) -> list[_SAMPLE]:
    """Give all numbers: the metric's name, its labels, the value.  What could not be measured has no value."""
    return [sample for one in found for sample in _samples(one, seen)]


def _samples(one: Looked, seen: Seen) -> list[_SAMPLE]:
    monitor, measured = one.monitor, one.measurement
    labels = (
        ("project", seen.project.name),
        ("monitor", monitor.name),
        ("signal", str(monitor.signal)),
        ("metric", monitor.metric),
    )
    given: list[_SAMPLE] = [
        ("aml_kit_monitor_samples", labels, float(measured.samples)),
        ("aml_kit_monitor_missing_hours", labels, float(len(one.missing))),
        ("aml_kit_monitor_timestamp_seconds", labels, seen.now.timestamp()),
    ]
    if measured.value is not None and measured.judgeable:
        given.append(("aml_kit_monitor_value", labels, measured.value))
    given += [("aml_kit_monitor_part", (*labels, ("part", part)), value) for part, value in _parts(one)]
    if one.verdict is not None:
        word = one.verdict.word
        given += [("aml_kit_monitor_verdict", (*labels, ("verdict", each)), float(each == word)) for each in VERDICTS]
    return given


def _parts(one: Looked) -> list[tuple[str, float]]:
    return [(part, value) for part, value in one.measurement.parts if math.isfinite(value)]


def prometheus(found: Sequence[Looked], seen: Seen) -> str:
    """Write Prometheus' text format, as its node exporter reads from a file."""
    by_name: dict[str, list[_SAMPLE]] = {name: [] for name in _OF_MONITOR}
    for sample in samples(found, seen):
        by_name[sample[0]].append(sample)
    lines = []
    for name, given in by_name.items():
        if given:
            lines += [f"# HELP {name} {_OF_MONITOR[name]}", f"# TYPE {name} gauge"]
            lines += [f"{name}{{{_labels(labels)}}} {value!r}" for _, labels, value in given]
    return "\n".join(lines) + "\n"


def _labels(labels: Sequence[tuple[str, str]]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _to_prometheus(found: Sequence[Looked], seen: Seen, where: str) -> None:
    _write(where, prometheus(found, seen))


def _to_json(found: Sequence[Looked], seen: Seen, where: str) -> None:
    _write(where, json.dumps(plain(found, seen), indent=2, ensure_ascii=False) + "\n")


def _write(where: str, text: str) -> None:
    write(Path(where), text.encode())


def _to_otlp(found: Sequence[Looked], seen: Seen, where: str) -> None:
    """Send gauges to a collector, by OTLP over gRPC; OTEL_EXPORTER_OTLP_HEADERS and its like hold."""
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], resource=Resource.create({"service.name": "aml-kit"}), shutdown_on_exit=False)
    meter = provider.get_meter("aml-kit")
    gauges = {
        name: meter.create_gauge(name.replace("aml_kit_monitor_", "aml_kit.monitor."), description=words)
        for name, words in _OF_MONITOR.items()
    }
    for name, labels, value in samples(found, seen):
        gauges[name].set(value, dict(labels))
    given = reader.get_metrics_data()
    exporter = OTLPMetricExporter(endpoint=where or None, insecure=where.startswith("http://") or None, timeout=10)
    done = exporter.export(given) if given is not None else MetricExportResult.SUCCESS
    exporter.shutdown()
    provider.shutdown()
    if done is not MetricExportResult.SUCCESS:
        raise DataError(f"{where or 'the OTLP collector'}: did not take the metrics; is a collector listening there?")


def _to_mlflow(found: Sequence[Looked], seen: Seen, where: str) -> None:
    """Log one run of the experiment named as the project, at the tracking server or as MLFLOW_TRACKING_URI says."""
    import mlflow  # noqa: PLC0415

    try:
        client = mlflow.MlflowClient(tracking_uri=where or None)
        name = f"{seen.project.name}-monitors"
        experiment = client.get_experiment_by_name(name)
        number = experiment.experiment_id if experiment else client.create_experiment(name)
        run = client.create_run(number, run_name=f"{seen.now:%Y-%m-%d %H:%M:%S}")
        at = int(seen.now.timestamp() * 1000)
        for metric, value in _for_mlflow(found).items():
            client.log_metric(run.info.run_id, metric, value, timestamp=at)
        for one in found:
            verdict = one.verdict.word if one.verdict is not None else "not judged"
            client.set_tag(run.info.run_id, f"verdict.{one.monitor.name}", verdict)
        client.set_terminated(run.info.run_id)
    except (mlflow.MlflowException, OSError) as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise DataError(f"{where or 'the MLflow server'}: did not take the metrics ({said})") from error


def _for_mlflow(found: Sequence[Looked]) -> Mapping[str, float]:
    """Name each number `monitor/part`, with what MLflow allows in a name."""
    given: dict[str, float] = {}
    for one in found:
        name, measured = one.monitor.name, one.measurement
        given[f"{name}.samples"] = float(measured.samples)
        if measured.value is not None and measured.judgeable:
            given[name] = measured.value
        given |= {f"{name}/{_FORBIDDEN.sub('_', part)}": value for part, value in _parts(one)}
    return given


EXPORTS: Mapping[str, Export] = {"json": _to_json, "prometheus": _to_prometheus, "otlp": _to_otlp, "mlflow": _to_mlflow}
