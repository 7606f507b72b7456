"""What the demo says when it cannot go on, before anything is started."""

from pathlib import Path

import pytest

from examples.rain.demo import main
from examples.rain.plan import plan
from examples.rain.stage import Stage


def test_too_few_years_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--years", "1", "--folder", str(tmp_path / "demo")]) == 1
    assert capsys.readouterr().out == "demo: at least 2 years are needed\n"


def test_another_number_of_years_in_the_same_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Stage(tmp_path, None).remember(plan(15))

    assert main(["--years", "20", "--folder", str(tmp_path)]) == 1
    assert "holds a replay of 15 years; go on with that, or begin with --fresh" in capsys.readouterr().out


def test_fresh_leaves_a_folder_alone_that_holds_other_things(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    assert main(["--fresh", "--folder", str(tmp_path)]) == 1
    assert (tmp_path / "thesis.txt").exists()
    assert "holds other things than a demo" in capsys.readouterr().out


def test_the_demo_works_on_a_copy_of_the_project(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "demo", None)

    stage.remember(plan(15))
    stage.remember(plan(15))

    copied = {str(path.relative_to(stage.project)) for path in stage.project.rglob("*") if path.is_file()}
    assert {"project.yaml", "pipeline.yml", "smoke.jsonl", "score/score.py", "components/src/train.py"} <= copied
    assert not [name for name in copied if "__pycache__" in name]
