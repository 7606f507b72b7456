"""Bad data is not drift: windows that broke a data-quality rule are set aside."""

from dataclasses import replace

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.monitor import Monitor
from mlops.domain.loop import Measured, Quarantine
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.world import Window


def after(
    quarantines: tuple[Quarantine, ...], monitor: Monitor, measured: Measured
) -> tuple[tuple[Quarantine, ...], tuple[Decision, ...]]:
    """Set a failing window aside, or close the monitor's open quarantine when a window passes."""
    value = measured.measurement.value
    if not monitor.quarantine or value is None:
        return quarantines, ()
    current = next((q for q in quarantines if q.monitor == monitor.name and q.open), None)
    if measured.verdict is Verdict.FAIL:
        return _set_aside(quarantines, current, monitor, measured, value)
    if measured.verdict is Verdict.PASS and current is not None:
        closed = tuple(replace(q, open=False) if q is current else q for q in quarantines)
        return closed, (_decision(measured, "closed", f"{monitor.name} passes again; set aside: {current.window}"),)
    return quarantines, ()


def _set_aside(
    quarantines: tuple[Quarantine, ...],
    current: Quarantine | None,
    monitor: Monitor,
    measured: Measured,
    value: float,
) -> tuple[tuple[Quarantine, ...], tuple[Decision, ...]]:
    if current is None or current.released is not None or current.window.end < measured.window.start:
        others = tuple(replace(q, open=False) if q is current else q for q in quarantines)
        found = Quarantine(window=measured.window, monitor=monitor.name, value=value)
        why = f"{monitor.name} {value:.3g} breaks {_limit(monitor)}: {found.window} is neither trained nor judged on"
        return (*others, found), (_decision(measured, "set aside", why),)
    window = Window(
        start=min(current.window.start, measured.window.start), end=max(current.window.end, measured.window.end)
    )
    longer = replace(current, window=window, value=max(current.value, value))
    why = f"{monitor.name} {value:.3g} still breaks {_limit(monitor)}: now {window}"
    return tuple(longer if q is current else q for q in quarantines), (_decision(measured, "extended", why),)


def _limit(monitor: Monitor) -> str:
    return str(monitor.limit.success) if monitor.limit else "its limit"


def _decision(measured: Measured, what: str, why: str) -> Decision:
    return Decision(
        at=measured.at,
        subject=Subject.QUARANTINE,
        what=what,
        why=why,
        numbers={
            "monitor": measured.monitor,
            "value": measured.measurement.value,
            "samples": measured.measurement.samples,
            "from": measured.window.start.isoformat(),
            "to": measured.window.end.isoformat(),
        },
    )
