"""Rows of a window and of its reference, for monitors that compare rows with rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.backends.blobs import rows, together
from mlops.domain.declared.monitor import Signal
from mlops.domain.world import Window
from mlops.monitors import structure
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.registry import MONITORS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlops.backends.blobs.cache import Cache
    from mlops.backends.blobs.reference import Columns
    from mlops.backends.blobs.rows import Row
    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.project import Data
    from mlops.ports import Question

    Training = Callable[[], Columns | None]

_SIGNALS = frozenset({Signal.MULTIVARIATE_DRIFT, Signal.FEATURE_ATTRIBUTION_DRIFT})
_DUPLICATES = "duplicate_rate"


def compared(monitor: Monitor) -> bool:
    """Say whether a monitor looks at rows of both sides; one of an installed package is given all there is."""
    if monitor.signal == Signal.DATA_QUALITY:
        return monitor.metric in structure.METRICS
    return monitor.signal in _SIGNALS or monitor.signal not in MONITORS


def evidence(cache: Cache, data: Data, question: Question, training: Training) -> Evidence:
    """Give the rows that the monitor compares; `training` gives those that the champion was trained on."""
    monitor = question.monitor
    if monitor.metric == _DUPLICATES and monitor.signal == Signal.DATA_QUALITY:
        return _copies(cache, question)
    if monitor.attributions is not None:
        return _attributed(cache, data, question)
    columns = monitor.columns or data.features
    roles = together.roles(data, question)
    if monitor.signal == Signal.FEATURE_ATTRIBUTION_DRIFT:
        found = rows.answers(cache, question.window, question.without, question.monitor.segment)
        current = _table([{**one.sent(), **one.output} for one in found])
    elif monitor.signal in MONITORS:
        current = _table(rows.inputs(cache, question.window, question.without, question.monitor.segment))
    else:
        current = _everything(cache, data, question)
    given = Rows(current=current, reference=training() if current else None, roles=roles)
    return Evidence(rows=given, columns=columns, newest=rows.newest(cache))


def _copies(cache: Cache, question: Question) -> Evidence:
    """Every copy of a row, by its deployment and key, whichever event it came in."""
    copies = rows.copies(cache, question.window, question.without)
    return Evidence(rows=Rows(current={"copy": copies} if copies else {}, roles=Roles(key="copy")))


def _attributed(cache: Cache, data: Data, question: Question) -> Evidence:
    """Answers of the window, and of the one before it from the same deployments: another model goes by other columns.

    Training sets have no attributions.
    """
    window = question.window
    before = Window(start=window.start - (window.end - window.start), end=window.start)
    now = rows.answers(cache, window, question.without, question.monitor.segment)
    deployments = {one.deployment for one in now}
    then = [
        one
        for one in rows.answers(cache, before, question.without, question.monitor.segment)
        if one.deployment in deployments
    ]
    given = Rows(
        current=_table([one.output for one in now]),
        reference=_table([one.output for one in then]),
        roles=together.roles(data, question),
    )
    return Evidence(rows=given, columns=question.monitor.columns)


def _everything(cache: Cache, data: Data, question: Question) -> Columns:
    """What was sent, with what was answered and the label where there is one."""
    answered = {
        one.key: one for one in rows.answers(cache, question.window, question.without, question.monitor.segment)
    }
    joined: list[Row] = []
    for key, sent in rows.sent(cache, question.window, question.without, question.monitor.segment):
        one = answered.get(key)
        joined.append({**sent, **one.output, data.label: one.label} if one else {**sent, data.label: None})
    return _table(joined)


def _table(found: Sequence[Row]) -> Columns:
    names = dict.fromkeys(name for row in found for name in row)
    return {name: [row.get(name) for row in found] for name in names}
