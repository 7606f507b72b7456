"""What monitors said, for other programs: the same numbers in every form, and one error where nobody takes them."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import mlflow
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc

from tests.mlops.monitor_project import run, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARGUMENTS = ("--current", "@moved.parquet", "--monitor", "drift", "--monitor", "rows")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


class _Collector(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self) -> None:
        self.requests: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802 - the protocol's name
        self.requests.append(request)
        return metrics_service_pb2.ExportMetricsServiceResponse()


@pytest.fixture
def collector() -> Iterator[tuple[_Collector, str]]:
    """Return a collector that listens, and its address."""
    found, server = _Collector(), grpc.server(ThreadPoolExecutor(1))
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(found, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield found, f"http://127.0.0.1:{port}"
    server.stop(None)


def test_files_for_prometheus_and_programs_hold_what_was_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(folder, *ARGUMENTS, "--export", "json=@out.json", "--export", "prometheus=@out.prom", "--output", "json")

    said = json.loads(capsys.readouterr().out)
    assert (code, json.loads((folder / "out.json").read_text())) == (1, said)
    lines = (folder / "out.prom").read_text().splitlines()
    (drift, rows) = said["monitors"]
    labels = 'project="rain",monitor="drift",signal="data_drift",metric="population_stability_index"'
    assert f"aml_kit_monitor_value{{{labels}}} {drift['value']!r}" in lines
    assert f'aml_kit_monitor_part{{{labels},part="maximum"}} {drift["parts"]["maximum"]!r}' in lines
    verdicts = [line.rpartition('verdict="')[2] for line in lines if "_verdict{" in line]
    assert verdicts == ['pass"} 0.0', 'inconclusive"} 0.0', 'error"} 0.0', 'fail"} 1.0']  # rows has no limit
    assert rows["verdict"] is None
    assert all(re.fullmatch(r"# (HELP|TYPE) \S+ .+|\w+\{.*\} \S+", line) for line in lines)


def test_a_collector_of_opentelemetry_gets_the_same_numbers(
    folder: Path, collector: tuple[_Collector, str], capsys: pytest.CaptureFixture[str]
) -> None:
    got, address = collector

    code = run(folder, *ARGUMENTS, "--export", f"otlp={address}", "--output", "json")

    drift, rows = json.loads(capsys.readouterr().out)["monitors"]
    (request,) = got.requests
    (resource,) = request.resource_metrics
    points = {
        (metric.name, *sorted(one.value.string_value for one in point.attributes if one.key in ("monitor", "part"))): (
            point.as_double
        )
        for metric in resource.scope_metrics[0].metrics
        for point in metric.gauge.data_points
        if metric.name != "aml_kit.monitor.verdict"
    }
    assert code == 1
    assert points["aml_kit.monitor.value", "drift"] == drift["value"]
    assert points["aml_kit.monitor.part", "drift", "maximum"] == drift["parts"]["maximum"]
    assert points["aml_kit.monitor.samples", "rows"] == rows["samples"] == 401


def test_mlflow_gets_a_run_of_metrics(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uri = f"sqlite:///{folder}/mlflow.db"

    code = run(folder, *ARGUMENTS, "--export", f"mlflow={uri}", "--output", "json")

    drift, _ = json.loads(capsys.readouterr().out)["monitors"]
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("rain-monitors")
    assert experiment is not None
    (found,) = client.search_runs([experiment.experiment_id])
    assert (code, found.info.status) == (1, "FINISHED")
    assert found.data.metrics["drift"] == drift["value"]
    assert found.data.metrics["drift/maximum"] == drift["parts"]["maximum"]
    assert found.data.metrics["rows.samples"] == 401
    assert (found.data.tags["verdict.drift"], found.data.tags["verdict.rows"]) == ("fail", "not judged")


@pytest.mark.parametrize(
    ("export", "said"),
    [
        ("prometheus=@none/out.prom", "out.prom: cannot be written (No such file or directory)"),
        ("otlp=http://127.0.0.1:9", "http://127.0.0.1:9: did not take the metrics; is a collector listening there?"),
    ],
)
def test_where_nobody_takes_them_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], export: str, said: str
) -> None:
    assert run(folder, *ARGUMENTS, "--export", export) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("export", "said"),
    [
        ("graphite=x", "'graphite' is no export: use one of json, prometheus, otlp, mlflow"),
        ("prometheus", "'prometheus' does not say where to: write prometheus=FILE"),
    ],
)
def test_an_export_that_means_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], export: str, said: str
) -> None:
    with pytest.raises(SystemExit):
        run(folder, *ARGUMENTS, "--export", export)
    assert said in capsys.readouterr().err
