"""The log that `mlops` writes is the record that the rules judge: two programs, one form."""

import json
import sqlite3
from pathlib import Path

import pytest
from cli import main as policies

from mlops import wiring
from mlops.__main__ import main as mlops
from tests.mlops.rig import Rig
from tests.policies.test_checks import check, refused

HIGH = 5


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A loop that decided some things, and the head of its log at two moments."""
    (tmp_path / ".mlops").mkdir()
    rig = Rig(folder=tmp_path, state=tmp_path / ".mlops" / wiring.STATE_FILE)
    rig.settle()
    return tmp_path / ".mlops"


def head(home: Path, capsys: pytest.CaptureFixture[str], name: str = "head.json") -> Path:
    assert mlops(["--home", str(home), "decisions", "head"]) == 0
    file = home.parent / name
    file.write_text(capsys.readouterr().out)
    return file


def exported(home: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file = home.parent / "log.json"
    assert mlops(["--home", str(home), "decisions", "export", "--head", str(kept), "-o", str(file)]) == 0
    capsys.readouterr()
    return str(file)


def test_an_untouched_log_passes_also_when_it_grew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = head(home, capsys)
    code, report = check(capsys, "--records", exported(home, kept, capsys))
    assert (code, [row["outcome"] for row in report["rows"]]) == (0, ["pass"])

    assert mlops(["--home", str(home), "pause", "--reason", "naïve “quotes”", "--as", "ada"]) == 0
    capsys.readouterr()
    code, report = check(capsys, "--records", exported(home, kept, capsys))
    assert (code, [row["outcome"] for row in report["rows"]]) == (0, ["pass"])


@pytest.mark.parametrize(
    "tampering",
    [
        "update decision set why = 'because' where sequence = 1",
        "update decision set actor = 'nobody' where sequence = (select max(sequence) from decision)",
        "delete from decision where sequence = (select max(sequence) from decision)",
        "delete from decision where sequence = 2",
    ],
    ids=["a changed row", "a changed last row", "a cut tail", "a row taken out"],
)
def test_a_log_that_somebody_touched_is_refused(home: Path, capsys: pytest.CaptureFixture[str], tampering: str) -> None:
    kept = head(home, capsys)
    with sqlite3.connect(home / wiring.STATE_FILE) as state:
        for (trigger,) in state.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            state.execute(f"drop trigger {trigger}")
        assert state.execute(tampering).rowcount == 1
    state.close()

    code, report = check(capsys, "--records", exported(home, kept, capsys))

    assert (code, [row["outcome"] for row in report["rows"]]) == (HIGH, ["fail"])


def test_a_log_without_its_head_is_refused_in_prod_and_allowed_at_home(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home.parent / "log.json"
    assert mlops(["--home", str(home), "decisions", "export", "-o", str(file)]) == 0
    assert policies(["check", "--records", str(file)]) == HIGH
    assert policies(["check", "--records", str(file), "--profile", "local"]) == 0
    assert "as it is kept elsewhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON: it should hold what `mlops decisions head` printed"),
        ('{"hash": "x"}', "should hold what `mlops decisions head` printed: hash, sequence, at"),
        ("[]", "should hold what `mlops decisions head` printed: hash, sequence, at"),
    ],
    ids=["empty", "half", "a list"],
)
def test_a_head_that_is_none_is_refused_and_nothing_is_written(
    home: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    kept = home.parent / "head.json"
    kept.write_text(content)
    out = home.parent / "log.json"
    assert mlops(["--home", str(home), "decisions", "export", "--head", str(kept), "-o", str(out)]) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_head_with_a_hash_that_is_none_is_found_by_the_form(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = head(home, capsys)
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "hash": "abc"}))
    assert "head.hash: is not written as it should be" in refused(
        capsys, "check", "--records", exported(home, kept, capsys)
    )
