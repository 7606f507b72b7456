"""Columns of rows as numbers that models take: nulls stay nulls, levels become codes, nothing is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlops.monitors.evidence import Rows, Table

    Floats = NDArray[np.float64]
    Column = NDArray[np.generic] | Sequence[object]

_MOST_LEVELS = 250
"""Rarer levels share one code: scikit-learn's histograms have 255 bins."""


class UnfitError(Exception):
    """The rows do not allow the measurement; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Encoded:
    """Both tables as matrices of the same columns; NaN is a null, and `categorical` says which columns are codes."""

    names: tuple[str, ...]
    categorical: tuple[bool, ...]
    reference: Floats
    current: Floats


def reference_of(rows: Rows | None) -> tuple[Table, Table]:
    """Give the rows of the reference and of the window.  Raise UnfitError where one of them has none."""
    if rows is None or not rows.count(rows.current):
        raise UnfitError("the window has no rows")
    if rows.reference is None or not rows.count(rows.reference):
        raise UnfitError("the reference has no rows")
    return rows.reference, rows.current


def features_of(rows: Rows, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Name the columns asked for, or all that have no role.  Raise UnfitError for one that a side does not have."""
    reference, current = reference_of(rows)
    roles = rows.roles
    kept = (roles.label, roles.prediction, roles.probability, roles.key, roles.group)
    names = columns or tuple(name for name in reference if name not in kept)
    for side, table in (("reference", reference), ("window", current)):
        gone = [name for name in names if name not in table]
        if gone:
            raise UnfitError(f"the {side} has no column {', '.join(gone)}")
    if not columns:
        new = [name for name in current if name not in reference and name not in kept]
        if new:
            raise UnfitError(f"the reference has no column {', '.join(new)}: name the columns that both have")
    if not names:
        raise UnfitError("no column is left to look at beside those with a role")
    return names


def role(table: Table, column: str | None, what: str, side: str) -> Column:
    """Give the column that has a role.  Raise UnfitError where none was named, or the table lacks it."""
    if column is None:
        raise UnfitError(f"no column was named as the {what}")
    if column not in table:
        raise UnfitError(f"the {side} has no column {column!r}, the {what}")
    return table[column]


def numbers(column: Column, name: str) -> Floats:
    """Give a column as numbers, NaN for a null.  Raise UnfitError for a value that is none."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiub":
        return np.asarray(column, dtype=float)
    values = np.full(len(column), np.nan)
    for at, value in enumerate(column):
        if value is None or value == "":
            continue
        try:
            values[at] = float(value)
        except (TypeError, ValueError):
            raise UnfitError(f"column {name!r} has {value!r} in row {at + 1}, which is no number") from None
    return values


def levels(column: Column) -> list[str | None]:
    """Give a column as levels, None for a null: 1, 1.0 and True are one level."""
    values = column.tolist() if isinstance(column, np.ndarray) else column
    return [_level(value) for value in values]


def _level(value: object) -> str | None:
    if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    if isinstance(value, (bool, float)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def encode(rows: Rows, names: tuple[str, ...]) -> Encoded:
    """Turn both tables into matrices: numbers stay, levels become codes by how frequent they are in both together."""
    reference, current = reference_of(rows)
    pairs = [_column(reference[name], current[name], name) for name in names]
    return Encoded(
        names=names,
        categorical=tuple(categorical for categorical, _, _ in pairs),
        reference=np.column_stack([first for _, first, _ in pairs]),
        current=np.column_stack([second for _, _, second in pairs]),
    )


def _column(reference: Column, current: Column, name: str) -> tuple[bool, Floats, Floats]:
    if not (_texts(reference) or _texts(current)):
        return False, numbers(reference, name), numbers(current, name)
    first, second = levels(reference), levels(current)
    ranked = sorted(Counter(level for level in (*first, *second) if level is not None).items(), key=_rank)
    codes: dict[str | None, float] = {level: float(min(at, _MOST_LEVELS)) for at, (level, _) in enumerate(ranked)}
    codes[None] = np.nan
    return True, np.array([codes[one] for one in first]), np.array([codes[one] for one in second])


def _rank(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _texts(column: Column) -> bool:
    """Say whether a column holds levels: one of its values is no number."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiu":
        return False
    return any(isinstance(value, (bool, np.bool_)) or not _number(value) for value in column)


def _number(value: object) -> bool:
    if value is None or value == "":
        return True
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True
