"""Signals of other packages: modules that keep a monitor's promise and are named in the entry points of their package.

A package says `[project.entry-points."aml_kit.monitors"]` and `tides = "seaside.tides"`: then `tides` is a signal whose
METRICS and `measure` are that module's (see `evidence.Monitor`).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Measurement
from mlops.monitors.evidence import Rows

if TYPE_CHECKING:
    from mlops.monitors.evidence import Evidence, Monitor

GROUP = "aml_kit.monitors"


class BadSignalError(LookupError):
    """There is no such signal, or what is installed under its name is no monitor; the message says what to do."""


@dataclass(frozen=True)
class Guarded:
    """A monitor of another package: whatever it does, a number or a reason comes out."""

    METRICS: Mapping[str, str]
    monitor: Monitor
    origin: str

    def measure(self, name: str, metric: str, evidence: Evidence) -> Measurement:
        """Measure under the project's name for it; what it raises, or gives that is no measurement, is a reason."""
        if metric not in self.METRICS:
            raise KeyError(metric)
        try:
            found: object = self.monitor.measure(name, metric, evidence)
        except Exception as error:  # noqa: BLE001  a stranger's fault must not stop the loop
            return _nothing(name, evidence, f"{self.origin} failed: {type(error).__name__}: {error}")
        if not isinstance(found, Measurement):
            what = f"{self.origin} gave {found!r:.60}, which is no Measurement"
            return _nothing(name, evidence, what)
        return replace(found, monitor=name)


def names() -> tuple[str, ...]:
    """Give the signals that packages declare, sorted; none of them is imported for that."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def load(signal: str) -> Guarded | None:
    """Import the signal of that name; None where no package declares it.

    Raises:
        BadSignalError: several packages declare it, it cannot be imported, or it is no monitor.
    """
    found = {_origin(entry): entry for entry in entry_points(group=GROUP, name=signal)}
    if not found:
        return None
    if len(found) > 1:
        raise BadSignalError(f"{' and '.join(sorted(found))} both declare the signal {signal!r}: remove one of them")
    (origin, entry), *_ = found.items()
    try:
        monitor = entry.load()
    except Exception as error:  # a package may raise anything while it is imported
        what = f"signal {signal!r}: {origin} cannot be imported ({type(error).__name__}: {error})"
        raise BadSignalError(f"{what}; mend the package, or remove it") from error
    if broken := _broken_promise(monitor):
        raise BadSignalError(f"signal {signal!r}: {origin} is no monitor: {broken}")
    return Guarded(METRICS=dict(monitor.METRICS), monitor=monitor, origin=origin)


def _origin(entry: EntryPoint) -> str:
    package = f"package {entry.dist.name} {entry.dist.version}" if entry.dist else "a package"
    return f"{entry.value} of {package}"


def _broken_promise(monitor: object) -> str:
    metrics = getattr(monitor, "METRICS", None)
    if not isinstance(metrics, Mapping) or not metrics:
        return "it needs METRICS, the names of what it measures, each with a sentence of meaning"
    if not all(isinstance(word, str) for pair in metrics.items() for word in pair):
        return "its METRICS are texts, each with a text of meaning"
    measure = getattr(monitor, "measure", None)
    if not callable(measure):
        return "it needs a function measure(name, metric, evidence) that gives a Measurement"
    try:
        inspect.signature(measure).bind("name", "metric", None)
    except TypeError as error:
        return f"its measure takes (name, metric, evidence), but here: {error}"
    return ""


def _nothing(name: str, evidence: Evidence, why: str) -> Measurement:
    """Nothing was measured of the rows there are: that is an error, and not for lack of rows."""
    counted = evidence.current.rows if evidence.current else 0
    given = Rows.count(evidence.rows.current) if evidence.rows else 0
    return Measurement(monitor=name, value=None, samples=max(counted, given), why=why)
