"""The scoring script, with a collector that writes to a file."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from examples.rain.bug import set_bug, with_bug
from examples.rain.components.src import prepare, train
from examples.rain.weather import Day, read_days, write_labelled

DAYS = read_days()
SCORE = Path("examples/rain/score/score.py")
SOUND = SCORE.read_text()
COLLECTOR = """
import json, os
class Collector:
    def __init__(self, *, name):
        self.name = name
    def collect(self, data, context=None):
        context = context or "request " + str(data["day"].iloc[0])
        with open(os.environ["COLLECTED"], "a") as file:
            file.write(json.dumps([self.name, context, json.loads(data.to_json(orient="records"))]) + "\\n")
        return context
"""
DRIVER = """
import json, sys
import score
score.init()
for body in sys.stdin:
    try:
        print(json.dumps(score.run(body)))
    except Exception as error:
        print(json.dumps(type(error).__name__))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_labelled(DAYS[:730], folder / "train.csv")
    write_labelled(DAYS[730:740], folder / "holdout.csv")
    names = ",".join(DAYS[0].features)
    prepared = ["--data", str(folder), "--key", "day", "--label", "rain", "--features", names]
    prepare.main([*prepared, "--prepared", str(folder / "prepared")])
    fit = ["--prepared", str(folder / "prepared"), "--data", str(folder), "--clip", "5", "--strength", "1"]
    train.main([*fit, "--model", str(folder / "registered" / "model")])
    return folder / "registered"


def _serve(script: str, model: Path, folder: Path, bodies: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The answers (or the name of what was raised), and what was collected."""
    (folder / "azureml" / "ai" / "monitoring").mkdir(parents=True)
    for part in ("azureml", "azureml/ai"):
        (folder / part / "__init__.py").touch()
    (folder / "azureml" / "ai" / "monitoring" / "__init__.py").write_text(COLLECTOR)
    (folder / "score.py").write_text(script)
    (folder / "driver.py").write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, str(folder / "driver.py")],
        input="".join(json.dumps(body) + "\n" for body in bodies),
        capture_output=True,
        text=True,
        check=True,
        env={"AZUREML_MODEL_DIR": str(model), "COLLECTED": str(folder / "collected"), "PYTHONPATH": str(folder)},
    )
    collected = (folder / "collected").read_text().splitlines()
    return [json.loads(line) for line in done.stdout.splitlines()], [json.loads(line) for line in collected]


def _body(day: Day) -> dict[str, Any]:
    return {"data": [day.record]}


def test_a_record_is_answered_with_a_probability_and_both_are_collected(model: Path, tmp_path: Path) -> None:
    answers, collected = _serve(SOUND, model, tmp_path, [_body(DAYS[900])])

    [[answer]] = answers
    assert answer.keys() == {"day", "probability"}
    assert (answer["day"], 0 <= answer["probability"] <= 1) == ("1952-06-19", True)
    assert collected == [
        ["model_inputs", "request 1952-06-19", [DAYS[900].record]],
        ["model_outputs", "request 1952-06-19", [answer]],
    ]


def test_a_request_that_fails_is_collected_as_one_without_an_answer(model: Path, tmp_path: Path) -> None:
    answers, collected = _serve(SOUND, model, tmp_path, [{"data": [{"day": "1952-06-19"}]}])

    assert answers == ["KeyError"]
    assert collected == [["model_inputs", "request 1952-06-19", [{"day": "1952-06-19"}]]]


def test_the_smoke_requests_are_answered(model: Path, tmp_path: Path) -> None:
    bodies = [json.loads(line) for line in Path("examples/rain/smoke.jsonl").read_text().splitlines()]

    answers, _ = _serve(SOUND, model, tmp_path, bodies)

    assert [answer[0]["day"] for answer in answers] == ["1950-01-21", "1950-07-20", "1950-10-28"]


def test_the_demos_bug_passes_the_smoke_requests_and_fails_only_later(model: Path, tmp_path: Path) -> None:
    answers, _ = _serve(with_bug(SOUND), model, tmp_path, [_body(day) for day in DAYS[900:920]])

    assert answers[14:] == ["IndexError"] * 6
    assert all(isinstance(answer, list) for answer in answers[:14])


def test_the_bug_is_committed_and_taken_back_once(tmp_path: Path) -> None:
    script = tmp_path / "score.py"
    script.write_text(SOUND)

    changed = [set_bug(script, sound=SOUND, present=present) for present in (False, True, True, False, False)]

    assert changed == [False, True, False, True, False]
    assert script.read_text() == SOUND


def test_a_script_that_the_bug_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"score\.py has changed"):
        with_bug("def run(body): ...")
