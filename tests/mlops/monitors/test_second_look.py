"""Where counts leave the Kolmogorov-Smirnov distance open, the rows of a few cells decide it exactly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlops.__main__ import main
from mlops.monitors import distances, numeric, second_look
from mlops.monitors.cells import cell_numbers
from mlops.monitors.profile import DoesNotFitError

if TYPE_CHECKING:
    from pathlib import Path

VALUES = st.lists(st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1.0, 1.001, 1.002, 5.5, 5.501]), min_size=1, max_size=40)


def _exact(one: Any, two: Any) -> float:  # noqa: ANN401 - numbers
    points = np.unique(np.concatenate([one, two]))
    first, second = (np.searchsorted(np.sort(side), points, side="right") / len(side) for side in (one, two))
    return float(np.abs(first - second).max())


@given(VALUES, VALUES)
@example([-0.0], [2.5e-120])  # the same as 0.0, and as good as 0.0
def test_with_the_rows_of_open_cells_the_distance_is_that_of_sorting_all(one: list[float], two: list[float]) -> None:
    sides = np.array(one), np.array(two)
    centre = numeric.centre_of(sides[0])
    first, second = (numeric.count(side, centre=centre) for side in sides)

    cells = second_look.undecided(first, second)
    kept = [side[np.isin(cell_numbers(side - centre), cells)] for side in sides]

    found = distances.kolmogorov_smirnov(first, second).value
    if len(cells):
        found = second_look.kolmogorov_smirnov((first, second), cells, (kept[0], kept[1]))
    assert found == pytest.approx(_exact(*sides))


def test_rows_that_changed_since_they_were_counted_are_refused() -> None:
    one, two = (numeric.count(np.array([1.0, start, start + 0.002, 9.0]), centre=0.0) for start in (5.5, 5.501))
    cells = second_look.undecided(one, two)

    with pytest.raises(DoesNotFitError, match="the rows are not those that were counted: "):
        second_look.kolmogorov_smirnov((one, two), cells, (np.array([5.5]), np.array([5.5])))


def test_a_comparison_of_files_is_exact_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(3)
    sides = [random.gamma(2, 1, size).round(2) + shift for size, shift in ((5000, 0.0), (4000, 0.003))]
    for name, side in zip(("old", "new"), sides, strict=True):
        table = pa.table({"x": side, "level": ["a"] * len(side)})
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=999)
    old, new = (str(tmp_path / f"{name}.parquet") for name in ("old", "new"))

    def told(*more: str) -> tuple[float, float]:
        main(["monitor", "compare", old, new, "--output", "json", *more])
        columns = json.loads(capsys.readouterr().out)["columns"]
        (found,) = (v for one in columns for v in one["values"] if v["metric"] == "kolmogorov_smirnov_distance")
        return found["value"], found["at_most"]

    low, high = told()
    assert low < high
    assert list(told("--exact")) == pytest.approx([_exact(*sides)] * 2, abs=1e-12)
    assert low <= _exact(*sides) <= high
    assert main(["monitor", "profile", old, "-o", f"{tmp_path}/old.profile"]) == 0
    capsys.readouterr()
    assert main(["monitor", "compare", f"{tmp_path}/old.profile", new, "--exact"]) == 2
    said = f"mlops: --exact needs the rows themselves, and {tmp_path}/old.profile is a saved profile: name the files\n"
    assert capsys.readouterr() == ("", said)
