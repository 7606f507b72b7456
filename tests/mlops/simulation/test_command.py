"""`mlops simulate`: the same seed the same answer, everything at once, and what is wrong in one line each."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from mlops.__main__ import main
from mlops.simulation.reading import read_world
from mlops.simulation.reference import SCHEMA_FILE, schema, table
from mlops.simulation.results import CAVEATS
from mlops.spec.errors import ProjectFileError
from tests.fakes.azure import write_project_folder
from tests.mlops.simulation.worlds import NIMBLE

README = SCHEMA_FILE.with_name("README.md")
SCENARIO = """\
apiVersion: aml-kit/v1alpha1
kind: Scenario
spec:
  rowsPerDay: 100
  gateRows: 400
  drift: [{kind: sudden, day: 20, size: 1.5}]
  readings: {accuracy: {calm: 0.8, slope: -0.1}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    (tmp_path / "project.yaml").write_text(NIMBLE, encoding="utf-8")
    (tmp_path / "careful.yaml").write_text(NIMBLE.replace("cooldown: P20D", "cooldown: P90D"), encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def simulated(folder: Path, *more: str) -> int:
    files = (str(folder / "project.yaml"), str(folder / "careful.yaml"))
    return main(["simulate", *files, "--out", str(folder / "out.html"), *more])


def test_the_same_seed_gives_the_same_answer_byte_for_byte_and_another_another(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for seed in ("3", "3", "4"):
        assert simulated(folder, "--days", "90", "--seed", seed, "--output", "json") == 0
        said.append((capsys.readouterr().out, (folder / "out.html").read_bytes()))
    assert said[0] == said[1]
    assert json.loads(said[0][0])["versions"] != json.loads(said[2][0])["versions"]


def test_versions_stand_side_by_side_and_what_it_cannot_tell_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(folder, "--days", "60", "--scenario", str(folder / "scenario.yaml")) == 0
    said, drawn = capsys.readouterr().out, (folder / "out.html").read_text(encoding="utf-8")
    for page in (said, drawn):
        assert all(line in page for line in CAVEATS)
        assert all(word in page for word in ("project.yaml", "careful.yaml", "retrainings", "money in all"))
    assert not (folder / ".mlops").exists()


def test_the_picture_needs_nothing_from_elsewhere_and_says_what_it_shows(folder: Path) -> None:
    assert simulated(folder, "--days", "30") == 0
    drawn = (folder / "out.html").read_text(encoding="utf-8")
    assert not any(word in drawn for word in ("<script", "http://", "https://", "url(", "@import"))
    assert drawn.count('role="img" aria-label="Quality over 30 days') == 2
    assert "prefers-color-scheme: dark" in drawn


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rowsPerDai: 5", "scenario.yaml:4: spec.rowsPerDai: unknown key; did you mean 'rowsPerDay'?"),
        ("drift: [{kind: suden, size: 1}]", "spec.drift[0].kind: input should be 'sudden', 'gradual' or 'seasonal'"),
        ("drift: [{kind: gradual, size: 1, lasts: P0D}]", "spec.drift[0]: lasts no time"),
        ("model: {best: 0.7, worst: 0.8}", "spec.model: worst is not below best"),
        ("training: {fails: 2}", "spec.training.fails: input should be less than or equal to 1"),
        ("begins: 2026-02-30", "no YAML: day is out of range for month"),
    ],
)
def test_what_is_wrong_with_a_scenario_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO[: SCENARIO.index("  rowsPerDay")] + f"  {line}\n", encoding="utf-8")
    assert simulated(folder, "--scenario", str(path)) == 2
    assert words in capsys.readouterr().err


def test_all_that_is_wrong_is_said_at_once(folder: Path) -> None:
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO.replace("rowsPerDay", "rowsADay").replace("kind: sudden", "kind: odd"), encoding="utf-8")
    with pytest.raises(ProjectFileError) as caught:
        read_world(path)
    assert len(caught.value.findings) == 2


@pytest.mark.parametrize("days", ["0", "-3", "many", "3651"])
def test_no_days_are_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str], days: str) -> None:
    with pytest.raises(SystemExit) as caught:
        simulated(folder, "--days", days)
    assert caught.value.code == 2
    assert "are no days to simulate: say a whole number from 1 to 3650" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out.html").mkdir()
    assert simulated(folder, "--days", "2") == 1
    assert "out.html cannot be written: Is a directory; say another file with --out" in capsys.readouterr().err


def test_the_committed_schema_is_the_codes_and_accepts_the_file(folder: Path) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema()
    jsonschema.validate(YAML(typ="safe").load(folder / "scenario.yaml"), json.loads(schema()))


def test_the_printed_table_is_the_codes() -> None:
    assert table() in README.read_text(encoding="utf-8")
