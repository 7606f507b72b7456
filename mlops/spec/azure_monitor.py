"""An Azure ML monitor (`create_monitor` in YAML) as monitors of a project file.

What Azure spells in two ways (`mae` in its YAML, `mean_absolute_error` in its SDK) is read in both.  A threshold of 0
is a number, and every threshold becomes a monitor of its own: Azure's component looks at the first one only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mlops.monitors.drift import SMALLER_IS_WORSE
from mlops.monitors.proposal import Proposal, names
from mlops.monitors.registry import MONITORS
from mlops.monitors.registry import monitor as monitor_of
from mlops.spec import azure_custom as custom
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.fields import duration
from mlops.spec.tree import dotted, line_of, parse_tree, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SAME = {
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "chi_squared_test": "pearsons_chi_squared_test",
}
_UP_IS_GOOD = frozenset({"accuracy", "precision", "recall", "normalized_discounted_cumulative_gain"})
_PRODUCTION = {"minute": 1, "hour": 1, "day": 1, "week": 7, "month": 30}
"""Azure's own windows, in days for each interval of the trigger (for minutes and hours one day)."""
_CRON_DAYS = 7
_LEAST = 100


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was read: monitors, and what of the file has no like."""

    monitors: tuple[Proposal, ...]
    remarks: tuple[str, ...]


def read(path: Path) -> Read:
    """Read a schedule that holds `create_monitor`.  Raise ProjectFileError where nothing of it can be read."""
    tree = parse_tree(read_text(path), path, "an Azure ML monitor is a mapping with trigger and create_monitor")
    monitor = tree.get("create_monitor")
    if not isinstance(monitor, dict):
        raise _wrong(path, tree, ("create_monitor",), "is not there, so this is no Azure ML monitor")
    signals = monitor.get("monitoring_signals")
    if not isinstance(signals, dict) or not signals:
        what = "names none; Azure would choose them, so write down which you want"
        raise _wrong(path, tree, ("create_monitor", "monitoring_signals"), what)
    trigger = tree["trigger"] if isinstance(tree.get("trigger"), dict) else {}
    found: list[Proposal] = []
    remarks: list[str] = []
    for name, signal in signals.items():
        where = ("create_monitor", "monitoring_signals", name)
        if not isinstance(signal, dict):
            raise _wrong(path, tree, where, "is a mapping with type and metric_thresholds")
        try:
            known = _known(str(name), signal, remarks)
            monitors = list(_monitors(str(name), known, trigger, remarks)) if known else []
        except ValueError as error:
            raise _wrong(path, tree, where, str(error)) from error
        found.extend(monitors)
        remarks.extend(f"{name}: {said}" for said in _not_read(signal) if known)
    if not found:
        raise _wrong(
            path, tree, ("create_monitor", "monitoring_signals"), f"nothing could be read: {'; '.join(remarks)}"
        )
    named = zip(found, names(one.name for one in found), strict=True)
    return Read(monitors=tuple(replace(one, name=name) for one, name in named), remarks=tuple(remarks))


def _known(name: str, signal: Mapping[str, Any], remarks: list[str]) -> Mapping[str, Any] | None:
    """Give the signal as one of ours or of an installed package; None, and a remark, where there is no like."""
    kind = signal.get("type")
    if kind == "custom":
        return custom.as_installed(name, signal, remarks)
    if kind not in MONITORS:
        remarks.append(f"{name}: there is no monitor of type {kind}")
        return None
    return signal


def _wrong(path: Path, tree: Any, where: tuple[str, ...], what: str) -> ProjectFileError:  # noqa: ANN401  parsed YAML
    return ProjectFileError(Finding(file=path, line=line_of(tree, where), key=dotted(where), what=what))


def _monitors(
    name: str, signal: Mapping[str, Any], trigger: Mapping[str, Any], remarks: list[str]
) -> Iterator[Proposal]:
    days, every = _window(signal, trigger), _every(trigger)
    for section, metric, threshold in _thresholds(signal.get("metric_thresholds")):
        if metric not in monitor_of(signal["type"]).METRICS:
            remarks.append(f"{name}: {signal['type']} has no metric {metric}")
            continue
        is_low = metric in SMALLER_IS_WORSE or metric in _UP_IS_GOOD
        yield Proposal(
            name=f"{name} {section}",
            signal=signal["type"],
            metric=metric,
            columns=_columns(signal.get("features")),
            why=f"From {name}: Azure alerts {'below' if is_low else 'above'} {threshold:g}.",
            days=days,
            every=every,
            least=_LEAST,
            success=f"{'>=' if is_low else '<='} {threshold:g}",
            segment=_segment(signal),
        )


def _not_read(signal: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(signal.get("features"), dict):
        yield "the most important features are not chosen; all are looked at"
    if segment := _segment(signal):
        together = " and each of its values by itself, which Azure looks at together" if segment[1][1:] else ""
        yield f"the whole is looked at beside its segment{together}"
    if signal.get("feature_type_override"):
        yield "types are taken from the rows, not overridden"
    if _overlaps(signal):
        yield "its reference holds the production window, which Azure compares with itself; ours is the training set"
    if not signal.get("metric_thresholds"):
        yield "names no thresholds; Azure would choose them, so nothing was read"


def _overlaps(signal: Mapping[str, Any]) -> bool:
    """Whether the reference is a window that reaches into production's: an offset that is left out is none at all."""
    reference = (signal.get("reference_data") or {}).get("data_window") or {}
    production = _production(signal).get("data_window") or {}
    if "lookback_window_size" not in reference:
        return False

    def said(window: Mapping[str, Any], key: str) -> timedelta:
        text = window.get(key)
        return duration(text) if text and text != "default" else timedelta(0)

    starts = said(production, "lookback_window_size") + said(production, "lookback_window_offset")
    return reference.get("lookback_window_offset") != "default" and said(reference, "lookback_window_offset") < starts


