"""`mlops monitor run`: the monitors of a project file over files; four outcomes, each with its exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from mlops.__main__ import main
from mlops.measuring.answers import scored
from mlops.monitors.evidence import Scored
from tests.mlops.backends.collector import DATA
from tests.mlops.monitor_project import rows, run, write_project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project's folder, with files beside it."""
    write_project(tmp_path)
    return tmp_path


def _told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(folder, *arguments, "--output", "json")
    return code, json.loads(capsys.readouterr().out)


def _verdicts(said: dict[str, Any]) -> dict[str, Any]:
    return {one["monitor"]: one["verdict"] for one in said["monitors"]}


def test_every_monitor_of_the_project_is_measured_and_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _told(folder, capsys, "--current", "@same.parquet")

    passed = dict.fromkeys(("sensor", "drift", "accuracy", "rows", "twice", "columns", "together"), "pass")
    assert (code, said["verdict"], _verdicts(said)) == (0, "pass", {**passed, "rows": None})
    values = {one["monitor"]: (one["value"], one["samples"]) for one in said["monitors"]}
    assert values["accuracy"] == (1.0, 400)
    assert values["rows"] == (400.0, 400)
    assert next(one["chance"] for one in said["monitors"] if one["monitor"] == "together") > 1
    assert said["read"] == [f"{folder}/reference.parquet", f"{folder}/same.parquet"]


def test_where_nothing_has_a_limit_nobody_can_tell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _told(folder, capsys, "--current", "@same.parquet", "--monitor", "rows")

    assert (code, said["verdict"], _verdicts(said)) == (4, "inconclusive", {"rows": None})


def test_what_chance_may_have_made_is_said_beside_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = folder / "project.yaml"
    project.write_text(project.read_text().replace('{success: "< 0.2"}', '{success: "< 0.001", falseAlarms: 0.01}'))

    assert run(folder, "--current", "@same.parquet", "--monitor", "drift") == 4

    assert "chance alone reaches 0.0" in " ".join(capsys.readouterr().out.split())


def test_what_moved_fails_and_is_named_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(folder, "--current", "@moved.parquet", "--monitor", "drift", "--monitor", "accuracy")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert code == 1
    assert [line[0] for line in lines if line and line[0] in ("drift", "accuracy")] == ["drift", "accuracy"]
    assert "fail" in next(line for line in lines if line[:1] == ["drift"])


def test_a_window_ends_where_it_is_said_and_reaches_back_as_the_monitor_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, said = _told(folder, capsys, "--current", "@same.parquet", "--until", "2026-02-01", "--monitor", "rows")

    (rows,) = said["monitors"]
    assert rows["value"] == 28
    assert rows["window"] == {"start": "2026-01-25T00:00:00+00:00", "end": "2026-02-01T00:00:00+00:00"}


@pytest.mark.parametrize(("monitor", "until", "code"), [("drift", "2026-01-03", 4), ("drift", "2030-01-01", 5)])
def test_few_rows_are_inconclusive_and_an_absent_window_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str], monitor: str, until: str, code: int
) -> None:
    found, said = _told(folder, capsys, "--current", "@same.parquet", "--until", until, "--monitor", monitor)

    (one,) = said["monitors"]
    assert (found, one["verdict"]) == (code, {4: "inconclusive", 5: "error"}[code])
    assert ("the window has no rows" in one["why"]) is (code == 5)


