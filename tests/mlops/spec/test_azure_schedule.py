"""A project's monitors as Azure's: what the SDK takes, what is read back, and what Azure cannot do is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from azure.ai.ml.entities._load_functions import load_schedule

from mlops.__main__ import main
from mlops.domain.data.measurement import Bound, Limit
from mlops.domain.declared.monitor import Monitor, Reference, Segment, Signal
from mlops.domain.project import Project, Task
from mlops.spec.azure_monitor import read
from mlops.spec.azure_schedule import Target, compiled
from mlops.spec.read import read_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

TARGET = Target(endpoint="rain-dev", deployment="m-2", training="azureml:rain-training:2", email="team@example.com")
DAY = timedelta(days=1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_project_folder(tmp_path)
    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    return replace(read_project(tmp_path / "project.yaml"), monitors=(), triggers=())


def _monitor(signal: str, metric: str, success: str = "<= 0.1", **more: Any) -> Monitor:  # noqa: ANN401 - fields
    comparison, number = success.split()
    limit = Limit(monitor="m", success=Bound(comparison=comparison, offset=float(number)))
    return Monitor(**{"name": "m", "signal": signal, "metric": metric, "window": 28 * DAY, "every": 7 * DAY,
                      "limit": limit, **more})  # fmt: skip


def _sent(path: Path) -> Any:  # noqa: ANN401 - the SDK's own body
    schedule: Any = load_schedule(path)
    return schedule._to_rest_object().as_dict()


_TAKEN = [
    _monitor(Signal.DATA_DRIFT, "population_stability_index", columns=("temperature",)),
    _monitor(Signal.DATA_DRIFT, "normalized_wasserstein_distance"),
    _monitor(Signal.DATA_DRIFT, "two_sample_kolmogorov_smirnov_test", ">= 0.01"),
    _monitor(Signal.PREDICTION_DRIFT, "jensen_shannon_distance", every=timedelta(hours=6)),
    _monitor(Signal.DATA_QUALITY, "null_value_rate", every=timedelta(minutes=90)),
    _monitor(Signal.MODEL_PERFORMANCE, "accuracy", ">= 0.8"),
    _monitor(Signal.FEATURE_ATTRIBUTION_DRIFT, "normalized_discounted_cumulative_gain", ">= 0.9"),
]


@pytest.mark.parametrize("monitor", _TAKEN, ids=lambda one: f"{one.signal} {one.metric}")
def test_the_sdk_takes_what_is_written_and_it_reads_back_as_the_same_monitor(
    project: Project, monitor: Monitor, tmp_path: Path
) -> None:
    found = compiled(replace(project, monitors=(monitor,)), TARGET)
    ((name, schedule),) = found.schedules.items()
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(schedule))))

    sent = _sent(path)["properties"]["action"]["monitorDefinition"]
    back = read(path).monitors

    assert sent["monitoringTarget"] == {"taskType": "classification", "deploymentId": "azureml:rain-dev:m-2"}
    assert sent["alertNotificationSetting"]["emailNotificationSetting"]["emails"] == ["team@example.com"]
    assert monitor.limit is not None
    for one in back:
        assert (one.signal, one.metric, one.success, timedelta(days=one.days)) == (
            monitor.signal,
            monitor.metric,
            str(monitor.limit.success),
            monitor.window,
        )
    assert (len(back), found.remarks) == (
        2 if monitor.metric in {"population_stability_index", "jensen_shannon_distance", "null_value_rate"} else 1,
        (),
    )


def test_regression_has_azures_short_names(project: Project) -> None:
    monitor = _monitor(Signal.MODEL_PERFORMANCE, "root_mean_squared_error", "<= 3")

    (schedule,) = compiled(replace(project, task=Task.REGRESSION, monitors=(monitor,)), TARGET).schedules.values()

    signal = schedule["create_monitor"]["monitoring_signals"]["m"]
    assert signal["metric_thresholds"] == {"regression": {"rmse": 3.0}}
    assert signal["reference_data"]["data_context"] == "ground_truth"


def test_predictions_are_compared_with_the_window_before(project: Project) -> None:
    monitor = _monitor(Signal.PREDICTION_DRIFT, "jensen_shannon_distance")

    (schedule,) = compiled(replace(project, monitors=(monitor,)), TARGET).schedules.values()

    signal = schedule["create_monitor"]["monitoring_signals"]["m"]
    assert [signal[side]["data_window"] for side in ("production_data", "reference_data")] == [
        {"lookback_window_size": "P28D", "lookback_window_offset": "P1D"},
        {"lookback_window_size": "P28D", "lookback_window_offset": "P29D"},
    ]


def test_monitors_share_a_schedule_when_they_look_as_often(project: Project) -> None:
    names = ("one", "two", "three")
    rhythms = zip(names, (7, 7, 28), strict=True)
    monitors = tuple(
        replace(_monitor(Signal.DATA_DRIFT, "population_stability_index"), name=name, every=days * DAY)
        for name, days in rhythms
    )

    found = compiled(replace(project, monitors=monitors), TARGET).schedules

    assert {name: list(one["create_monitor"]["monitoring_signals"]) for name, one in found.items()} == {
        "rain-every-p7d": ["one", "two"],
        "rain-every-p28d": ["three"],
    }
    assert [one["trigger"]["interval"] for one in found.values()] == [7, 28]


@pytest.mark.parametrize(
    ("monitor", "said"),
    [
        (_monitor("fairness", "gap"), "m: not written: Azure has no signal fairness"),
        (_monitor(Signal.DATA_DRIFT, "chebyshev_distance"), "data_drift has no metric chebyshev_distance; it has jens"),
        (_monitor(Signal.MODEL_PERFORMANCE, "root_mean_squared_error"), "it has accuracy, precision, recall"),
        (_monitor(Signal.DATA_DRIFT, "jensen_shannon_distance", ">= 0.1"), "Azure alerts above a threshold of jensen_"),
        (_monitor(Signal.DATA_DRIFT, "jensen_shannon_distance", limit=None), "neither a limit nor a trigger says from"),
        (_monitor(Signal.DATA_QUALITY, "out_of_bounds_rate", bounds=(0.0, 1.0)), "Azure takes the range of the refere"),
        (
            _monitor(
                Signal.MODEL_PERFORMANCE,
                "accuracy",
                limit=Limit(monitor="m", success=Bound(comparison=">=", offset=-0.02, factor=1.0)),
            ),
            "Azure compares with numbers, not with the champion (>= champion - 0.02)",
        ),
        (
            _monitor(Signal.DATA_DRIFT, "jensen_shannon_distance", every=timedelta(seconds=90)),
            "Azure's triggers count whole minutes, not PT1M30S",
        ),
    ],
)
def test_what_azure_cannot_do_is_said_and_not_written(project: Project, monitor: Monitor, said: str) -> None:
    found = compiled(replace(project, monitors=(monitor,)), TARGET)

    assert found.schedules == {}
    assert any(said in remark for remark in found.remarks), found.remarks


def test_what_azure_does_in_part_is_written_and_said(project: Project) -> None:
    monitor = _monitor(
        Signal.DATA_DRIFT,
        "population_stability_index",
        limit=Limit(
            monitor="m",
            success=Bound(comparison="<", offset=0.1),
            failure=Bound(comparison=">", offset=0.2),
            false_alarms=0.01,
        ),
        min_samples=300,
        aggregate="mean",
        reference=Reference.SEASON,
        quarantine=True,
    )

    found = compiled(replace(project, monitors=(monitor,)), TARGET)

    (schedule,) = found.schedules.values()
    signal = schedule["create_monitor"]["monitoring_signals"]["m"]
    assert signal["metric_thresholds"]["numerical"] == {"population_stability_index": 0.2}
    assert found.remarks == (
        "m: Azure alerts from > 0.2 on; it knows nothing between that and < 0.1",
        "m: Azure does not ask whether chance would do, so it alerts more often",
        "m: Azure alerts with fewer than 300 rows too",
        "m: Azure alerts for each column, not for their mean",
        "m: Azure compares with the whole training set, not with its season",
        "m: Azure quarantines nothing: the window is trained and judged on",
    )


def test_the_command_writes_files_that_say_what_is_missing(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.folder / "project.yaml"
    asked = ["--endpoint", "rain-dev", "--deployment", "m-2", "--training", "azureml:rain-training:2"]

    assert main(["monitor", "azure", str(file), *asked, "-o", str(tmp_path / "azure"), "--output", "json"]) == 0

    said = capsys.readouterr()
    (schedule,) = json.loads(said.out)["schedules"].values()
    text = (tmp_path / "azure" / "rain-every-p7d.yaml").read_text()
    assert schedule["file"] == str(tmp_path / "azure" / "rain-every-p7d.yaml")
    assert "mlops: sensor: not written: Azure takes the range of the reference" in said.err
    assert "# drift: it has no limit; Azure alerts from where trigger drift enters, at each window.\n" in text
    assert load_schedule(tmp_path / "azure" / "rain-every-p7d.yaml").name == "rain-every-p7d"


def test_a_project_of_which_nothing_can_be_azures_is_one_error(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.folder / "project.yaml"
    file.write_text(PROJECT.replace("metric: population_stability_index", "metric: chebyshev_distance"))
    asked = ["--endpoint", "rain-dev", "--deployment", "m-2", "--training", "azureml:rain-training:2"]

    assert main(["monitor", "azure", str(file), *asked, "-o", str(tmp_path / "azure")]) == 2

    assert "nothing of it can be an Azure ML monitor: sensor: not written" in capsys.readouterr().err
    assert not (tmp_path / "azure").exists()


def test_a_segment_of_one_value_is_azures_and_one_between_cuts_is_not(project: Project, tmp_path: Path) -> None:
    whole = _monitor(Signal.DATA_DRIFT, "population_stability_index")
    north, windy, null = (
        replace(whole, name="m[station=north]", segment=Segment(column="station", value="north")),
        replace(whole, name="m[3<=wind]", segment=Segment(column="wind", low=3.0)),
        replace(_monitor(Signal.DATA_QUALITY, "null_value_rate"), segment=Segment(column="station", value="north")),
    )

    found = compiled(replace(project, monitors=(whole, north, windy, null)), TARGET)

    ((name, schedule),) = found.schedules.items()
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(schedule))))
    signals = _sent(path)["properties"]["action"]["monitorDefinition"]["signals"]
    assert {one: signal.get("dataSegment") for one, signal in signals.items()} == {
        "m": None,
        "m-station-north": {"feature": "station", "values": ["north"]},
    }
    said = "not written: Azure has segments of data_drift and model_performance only, and by values, not between cuts"
    assert found.remarks == (f"m[3<=wind]: {said}", f"m: {said}")
