"""What each column contributed to a model's answers: as the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import table
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from mlops.monitors.evidence import Rows, Table
    from mlops.monitors.table import Floats


def weights(rows: Rows, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Floats, Floats]:
    """Name the columns and give their weights on the reference and now: means of absolute contributions.

    Raises:
        UnfitError: the contributions are not known, or not of the same columns on both sides.
    """
    reference, current = table.reference_of(rows)
    prefix = rows.roles.attributions
    if prefix is None:
        raise UnfitError("no column was said to hold attributions: say what their names begin with (attributions)")
    known = tuple(name.removeprefix(prefix) for name in reference if name.startswith(prefix))
    names = columns or known
    if not names:
        raise UnfitError(f"the reference has no column that begins with {prefix!r}, so no attributions")
    for side, given in (("reference", reference), ("window", current)):
        if gone := [name for name in names if prefix + name not in given]:
            raise UnfitError(f"the {side} has no attributions of {', '.join(gone)}: no column {prefix}{gone[0]}")
    if new := [name for name in current if not columns and name.startswith(prefix) and name not in reference]:
        raise UnfitError(f"the reference has no attributions of {', '.join(new)}: name the columns that both have")
    return names, _means(reference, prefix, names), _means(current, prefix, names)


def _means(given: Table, prefix: str, names: tuple[str, ...]) -> Floats:
    found = []
    for name in names:
        values = np.abs(table.numbers(given[prefix + name], prefix + name))
        here = values[np.isfinite(values)]
        if not len(here):
            raise UnfitError(f"column {prefix}{name} holds no number")
        found.append(float(here.mean()))
    return np.array(found)
