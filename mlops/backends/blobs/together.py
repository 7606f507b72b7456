"""Rows for signals that need columns seen together: what was sent, what was answered, and the label by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.backends.blobs import rows
from mlops.domain.project import Signal, Task
from mlops.monitors.evidence import Evidence, Roles, Rows

if TYPE_CHECKING:
    from mlops.backends.blobs.cache import Cache
    from mlops.domain.project import Data
    from mlops.ports import Question

SIGNALS = frozenset({Signal.FAIRNESS})
"""Those that look at rows."""


def evidence(cache: Cache, data: Data, question: Question) -> Evidence:
    """Give the answered rows of a window."""
    found = rows.answers(cache, question.window, question.without)
    joined = [{**one.sent(), **one.output, data.label: one.label} for one in found]
    names = dict.fromkeys(name for row in joined for name in row)
    current = {name: [row.get(name) for row in joined] for name in names}
    return Evidence(
        rows=Rows(current=current, roles=roles(data, question), smallest_group=question.monitor.smallest_group)
    )


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
