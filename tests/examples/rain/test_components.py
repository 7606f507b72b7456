"""The pipeline's steps, run as the plain programs that they are."""

import csv
import json
import math
from pathlib import Path

import pytest

from examples.rain.components.src import evaluate, prepare, train
from examples.rain.weather import Day, read_days, write_labelled

DAYS = read_days()
FEATURES = ",".join(DAYS[0].features)


def _training_set(folder: Path, train_days: tuple[Day, ...], holdout: tuple[Day, ...]) -> Path:
    folder.mkdir(parents=True)
    write_labelled(train_days, folder / "train.csv")
    write_labelled(holdout, folder / "holdout.csv")
    (folder / "manifest.json").write_text('{"digest": "abc"}')
    return folder


def _prepare(data: Path, into: Path) -> Path:
    prepare.main(
        ["--data", str(data), "--key", "day", "--label", "rain", "--features", FEATURES, "--prepared", str(into)]
    )
    return into


def _train(prepared: Path, data: Path, into: Path) -> Path:
    train.main(
        ["--prepared", str(prepared), "--data", str(data), "--clip", "5", "--strength", "1", "--model", str(into)]
    )
    return into


def _evaluate(prepared: Path, model: Path, into: Path, champion: Path | None = None) -> list[dict[str, str]]:
    extra = ["--champion", str(champion)] if champion else []
    evaluate.main(["--prepared", str(prepared), "--model", str(model), *extra, "--evaluation", str(into)])
    with (into / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training set, prepared and trained on."""
    folder = tmp_path_factory.mktemp("pipeline")
    data = _training_set(folder / "data", DAYS[8000:8730], DAYS[8730:8790])
    _train(_prepare(data, folder / "prepared"), data, folder / "model")
    return folder


def test_the_first_candidate_is_scored_alone_in_order_of_time(whole: Path, tmp_path: Path) -> None:
    scored = _evaluate(whole / "prepared", whole / "model", tmp_path / "evaluation")

    assert [row["key"] for row in scored] == [day.day.isoformat() for day in DAYS[8730:8790]]
    assert [row["label"] for row in scored] == [str(day.rain) for day in DAYS[8730:8790]]
    assert {row["champion"] for row in scored} == {""}
    assert all(0 <= float(row["candidate"]) <= 1 for row in scored)


def test_candidate_and_champion_are_scored_on_the_same_rows(whole: Path, tmp_path: Path) -> None:
    registered = tmp_path / "champion"  # a registered model arrives one folder deeper
    registered.mkdir()
    (registered / "model").symlink_to(whole / "model")
    scored = _evaluate(whole / "prepared", whole / "model", tmp_path / "evaluation", registered / "model")

    assert [row["champion"] for row in scored] == [row["candidate"] for row in scored]
    metrics = json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    losses = [(float(row["candidate"]) - float(row["label"])) ** 2 for row in scored]
    assert metrics["candidate"] == metrics["champion"]
    assert metrics["candidate"]["samples"] == 60
    assert math.isclose(metrics["candidate"]["brier_score"], sum(losses) / 60, abs_tol=1e-6)


def test_the_held_out_rows_do_not_reach_the_model(whole: Path, tmp_path: Path) -> None:
    other = _training_set(tmp_path / "data", DAYS[8000:8730], DAYS[200:260])
    _train(_prepare(other, tmp_path / "prepared"), other, tmp_path / "model")

    before = _evaluate(whole / "prepared", whole / "model", tmp_path / "before")
    after = _evaluate(whole / "prepared", tmp_path / "model", tmp_path / "after")
    assert after == before


def test_a_model_knows_where_it_comes_from(whole: Path) -> None:
    lineage = json.loads((whole / "model" / "lineage.json").read_text())

    assert lineage["data"] == {"digest": "abc"}
    assert (lineage["rows"], lineage["parameters"]) == (730, {"clip": 5.0, "strength": 1.0})
    assert len(lineage["code"]) == 64
    assert set(lineage["packages"]) == {"python", "scikit-learn", "numpy"}


def test_rows_with_an_empty_number_are_left_out_and_counted(tmp_path: Path) -> None:
    data = _training_set(tmp_path / "data", DAYS[:3], DAYS[3:5])
    lines = (data / "train.csv").read_text().splitlines()
    empty = lines[2].split(",")
    empty[1] = ""
    (data / "train.csv").write_text("\n".join([lines[0], lines[1], ",".join(empty), lines[3]]))

    _prepare(data, tmp_path / "prepared")

    assert json.loads((tmp_path / "prepared" / "summary.json").read_text())["train"] == {
        "rows": 2,
        "incomplete": 1,
        "first": "1950-01-01",
        "last": "1950-01-03",
        "positive": 1,
    }


def test_a_missing_column_ends_prepare_with_one_sentence(tmp_path: Path) -> None:
    data = _training_set(tmp_path / "data", DAYS[:3], DAYS[3:5])
    (data / "holdout.csv").write_text("day,rain\n1950-01-04,1\n")

    with pytest.raises(SystemExit, match=r"^prepare: .*holdout.csv has no column average_wind_speed, dew_point"):
        _prepare(data, tmp_path / "prepared")


def test_a_label_that_is_neither_0_nor_1_ends_prepare(tmp_path: Path) -> None:
    data = _training_set(tmp_path / "data", DAYS[:3], DAYS[3:5])
    text = (data / "train.csv").read_text()
    (data / "train.csv").write_text(text.replace(",0\n", ",2\n", 1))

    with pytest.raises(SystemExit, match=r"column rain must be 0 or 1, it also has \[2.0\]"):
        _prepare(data, tmp_path / "prepared")


def test_too_few_rows_end_train_with_what_is_needed(tmp_path: Path) -> None:
    data = _training_set(tmp_path / "data", DAYS[:100], DAYS[100:110])

    with pytest.raises(SystemExit, match=r"^train: \d+ rows with rain and \d+ without; 50 of each are needed"):
        _train(_prepare(data, tmp_path / "prepared"), data, tmp_path / "model")


def test_nothing_held_out_ends_evaluate(whole: Path, tmp_path: Path) -> None:
    data = _training_set(tmp_path / "data", DAYS[:3], DAYS[3:5])
    header = (data / "holdout.csv").read_text().splitlines()[0]
    (data / "holdout.csv").write_text(header + "\n")
    prepared = _prepare(data, tmp_path / "prepared")

    with pytest.raises(SystemExit, match="no held-out rows, so nothing can be compared"):
        _evaluate(prepared, whole / "model", tmp_path / "evaluation")
