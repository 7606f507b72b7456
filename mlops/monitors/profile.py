"""Profiles: what a monitor needs to know of a table, small, additive and without the rows.

A profile is made once from the rows of a day (or an hour, a file, a row group).  Those of any days add up to the
profile of all their rows, exactly and in any order, so a window is a sum and no row is read twice.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mlops.monitors import categorical, numeric
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.numeric import NumericState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Columns = Mapping[str, Sequence[object] | NDArray[np.float64]]
    """A table: columns of one length, holding JSON's values (None where one is missing) or an array of floats."""

State = NumericState | CategoricalState
ABSENT = "absent"
"""The type of a column that is not there."""


class DoesNotFitError(ValueError):
    """Two profiles, or a profile and a schema, that cannot be brought together."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A rule for each row: a weighted sum of columns lies between two numbers, both allowed.

    One column with weight 1 bounds that column; weights such as 1, -0.5, -0.5 say how columns belong together.
    """

    name: str
    weights: tuple[tuple[str, float], ...]
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What to count: numeric columns with their centres, categorical columns, and rules for each row."""

    centres: tuple[tuple[str, float], ...] = ()
    times: tuple[str, ...] = ()
    """Those of the numeric columns that hold moments, counted as seconds since 1970 in UTC."""
    lengths: tuple[str, ...] = ()
    """Those that hold texts, of which the length is counted."""
    categorical: tuple[str, ...] = ()
    bounds: tuple[Bounds, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Broken:
    """How many rows a rule could be asked of, and how many broke it."""

    asked: int
    broken: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The states of a table's columns and the counts of its rules."""

    schema: Schema
    rows: int
    columns: Mapping[str, State]
    rules: Mapping[str, Broken] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    """What was counted (a day, a blob with its etag); nothing is counted twice."""
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """As what the sources hold each column, `absent` where one has it not; also columns that the schema lacks."""


def schema_of(
    columns: Columns, *, features: Sequence[str], levels: Sequence[str] = (), bounds: tuple[Bounds, ...] = ()
) -> Schema:
    """Make the schema for which a table is the reference: its medians become the centres.

    Raise DoesNotFitError when a column that is named is not in the table.
    """
    _need(columns, (*features, *levels))
    centres = tuple((name, numeric.centre_of(_numbers(columns[name])[0])) for name in features)
    return Schema(centres=centres, categorical=tuple(levels), bounds=bounds)


def profile(columns: Columns, *, schema: Schema, sources: Iterable[str] = ()) -> Profile:
    """Count a table.  Raise DoesNotFitError when a column of the schema is missing or of another length."""
    wanted = (*(name for name, _ in schema.centres), *schema.categorical)
    _need(columns, (*wanted, *(name for rule in schema.bounds for name, _ in rule.weights)))
    lengths = {len(columns[name]) for name in wanted} or {0}
    if len(lengths) > 1:
        raise DoesNotFitError(f"columns of one table have different lengths: {sorted(lengths)}")
    states: dict[str, State] = {name: _numeric(columns[name], centre) for name, centre in schema.centres}
    states |= {name: _categorical(columns[name]) for name in schema.categorical}
    return Profile(
        schema=schema,
        rows=lengths.pop(),
        columns=states,
        rules={rule.name: _ask(rule, columns) for rule in schema.bounds},
        sources=tuple(sorted(sources)),
    )


