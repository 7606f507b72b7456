"""How much weight each column has: as the rows say, as the model says, or as trees fitted to its answers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import contributions, surrogate, table
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from mlops.monitors.evidence import Rows, Table
    from mlops.monitors.table import Floats

    Weights = tuple[tuple[str, ...], Floats, Floats]


def weights(rows: Rows, columns: tuple[str, ...]) -> Weights:
    """Name the columns and give their weights on the reference and now: means of absolute contributions.

    Columns of attributions are taken where it is said how their names begin, else the model where there is one, else
    trees are fitted to the answers, as Azure ML does.

    Raises:
        UnfitError: the contributions are not known, or not of the same columns on both sides.
    """
    if rows.roles.attributions is not None:
        return _given(rows, rows.roles.attributions, columns)
    names = table.features_of(rows, columns)
    both = table.encode(rows, names)
    found = contributions.of_model(rows.model, both) if rows.model else surrogate.contributions(rows, both)
    return names, _means(found[0], "reference"), _means(found[1], "window")


def _given(rows: Rows, prefix: str, columns: tuple[str, ...]) -> Weights:
    reference, current = table.reference_of(rows)
    names = columns or tuple(name.removeprefix(prefix) for name in reference if name.startswith(prefix))
    if not names:
        raise UnfitError(f"the reference has no column that begins with {prefix!r}, so no attributions")
    for side, given in (("reference", reference), ("window", current)):
        if gone := [name for name in names if prefix + name not in given]:
            raise UnfitError(f"the {side} has no attributions of {', '.join(gone)}: no column {prefix}{gone[0]}")
    if new := [name for name in current if not columns and name.startswith(prefix) and name not in reference]:
        raise UnfitError(f"the reference has no attributions of {', '.join(new)}: name the columns that both have")
    first, second = _matrix(reference, prefix, names), _matrix(current, prefix, names)
    return names, _means(first, "reference"), _means(second, "window")


def _matrix(given: Table, prefix: str, names: tuple[str, ...]) -> Floats:
    return np.column_stack([table.numbers(given[prefix + name], prefix + name) for name in names])


def _means(found: Floats, side: str) -> Floats:
    """Take the mean size of each column where it is known.  Raise UnfitError for one that is nowhere known."""
    here = np.isfinite(found)
    if not here.any(axis=0).all():
        raise UnfitError(f"what a column contributed is not known of any row of the {side}")
    sizes: Floats = np.where(here, np.abs(found), 0.0).sum(axis=0) / here.sum(axis=0)
    return sizes