def _thresholds(given: Any, section: str = "") -> Iterator[tuple[str, str, float]]:  # noqa: ANN401
    """Find every number, in a section (`numerical`, `categorical`, `classification`, `regression`) or in none."""
    for key, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, dict):
            yield from _thresholds(value, str(key))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield section, _SAME.get(str(key), str(key)), float(value)
        else:
            raise ValueError(f"the threshold of {key} is no number: {value!r}")  # noqa: TRY004  the file's fault, not ours


def _segment(signal: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """Give the column and the values of `data_segment`.  Raise ValueError where it says only one of them."""
    given = signal.get("data_segment")
    if not given:
        return None
    column, values = (given.get("feature_name"), given.get("feature_values")) if isinstance(given, dict) else (0, 0)
    if not column or not isinstance(values, list) or not values:
        raise ValueError("data_segment needs feature_name and feature_values, a list")
    return str(column), tuple(dict.fromkeys(map(str, values)))


def _columns(features: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(map(str, features)) if isinstance(features, list) else ()


def _production(signal: Mapping[str, Any]) -> Mapping[str, Any]:
    """Attribution has a list, of inputs and outputs: the first that says a window says it for both."""
    given = signal.get("production_data") or {}
    several = given if isinstance(given, list) else [given]
    return next((one for one in several if isinstance(one, dict) and one.get("data_window")), {})


def _window(signal: Mapping[str, Any], trigger: Mapping[str, Any]) -> int:
    """Give the production window in days; Azure's own default where nothing is said."""
    said = _production(signal).get("data_window") or {}
    size = said.get("lookback_window_size", "default")
    if size != "default":
        return max(round(duration(size) / timedelta(days=1)), 1)
    if trigger.get("type") == "cron":
        return _CRON_DAYS
    frequency, interval = _rhythm(trigger)
    return _PRODUCTION[frequency] * (interval if frequency not in {"minute", "hour"} else 1)


def _rhythm(trigger: Mapping[str, Any]) -> tuple[str, int]:
    frequency, interval = str(trigger.get("frequency", "day")).lower(), trigger.get("interval", 1)
    if frequency not in _PRODUCTION or not isinstance(interval, int) or interval < 1:
        raise ValueError(f"the trigger's frequency is one of {', '.join(_PRODUCTION)}, its interval a number above 0")
    return frequency, interval


def _every(trigger: Mapping[str, Any]) -> str:
    if trigger.get("type") == "cron":
        return "P1D"
    frequency, interval = _rhythm(trigger)
    if frequency in {"minute", "hour"}:
        return f"PT{interval}{frequency[0].upper()}"
    return f"P{_PRODUCTION[frequency] * interval}D"