def merge(profiles: Sequence[Profile]) -> Profile:
    """Add profiles up, exactly and in any order.

    Raise DoesNotFitError for none at all, for profiles of different schemas, or when a source is in two of them.
    """
    if not profiles:
        raise DoesNotFitError("there is no profile to add up: an empty window has no profile")
    schema = profiles[0].schema
    if any(one.schema != schema for one in profiles):
        raise DoesNotFitError("profiles of different schemas (columns, centres or rules) do not add up: rebuild them")
    sources = sorted(source for one in profiles for source in one.sources)
    twice = sorted({first for first, second in itertools.pairwise(sources) if first == second})
    if twice:
        raise DoesNotFitError(f"counted twice: {', '.join(twice)}; each source may be in one of the profiles only")
    return Profile(
        schema=schema,
        rows=sum(one.rows for one in profiles),
        columns={
            **{name: numeric.merge([numeric_column(p, name) for p in profiles]) for name, _ in schema.centres},
            **{name: categorical.merge([categorical_column(p, name) for p in profiles]) for name in schema.categorical},
        },
        rules={
            rule.name: Broken(
                asked=sum(p.rules[rule.name].asked for p in profiles),
                broken=sum(p.rules[rule.name].broken for p in profiles),
            )
            for rule in schema.bounds
        },
        sources=tuple(sources),
        types=_types(profiles),
    )


def _types(profiles: Sequence[Profile]) -> dict[str, tuple[str, ...]]:
    """Say of each column as what any of the sources holds it; one that only some know is absent in the others."""
    told = [one.types for one in profiles if one.types]
    names = sorted({name for types in told for name in types})
    return {name: tuple(sorted({kind for types in told for kind in types.get(name, (ABSENT,))})) for name in names}


def numeric_column(one: Profile, name: str) -> NumericState:
    """Give a numeric column's state.  Raise DoesNotFitError when there is none of that name."""
    state = one.columns.get(name)
    if not isinstance(state, NumericState):
        raise DoesNotFitError(f"the profile has no numeric column {name!r}; it has {', '.join(sorted(one.columns))}")
    return state


def categorical_column(one: Profile, name: str) -> CategoricalState:
    """Give a categorical column's state.  Raise DoesNotFitError when there is none of that name."""
    state = one.columns.get(name)
    if not isinstance(state, CategoricalState):
        raise DoesNotFitError(f"the profile has no categorical column {name!r}; it has {', '.join(one.columns)}")
    return state


def _need(columns: Columns, names: Iterable[str]) -> None:
    missing = sorted({name for name in names if name not in columns})
    if missing:
        raise DoesNotFitError(f"missing columns: {', '.join(missing)}; the table has {', '.join(sorted(columns))}")


def _numeric(values: Sequence[object] | NDArray[np.float64], centre: float) -> NumericState:
    numbers, nulls, mistyped = _numbers(values)
    return numeric.count(numbers, centre=centre, nulls=nulls, mistyped=mistyped)


def _numbers(values: Sequence[object] | NDArray[np.float64]) -> tuple[NDArray[np.float64], int, int]:
    """Give the values that can be read as numbers, the count of nulls, and the count of what is no number."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float64), 0, 0
    present = [value for value in values if value is not None]
    nulls = len(values) - len(present)
    try:
        numbers = np.array(present, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty((0, 0))
    if numbers.ndim == 1:
        return numbers, nulls, 0
    # Something is no number: only then is each value worth a look of its own.
    read = [number for value in present if (number := _number(value)) is not None]
    return np.array(read, dtype=np.float64), nulls, len(present) - len(read)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None


def _categorical(values: Sequence[object] | NDArray[np.float64]) -> CategoricalState:
    present = [value for value in values if value is not None]
    levels = [_level(value) for value in present if isinstance(value, str | int | float)]
    return categorical.count(levels, nulls=len(values) - len(present), mistyped=len(present) - len(levels))


def _level(value: str | float) -> str:
    """Give one name to what JSON may write in two ways: 1, 1.0 and true are different texts, 1 and 1.0 one number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ask(rule: Bounds, columns: Columns) -> Broken:
    """Count the rows outside the bounds.  A row that lacks one of the values is not asked; its nulls tell."""
    rows = zip(*(columns[name] for name, _ in rule.weights), strict=True)
    weights = [weight for _, weight in rule.weights]
    asked = broken = 0
    for row in rows:
        numbers = [_number(value) for value in row]
        total = sum(w * x for w, x in zip(weights, numbers, strict=True) if x is not None)
        if None in numbers or math.isnan(total):
            continue
        asked += 1
        broken += not rule.low <= total <= rule.high
    return Broken(asked=asked, broken=broken)
