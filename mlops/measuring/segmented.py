"""What a monitor is given of one segment of rows that were read from files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlops.backends.blobs.reference import categorical
from mlops.domain.declared.monitor import Signal
from mlops.measuring import answers
from mlops.measuring.answers import AbsentError
from mlops.monitors import asked, profile, segments
from mlops.monitors.evidence import Evidence, Rows
from mlops.monitors.stretches import of_columns

if TYPE_CHECKING:
    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.project import Data
    from mlops.monitors.evidence import Table

_COUNTED = frozenset({Signal.DATA_DRIFT, Signal.PREDICTION_DRIFT, Signal.DATA_QUALITY})


def segmented(monitor: Monitor, found: Rows, data: Data) -> Evidence:
    """Leave out the rows of both sides that are not in the segment, and count what is left.

    Raises:
        UnfitError: the segment cannot be told.
        AbsentError: a column is not there, or the reference.
    """
    reference = segments.only(monitor.segment, found.reference) if found.reference is not None else None
    rows = replace(found, current=segments.only(monitor.segment, found.current), reference=reference)
    if monitor.signal == Signal.MODEL_PERFORMANCE:
        return Evidence(scored=answers.scored(segments.only(None, rows.current), data))
    if monitor.signal not in _COUNTED:
        return Evidence(rows=rows, columns=monitor.columns or data.features)
    return _counted(monitor, rows, data)


def _counted(monitor: Monitor, rows: Rows, data: Data) -> Evidence:
    if rows.reference is None and monitor.signal != Signal.DATA_QUALITY:
        raise AbsentError("there is no reference to compare with: name its files")
    names = asked.columns(monitor, data)
    known = rows.current if rows.reference is None else rows.reference
    gone = [name for name in names if name not in known or name not in rows.current]
    if gone:
        raise AbsentError(f"the files have no column {', '.join(gone)}")
    levels = tuple(name for name in names if categorical(list(known[name])))
    numbers = tuple(name for name in names if name not in levels)
    bounds = tuple(asked.rules(monitor, names))
    schema = profile.schema_of(_plain(known, names), features=numbers, levels=levels, bounds=bounds)
    current = profile.profile(_plain(rows.current, names), schema=schema)
    reference = None if rows.reference is None else profile.profile(_plain(rows.reference, names), schema=schema)
    parts = of_columns(_plain(known, names), schema, current.rows) if monitor.relative else None
    return Evidence(current=current, reference=reference, stretches=parts)


def _plain(table: Table, names: tuple[str, ...]) -> dict[str, list[object]]:
    return {name: list(table[name]) for name in names}
