"""Files are counted as their rows are: whatever the form, the packing, the parts, and the state they are in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.backends.tables.count import pair, profile
from mlops.domain.data.data_error import DataError
from mlops.monitors import profile as profiles
from mlops.monitors.profile import Schema, numeric_column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlops.monitors.profile import Profile

SCHEMA = Schema(centres=(("x", 0.5),), categorical=("c",))
numbers = st.lists(st.none() | st.floats(-100, 100), min_size=1, max_size=30)


def _write(table: Any, path: Path, **options: Any) -> Path:  # noqa: ANN401  Arrow ships no types
    match path.suffix:
        case ".parquet":
            pq.write_table(table, path, **options)
        case ".csv":
            pyarrow.csv.write_csv(table, path)
        case ".arrow":
            with pa.ipc.new_stream(path, table.schema) as stream:
                stream.write_table(table)
        case ".feather":
            pyarrow.feather.write_feather(table, path)
        case _:
            path.write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()))
    return path


def _states(found: Profile) -> tuple[object, ...]:
    return found.schema, found.rows, found.columns


@pytest.mark.parametrize("form", ["csv", "jsonl", "arrow", "feather", "parquet"])
@settings(max_examples=25)
@given(numbers)
def test_the_form_of_a_file_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, form: str, values: list[float | None]
) -> None:
    folder = tmp_path_factory.mktemp("form")
    levels = [None if value is None else ("low" if value < 0 else "high") for value in values]
    rows: dict[str, list[Any]] = {"x": [*values], "c": [*levels]}
    table = pa.table({"x": pa.array(values, pa.float64()), "c": pa.array(levels, pa.string())})

    found = profile([_write(table, folder / f"t.{form}")], like=SCHEMA)

    expected = profiles.profile(rows, schema=SCHEMA)
    assert _states(found) == _states(expected)


@settings(max_examples=25)
@given(numbers, numbers, st.integers(1, 7))
def test_parts_row_groups_and_packing_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, one: list[float | None], two: list[float | None], group: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    parts = [pa.table({"x": pa.array(part, pa.float64()), "c": pa.array(["a"] * len(part))}) for part in (one, two)]
    _write(parts[0], folder / "1.parquet", row_group_size=group, use_dictionary=False)
    (folder / "deep").mkdir()
    _write(parts[1], folder / "deep" / "2.parquet", compression="none")
    (folder / "_SUCCESS").touch()

    found = profile([folder], like=SCHEMA)

    expected = profiles.profile({"x": [*one, *two], "c": ["a"] * (len(one) + len(two))}, schema=SCHEMA)
    assert _states(found) == _states(expected)


@pytest.mark.parametrize(
    ("array", "kind", "centre"),
    [
        (pa.array([1, 2, 9], pa.int8()), "number", 2.0),
        (pa.array([1, 2, 9], pa.uint64()), "number", 2.0),
        (pa.array([1.5, None, 2.5], pa.float32()), "number", 2.0),
        (pa.array([Decimal("1.5"), None], pa.decimal128(5, 2)), "number", 1.5),
        (pa.array([datetime(1970, 1, 2, tzinfo=UTC)], pa.timestamp("ns", tz="Europe/Zurich")), "time", 86400.0),
        (pa.array([datetime(1970, 1, 2)]), "time", 86400.0),  # noqa: DTZ001  read as UTC: what is tested
        (pa.array([date(1970, 1, 2), None]), "time", 86400.0),
        (pa.array([True, False, None]), "levels", None),
        (pa.array(["a", "b", None]), "levels", None),
        (pa.array(["a", "b", None]).dictionary_encode(), "levels", None),
        (pa.array([f"{number:08}" for number in range(3000)]), "length", 8.0),
        (pa.nulls(3), "levels", None),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_the_first_values_say_what_a_column_is(tmp_path: Path, array: Any, kind: str, centre: float | None) -> None:  # noqa: ANN401
    found = profile([_write(pa.table({"x": array}), tmp_path / "t.parquet")])

    assert found.schema == Schema(
        centres=(("x", centre),) if centre is not None else (),
        times=("x",) if kind == "time" else (),
        lengths=("x",) if kind == "length" else (),
        categorical=("x",) if kind == "levels" else (),
    )
    assert found.columns["x"].rows == len(array)
    assert found.columns["x"].nulls == array.null_count


def test_what_cannot_be_measured_is_left_out_and_still_named(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0], "nested": [[1, 2]], "bytes": [b"a"]})

    found = profile([_write(table, tmp_path / "t.parquet")])

    assert found.schema == Schema(centres=(("x", 1.0),))
    assert found.types == {"x": ("double",), "nested": ("list<element: int64>",), "bytes": ("binary",)}


def test_a_column_that_vanished_changed_its_type_or_is_new_is_told(tmp_path: Path) -> None:
    reference = profile([_write(pa.table({"x": [1.0, 2.0], "y": [1.0, 2.0], "c": ["a", "b"]}), tmp_path / "r.parquet")])
    now = pa.table({"x": ["1.0", "none", "3"], "c": [1.0, 2.0, None], "z": [1, 2, 3]})

    found = profile([_write(now, tmp_path / "n.parquet")], like=reference.schema)

    assert found.types == {"x": ("string",), "y": ("absent",), "c": ("double",), "z": ("int64",)}
    x, y = numeric_column(found, "x"), numeric_column(found, "y")
    assert (x.finite, x.mistyped, x.nulls) == (2, 1, 0)
    assert (y.finite, y.nulls) == (0, 3)
    assert found.columns["c"].rows == 3


def test_a_part_without_a_column_counts_as_nulls_there(tmp_path: Path) -> None:
    _write(pa.table({"x": [1.0, 2.0], "y": [5.0, 6.0]}), tmp_path / "1.parquet")
    _write(pa.table({"x": [3.0]}), tmp_path / "2.parquet")
    (tmp_path / "3.csv").write_text("y\n7.5\n8.5\n")

    found = profile([tmp_path], like=Schema(centres=(("x", 0.0), ("y", 0.0))))

    assert found.rows == 5
    assert {name: (numeric_column(found, name).finite, found.columns[name].nulls) for name in ("x", "y")} == {
        "x": (3, 2),
        "y": (4, 1),
    }
    assert found.types == {"x": ("absent", "double"), "y": ("absent", "double")}


def test_a_slip_in_a_column_of_a_csv_file_is_a_slip_wherever_it_stands(tmp_path: Path) -> None:
    many = "\n".join(f"{number},x" for number in range(600_000))
    (tmp_path / "late.csv").write_text(f"n,c\n{many}\noops,y\n7,z\n")
    (tmp_path / "soon.csv").write_text("n,c\n1,a\n" + "2,b\n" * 30 + "oops,c\n")

    late, soon = (profile([tmp_path / name]) for name in ("late.csv", "soon.csv"))

    assert (numeric_column(late, "n").finite, late.columns["n"].mistyped, late.rows) == (600_001, 1, 600_002)
    assert (numeric_column(soon, "n").finite, soon.columns["n"].mistyped, soon.rows) == (31, 1, 32)


def test_events_of_the_data_collector_are_their_rows(tmp_path: Path) -> None:
    events = [
        {"specversion": "1.0", "id": str(number), "data": [{"x": number}, {"x": number + 0.5}], "correlationid": "c"}
        for number in range(3)
    ]
    (tmp_path / "e.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))

    found = profile([tmp_path / "e.jsonl"])

    assert (found.rows, list(found.columns)) == (6, ["x"])
    assert (numeric_column(found, "x").low, numeric_column(found, "x").high) == (0.0, 2.5)


def test_a_time_zone_is_of_no_account_for_the_moment(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    table = pa.table(
        {
            "zoned": pa.array([moment], pa.timestamp("us", tz="America/New_York")),
            "plain": pa.array([moment.replace(tzinfo=None)]),
        }
    )

    found = profile([_write(table, tmp_path / "t.parquet")])

    assert numeric_column(found, "zoned").low == numeric_column(found, "plain").low == moment.timestamp()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", [_cut, _damaged, lambda path: path.write_bytes(b"PAR1 is not enough")])
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    path = _write(pa.table({"x": [float(number) for number in range(1000)]}), tmp_path / "t.parquet")
    harm(path)

    with pytest.raises(DataError) as error:
        profile([path])

    assert str(error.value).startswith(f"{path}: cannot be read to its end (")
    assert str(error.value).endswith("); write the file again")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "{}: there is no such file or folder"),  # noqa: ARG005
        (lambda path: path.touch(), "{}: the file is empty, not even a table without rows; was it written to its end?"),
        (lambda path: path.mkdir(), "{}: the folder holds no file that ends with .parquet, .pq, .csv, .jsonl"),
        (lambda path: _write(pa.table({"l": [[1]]}), path), "no column can be measured"),
    ],
)
def test_what_is_not_there_or_empty_is_one_clear_error(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "t.parquet"
    make(path)

    with pytest.raises(DataError) as error:
        profile([path])

    assert str(error.value).startswith(said.format(path))


def test_a_file_of_no_known_form_or_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_text("x")
    path = _write(pa.table({"x": [1.0]}), tmp_path / "t.parquet")

    with pytest.raises(DataError, match=r"t\.xlsx: of which form is it\? Its name should end with one of \.parquet"):
        profile([tmp_path / "t.xlsx"])
    with pytest.raises(DataError, match=r"named twice: .*t\.parquet; each file may be counted once"):
        profile([path, tmp_path / "t.parquet"])


@pytest.mark.parametrize("values", [[], [1.0], [None, None], [2.0] * 50])
def test_no_row_one_row_all_null_and_one_value_are_tables_like_others(tmp_path: Path, values: list[float]) -> None:
    table = pa.table({"x": pa.array(values, pa.float64())})

    found = profile([_write(table, tmp_path / "t.parquet")])

    assert (found.rows, found.columns["x"].rows) == (len(values), len(values))


def test_a_thousand_columns_are_columns_like_others(tmp_path: Path) -> None:
    table = pa.table({f"x{number}": [float(number), 1.0] for number in range(1000)})

    found = profile([_write(table, tmp_path / "t.parquet")])

    assert len(found.columns) == 1000
    assert numeric_column(found, "x7").high == 7.0


def test_a_column_of_keys_that_a_schema_takes_for_levels_stays_small(tmp_path: Path) -> None:
    table = pa.table({"c": [f"key {number}" for number in range(20_000)], "x": [0.0] * 20_000})

    found = profile([_write(table, tmp_path / "t.parquet")], like=SCHEMA)

    state = found.columns["c"]
    assert (state.rows, getattr(state, "folded", None)) == (20_000, True)


def test_progress_is_told_to_its_end(tmp_path: Path) -> None:
    _write(pa.table({"x": [1.0], "y": [1.0]}), tmp_path / "1.parquet")
    (tmp_path / "2.csv").write_text("x\n1.5\n")
    told: list[tuple[int, int]] = []

    profile([tmp_path], progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_two_sides_at_once_are_one_after_the_other(tmp_path: Path, form: str) -> None:
    """Also where one side lacks a column, holds it as another type, or has one of its own."""
    before = {"x": [1.5, None, 3.0], "gone": [1.0, 2.0, 3.0], "c": ["a", "b", "a"], "odd": ["1", "q", "z"]}
    now = {"new": [1.0], "x": [float("inf")], "odd": [7], "c": ["z"]}
    first, second = (
        _write(pa.table(table), tmp_path / f"{name}.{form}") for name, table in (("r", before), ("n", now))
    )

    reference, current = pair([first], [second])

    assert reference == (alone := profile([first]))
    assert current == profile([second], like=alone.schema)
