"""Data quality of whole rows: those that came twice, and columns that came, went or turned into something else."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors.evidence import Rows
from mlops.monitors.profile import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlops.monitors.evidence import Evidence, Table

    Column = NDArray[np.generic] | Sequence[object]

METRICS: Mapping[str, str] = {
    "duplicate_rate": "share of rows that came before under the same key",
    "schema_change_count": "columns that are missing, of another type than the reference's, or new",
}

_KINDS = {"b": "truth value", "i": "number", "u": "number", "f": "number", "M": "moment"}
_TRUTH = frozenset({"true", "false"})


def duplicates(name: str, evidence: Evidence) -> Measurement:
    """Count rows whose key another row of the window has too; each but the first is one too many.

    A row without a key (null) cannot be told from another, so it is no duplicate, and is counted among the rows.
    """
    rows = evidence.rows
    if rows is None or not Rows.count(rows.current):
        return _nothing(name, "duplicates are counted in rows, and the window has none at hand")
    key = rows.roles.key
    if key is None or key not in rows.current:
        why = "no column is said to be the key of a row" if key is None else f"the rows have no key column {key!r}"
        return _nothing(name, why, Rows.count(rows.current))
    total = Rows.count(rows.current)
    present = [value for value in _listed(rows.current[key]) if not is_null(value)]
    return Measurement(monitor=name, value=(len(present) - len(set(present))) / total, samples=total)


def schema_changes(name: str, evidence: Evidence) -> Measurement:
    """Count the columns that differ from the reference's, each with 1 in the parts; those that do not have 0.

    With `columns` only these are looked at, else all of both sides.  The label is not expected of a window.
    """
    found = _of_rows(evidence) or _of_profiles(evidence)
    if found is None:
        return _nothing(name, "the columns of the window, or those of the reference, are not known")
    before, now, samples = found
    unexpected = {evidence.rows.roles.label, evidence.rows.roles.prediction} if evidence.rows else set()
    looked = evidence.columns or tuple(column for column in {**before, **now} if column not in unexpected)
    parts = tuple((column, float(_changed(before.get(column), now.get(column)))) for column in looked)
    if not parts:
        return _nothing(name, "there is no column to look at", samples)
    return Measurement(monitor=name, value=sum(value for _, value in parts), samples=samples, parts=parts)


def is_null(value: object) -> bool:
    """Say whether a value is none: None, NaN or an empty text."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _changed(before: frozenset[str] | None, now: frozenset[str] | None) -> bool:
    """A column on one side only has changed.  One that is empty on a side may be anything; its nulls tell."""
    if before is None or now is None:
        return True
    return bool(before) and not now <= before


def _of_rows(evidence: Evidence) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], int] | None:
    rows = evidence.rows
    if rows is None or not rows.reference or not Rows.count(rows.current):
        return None
    return _kinds(rows.reference), _kinds(rows.current), Rows.count(rows.current)


def _of_profiles(evidence: Evidence) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], int] | None:
    """Files say of their columns as what they hold them."""
    before, now = evidence.reference, evidence.current
    if before is None or now is None or not before.types or not now.types:
        return None
    there = [
        {name: frozenset(types) for name, types in one.types.items() if ABSENT not in types} for one in (before, now)
    ]
    return there[0], there[1], now.rows


def _kinds(table: Table) -> dict[str, frozenset[str]]:
    return {name: _kinds_of(column) for name, column in table.items()}


def _kinds_of(column: Column) -> frozenset[str]:
    """Say what a column holds.  Files without types (CSV) hold truth values as texts, so both are one kind."""
    if isinstance(column, np.ndarray) and column.dtype.kind in _KINDS:
        return frozenset({_KINDS[column.dtype.kind]}) if len(column) else frozenset()
    values = [value for value in _listed(column) if not is_null(value)]
    by_type: dict[type[Any], object] = {type(value): value for value in values}
    kinds = {_kind(value) for value in by_type.values()}
    if "text" in kinds and {str(value).lower() for value in values if isinstance(value, str)} <= _TRUTH:
        kinds = kinds - {"text"} | {"truth value"}
    return frozenset(kinds)


def _kind(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "truth value"
    if isinstance(value, numbers.Number | np.number):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def _listed(column: Column) -> list[object]:
    return list(column.tolist()) if isinstance(column, np.ndarray) else list(column)


def _nothing(name: str, why: str, samples: int = 0) -> Measurement:
    return Measurement(monitor=name, value=None, samples=samples, why=why)
