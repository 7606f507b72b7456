"""Limits relative to what a reference does by itself: quiet years are quiet, and a column that moved stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from mlops.backends.tables import stretches as of_files
from mlops.backends.tables.sources import find
from mlops.monitors import drift, profile, stretches
from mlops.monitors.evidence import Evidence
from mlops.monitors.profile import DoesNotFitError
from tests.mlops.monitors.weather import FEATURES, days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PSI = "population_stability_index"
YEAR = 365
TEN_YEARS = {name: values for name, values in days(0, 10 * YEAR).items() if name in FEATURES}
SCHEMA = profile.schema_of(TEN_YEARS, features=FEATURES)
REFERENCE = profile.profile(TEN_YEARS, schema=SCHEMA)


def _told(year: int, *, relative: bool, **moved: float) -> Mapping[str, float]:
    window = {name: values + moved.get(name, 0.0) for name, values in days(year * YEAR, (year + 1) * YEAR).items()}
    current = profile.profile({name: window[name] for name in FEATURES}, schema=SCHEMA)
    parts = stretches.of_columns(TEN_YEARS, SCHEMA, YEAR) if relative else None
    return dict(drift.measure("m", PSI, Evidence(current=current, reference=REFERENCE, stretches=parts)).parts)


def test_quiet_years_are_past_a_fixed_limit_and_within_what_the_reference_does_by_itself() -> None:
    years = range(10, 14)

    assert all(max(_told(year, relative=False).values()) > 0.2 for year in years)
    assert all(max(_told(year, relative=True).values()) < 1 for year in years)


def test_a_column_that_moved_stands_out_alone() -> None:
    found = _told(13, relative=True, temperature=1.0)

    assert [name for name, times in found.items() if times > 1] == ["temperature"]


def test_a_column_that_never_varied_moves_many_times_that() -> None:
    constant = {"x": np.zeros(100)}
    schema = profile.schema_of(constant, features=("x",))
    reference, moved = (profile.profile({"x": values}, schema=schema) for values in (constant["x"], np.ones(20)))
    parts = stretches.of_columns(constant, schema, 20)

    found = drift.measure(
        "m", "kolmogorov_smirnov_distance", Evidence(current=moved, reference=reference, stretches=parts)
    )

    assert found.value == pytest.approx(1e9)


@pytest.mark.parametrize(
    ("rows", "size", "expected"),
    [
        (100, 20, (0, 20, 40, 60, 80)),
        (109, 20, (0, 22, 44, 67, 89)),
        (3000, 10, tuple(round(103.103448 * n) for n in range(30))),
    ],
)
def test_stretches_are_spread_evenly_and_none_lies_over_another(
    rows: int, size: int, expected: tuple[int, ...]
) -> None:
    found = stretches.starts(rows, size)

    assert (found, len(found) <= 30, found[-1] + size) == (expected, True, rows)
    assert min(np.diff(found)) >= size


@pytest.mark.parametrize(("rows", "size"), [(99, 20), (100, 0), (0, 5)])
def test_a_reference_that_is_too_short_is_told(rows: int, size: int) -> None:
    with pytest.raises(DoesNotFitError, match=f"has {rows} rows, not 5 stretches as long as the window's {size}"):
        stretches.starts(rows, size)


def test_files_are_cut_as_a_table_is(tmp_path: Path) -> None:
    """Over the ends of row groups and of files, some of which lack a column."""
    size = 2 * YEAR // 3
    parts = [pa.table({name: TEN_YEARS[name][a:b] for name in FEATURES}) for a, b in ((0, 1000), (1000, 3000))]
    last = pa.table({name: TEN_YEARS[name][3000:] for name in FEATURES[1:]})
    pq.write_table(parts[0], tmp_path / "1.parquet", row_group_size=170)
    pc.write_csv(parts[1], tmp_path / "2.csv")
    pq.write_table(last, tmp_path / "3.parquet", row_group_size=9999)
    gone = {**TEN_YEARS, FEATURES[0]: np.concatenate([TEN_YEARS[FEATURES[0]][:3000], np.full(650, np.nan)])}

    found = of_files.profiles(find([tmp_path]), SCHEMA, 10 * YEAR, size)
    expected = stretches.of_columns(gone, SCHEMA, size)

    assert len(found) == len(expected) == 15
    for name in FEATURES[1:]:
        distances = [drift.distance(PSI, REFERENCE, one, name).value for one in found]
        assert distances == [drift.distance(PSI, REFERENCE, one, name).value for one in expected]
    assert [one.columns[FEATURES[0]].present for one in found] == [
        sum(np.isfinite(gone[FEATURES[0]][start : start + size])) for start in stretches.starts(10 * YEAR, size)
    ]