def test_labels_that_are_late_are_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Joined by the key, the last of several counting; an answer without a label is no wrong answer."""
    table = pq.read_table(folder / "same.parquet").drop_columns("rain")
    pq.write_table(table, folder / "answers.parquet")
    days = table["day"].to_pylist()
    labels = {"day": [days[0], *days[:8]], "rain": [5, *rows(400)["rain"][:8].tolist()]}
    pc.write_csv(pa.table(labels), folder / "labels.csv")
    arguments = ("--current", "@answers.parquet", "--labels", "@labels.csv", "--monitor", "accuracy")

    code, said = _told(folder, capsys, *arguments)

    (one,) = said["monitors"]
    assert (code, one["value"], one["samples"], one["verdict"]) == (4, 1.0, 8, "inconclusive")
    assert _told(folder, capsys, *arguments[:2], *arguments[4:])[0] == 5


def test_rows_that_came_twice_are_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pq.read_table(folder / "same.parquet")
    pq.write_table(pa.concat_tables([table, table.slice(0, 100)]), folder / "double.parquet")

    code, said = _told(folder, capsys, "--current", "@double.parquet", "--monitor", "twice", "--monitor", "accuracy")

    values = {one["monitor"]: (one["value"], one["samples"]) for one in said["monitors"]}
    assert (code, values) == (1, {"accuracy": (1.0, 400), "twice": (0.2, 500)})


def test_a_column_that_vanished_is_an_error_of_the_monitors_that_need_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(folder / "same.parquet")
    pq.write_table(table.drop_columns("maximum"), folder / "less.parquet")

    code, said = _told(folder, capsys, "--current", "@less.parquet")

    why = {one["monitor"]: one["why"] for one in said["monitors"] if one["verdict"] == "error"}
    assert code == 1  # that it is gone is what `columns` is there to find
    assert _verdicts(said)["columns"] == "fail"
    assert why.keys() == {"sensor", "drift", "together"}
    assert why["drift"] == "the window's files have no column maximum"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which rows are looked at? Name their files with --current, or in the project file (files)"),
        (("--current", "@gone.parquet"), "gone.parquet: there is no such file or folder"),
        (("--current", "@*.pq"), "*.pq: no file has such a name"),
        (("--current", "@empty.parquet"), "empty.parquet: the file is empty"),
        (("--current", "@cut.parquet"), "cut.parquet: cannot be read to its end ("),
        (("--current", "@same.parquet", "@same.parquet"), "named twice: "),
        (("--current", "@same.parquet", "--monitor", "dirft"), "has no monitor dirft; it has sensor, drift, accuracy"),
        (("--current", "@same.parquet", "--reference", "@none/"), "none: there is no such file or folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    (folder / "empty.parquet").touch()
    (folder / "cut.parquet").write_bytes((folder / "same.parquet").read_bytes()[:-300])

    code = run(folder, *arguments)

    told = capsys.readouterr()
    assert (code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert said in told.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--engine", "dask"), "invalid choice: 'dask'"),
        (("--until", "tomorrow"), "'tomorrow' is no moment: write 2026-03-01 or 2026-03-01T06:00"),
        (("--processes", "0"), "'0' is no number of processes: give 1 or more"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(folder, "--current", "@same.parquet", *option)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_reference_there_is_nothing_to_compare_with(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What compares is an error; what does not is measured."""
    file = folder / "project.yaml"
    file.write_text(file.read_text().replace("  files: {reference: [reference.parquet]}\n", ""))

    code, said = _told(folder, capsys, "--current", "@same.parquet")

    why = {one["monitor"]: one["why"] for one in said["monitors"] if one["verdict"] == "error"}
    assert code == 5
    assert why == {
        "drift": "there is no reference to compare with: name its files",
        "columns": "there is no reference to compare with: name its files",
        "together": "the reference has no rows",
    }


@pytest.mark.parametrize(
    ("signal", "value"),
    [
        ("fairness, metric: demographic_parity_difference, group: station", 0.9),
        ("estimated_performance, metric: estimated_accuracy", 0.9),
    ],
)
def test_signals_that_need_columns_together_get_rows(
    folder: Path, capsys: pytest.CaptureFixture[str], signal: str, value: float
) -> None:
    """One station says yes nine times of ten, the other never; answers of 0.9 and 0.1 are right nine times of ten."""
    file = folder / "project.yaml"
    head, _, rest = file.read_text().partition("    - {name: together")
    monitor = f"    - {{name: together, signal: {signal}, window: P7D, every: P7D, minSamples: 100}}\n"
    file.write_text(f"{head}{monitor}  triggers:{rest.partition('  triggers:')[2]}")
    for name in ("reference", "same"):
        table = pq.read_table(folder / f"{name}.parquet")
        answers = pa.array([0.9 if number % 20 < 9 else 0.1 for number in range(len(table))])
        labels = pa.array([int(number % 20 in {*range(1, 9), 19}) for number in range(len(table))])
        station = pa.array(["a" if number % 20 < 10 else "b" for number in range(len(table))])
        table = table.drop_columns(["probability", "rain"])
        for column, values in (("probability", answers), ("rain", labels), ("station", station)):
            table = table.append_column(column, values)
        pq.write_table(table, folder / f"{name}.parquet")

    _, said = _told(folder, capsys, "--current", "@same.parquet", "--monitor", "together")

    (one,) = said["monitors"]
    assert (one["why"], one["value"]) == ("", pytest.approx(value, abs=0.02))


def test_an_answer_without_a_label_waits() -> None:
    data = replace(DATA, key="day", label="rain", prediction="probability")
    joined: dict[str, list[object]] = {
        "day": ["a", "b", "c", "a"],
        "probability": [0.1, 0.2, None, 0.4],
        "rain": [1, None, 0, 0],
    }

    assert scored(joined, data) == Scored(labels=[1.0], scores=[0.1], waiting=1)


def test_each_segment_is_measured_and_judged_beside_the_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = folder / "project.yaml"
    cut = "segments: [{column: temperature, cuts: [0]}]"
    text = project.read_text()
    for name in ("sensor", "drift", "accuracy"):
        text = text.replace(f"{{name: {name}, signal", f"{{name: {name}, {cut}, signal")
    project.write_text(text)
    _, said = _told(folder, capsys, "--current", "@same.parquet")
    found = _verdicts(said)
    assert {name: found[name] for name in found if "[" in name} == {
        f"{name}[{segment}]": "pass"
        for name in ("sensor", "drift", "accuracy")
        for segment in ("temperature<0", "0<=temperature")
    }


