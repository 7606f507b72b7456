"""All columns of two profiles beside each other: measured, tested for presence, and judged by size.

A column moved when the move is there (its p-value, corrected over the columns, is below alpha) and large (a distance
is past its limit).  One without the other is no alarm: of a million rows every difference is there, of a hundred every
one is large.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Verdict
from mlops.monitors import calibration, distances, drift, findings, missing, significance
from mlops.monitors.missing import Missing
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import ABSENT, DoesNotFitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops.monitors.distances import Distance
    from mlops.monitors.profile import Profile, State

NUMERIC_LIMITS: Mapping[str, float] = {"normalized_wasserstein_distance": 0.1, "population_stability_index": 0.2}
CATEGORICAL_LIMITS: Mapping[str, float] = {"jensen_shannon_distance": 0.1, "population_stability_index": 0.2}
"""The distances from which a move is large; Azure ML's own defaults, and the usual one of PSI."""
_ALWAYS = ("population_stability_index", "jensen_shannon_distance", "chebyshev_distance")
_KS = "kolmogorov_smirnov_distance"
_NUMERIC = ("normalized_wasserstein_distance", _KS)
_KNOWN = (*_ALWAYS, *_NUMERIC, missing.METRIC)


@dataclass(frozen=True, kw_only=True)
class Judging:
    """How a comparison is judged."""

    alpha: float = 0.01
    """Chance that any column of a table that did not move is called moved (as a share of those called so)."""
    limits: Mapping[str, float] | None = None
    """Distances from which a move is large, by metric; None: the defaults of each kind of column.

    Beside distances `null_value_rate`: by how much the share of nulls may rise.
    """
    min_samples: int = 1


@dataclass(frozen=True, kw_only=True)
class Value:
    """One distance of one column; `at_most` bounds it from above, `limit` is where it counts as large."""

    metric: str
    value: float
    at_most: float
    limit: float | None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One column: how far it moved, and what that means."""

    column: str
    kind: str
    """`numeric`, `time`, `length` or `categorical`."""
    verdict: Verdict
    why: str
    reference: int
    current: int
    """Values that are there, on each side."""
    values: tuple[Value, ...] = ()
    p: float | None = None
    adjusted: float | None = None
    null_rates: tuple[float, float] = (0.0, 0.0)
    findings: tuple[str, ...] = ()
    """What is new besides the distribution: nulls, infinities, values of another type, levels that came or went."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two tables beside each other."""

    reference: int
    current: int
    """Rows."""
    columns: tuple[Compared, ...]
    new_columns: tuple[str, ...]
    alpha: float

    @property
    def verdict(self) -> Verdict:
        """The worst of the columns; without any column there is nothing that could pass."""
        return max((one.verdict for one in self.columns), default=Verdict.ERROR)


def compare(
    reference: Profile, current: Profile, judging: Judging | None = None, exact: Mapping[str, float] | None = None
) -> Comparison:
    """Compare every column of the reference; `exact` are Kolmogorov-Smirnov distances that rows decided, by column.

    Raise DoesNotFitError when the profiles were not counted alike, or a limit is for no known metric.
    """
    judging = judging or Judging()
    unknown = sorted(set(judging.limits or {}) - {*_KNOWN})
    if unknown:
        raise DoesNotFitError(f"no distance is called {', '.join(unknown)}; there are {', '.join(_KNOWN)}")
    if reference.schema != current.schema:
        raise DoesNotFitError(
            "the two were not counted alike (columns or centres differ): "
            "count the current rows again with --reference and the reference's profile"
        )
    found = {name: _decided(_distances(name, reference, current), name, exact or {}) for name in reference.columns}
    p_values = {name: _presence(name, reference, current, found[name]) for name in found if found[name]}
    nulls = _nulls(reference, current, judging)
    tests = [*p_values.values(), *(one.p for one in nulls.values())]
    corrected = significance.adjusted(tests)
    adjusted = dict(zip(p_values, corrected, strict=False))
    risen = {name: (nulls[name], p) for name, p in zip(nulls, corrected[len(p_values) :], strict=True)}
    columns = (
        _with_nulls(
            _column(name, (reference, current), found[name], (p_values.get(name), adjusted.get(name)), judging),
            risen.get(name),
            judging,
        )
        for name in reference.columns
    )
    return Comparison(
        reference=reference.rows,
        current=current.rows,
        columns=tuple(columns),
        new_columns=tuple(name for name, types in current.types.items() if _is_new(name, types, reference)),
        alpha=judging.alpha,
    )


def _nulls(reference: Profile, current: Profile, judging: Judging) -> dict[str, Missing]:
    """Count nulls beside each other where a limit asks for it and the column can be compared."""
    if missing.METRIC not in (judging.limits or {}):
        return {}
    sides = {name: (reference.columns[name], current.columns[name]) for name in reference.columns}
    return {
        name: Missing(before=first.missing, of_before=first.rows, now=second.missing, of_now=second.rows)
        for name, (first, second) in sides.items()
        if not _not_comparable(name, reference, current)
    }


