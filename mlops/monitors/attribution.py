"""Feature attribution drift: does the model still go by the same columns as on the reference?

What a column contributed to an answer comes with the rows, from the model itself, or from trees that are fitted to its
answers (see `attributions`).  A column's weight is the mean of the absolute contributions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlops.domain.data.measurement import Measurement
from mlops.monitors.attributions import weights
from mlops.monitors.evidence import Rows
from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops.monitors.evidence import Evidence
    from mlops.monitors.table import Floats

NDCG, CHANGE = "normalized_discounted_cumulative_gain", "attribution_share_change"
METRICS: Mapping[str, str] = {
    NDCG: "agreement of the columns' order by weight with the reference's: 1 is the same; smaller is worse; "
    "parts: each column's share now",
    CHANGE: "largest change of a column's share of all weight; also seen where the order stays",
}


def measure(name: str, metric: str, evidence: Evidence) -> Measurement:
    """Measure by the metric of that name (see METRICS)."""
    if metric not in METRICS:
        raise KeyError(metric)
    rows = evidence.rows
    if rows is None:
        return Measurement(monitor=name, value=None, samples=0, why="attributions are of rows, and none were given")
    samples = Rows.count(rows.current)
    try:
        names, before, now = weights(rows, evidence.columns)
        first, second = _shares(before, "reference"), _shares(now, "window")
    except UnfitError as error:
        return Measurement(monitor=name, value=None, samples=samples, why=str(error))
    if metric == NDCG:
        parts = tuple(zip(names, second.tolist(), strict=True))
        return Measurement(monitor=name, value=gain(first, second), samples=samples, parts=parts)
    changes = np.abs(second - first)
    parts = tuple(zip(names, changes.tolist(), strict=True))
    return Measurement(monitor=name, value=float(changes.max()), samples=samples, parts=parts)


def gain(reference: Floats, current: Floats) -> float:
    """Give the normalized discounted cumulative gain, as Azure ML's feature attribution drift has it.

    DCG = sum of w / log2(r + 1), where w is a column's weight on the reference and r its rank by weight now; divided by
    the same sum with the ranks of the reference (Jarvelin and Kekalainen, Cumulated gain-based evaluation of IR
    techniques, 2002).  Columns of equal weight now share the mean of their ranks' discounts, so that the order in which
    they are written does not matter (McSherry and Najork, 2008).
    """
    discounts = 1 / np.log2(np.arange(2, len(reference) + 2))
    ideal = float(np.sort(reference)[::-1] @ discounts)
    _, tied = np.unique(-current, return_inverse=True)
    shared = np.bincount(tied, weights=discounts[np.argsort(np.argsort(-current, kind="stable"), kind="stable")])
    return float(reference @ (shared / np.bincount(tied))[tied]) / ideal


def _shares(found: Floats, side: str) -> Floats:
    """Give each column's share.  Raise UnfitError where no column contributes anything."""
    total = float(found.sum())
    if not total > 0:
        raise UnfitError(f"no column contributes anything on the {side}: there is no order to compare")
    return found / total
