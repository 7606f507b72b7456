"""A first set of monitors for a table, from the table itself, as YAML with the reason beside each number."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from mlops.monitors import calibration, drift
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.numeric import NumericState
from mlops.monitors.proposal import Proposal, names, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlops.monitors.profile import Profile

ALPHA = 0.01
"""Share of models whose monitor may ever fail by chance."""
_LOOKS = 1000
"""So many looks long a window of `minSamples` tells; each look has a smaller share of ALPHA than the one before."""
_LARGE = {"population_stability_index": 0.2, "jensen_shannon_distance": 0.1}
"""Above it a distance is not fine, below half of it it is; PSI's usual limit, and Azure ML's of Jensen-Shannon."""
_SEGMENT_LEVELS, _SEGMENT_SHARE = range(2, 13), 0.05
"""A column whose levels are so few, and each so frequent, divides rows into segments."""
_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
"""Windows that are proposed, in days; from a week on whole weeks, so that each has the same weekdays."""


_Limit = tuple[float, str]
"""Where a move is large, and why there."""


def propose(reference: Profile, chunks: Sequence[Profile], *, rows_per_day: float | None = None) -> str:
    """Write the `monitors` section of a project file; `chunks` are consecutive parts of the reference.

    Without `rows_per_day` a column of moments tells how many rows come in a day; without that, windows are a guess.
    """
    pace = rows_per_day or _pace(reference)
    counters = _counters(reference, chunks)
    found = [*_quality(reference, pace, counters), *_drifts(reference, chunks, pace, counters)]
    lines = [
        f"# Proposed from {reference.rows:,} rows of {len(reference.columns)} columns; read each before you keep it.",
        f"# {_pace_said(pace, given=rows_per_day is not None)}",
        *(f"# {line}" for line in _left_out(reference, counters)),
        *(f"# {line}" for line in _segments(reference)),
        "monitors:",
        *(line for one in found for line in written(one)),
    ]
    return "\n".join(lines) + "\n"


def _pace(reference: Profile) -> float | None:
    for name in reference.schema.times:
        state = reference.columns[name]
        if isinstance(state, NumericState) and state.high > state.low:
            return reference.rows / ((state.high - state.low) / 86400)
    return None


def _pace_said(pace: float | None, *, given: bool) -> str:
    if pace is None:
        return "No column says when a row was made, so the windows are a guess: give --rows-per-day."
    return f"About {pace:,.3g} rows come in a day{', as you said' if given else ', by the first column of moments'}."


def _days_for(rows: int, pace: float | None) -> int:
    """Give the shortest window that holds so many rows."""
    if pace is None:
        return 7
    return next((days for days in _DAYS if days * pace >= rows), _DAYS[-1])


def _numeric(reference: Profile) -> dict[str, NumericState]:
    skipped = {*reference.schema.times, *reference.schema.lengths}
    return {
        name: state
        for name, state in reference.columns.items()
        if isinstance(state, NumericState) and name not in skipped and state.high > state.low
    }


def _categorical(reference: Profile) -> dict[str, CategoricalState]:
    return {
        name: state
        for name, state in reference.columns.items()
        if isinstance(state, CategoricalState) and len(state.levels) > 1 and not state.folded
    }


def _counters(reference: Profile, chunks: Sequence[Profile]) -> frozenset[str]:
    """Find numbers that only rise or only fall from part to part: counters and moments, not features."""
    found = set()
    for name in _numeric(reference):
        states = [state for one in chunks if isinstance(state := one.columns[name], NumericState) and state.finite]
        pairs = list(itertools.pairwise(states))
        rising = all(one.high < other.low for one, other in pairs)
        falling = all(one.low > other.high for one, other in pairs)
        if len(pairs) > 1 and (rising or falling):
            found.add(name)
    return frozenset(found)


def _left_out(reference: Profile, counters: frozenset[str]) -> Iterator[str]:
    for name, state in reference.columns.items():
        said = shown(name)
        if name in counters:
            yield f"{said}: goes one way from row to row, a counter or a time, so it is no feature that could drift."
        if name in reference.schema.times:
            yield f"{said}: moments always move on, so they are no feature that could drift."
        elif name in reference.schema.lengths:
            yield f"{said}: nearly every text is another one, a key or free text; watch its length if you use it."
        elif isinstance(state, CategoricalState) and state.folded:
            yield f"{said}: too many levels; a key is no feature."
        elif name not in {*_numeric(reference), *_categorical(reference)}:
            yield f"{said}: the same value in every row; a change would show in the rules for nulls and ranges only."


def _segments(reference: Profile) -> Iterator[str]:
    for name, state in _categorical(reference).items():
        least = min(count for _, count in state.levels) / max(state.present, 1)
        if len(state.levels) in _SEGMENT_LEVELS and least >= _SEGMENT_SHARE:
            yield f"{shown(name)}: {len(state.levels)} levels, each frequent: segments worth a look of their own."


def _quality(reference: Profile, pace: float | None, counters: frozenset[str]) -> Iterator[Proposal]:
    rates = {
        name: reference.columns[name].null_rate for name in reference.columns if name not in reference.schema.times
    }
    never = tuple(name for name, rate in rates.items() if not rate)
    some = {name: rate for name, rate in rates.items() if 0 < rate < 1}
    days = _days_for(100, pace)
    if never:
        yield Proposal(
            name="nulls",
            signal="data_quality",
            metric="null_value_rate",
            columns=never,
            why="The reference has none in these columns.",
            days=days,
            least=100,
            success="<= 0.01",
        )
    for monitor, (name, rate) in zip(
        names(["nulls", *(f"nulls {name}" for name in some)])[1:], some.items(), strict=True
    ):
        limit = _above(rate, reference.rows)
        yield Proposal(
            name=monitor,
            signal="data_quality",
            metric="null_value_rate",
            columns=(name,),
            why=f"{rate:.1%} of the reference; half as much again, and what chance adds, is still fine.",
            days=days,
            least=100,
            success=f"<= {limit:.3g}",
        )
    if numeric := [name for name in _numeric(reference) if name not in counters]:
        yield Proposal(
            name="ranges",
            signal="data_quality",
            metric="out_of_bounds_rate",
            columns=tuple(numeric),
            why="Values outside what the reference has seen: a few are news, many are another unit.",
            days=days,
            least=100,
            success="<= 0.01",
        )
    if pace is not None:
        yield Proposal(
            name="volume",
            signal="data_quality",
            metric="row_count",
            columns=(),
            why=f"Half of the {pace * days:,.0f} rows that {days} days usually bring.",
            days=days,
            least=1,
            success=f">= {pace * days / 2:.0f}",
        )


def _drifts(
    reference: Profile, chunks: Sequence[Profile], pace: float | None, counters: frozenset[str]
) -> Iterator[Proposal]:
    for name, metric, columns in (
        ("drift", "population_stability_index", tuple(name for name in _numeric(reference) if name not in counters)),
        ("drift-levels", "jensen_shannon_distance", tuple(_categorical(reference))),
    ):
        own = _own_variation(metric, columns, reference, chunks)
        calm = tuple(column for column in columns if own[column] <= _LARGE[metric])
        restless = {column: own[column] for column in columns if column not in calm}
        if calm:
            why = f"{_LARGE[metric]:g} is the usual limit; none of these columns comes near it by itself."
            yield _drift((name, metric), calm, reference, pace, (_LARGE[metric], why))
        if restless:
            loudest = max(restless, key=lambda column: restless[column])
            why = (
                f"The reference's own {len(chunks)} parts, one after the other, differ from the rest by up to "
                f"{restless[loudest]:.2g} ({shown(loudest)}; mean and three deviations): a lower limit fires without "
                "news. If it is the season, compare with `reference: season` instead."
            )
            large = _rounded_up(restless[loudest])
            yield _drift((f"{name}-restless", metric), tuple(restless), reference, pace, (large, why))


def _drift(
    named: tuple[str, str], columns: tuple[str, ...], reference: Profile, pace: float | None, limit: _Limit
) -> Proposal:
    (name, metric), (large, why) = named, limit
    rate = calibration.spent(ALPHA, _LOOKS) / len(columns)
    sizes = [calibration.smallest_sample(metric, reference.columns[column], large, rate) for column in columns]
    least, tells = max(100, *sizes), min(sizes) > 0
    rest = (
        f"minSamples is enough to tell from chance for {_LOOKS:,} looks; {ALPHA:.0%} of models may ever fail by chance."
        if tells
        else "The reference has too few rows to tell a move of this size from chance: give more of them."
    )
    return Proposal(
        name=name,
        signal="data_drift",
        metric=metric,
        columns=columns,
        why=f"{why} {rest}",
        days=_days_for(least, pace),
        least=least,
        success=f"< {large / 2:.3g}",
        failure=f"> {large:.3g}",
        false_alarms=ALPHA if tells else None,
    )


def _own_variation(
    metric: str, columns: tuple[str, ...], reference: Profile, chunks: Sequence[Profile]
) -> dict[str, float]:
    """Give how far parts of the reference lie from the rest, by column: mean and three deviations."""
    return {name: drift.own_variation(metric, reference, chunks, name) for name in columns}


def _above(rate: float, rows: int) -> float:
    chance = 3 * math.sqrt(rate * (1 - rate) / max(min(rows, 100), 1))
    return min(1.5 * rate + chance, 1.0)


def _rounded_up(value: float) -> float:
    """Give two digits, no lower than the value."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / step) * step