def test_looks_are_counted_by_the_time_between_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schedule cannot say which look it is; since when it looks it can."""
    write_project(tmp_path)
    asked = ("--current", "@same.parquet", "--monitor", "together", "--output", "json")

    def chance(*more: str) -> float:
        run(tmp_path, *asked, *more)
        (found,) = json.loads(capsys.readouterr().out)["monitors"]
        return float(found["chance"])

    since = (datetime.now(UTC) - timedelta(days=15)).isoformat()
    third = chance("--looks-since", since)
    assert (third == chance("--look", "3"), third > chance()) == (True, True)


_MODEL = """\
    - {name: model, signal: feature_attribution_drift, metric: attribution_share_change, window: P7D, every: P7D,
       minSamples: 100, model: model.json, columns: [temperature, minimum], limit: {success: "<= 0.2"}}
"""


def test_attributions_are_of_the_model_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a linear model a column contributes its weight times its distance from the reference's mean."""
    write_project(tmp_path)
    file = tmp_path / "project.yaml"
    file.write_text(file.read_text().replace("  monitors:\n", f"  monitors:\n{_MODEL}"))
    (tmp_path / "model.json").write_text('{"linear": {"minimum": -1.0, "temperature": 2.0}}')
    wide = {**rows(402), "temperature": rows(402)["temperature"] * 10}
    pq.write_table(pa.table(wide), tmp_path / "wide.parquet")
    reference, sides = rows(4000, first="2020-01-01"), []
    for side in (reference, wide):
        sizes = [
            weight * abs(side[name] - reference[name].mean()).mean()
            for name, weight in (("temperature", 2.0), ("minimum", 1.0))
        ]
        sides.append(sizes[0] / sum(sizes))

    assert run(tmp_path, "--current", "@wide.parquet", "--monitor", "model", "--output", "json") == 1
    (found,) = json.loads(capsys.readouterr().out)["monitors"]
    assert (found["value"], found["parts"]["temperature"]) == (pytest.approx(sides[1] - sides[0]),) * 2
    for content, said in (
        ('{"linear": {"wind": 1}}', "the model is of the columns wind; given are temperature, minimum"),
        ('{"linear": {"minimum": NaN}}', "model.json: a linear model has weights, and each is a finite number"),
        ('{"weights": 3}', 'model.json: a linear model is {"linear": {COLUMN: WEIGHT, …}} in JSON, and this is not'),
        ("pickled", "model.json: only models that LightGBM saved as text, and JSON of a linear model's weights, are"),
    ):
        (tmp_path / "model.json").write_text(content)
        assert run(tmp_path, "--current", "@wide.parquet", "--monitor", "model", "--output", "json") == 5
        (found,) = json.loads(capsys.readouterr().out)["monitors"]
        assert said in found["why"]


_RELATIVE = """\
    - {name: relative, signal: data_drift, metric: normalized_wasserstein_distance, window: P7D, every: P7D,
       minSamples: 10, relative: true, segments: [{column: rain, values: ["0"]}], limit: {success: "<= 1"}}
"""


def test_a_relative_limit_is_of_what_the_reference_does_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A saved profile does not tell that, nor does a reference of hardly more rows than the window."""
    write_project(tmp_path)
    file = tmp_path / "project.yaml"
    file.write_text(file.read_text().replace("  monitors:\n", f"  monitors:\n{_RELATIVE}"))
    save = ["monitor", "profile", f"{tmp_path}/reference.parquet", "-o", f"{tmp_path}/saved.profile"]
    assert main(save) == 0
    pq.write_table(pa.table(rows(2001)), tmp_path / "long.parquet")

    def told(*more: str, name: str = "relative") -> tuple[int, object, str]:
        capsys.readouterr()
        code = run(tmp_path, *more, "--monitor", name, "--output", "json")
        (found,) = json.loads(capsys.readouterr().out)["monitors"]
        return code, found["value"], found["why"]

    quiet, moved = told("--current", "@same.parquet"), told("--current", "@moved.parquet")
    assert (quiet[0], moved[0], float(str(quiet[1])) < 1 < float(str(moved[1]))) == (0, 1, True)
    dry = [told("--current", f"@{file}.parquet", name="relative[rain=0]")[1] for file in ("same", "moved")]
    assert (float(str(dry[0])) < 2, float(str(dry[1])) > 10) == (True, True)
    saved = told("--current", "@same.parquet", "--reference", "@saved.profile")
    assert saved == (5, None, "what the reference varies by itself is of its rows: name their files, no saved profile")
    code, _, why = told("--current", "@long.parquet")
    assert (code, "the reference has 4,000 rows, not 5 stretches as long as the window's 2,001" in why) == (5, True)