def _with_nulls(one: Compared, risen: tuple[Missing, float] | None, judging: Judging) -> Compared:
    """Judge the share of nulls beside the distribution: the worse of the two is the column's verdict."""
    if risen is None or judging.limits is None:
        return one
    limit, rise = judging.limits[missing.METRIC], max(risen[0].rise, 0.0)
    verdict, why = missing.judged(*risen, limit=limit, alpha=judging.alpha, min_samples=judging.min_samples)
    value = Value(metric=missing.METRIC, value=rise, at_most=rise, limit=limit)
    whys = {Verdict.PASS: "", one.verdict: one.why}
    whys[verdict] = "; ".join(text for text in (whys.get(verdict, ""), why) if text)
    worst = max(one.verdict, verdict)
    return replace(one, verdict=worst, why=whys[worst], values=(*one.values, value))


def _is_new(name: str, types: tuple[str, ...], reference: Profile) -> bool:
    return types != (ABSENT,) and reference.types.get(name, (ABSENT,)) == (ABSENT,)


def _distances(name: str, reference: Profile, current: Profile) -> dict[str, Distance]:
    """Measure all distances of a column; none when a side has no value."""
    first, second = reference.columns[name], current.columns[name]
    if not first.present or not second.present:
        return {}
    numeric = _NUMERIC if isinstance(first, NumericState) else ()
    return drift.every((*_ALWAYS, *numeric), reference, current, name)


def _decided(found: dict[str, Distance], name: str, exact: Mapping[str, float]) -> dict[str, Distance]:
    return (
        found | {_KS: distances.Distance(value=exact[name], at_most=exact[name])} if found and name in exact else found
    )


def _presence(name: str, reference: Profile, current: Profile, found: Mapping[str, Distance]) -> float:
    """Chance of so large a difference without any: of the distribution functions, or of the table of levels."""
    first, second = reference.columns[name], current.columns[name]
    if isinstance(first, NumericState) and isinstance(second, NumericState):
        distance = found[_KS].value
        return significance.kolmogorov_smirnov_p(distance, first.finite, second.finite)
    return significance.chi_squared_p(*distances.chi_squared(*drift.bins(reference, current, name)))


def _column(
    name: str,
    sides: tuple[Profile, Profile],
    found: Mapping[str, Distance],
    p: tuple[float | None, float | None],
    judging: Judging,
) -> Compared:
    first, second = (side.columns[name] for side in sides)
    limits = judging.limits
    if limits is None:
        limits = NUMERIC_LIMITS if isinstance(first, NumericState) else CATEGORICAL_LIMITS
    values = tuple(
        Value(metric=metric, value=one.value, at_most=one.at_most, limit=limits.get(metric))
        for metric, one in found.items()
    )
    verdict, why = _judged(name, sides, values, p[1], judging)
    return Compared(
        column=name,
        kind=_kind(sides[0], name),
        verdict=verdict,
        why=why,
        reference=first.present,
        current=second.present,
        values=values,
        p=p[0],
        adjusted=p[1],
        null_rates=(first.null_rate, second.null_rate),
        findings=tuple(findings.of(first, second, judging.alpha)),
    )


def _judged(
    name: str, sides: tuple[Profile, Profile], values: tuple[Value, ...], adjusted: float | None, judging: Judging
) -> tuple[Verdict, str]:
    reference, current = sides
    there = current.columns[name].present
    if wrong := _not_comparable(name, reference, current):
        return Verdict.ERROR, wrong
    if there < judging.min_samples:
        return Verdict.INCONCLUSIVE, f"{there} values, fewer than the {judging.min_samples} asked for"
    if adjusted is None:
        return Verdict.ERROR, "no value on one side: nothing to compare"
    large = [one for one in values if one.limit is not None and one.value > one.limit]
    if large and adjusted < judging.alpha:
        return Verdict.FAIL, "; ".join(f"{one.metric} {one.value:.3g} is above {one.limit:g}" for one in large)
    unsure = _unsure(large, values, adjusted) or _too_few(
        reference.columns[name], current.columns[name], values, judging.alpha
    )
    return (Verdict.INCONCLUSIVE, unsure) if unsure else (Verdict.PASS, "")


def _unsure(large: list[Value], values: tuple[Value, ...], adjusted: float) -> str:
    if large:
        return f"large ({large[0].metric} {large[0].value:.3g}), but chance would do (p {adjusted:.2g})"
    for one in values:
        if one.limit is not None and one.value <= one.limit < one.at_most:
            return f"{one.metric} lies between {one.value:.3g} and {one.at_most:.3g}: rows would tell (--exact)"
    return ""


def _too_few(reference: State, current: State, values: tuple[Value, ...], alpha: float) -> str:
    """Say where a move of the size that counts could hide: chance alone reaches it."""
    there = current.present
    for one in values:
        if one.limit is None or calibration.stays_below(one.limit, one.metric, reference, current, alpha):
            continue
        chance = calibration.limit(one.metric, reference, there, alpha, window=current)
        if chance > one.limit:
            return f"{there} values cannot tell: chance alone reaches {one.metric} {chance:.3g}, limit {one.limit:g}"
    return ""


def _not_comparable(name: str, reference: Profile, current: Profile) -> str:
    before, now = reference.types.get(name, ()), current.types.get(name, ())
    if now == (ABSENT,):
        return "the column is not there any more"
    if not current.rows:
        return "there are no rows"
    mistyped = current.columns[name].mistyped
    if mistyped and before != now:
        return f"the type changed from {' or '.join(before)} to {' or '.join(now)}; {mistyped} values cannot be read"
    return ""


def _kind(one: Profile, name: str) -> str:
    if name in one.schema.categorical:
        return "categorical"
    return "time" if name in one.schema.times else "length" if name in one.schema.lengths else "numeric"
