"""What people order and ask on the command line, on a state that a loop has left: why, replay, freeze, skip."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlops.__main__ import main
from tests.mlops.flows.scenes import always, better, drifts
from tests.mlops.rig import Rig


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The first model serves, and a second is on its way."""
    rig = Rig(folder=tmp_path / "rain", state=tmp_path / ".mlops" / "state.sqlite3")
    rig.world.readings["accuracy"] = always(0.7)
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rig.until("rollout serving")
    rig.store.close()
    return tmp_path / ".mlops"


def run(home: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["--home", str(home), *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_why_is_a_table_for_people_and_json_for_programs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, "why", capsys=capsys)
    assert code == 0
    assert "MetricsAvailable" in out
    code, out, _ = run(home, "--output", "json", "why", "attempt", "1", capsys=capsys)
    found = json.loads(out)
    assert (code, found[0]["about"]) == (0, "asked for by")
    assert found[0]["says"].startswith("bootstrap")
    assert found[-1]["says"].startswith("promoted: ")
    code, _, err = run(home, "why", "trigger", "dirft", capsys=capsys)
    assert (code, err) == (1, "mlops: there is no trigger dirft; there are: drift, decay\n")


def test_replay_says_what_would_differ_and_its_exit_code_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, "decisions", "replay", capsys=capsys)
    assert code == 0
    assert "decided again: all as they were" in out
    assert "1 orders of people, which are not decided again: 1" in out
    with closing(sqlite3.connect(home / "state.sqlite3")) as connection, connection:
        text = "replace(text, 'atLeast: 0.5', 'atLeast: 0.99')"
        connection.execute(f"update project set text = {text}")  # noqa: S608 - as though the rule had been another
    code, out, _ = run(home, "decisions", "replay", "--output", "json", capsys=capsys)
    done = json.loads(out)

    assert code == 1
    then = [line["then"].split(":")[0] for each in done["differences"] for line in each["lines"]]
    assert "gate passed" in then


def test_replay_of_a_project_whose_files_are_gone_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home.parent / "rain" / "pipeline.yml").unlink()
    code, out, _ = run(home, "decisions", "replay", "--last", "3", capsys=capsys)

    assert code == 1
    assert "cannot be read: generation 1 of rain cannot be read any more: " in out


def test_all_are_frozen_and_status_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, "freeze", "--all", "--reason", "incident 7", "--as", "ada", capsys=capsys)
    assert (code, out) == (0, "project frozen with all: rain: incident 7\n")
    assert "by ada: incident 7" in run(home, "status", capsys=capsys)[1]
    assert "frozen by ada since" in run(home, "why", capsys=capsys)[1]
    code, _, err = run(home, "unfreeze", "--reason", "over", capsys=capsys)
    assert (code, err) == (1, "mlops: rain is not frozen, but all are, by ada: mlops unfreeze --all\n")
    assert run(home, "unfreeze", "--all", "--reason", "over", "--as", "ada", capsys=capsys)[0] == 0
    assert "incident" not in run(home, "status", capsys=capsys)[1]
    assert run(home, "freeze", "--reason", "mine", "--as", "ada", capsys=capsys)[0] == 0
    assert "by ada: mine" in run(home, "status", capsys=capsys)[1]


def test_a_step_is_skipped_by_name_and_reason(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(home, "skip", "--reason", "a quiet night", "--as", "ada", capsys=capsys)
    assert (code, out) == (0, "rollout skipped: a quiet night\n")
    code, _, err = run(home, "skip", "--reason", "again", "--as", "bob", capsys=capsys)
    assert (code, err) == (1, "mlops: ada skipped this step already\n")
