"""Signals of installed packages: found by name; one that is no monitor is told by its package, and stops no loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlops.domain.data.measurement import Measurement
from mlops.monitors import registry
from mlops.monitors.evidence import Evidence, Rows
from mlops.monitors.installed import BadSignalError
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.installing import SOUND, install
from tests.mlops.rig import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mlops.installing import Install

__all__ = ["install"]


def test_a_package_adds_a_signal(install: Install) -> None:
    install(SOUND)
    tides = registry.monitor("tides")
    found = tides.measure("high-water", "tide_range", Evidence(rows=Rows(current={"water": [1.0, 4.0, 2.0]})))
    assert dict(tides.METRICS) == {"tide_range": "highest less lowest water"}
    assert found == Measurement(monitor="high-water", value=3.0, samples=3)
    with pytest.raises(KeyError, match="psi"):
        tides.measure("high-water", "psi", Evidence())


def test_a_name_of_ours_stays_ours(install: Install) -> None:
    install(SOUND, signal="data_drift")
    assert registry.monitor("data_drift") is registry.MONITORS["data_drift"]


def test_what_an_installed_signal_does_wrong_is_a_reason_and_no_crash(install: Install) -> None:
    install(SOUND.replace("    water =", "    if not evidence.rows:\n        return 7\n    water ="))
    tides = registry.monitor("tides")
    origin = "seaside_tides of package seaside 1.2"
    assert tides.measure("m", "tide_range", Evidence(rows=Rows(current={"x": [1.0]}))) == Measurement(
        monitor="m", value=None, samples=1, why=f"{origin} failed: KeyError: 'water'"
    )
    assert tides.measure("m", "tide_range", Evidence()) == Measurement(
        monitor="m", value=None, samples=0, why=f"{origin} gave 7, which is no Measurement"
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (
            "import moon_that_nobody_installed",
            "cannot be imported (ModuleNotFoundError: No module named 'moon_that_nobody_installed')",
        ),
        (
            "raise OSError('the sea is closed')",
            "cannot be imported (OSError: the sea is closed); mend the package, or remove it",
        ),
        (
            "def measure(name, metric, evidence): ...",
            "is no monitor: it needs METRICS, the names of what it measures, each with a sentence of meaning",
        ),
        ("METRICS = {'range': 3}", "is no monitor: its METRICS are texts, each with a text of meaning"),
        (
            "METRICS = {'range': 'of water'}",
            "is no monitor: it needs a function measure(name, metric, evidence) that gives a Measurement",
        ),
        (
            "METRICS = {'range': 'of water'}\ndef measure(rows): ...",
            "is no monitor: its measure takes (name, metric, evidence), but here: too many positional arguments",
        ),
    ],
    ids=[
        "a package it needs",
        "an error of its own",
        "no metrics",
        "metrics of numbers",
        "no measure",
        "another measure",
    ],
)
def test_a_signal_that_breaks_its_promise_is_one_error_that_names_its_package(
    install: Install, code: str, why: str
) -> None:
    install(code)
    with pytest.raises(BadSignalError) as caught:
        registry.monitor("tides")
    assert str(caught.value).startswith("signal 'tides': seaside_tides of package seaside 1.2 ")
    assert why in str(caught.value)


def test_a_project_file_takes_an_installed_signal_and_its_metrics_alone(install: Install, tmp_path: Path) -> None:
    install(SOUND)
    file = tmp_path / "project.yaml"
    write_project_folder(tmp_path)

    def project(signal: str, metric: str) -> str:
        return PROJECT.replace(
            "signal: data_drift, metric: population_stability_index", f"signal: {signal}, metric: {metric}"
        )

    assert parse_project(project("tides", "tide_range"), file).monitors[1].signal == "tides"
    for signal, metric, said in (
        ("tides", "ebb", "spec.monitors[1].metric: tides has no metric 'ebb': tide_range"),
        (
            "tide",
            "tide_range",
            "spec.monitors[1].signal: there is no signal 'tide': did you mean 'tides'? Known are data_",
        ),
    ):
        with pytest.raises(ProjectFileError) as caught:
            parse_project(project(signal, metric), file)
        assert said in str(caught.value)


def test_two_packages_cannot_both_have_a_signal(install: Install) -> None:
    install(SOUND)
    install(SOUND, package="harbour", module="harbour_tides")
    with pytest.raises(BadSignalError) as caught:
        registry.monitor("tides")
    assert str(caught.value) == (
        "harbour_tides of package harbour 1.2 and seaside_tides of package seaside 1.2 "
        "both declare the signal 'tides': remove one of them"
    )


def test_an_unknown_signal_is_told_with_what_was_probably_meant(install: Install) -> None:
    install(SOUND)
    for wrong, meant in (("tide", "tides"), ("data_drfit", "data_drift")):
        with pytest.raises(BadSignalError, match=f"no signal '{wrong}': did you mean '{meant}'"):
            registry.monitor(wrong)
