"""The record that `mlops` writes of a promoted version is what the rules judge: two programs, one form."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from mlops import wiring
from mlops.__main__ import main as mlops
from tests.mlops.rig import PLATFORM, PROJECT, Rig
from tests.policies.test_checks import check

PEOPLE = """metadata:
  name: rain
  owner: weather desk
  alertOwner: weather desk
  intendedUse: says whether it rained, for the daily bulletin
  licence: Apache-2.0
  risk: {tier: low, aiAct: minimal}
"""
IMAGE = "mcr.microsoft.com/azureml/minimal-py312-inference@sha256:" + "a" * 64
WHOLE = (
    PROJECT.replace("metadata: {name: rain}\n", PEOPLE)
    .replace("model: {name: rain}", "model: {name: rain, format: onnx, card: card.md}")
    .replace("runtime: conda.yml,", f"runtime: conda.yml, image: {IMAGE!r},")
)
CARD = "---\nstatus: approved\nversion: 3\nupdated: 2099-01-01T08:00:00Z\nlicense: apache-2.0\n---\n# Rain\n"
OTHERS: dict[str, Any] = {
    "code": {"revision": "0f3c1d2"},
    "scans": [{"kind": "cve", "critical": 0, "high": 0}, {"kind": "licence", "critical": 0, "high": 0}],
    "measurements": [{"kind": "cohort", "metric": "worst_error_rate", "value": 0.2, "limit": "<= 0.3"}],
}


def loop(folder: Path, text: str = WHOLE, card: str = CARD) -> Rig:
    """A loop in staging that promoted its first model."""
    home = folder / ".mlops"
    home.mkdir()
    (folder / "card.md").write_text(card)
    platform = replace(PLATFORM, environment="staging")
    rig = Rig(folder=folder, text=text, state=home / wiring.STATE_FILE, platform=platform)
    rig.until("champion promoted")
    return rig


def run(folder: Path, *words: str) -> int:
    return mlops(["--home", str(folder / ".mlops"), *words])


def exported(folder: Path, others: Mapping[str, Any] = OTHERS) -> Path:
    file, out = folder / "others.json", folder / "records"
    file.write_text(json.dumps(others))
    assert run(folder, "records", "export", "--to", "prod", "--with", str(file), "-o", str(out)) == 0
    return out / "rain-1-prod.json"


def approved(folder: Path, file: Path, *more: str, who: str = "grace") -> int:
    return run(folder, "records", "approve", str(file), "--reason", "read it", "--as", who, *more)


@pytest.fixture(scope="module", name="promoted")
def _promoted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("promoted")
    loop(folder)
    return folder


def failures(capsys: pytest.CaptureFixture[str], file: Path) -> dict[str, str]:
    capsys.readouterr()
    _, report = check(capsys, "--records", str(file))
    assert report["profile"] == "prod"
    return {row["rule"]: row["message"] for row in report["rows"] if row["outcome"] not in ("pass", "not applicable")}


def test_a_complete_record_passes_every_rule_once_it_is_approved(
    promoted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(promoted)
    assert failures(capsys, file).keys() == {"M04"}

    assert approved(promoted, file, "--role", "risk") == 0

    assert failures(capsys, file) == {}
    assert file.read_bytes() == rfc8785.dumps(json.loads(file.read_bytes()))


def test_everything_in_it_is_what_the_loop_knows(promoted: Path) -> None:
    subject = json.loads(exported(promoted).read_bytes())["subject"]

    opened = wiring.open_loop(promoted / ".mlops")
    attempt = opened.attempts()[-1]
    made = next(one.decision.at for one in opened.decisions() if one.decision.what == "candidate")
    assert attempt.candidate is not None
    assert attempt.dataset is not None
    assert subject["model"] == {
        "name": "rain",
        "version": "1",
        "digest": f"sha256:{attempt.candidate.digest}",
        "format": "onnx",
        "created": f"{made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    assert subject["data"] == {"name": "rain-training", "version": "1", "digest": f"sha256:{attempt.dataset.digest}"}
    assert subject["code"] == {"digest": "c0de", "revision": "0f3c1d2"}
    assert (subject["run"], subject["author"]) == (attempt.job, "author")
    assert subject["stage"] == {"from": "staging", "to": "prod"}
    assert subject["measurements"] == [
        {"kind": "performance", "metric": "accuracy", "dataset": "rain-training:1", "value": 0.7, "limit": ">= 0.5",
         "champion": None, "againstChampion": None, "samples": 300},
        *OTHERS["measurements"],
    ]  # fmt: skip
    assert subject["monitoring"]["monitors"] == [
        {"name": "sensor", "signal": "data_quality"},
        {"name": "drift", "signal": "data_drift"},
        {"name": "accuracy", "signal": "model_performance"},
    ]
    assert subject["rollback"] == {"first": True}


def _without(text: str) -> Callable[[str], str]:
    def cut(whole: str) -> str:
        assert text in whole
        return whole.replace(text, "")

    return cut


def _others_without(name: str) -> dict[str, Any]:
    return {key: value for key, value in OTHERS.items() if key != name}


@pytest.mark.parametrize(
    ("change", "others", "rule"),
    [
        (_without("  owner: weather desk\n"), OTHERS, "M01"),
        (_without("  intendedUse: says whether it rained, for the daily bulletin\n"), OTHERS, "M01"),
        (_without("  licence: Apache-2.0\n"), OTHERS, "M01"),
        (str, _others_without("code"), "M01"),
        (_without(", card: card.md"), OTHERS, "M02"),
        (_without("  risk: {tier: low, aiAct: minimal}\n"), OTHERS, "M03"),
        (_without(", aiAct: minimal"), OTHERS, "M03"),
        (lambda whole: whole.replace("atLeast: 0.5}", "atLeast: 0.5}, {name: brier_score}"), OTHERS, "M06"),
        (_without("@sha256:" + "a" * 64), OTHERS, "M09"),
        (_without("format: onnx, "), OTHERS, "M10"),
        (str, _others_without("scans"), "M10"),
        (_without("  alertOwner: weather desk\n"), OTHERS, "M11"),
    ],
    ids=["owner", "use", "licence", "revision", "card", "risk", "act", "limit", "image", "format", "scans", "alerts"],
)
def test_each_missing_part_is_found(
    change: Callable[[str], str],
    others: Mapping[str, Any],
    rule: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    loop(tmp_path, change(WHOLE))
    file = exported(tmp_path, others)
    approved(tmp_path, file)
    approved(tmp_path, file, who="alan")  # without a tier as many as for the highest

    assert rule in failures(capsys, file)
    assert failures(capsys, file).keys() <= {rule, "M07"}  # nobody measured groups, which only a low risk may skip


@pytest.mark.parametrize(
    "card",
    [CARD.replace("approved", "draft"), CARD.replace("2099-01-01T08:00:00Z", "1950-01-01")],
    ids=["a draft", "of an older model"],
)
def test_a_card_that_is_not_of_this_version_is_found(
    card: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop(tmp_path, card=card)
    file = exported(tmp_path)
    approved(tmp_path, file)

    assert failures(capsys, file).keys() == {"M02"}


def test_an_approval_is_of_exactly_what_was_written(promoted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = exported(promoted)
    assert approved(promoted, file) == 0
    held = json.loads(file.read_bytes())["approvals"][-1]
    assert held["expires"] == (datetime.now(UTC).date() + timedelta(days=180)).isoformat()

    (promoted / "card.md").write_text(CARD + "It may also say who gets a loan.\n")
    try:
        assert json.loads(exported(promoted).read_bytes())["approvals"][-1] == held  # it stays, and counts for nothing
        assert failures(capsys, file).keys() == {"M04"}
    finally:
        (promoted / "card.md").write_text(CARD)
    exported(promoted)
    assert failures(capsys, file) == {}


def test_who_asked_for_it_cannot_approve_it_and_a_no_refuses_it(
    tmp_path: Path, promoted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(exported(promoted).read_bytes())

    assert approved(promoted, file, who="Author") == 1
    assert "Author asked for this version and cannot approve it" in capsys.readouterr().err
    assert approved(promoted, file, "--until", "2001-01-01") == 1
    assert "an approval until 2001-01-01 is over already" in capsys.readouterr().err
    assert approved(promoted, file, "--decline") == 0
    assert "Somebody rejected exactly this" in failures(capsys, file)["M04"]


def test_the_second_version_names_its_champion_and_the_way_back(tmp_path: Path) -> None:
    two = "atLeast: 0.5}, {name: brier_score, minDelta: 0.01, atMost: 0.9}"
    rig = loop(tmp_path, WHOLE.replace("atLeast: 0.5}", two))
    rig.world.accuracy["2"] = 0.9
    assert run(tmp_path, "trigger", "--reason", "better data", "--as", "ada") == 0
    rig.until("champion promoted")

    exported(tmp_path)

    first, second = (json.loads((tmp_path / f"records/rain-{n}-prod.json").read_bytes())["subject"] for n in (1, 2))
    assert first["rollback"] == {"first": True}
    assert second["rollback"] == {"version": "1", "deployable": True}
    assert second["author"] == "ada"
    accuracy, loss = (one for one in second["measurements"] if one["kind"] == "performance")
    assert (accuracy["limit"], accuracy["againstChampion"]) == (">= 0.5", ">= 0")
    assert accuracy["value"] > accuracy["champion"] > 0
    assert (loss["limit"], loss["againstChampion"]) == ("<= 0.9", "<= -0.01")
    assert 0 < loss["value"] < loss["champion"]


def test_the_stage_of_the_loop_itself_says_what_answers_there(promoted: Path, tmp_path: Path) -> None:
    assert run(promoted, "records", "export", "-o", str(tmp_path)) == 0
    found = json.loads((tmp_path / "rain-1-staging.json").read_bytes())

    assert found["subject"]["stage"] == {"from": None, "to": "staging"}
    assert found["deployed"]["digest"] == found["subject"]["model"]["digest"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no JSON: it should hold what other programs know of the release"),
        ('{"owner": "somebody else"}', "--with says another owner than this loop knows"),
        ('{"model": {"digest": "x"}}', "--with says another model.digest than this loop knows"),
    ],
    ids=["no JSON", "another owner", "another digest"],
)
def test_what_others_say_overrides_nothing(
    content: str, said: str, promoted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others, out = tmp_path / "others.json", tmp_path / "records"
    others.write_text(content)

    assert run(promoted, "records", "export", "--with", str(others), "-o", str(out)) == 1

    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_version_that_was_not_promoted_has_no_record(promoted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(promoted, "records", "export", "--version", "7", "-o", str(promoted / "none")) == 1
    assert "no version 7 was promoted here; promoted: 1" in capsys.readouterr().err


def test_a_file_that_is_no_record_is_left_alone(promoted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in ("", "[]", '{"form": "aml-kit.records.log/1"}'):
        file = promoted / "other.json"
        file.write_text(content)
        assert approved(promoted, file) == 1
        assert "other.json" in capsys.readouterr().err
        assert file.read_text() == content


ASKS = WHOLE.replace("  rollout:\n", "    - {name: owner, type: approval, expires: P3D}\n  rollout:\n")


def waiting(folder: Path) -> tuple[Rig, Path]:
    """A loop in dev, whose first candidate waits for somebody; and what other programs know of it."""
    home = folder / ".mlops"
    home.mkdir()
    (folder / "card.md").write_text(CARD)
    rig = Rig(folder=folder, text=ASKS, state=home / wiring.STATE_FILE, platform=replace(PLATFORM, environment="dev"))
    rig.settle()
    others = folder / "others.json"
    others.write_text(json.dumps(OTHERS))
    return rig, others


def of_dev(folder: Path, others: Path) -> Path:
    assert run(folder, "records", "export", "--with", str(others), "-o", str(folder / "records")) == 0
    return folder / "records" / "rain-1-dev.json"


def m04(capsys: pytest.CaptureFixture[str], file: Path) -> str:
    capsys.readouterr()
    _, report = check(capsys, "--records", str(file))
    (outcome,) = (str(row["outcome"]) for row in report["rows"] if row["rule"] == "M04")
    return outcome


def test_a_word_that_the_loops_gate_counted_is_one_that_the_rules_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig, others = waiting(tmp_path)
    words = ("--reason", "read it", "--with", str(others), "--as")
    assert run(tmp_path, "approve", *words, "Author") == 1
    assert run(tmp_path, "approve", *words, "grace") == 0
    rig.until("champion promoted")

    file = of_dev(tmp_path, others)

    (held,) = json.loads(file.read_bytes())["approvals"]
    assert (held["identity"], held["decision"], held["comment"]) == ("grace", "approved", "read it")
    assert m04(capsys, file) == "pass"
    assert json.loads(of_dev(tmp_path, others).read_bytes())["approvals"] == [held]  # written once
    (tmp_path / "card.md").write_text(CARD + "It may also say who gets a loan.\n")
    assert m04(capsys, of_dev(tmp_path, others)) == "fail"


def test_a_word_about_another_record_counts_for_no_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig, others = waiting(tmp_path)
    assert run(tmp_path, "approve", "--reason", "read nothing", "--as", "grace") == 0  # nor what others know
    rig.until("champion promoted")

    assert m04(capsys, of_dev(tmp_path, others)) == "fail"
