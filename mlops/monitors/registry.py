"""All monitors, by the signal names of Azure ML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlops.monitors import attribution, drift, fairness, multivariate, performance, quality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops.monitors.evidence import Monitor

MONITORS: Mapping[str, Monitor] = {
    "data_drift": drift,
    "prediction_drift": drift,
    "data_quality": quality,
    "model_performance": performance,
    "feature_attribution_drift": attribution,
    "multivariate_drift": multivariate,
    "fairness": fairness,
}


def table() -> str:
    """Give the table of signals and metrics, as it stands in the README."""
    signals: dict[str, list[str]] = {}
    for signal, one in MONITORS.items():
        signals.setdefault(json.dumps(dict(one.METRICS)), []).append(f"`{signal}`")
    rows = [
        f"| {', '.join(names)} | `{metric}` | {meaning} |"
        for metrics, names in signals.items()
        for metric, meaning in json.loads(metrics).items()
    ]
    return "\n".join(["| Signal | Metric | Meaning |", "|---|---|---|", *rows])
