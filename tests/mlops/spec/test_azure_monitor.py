"""An Azure ML monitor is read as ours: every threshold, in Azure's spellings, and what has no like is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from azure.ai.ml.entities._load_functions import load_schedule
from pydantic import TypeAdapter

from mlops.__main__ import main
from mlops.spec.azure_monitor import read
from mlops.spec.document.monitor import Monitor
from mlops.spec.errors import ProjectFileError
from tests.mlops.installing import SOUND, install

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mlops.installing import Install

__all__ = ["install"]

WHOLE = """\
$schema: http://azureml/sdk-2-0/Schedule.json
name: rain_monitoring
trigger:
  type: recurrence
  frequency: week
  interval: 2
create_monitor:
  compute: {instance_type: standard_e4s_v3, runtime_version: "3.4"}
  monitoring_target: {ml_task: classification, endpoint_deployment_id: "azureml:rain:v1"}
  monitoring_signals:
    inputs:
      type: data_drift
      production_data:
        input_data: {path: "azureml:inputs:1", type: mltable}
        data_context: model_inputs
        data_window: {lookback_window_size: P14D, lookback_window_offset: P0D}
      reference_data:
        input_data: {path: "azureml:inputs:1", type: mltable}
        data_context: model_inputs
        data_window: {lookback_window_size: P28D, lookback_window_offset: P7D}
      features: [temperature, dew_point]
      metric_thresholds:
        numerical: {jensen_shannon_distance: 0.01, normalized_wasserstein_distance: 0}
        categorical: {pearsons_chi_squared_test: 0.02}
    answers:
      type: prediction_drift
      metric_thresholds:
        numerical: {two_sample_kolmogorov_smirnov_test: 0.05}
    loud:
      type: data_quality
      features: {top_n_feature_importance: 10}
      metric_thresholds:
        numerical: {null_value_rate: 0.1}
    attribution:
      type: feature_attribution_drift
      production_data:
        - input_data: {path: "azureml:inputs:1", type: mltable}
          data_context: model_inputs
          data_column_names: {correlation_id: correlationid}
      reference_data:
        input_data: {path: "azureml:training:1", type: mltable}
        data_context: training
        data_column_names: {target_column: rain}
      metric_thresholds: {normalized_discounted_cumulative_gain: 0.9}
