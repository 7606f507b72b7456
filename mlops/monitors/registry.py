"""All monitors, by the signal names of Azure ML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.monitors import drift, performance, quality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops.monitors.evidence import Monitor

MONITORS: Mapping[str, Monitor] = {
    "data_drift": drift,
    "prediction_drift": drift,
    "data_quality": quality,
    "model_performance": performance,
}
