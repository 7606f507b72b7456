"""`mlops init` writes a project that is sound and runs, from questions or options, and overwrites nothing."""

import csv
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.__main__ import main
from mlops.domain.project import Task
from mlops.spec.initial import Answers, files
from mlops.spec.read import read_project
from tests.mlops.flows.scenes import always
from tests.mlops.rig import Rig

ANSWERS = Answers(
    name="rain",
    task=Task.CLASSIFICATION,
    key="id",
    time="at",
    features=("warm", "wet: very"),
    label="rained",
    history="azureml:rain-history:1",
    labels="azureml://datastores/workspaceblobstore/paths/rain/labels",
    endpoint="rain",
    compute="cpu",
    delay=timedelta(days=1),
    rows_per_day=1000,
    good_enough=0.6,
)


def written(folder: Path, **answers: object) -> Path:
    for name, text in files(Answers(**{**vars(ANSWERS), **answers})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("rate", [0.1, 1, 24, 1000, 1e7])
def test_what_is_written_is_sound_at_every_rate(tmp_path: Path, task: Task, rate: float) -> None:
    project = read_project(written(tmp_path, task=task, rows_per_day=rate) / "project.yaml")

    assert (project.name, project.task, project.data.features) == ("rain", task, ("warm", "wet: very"))
    assert [trigger.name for trigger in project.triggers] == ["drift", "decay", "monthly", "manual"]
    assert project.policy.budget is not None


def test_what_is_written_runs_through_the_whole_loop(tmp_path: Path) -> None:
    made = files(ANSWERS)
    written(tmp_path)
    rig = Rig(folder=tmp_path, text=made["project.yaml"])
    rig.world.rows_a_day, rig.world.requests_a_day, rig.world.holdout = 1000.0, 1000.0, 6000
    rig.world.readings["quality-of-answers"] = always(0.7)
    rig.world.default_accuracy = 0.9
    rig.until("attempt started", days=3)

    assert rig.loop.attempt is not None or rig.loop.last is not None


def rows(path: Path, start: int, count: int) -> None:
    draw = random.Random(start)  # noqa: S311 - the same rows each time
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "at", "warm", "wet: very", "rained"))
        for at in range(start, start + count):
            warm, wet = draw.random(), draw.random()
            day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=at)
            writer.writerow((f"r{at}", day.isoformat(), warm, wet if at % 9 else "", int(wet > 0.5) if at else 1))


DRIVER = """
import json, os, runpy, sys
from pathlib import Path

sys.path[:0] = ["stubs"]
found = {}
for task in ("classification", "regression"):
    folder = Path(task)
    for attempt, champion in (("one", []), ("two", ["--champion", str(folder / "one")])):
        sys.argv = ["train.py", "--data", "data", *champion]
        sys.argv += ["--model", str(folder / attempt / "model"), "--evaluation", str(folder / attempt)]
        runpy.run_path(str(folder / "components/src/train.py"), run_name="__main__")
    os.environ["AZUREML_MODEL_DIR"] = str(folder / "one")
    script = runpy.run_path(str(folder / "score/score.py"))
    script["init"]()
    found[task] = script["run"]((folder / "smoke.jsonl").read_text())
Path("answers.json").write_text(json.dumps(found))
"""
COLLECTOR = """
class Collector:
    def __init__(self, name): self.name = name
    def collect(self, rows, context=None): return "context"
"""


def predictions(folder: Path) -> list[dict[str, str]]:
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_pipeline_trains_beside_its_champion_and_the_script_answers(tmp_path: Path) -> None:
    """In one process for both tasks: most of the time is the import of scikit-learn."""
    for kind in Task:
        written(tmp_path / kind.value, task=kind)
    rows(tmp_path / "data" / "train.csv", 0, 300)
    rows(tmp_path / "data" / "holdout.csv", 300, 50)
    told = {"key": "id", "time": "at", "label": "rained", "features": list(ANSWERS.features), "digest": "d1"}
    (tmp_path / "data" / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    stub = tmp_path / "stubs" / "azureml" / "ai" / "monitoring.py"
    stub.parent.mkdir(parents=True)
    stub.write_text(COLLECTOR, encoding="utf-8")
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # many threads on few cores wait for each other
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))

    for task, column in (("classification", "probability"), ("regression", "prediction")):
        first, second = predictions(tmp_path / task / "one"), predictions(tmp_path / task / "two")
        assert {row["champion"] for row in first} == {""}
        assert [row["champion"] for row in second] == [row["candidate"] for row in first]
        assert sum((float(row["candidate"]) > 0.5) == (float(row["label"]) > 0.5) for row in first) >= 40
        (answer,) = answers[task]
        assert (answer["id"], isinstance(answer[column], float)) == ("smoke", True)


def test_options_alone_write_a_project_that_validates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Did it rain"
    assert main(["init", str(folder), "--yes", "--features", "a,b", "--good-enough", "0.6", "--owner", 'A "B"']) == 0
    assert main(["validate", "-f", str(folder / "project.yaml")]) == 0

    assert "project did-it-rain is sound" in capsys.readouterr().out


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "score").mkdir()
    (tmp_path / "score" / "score.py").write_text("mine\n", encoding="utf-8")

    assert main(["init", str(tmp_path), "--yes", "--name", "rain", "--features", "a"]) == 1
    assert "score.py is there already, and nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["score.py"]
    assert (tmp_path / "score" / "score.py").read_text(encoding="utf-8") == "mine\n"


def test_a_folder_that_cannot_be_written_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "score").write_text("a file where a folder is needed\n", encoding="utf-8")

    assert main(["init", str(tmp_path), "--yes", "--name", "rain", "--features", "a"]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["score"]


def test_everything_that_is_missing_or_wrong_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["init", str(tmp_path), "--yes", "--name", "No Name", "--task", "regression", "--delay", "soon"]
    assert main([*command, "--rows-per-day", "-1"]) == 2
    said = capsys.readouterr().err.splitlines()

    assert [line.split(":")[1].strip() for line in said] == [
        "--name",
        "--features",
        "--rows-per-day",
        "--delay",
        "--good-enough",
    ]
    assert list(tmp_path.iterdir()) == []


def test_what_the_model_must_not_see_is_no_feature(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path), "--yes", "--name", "rain", "--features", "a,label"]) == 2
    assert "--features: label is what the model must not see" in capsys.readouterr().err


def test_at_a_terminal_it_asks_and_asks_again_what_was_no_answer(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    said = ["", "guessing", "regression", "warm,wet", "", "", "", "24", "", "", "", "", "", "1.5", "ada"]
    with subprocess.Popen(
        [sys.executable, "-m", "mlops", "init", str(tmp_path / "rain")], stdin=theirs, stdout=subprocess.PIPE, text=True
    ) as asking:
        os.close(theirs)
        os.write(ours, "".join(f"{line}\n" for line in said).encode())
        out, _ = asking.communicate(timeout=60)
    os.close(ours)

    assert asking.returncode == 0, out
    assert "classification (0 or 1) or regression (a number) [classification]: " in out
    assert "  classification (is it so? 0 or 1) or regression (how much?)" in out
    project = read_project(tmp_path / "rain" / "project.yaml")
    assert (project.name, project.task, project.facts.owner) == ("rain", Task.REGRESSION, "ada")
