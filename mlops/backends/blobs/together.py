"""Rows for signals that need columns seen together: what was sent, what was answered, and the label by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.backends.blobs import rows
from mlops.domain.declared.monitor import Signal
from mlops.domain.project import Task
from mlops.monitors.evidence import Evidence, Roles, Rows

if TYPE_CHECKING:
    from mlops.backends.blobs.cache import Cache
    from mlops.domain.project import Data
    from mlops.domain.world import Window
    from mlops.ports import Question

SIGNALS = frozenset({Signal.FAIRNESS, Signal.ESTIMATED_PERFORMANCE})
"""Those that look at rows."""


def evidence(cache: Cache, data: Data, question: Question) -> Evidence:
    """Give the answered rows of a window; an estimate's reference are the champion's answers before it, labelled."""
    estimated = question.monitor.signal == Signal.ESTIMATED_PERFORMANCE
    past = _answered(cache, data, question, question.past) if estimated and question.past else {}
    given = Rows(
        current=_answered(cache, data, question, question.window),
        reference=past if estimated else None,
        roles=roles(data, question),
        smallest_group=question.monitor.smallest_group,
    )
    return Evidence(rows=given, columns=question.monitor.columns or (data.features if estimated else ()))


def _answered(cache: Cache, data: Data, question: Question, window: Window) -> dict[str, list[object]]:
    found = rows.answers(cache, window, question.without, question.monitor.segment)
    joined = [{**one.sent(), **one.output, data.label: one.label} for one in found]
    names = dict.fromkeys(name for row in joined for name in row)
    return {name: [row.get(name) for row in joined] for name in names}


def roles(data: Data, question: Question) -> Roles:
    """Say which column means what; a classifier's prediction is the probability of label 1."""
    numbers = question.task is Task.REGRESSION
    return Roles(
        label=data.label,
        prediction=data.prediction if numbers else None,
        probability=None if numbers else data.prediction,
        key=data.key,
        group=question.monitor.group,
        attributions=question.monitor.attributions,
    )
