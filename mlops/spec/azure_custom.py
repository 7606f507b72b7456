"""An Azure ML monitor's custom signals: a component of its own there, here the signal of an installed package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlops.monitors import installed

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"(?:^azureml:|/components/)(?P<name>[^:/@]+)")


def as_installed(name: str, signal: Mapping[str, Any], remarks: list[str]) -> Mapping[str, Any] | None:
    """Give the signal as that of the package whose entry point has the component's name; None where there is none.

    What is then missing is said in `remarks`.

    Raises:
        ValueError: it names no component, or its thresholds are no list of metric_name and threshold.
    """
    component = str(signal.get("component_id") or "")
    found = _NAME.search(component)
    if found is None:
        raise ValueError(f"a custom signal needs component_id, azureml:NAME:VERSION; it is {component or None!r}")
    wanted, thresholds = found["name"], _thresholds(signal.get("metric_thresholds"))
    if wanted in installed.names():
        return {**signal, "type": wanted, "metric_thresholds": thresholds}
    metrics = ", ".join(thresholds) or "its metrics"
    remarks.append(
        f"{name}: {component} is code of its own; here that is a Python package with an entry point {wanted!r} of the "
        f"group {installed.GROUP}, whose METRICS have {metrics}: install it, and read again"
    )
    return None


def _thresholds(given: object) -> Mapping[str, object]:
    if not isinstance(given, list) or not all(isinstance(one, dict) and "metric_name" in one for one in given):
        raise ValueError("metric_thresholds of a custom signal is a list of metric_name and threshold")
    return {str(one["metric_name"]): one.get("threshold") for one in given}
