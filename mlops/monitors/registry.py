"""All monitors, by the signal names of Azure ML."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from mlops.monitors import attribution, drift, estimate, fairness, installed, multivariate, performance, quality
from mlops.monitors.installed import BadSignalError

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
    "estimated_performance": estimate,
    "fairness": fairness,
}


def monitor(signal: str) -> Monitor:
    """Give the monitor of a signal, ours or an installed package's; of two with one name ours.

    Raises:
        BadSignalError: there is none, or what is installed under that name is no monitor.
    """
    found = MONITORS.get(signal) or installed.load(signal)
    if found is not None:
        return found
    known = (*MONITORS, *installed.names())
    meant = difflib.get_close_matches(signal, known, n=1)
    guess = f"did you mean {meant[0]!r}? " if meant else ""
    raise BadSignalError(
        f"there is no signal {signal!r}: {guess}Known are {', '.join(known)}; "
        f"a package adds its own with an entry point of the group {installed.GROUP}"
    )


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
