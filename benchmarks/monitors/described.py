"""What the benchmark's files hold, as values: the files are made from it, and known again by its digest."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

VERSION = 1
"""Raise it when the same description gives other bytes: families or the writer have changed."""
ROWS_A_GROUP = 250_000
BYTES_A_ROW = 280
"""On disk, rounded up: to know before writing whether there is room."""

_FAMILIES = 8
_NUMERIC, _LEVELS = 40, (3, 4, 5, 8, 10, 12, 20, 30, 50, 100)
_WITH_NULLS = 5
_NULLS, _NULLS_DRIFTED = 0.02, 0.05


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.  A numeric one has a family, a categorical one has levels."""

    name: str
    drifts: bool
    family: int | None = None
    scale: float = 1.0
    levels: int = 0
    nulls: float = 0.0
    nulls_drifted: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Table:
    """One file: `part` 0 is the reference, each other part another stretch of current rows."""

    part: int
    rows: int
    columns: tuple[Column, ...]
    seed: int = 1

    @property
    def drifted(self) -> bool:
        """Say whether the columns that drift have done so here."""
        return self.part > 0

    @property
    def groups(self) -> tuple[int, ...]:
        """Give the rows of each row group."""
        whole, rest = divmod(self.rows, ROWS_A_GROUP)
        return (ROWS_A_GROUP,) * whole + ((rest,) if rest else ())


def columns() -> tuple[Column, ...]:
    """Forty numeric columns, five of each family, and ten categorical ones; half of each kind drift."""
    numeric = (
        Column(
            name=f"number_{at:02}",
            family=at % _FAMILIES,
            scale=float(1 + at // _FAMILIES),
            drifts=(at + at // _FAMILIES) % 2 == 1,
            nulls=0.0 if at % _WITH_NULLS else _NULLS,
            nulls_drifted=0.0 if at % _WITH_NULLS else _NULLS_DRIFTED,
        )
        for at in range(_NUMERIC)
    )
    categorical = (
        Column(name=f"level_{at:02}", levels=levels, drifts=at % 2 == 1) for at, levels in enumerate(_LEVELS)
    )
    return (*numeric, *categorical)


def reference(rows: int) -> Table:
    """Give the table that all others are compared with."""
    return Table(part=0, rows=rows, columns=columns())


def current(rows: int, part: int = 1) -> Table:
    """Give a stretch of current rows."""
    return Table(part=part, rows=rows, columns=columns())


def digest(table: Table) -> str:
    """Name a description: equal ones give equal files."""
    plain = {"version": VERSION, "group": ROWS_A_GROUP, **asdict(table)}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]


def path(table: Table) -> Path:
    """Say where a table's file lies, outside the checkout."""
    role = f"current-{table.part}" if table.part else "reference"
    return cache() / "data" / f"{role}-{table.rows}-{digest(table)}.parquet"


def cache() -> Path:
    """Say where the benchmarks keep what is made once."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "aml-kit" / "bench"


def parts(rows: int, each: int) -> tuple[Table, ...]:
    """Cut that many current rows into tables of one size; the last takes the rest."""
    whole, rest = divmod(rows, each)
    sizes = (each,) * whole + ((rest,) if rest else ())
    return tuple(current(size, part) for part, size in enumerate(sizes, start=1))


def affordable(wanted: int, *, limit: int, taken: int, each: int) -> int:
    """Give the rows, in whole parts, that fit beside what is taken already, in bytes; the wanted ones if they do."""
    room = max(limit - taken, 0) // BYTES_A_ROW
    return wanted if wanted <= room else room // each * each
