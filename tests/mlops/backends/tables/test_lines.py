"""Files of JSON lines: read by blocks, and no block's rows depend on the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.backends.tables import lines
from mlops.backends.tables.count import profile
from mlops.domain.data.data_error import DataError
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.profile import numeric_column

if TYPE_CHECKING:
    from pathlib import Path


rows = st.lists(
    st.fixed_dictionaries(
        {"x": st.none() | st.integers(-50, 50) | st.floats(-50, 50)},
        optional={"y": st.integers(-5, 5) | st.sampled_from(["seven", "8"]), "c": st.sampled_from(["a", "b", 3, True])},
    ),
    min_size=1,
    max_size=25,
)


def _write(path: Path, values: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return path


def _event(*data: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(number), "correlationid": "c", "data": list(data)}


def _plain(value: Any) -> str | float:  # noqa: ANN401  whatever JSON holds
    """Give a value as a column is counted: a text that spells a number is one, others are their words."""
    try:
        return float(value)
    except ValueError:
        return str(value)


def _rows(path: Path, size: int) -> list[dict[str, str | float]]:
    return [
        {name: _plain("true" if value is True else value) for name, value in row.items() if value is not None}
        for batch in lines.batches(path, size)
        for row in batch.to_pylist()
    ]


@settings(max_examples=60)
@given(rows=rows, size=st.integers(1, 400), events=st.booleans())
def test_where_blocks_end_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], size: int, *, events: bool
) -> None:
    path = _write(tmp_path_factory.mktemp("lines") / "t.jsonl", [_event(row) for row in rows] if events else rows)

    written = [
        {name: _plain("true" if value is True else value) for name, value in row.items() if value is not None}
        for row in rows
    ]
    assert [row for row in _rows(path, size) if row] == [row for row in written if row]


def test_a_column_may_be_new_or_change_its_type_further_down(tmp_path: Path) -> None:
    early = [{"x": number, "empty": None, "pad": "p" * 400} for number in range(12_000)]
    late = [{"x": number + 0.5, "empty": 7, "new": "a", "pad": "p"} for number in range(100)]

    found = profile([_write(tmp_path / "t.jsonl", [*early, *late, {"x": "oops", "empty": 8, "new": "b"}])])

    x, empty, new = (found.columns[name] for name in ("x", "empty", "new"))
    assert found.rows == 12_101
    assert (numeric_column(found, "x").finite, x.mistyped) == (12_100, 1)
    assert (numeric_column(found, "empty").finite, empty.nulls) == (101, 12_000)
    assert isinstance(new, CategoricalState)
    assert (dict(new.levels), new.nulls) == ({"a": 100, "b": 1}, 12_000)


def test_a_column_of_nulls_only_is_a_column(tmp_path: Path) -> None:
    found = profile([_write(tmp_path / "t.jsonl", [{"x": 1.0, "n": None}, {"x": 2.0, "n": None}])])

    assert (list(found.columns), found.columns["n"].rows, found.columns["n"].nulls) == (["x", "n"], 2, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"x": 1', "t.jsonl:3: is no JSON (Expecting ',' delimiter: line 1 column 8 (char 7)); was the line written"),
        ("[1, 2]", "t.jsonl:3: holds no JSON object, but [1, 2]"),
        ("nonsense", "t.jsonl:3: is no JSON (Expecting value: line 1 column 1 (char 0)); was the line written to its"),
        (
            json.dumps({"specversion": "1.0", "id": "3", "dataref": "https://rows.example/3"}),
            "1 of the collector's events hold no rows in `data`; where payloads were too large for it, `dataref` names",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_line_that_is_no_row_is_one_error_with_its_number(tmp_path: Path, line: str, said: str, ending: str) -> None:
    path = _write(tmp_path / "t.jsonl", [_event({"x": 1.0}), {"x": 2.0}])
    path.write_text(f"{path.read_text()}{line}{ending}")

    with pytest.raises(DataError) as error:
        list(lines.batches(path, size=10))

    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"specversion": "1.0", "id": "2", "dataref": "https://rows.example/2"},
        {"specversion": "1.0", "id": "2", "data": None},
    ],
)
def test_events_whose_rows_lie_elsewhere_are_not_left_out_in_silence(tmp_path: Path, elsewhere: dict[str, Any]) -> None:
    mixed = [_event({"x": 1.0}), elsewhere, _event({"x": "a"})]
    for name, events in (("one", [elsewhere]), ("among", [*mixed[:2], _event({"x": 2.0})]), ("mixed", mixed)):
        with pytest.raises(DataError, match=r"1 of the collector's events hold no rows in `data`"):
            profile([_write(tmp_path / f"{name}.jsonl", events)])


def test_a_line_without_end_is_no_line(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"x": 1}\n' + "9" * 100)

    with pytest.raises(DataError, match=r"t\.jsonl:2: the line does not end; write one JSON object a line"):
        list(lines.batches(tmp_path / "t.jsonl", size=10, longest=50))
