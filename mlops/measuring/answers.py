"""Answers and their labels, joined by the key."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlops.backends.tables import rows
from mlops.domain.data.data_error import DataError
from mlops.monitors.evidence import Scored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops.backends.tables.rows import Column, Columns
    from mlops.domain.project import Data


class AbsentError(Exception):
    """What a monitor needs is not there at all; the message says what."""


def labelled(current: Columns, labels: Mapping[str, object] | None, data: Data) -> Columns:
    """Put the labels that came beside the rows; without files of labels the rows have their own.  Raise AbsentError."""
    if labels is None:
        return current
    if data.key not in current:
        raise AbsentError(f"labels are joined by the key, and the window's files have no column {data.key}")
    return {**current, data.label: [labels.get(key or "") for key in rows.keys(current[data.key])]}


def scored(joined: Columns, data: Data) -> Scored:
    """Give the answers whose labels came; a row that came twice counts once, one without a label waits.

    Raise AbsentError where a column is not there, DataError where it holds no numbers.
    """
    gone = [name for name in (data.prediction, data.label) if name not in joined]
    if gone:
        hint = "; labels may come in files of their own (--labels)" if data.label in gone else ""
        raise AbsentError(f"the window's files have no column {', '.join(gone)}{hint}")
    pairs = _once(joined, data)
    known = [(label, score) for label, score in pairs if label is not None]
    return Scored(
        labels=[label for label, _ in known], scores=[score for _, score in known], waiting=len(pairs) - len(known)
    )


def _once(joined: Columns, data: Data) -> list[tuple[float | None, float]]:
    scores = _numbers(joined[data.prediction], data.prediction)
    labels = _numbers(joined[data.label], data.label)
    keys = rows.keys(joined[data.key]) if data.key in joined else [None] * len(scores)
    met: set[str] = set()
    pairs = []
    for key, label, score in zip(keys, labels, scores, strict=True):
        if score is None or (key is not None and key in met):
            continue
        pairs.append((label, score))
        if key is not None:
            met.add(key)
    return pairs


def _numbers(column: Column, name: str) -> list[float | None]:
    return [_number(value, name) for value in rows.listed(column)]


def _number(value: object, name: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise DataError(f"column {name!r} should hold numbers, and holds {value!r}") from error
    return None if math.isnan(found) else found
