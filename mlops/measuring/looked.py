"""What monitors said of files: measured, judged, and as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops.domain.data.measurement import Measurement, Verdict, judge_one
from mlops.measuring.answers import AbsentError
from mlops.monitors import asked, segments
from mlops.monitors.profile import DoesNotFitError
from mlops.monitors.registry import monitor as monitor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.world import Window
    from mlops.measuring.seen import Seen

_WORST = 3


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One monitor's number, and what it means; without a limit it means nothing, unless it could not be measured."""

    monitor: Monitor
    measurement: Measurement
    verdict: Verdict | None
    window: Window | None
    missing: tuple[datetime, ...] = ()
    """Hours of the window of which there is nothing."""


def look(monitor: Monitor, seen: Seen) -> Looked:
    """Measure and judge.  Too few rows are inconclusive; a window, a column or labels that are not there, an error.

    Raise DataError where a file cannot be read.
    """
    absent = False
    try:
        evidence = seen.evidence(monitor)
        measured = monitor_of(monitor.signal).measure(monitor.name, asked.metric(monitor), evidence)
        measured = segments.corrected(monitor, asked.aggregated(monitor, measured))
    except (AbsentError, DoesNotFitError) as error:
        absent = True
        measured = Measurement(monitor=monitor.name, value=None, samples=0, why=str(error))
    return Looked(
        monitor=monitor,
        measurement=measured,
        verdict=_verdict(monitor, measured, absent=absent),
        window=seen.window(monitor),
        missing=seen.missing(monitor),
    )


def _verdict(monitor: Monitor, measured: Measurement, *, absent: bool) -> Verdict | None:
    """Nothing absent passes, and none of it waits for more rows either."""
    if absent:
        return Verdict.ERROR
    if monitor.limit is None:
        if measured.judgeable:
            return None
        return Verdict.INCONCLUSIVE if measured.samples < monitor.min_samples else Verdict.ERROR
    return judge_one(measured, monitor.limit)


def worst(found: Sequence[Looked]) -> Verdict:
    """Give the verdict that counts; where nothing was judged, nobody can tell."""
    return max((one.verdict for one in found if one.verdict is not None), default=Verdict.INCONCLUSIVE)


def plain(found: Sequence[Looked], seen: Seen) -> Mapping[str, Any]:
    """As JSON has it."""
    return {
        "project": seen.project.name,
        "at": seen.now.isoformat(),
        "verdict": worst(found).word,
        "monitors": [_plain(one) for one in found],
        "read": sorted(seen.read),
        "undated": seen.undated,
    }


def _plain(one: Looked) -> Mapping[str, Any]:
    monitor, found, limit = one.monitor, one.measurement, one.monitor.limit
    return {
        "monitor": monitor.name,
        "signal": str(monitor.signal),
        "metric": monitor.metric,
        "value": found.value if found.judgeable else None,
        "low": found.low,
        "high": found.high,
        "chance": found.chance,
        "samples": found.samples,
        "minSamples": monitor.min_samples,
        "success": str(limit.success) if limit else None,
        "failure": str(limit.failure) if limit and limit.failure else None,
        "verdict": one.verdict.word if one.verdict is not None else None,
        "why": found.why,
        "window": {"start": one.window.start.isoformat(), "end": one.window.end.isoformat()} if one.window else None,
        "missingHours": [hour.isoformat() for hour in one.missing],
        "parts": dict(found.parts),
    }


def as_table(found: Sequence[Looked], undated: int) -> str:
    """Lay what was found out for people, the worst first."""
    from mlops.show import table  # noqa: PLC0415

    rows = [
        (
            one.monitor.name,
            one.monitor.metric,
            "" if one.measurement.value is None else f"{one.measurement.value:.4g}",
            str(one.monitor.limit.success) if one.monitor.limit else "",
            f"{one.measurement.samples:,}",
            one.verdict.word if one.verdict is not None else "not judged",
            _remark(one),
        )
        for one in sorted(found, key=lambda one: -(one.verdict or 0))
    ]
    lost = f"\n{undated:,} rows do not say when they were made: they are in no window" if undated else ""
    return table(("monitor", "metric", "value", "fine", "rows", "verdict", "remarks"), rows) + lost


def _remark(one: Looked) -> str:
    parts = sorted(one.measurement.parts, key=lambda part: -part[1])[:_WORST]
    said = [one.measurement.why] if one.measurement.why else []
    if one.verdict is Verdict.FAIL and parts:
        said.append(", ".join(f"{name} {value:.3g}" for name, value in parts))
    if one.verdict is Verdict.INCONCLUSIVE and one.measurement.chance is not None:
        said.append(f"chance alone reaches {one.measurement.chance:.3g}")
    if one.missing:
        said.append(f"nothing from {len(one.missing)} hours, first {one.missing[0]:%Y-%m-%d %H:%M}")
    return "; ".join(said)