"""


def _read(folder: Path, text: str) -> Any:  # noqa: ANN401
    (folder / "monitor.yaml").write_text(text)
    return read(folder / "monitor.yaml")


def test_every_threshold_becomes_a_monitor_of_its_own(tmp_path: Path) -> None:
    found = _read(tmp_path, WHOLE)

    assert [(one.name, one.metric, one.success, one.days, one.every, one.columns) for one in found.monitors] == [
        (
            "inputs-numerical",
            "jensen_shannon_distance",
            "<= 0.01",
            14,
            "P14D",
            ("temperature", "dew_point"),
        ),
        (
            "inputs-numerical-2",
            "normalized_wasserstein_distance",
            "<= 0",
            14,
            "P14D",
            ("temperature", "dew_point"),
        ),
        (
            "inputs-categorical",
            "pearsons_chi_squared_test",
            ">= 0.02",
            14,
            "P14D",
            ("temperature", "dew_point"),
        ),
        (
            "answers-numerical",
            "two_sample_kolmogorov_smirnov_test",
            ">= 0.05",
            14,
            "P14D",
            (),
        ),
        ("loud-numerical", "null_value_rate", "<= 0.1", 14, "P14D", ()),
        ("attribution", "normalized_discounted_cumulative_gain", ">= 0.9", 14, "P14D", ()),
    ]
    assert found.remarks == (
        "inputs: its reference holds the production window, which Azure compares with itself; ours is the training set",
        "loud: the most important features are not chosen; all are looked at",
    )


def test_the_sdk_takes_the_file_that_is_read_here(tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").write_text(WHOLE)

    loaded: Any = load_schedule(tmp_path / "monitor.yaml")

    assert set(loaded.create_monitor.monitoring_signals) == {"inputs", "answers", "loud", "attribution"}


def test_what_is_printed_is_a_section_of_a_project_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "monitor.yaml").write_text(WHOLE)

    assert main(["monitor", "init", "--azure", str(tmp_path / "monitor.yaml")]) == 0

    said = capsys.readouterr().out
    assert said.splitlines()[:2] == [
        "# Read from monitor.yaml.",
        (
            "# Not read: inputs: its reference holds the production window, which Azure compares with itself; "
            "ours is the training set."
        ),
    ]
    assert len(TypeAdapter(tuple[Monitor, ...]).validate_python(yaml.safe_load(said)["monitors"])) == 6


def _signal(**parts: object) -> str:
    signal = {"type": "data_quality", "metric_thresholds": {"numerical": {"null_value_rate": 0.1}}, **parts}
    return yaml.safe_dump({"create_monitor": {"monitoring_signals": {"s": signal}}})


@pytest.mark.parametrize(
    ("trigger", "days", "every"),
    [
        ({"type": "recurrence", "frequency": "hour", "interval": 6}, 1, "PT6H"),
        ({"type": "recurrence", "frequency": "minute", "interval": 30}, 1, "PT30M"),
        ({"type": "recurrence", "frequency": "day", "interval": 3}, 3, "P3D"),
        ({"type": "recurrence", "frequency": "week", "interval": 2}, 14, "P14D"),
        ({"type": "recurrence", "frequency": "month", "interval": 1}, 30, "P30D"),
        ({"type": "cron", "expression": "15 10 * * 1"}, 7, "P1D"),
    ],
)
def test_a_window_that_is_not_said_is_azures_own(
    tmp_path: Path, trigger: dict[str, object], days: int, every: str
) -> None:
    found = _read(tmp_path, _signal() + yaml.safe_dump({"trigger": trigger}))

    assert [(one.days, one.every) for one in found.monitors] == [(days, every)]


@pytest.mark.parametrize(
    ("kind", "thresholds", "expected"),
    [
        ("model_performance", {"classification": {"accuracy": 0.9}}, ("accuracy", ">= 0.9")),
        ("model_performance", {"regression": {"mae": 2}}, ("mean_absolute_error", "<= 2")),
        ("model_performance", {"regression": {"mean_squared_error": 2.5}}, ("mean_squared_error", "<= 2.5")),
        ("data_drift", {"categorical": {"chi_squared_test": 0.01}}, ("pearsons_chi_squared_test", ">= 0.01")),
        ("data_quality", {"categorical": {"out_of_bounds_rate": 0}}, ("out_of_bounds_rate", "<= 0")),
    ],
)
def test_both_spellings_and_both_directions_are_read(
    tmp_path: Path, kind: str, thresholds: dict[str, object], expected: tuple[str, str]
) -> None:
    found = _read(tmp_path, _signal(type=kind, metric_thresholds=thresholds))

    assert [(one.metric, one.success) for one in found.monitors] == [expected]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "an Azure ML monitor is a mapping with trigger and create_monitor"),
        ("trigger: {}", "create_monitor: is not there, so this is no Azure ML monitor"),
        ("create_monitor: {}", "names none; Azure would choose them, so write down which you want"),
        ("create_monitor: {monitoring_signals: {s: 3}}", "s: is a mapping with type and metric_thresholds"),
        (
            _signal(metric_thresholds={"numerical": {"null_value_rate": "few"}}),
            "the threshold of null_value_rate is no",
        ),
        (_signal(production_data={"data_window": {"lookback_window_size": "week"}}), "'week' is no duration"),
        (
            _signal() + "trigger: {frequency: fortnight}",
            "the trigger's frequency is one of minute, hour, day, week, month",
        ),
        (_signal(type="odd"), "nothing could be read: s: there is no monitor of type odd"),
        (_signal(metric_thresholds={}), "nothing could be read: s: names no thresholds"),
        (
            _signal(metric_thresholds={"numerical": {"auc": 1}}),
            "nothing could be read: s: data_quality has no metric auc",
        ),
    ],
)
def test_what_cannot_be_read_says_where_and_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProjectFileError, match=said) as error:
        _read(tmp_path, text)

    assert str(error.value).startswith(f"{tmp_path}/monitor.yaml:")


def test_a_segment_is_looked_at_beside_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = {"feature_name": "station", "feature_values": ["north", "7"]}
    (tmp_path / "monitor.yaml").write_text(_signal(type="data_drift", data_segment=segment, metric_thresholds=_PSI))

    assert main(["monitor", "init", "--azure", str(tmp_path / "monitor.yaml")]) == 0

    said = capsys.readouterr().out
    (one,) = TypeAdapter(tuple[Monitor, ...]).validate_python(yaml.safe_load(said)["monitors"])
    assert [(part.column, part.values) for part in one.segments] == [("station", ("north", "7"))]
    assert "s: the whole is looked at beside its segment and each of its values by itself, which Azure" in said
    with pytest.raises(ProjectFileError, match="data_segment needs feature_name and feature_values, a list"):
        _read(tmp_path, _signal(data_segment={"feature_name": "station"}))


_PSI = {"numerical": {"population_stability_index": 0.2}}
_CUSTOM = {
    "type": "custom",
    "component_id": "azureml:tides:1.0.0",
    "metric_thresholds": [{"metric_name": "tide_range", "threshold": 4}],
}


def test_a_custom_signal_is_that_of_the_installed_package_of_its_name(install: Install, tmp_path: Path) -> None:
    install(SOUND)

    found = _read(tmp_path, _signal(**_CUSTOM))

    assert [(one.signal, one.metric, one.success) for one in found.monitors] == [("tides", "tide_range", "<= 4")]
    assert found.remarks == ()


def test_a_custom_signal_of_which_nothing_is_installed_says_what_to_install(tmp_path: Path) -> None:
    both = yaml.safe_load(_signal(**_CUSTOM))
    both["create_monitor"]["monitoring_signals"]["t"] = yaml.safe_load(_signal())["create_monitor"][
        "monitoring_signals"
    ]["s"]

    found = _read(tmp_path, yaml.safe_dump(both))

    said = "s: azureml:tides:1.0.0 is code of its own; here that is a Python package with an entry point 'tides' of "
    more = "the group aml_kit.monitors, whose METRICS have tide_range: install it, and read again"
    assert ([one.signal for one in found.monitors], found.remarks) == (["data_quality"], (said + more,))
    for wrong, said in (
        ({"component_id": ""}, "a custom signal needs component_id, azureml:NAME:VERSION; it is None"),
        ({"metric_thresholds": {"tide_range": 4}}, "metric_thresholds of a custom signal is a list of metric_name and"),
    ):
        with pytest.raises(ProjectFileError, match=said):
            _read(tmp_path, _signal(**(_CUSTOM | wrong)))
