"""Records about models: their form, their digest, and what the command line makes of them."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785
from cli import main

from audit.records import name_of, read_records
from rules.catalogue import catalogue
from rules.finding import Fail, Pass
from rules.props import Props
from rules.records import subject_digest
from tests.policies.cases.decision_log import chain, head
from tests.policies.cases.releases import SUBJECT, approval, digest, release
from tests.policies.test_checks import check, refused, rows
from tests.policies.test_waivers import entry, text
from waivers import today

RECORDS = Path(__file__).resolve().parents[2] / "policies" / "records"
RULES = {rule.id: rule for rule in catalogue()}
NAME = "record:release/rain/7/prod"
HIGH, CRITICAL = 5, 6


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RECORDS / "vectors" / f"{name}.json").read_text())
    return found


@pytest.fixture
def then(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a config that judges on a day when the approvals of the records here hold."""
    dated = [rule.name for rule in RULES.values() if rule.id.startswith("M") and "today" in rule.settings]
    file = tmp_path_factory.mktemp("config") / "then.json"
    file.write_text(json.dumps({name: {"today": "2026-06-01"} for name in dated}))
    return str(file)


def log(*whats: str) -> dict[str, Any]:
    written = chain(*whats)
    return {"form": "aml-kit.records.log/1", "subject": "rain", "rows": written, "head": head(written)}


def saved(folder: Path, *records: object) -> Path:
    for number, record in enumerate(records):
        (folder / f"{number}.json").write_text(record if isinstance(record, str) else json.dumps(record))
    return folder


@pytest.mark.parametrize("vector", vectors("canonical"), ids=lambda one: one["sha256"][:8])
def test_the_canonical_form_and_its_digest_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    canonical = rfc8785.dumps(vector["value"])
    assert (canonical.decode(), hashlib.sha256(canonical).hexdigest()) == (vector["canonical"], vector["sha256"])
    assert subject_digest(Props({"subject": vector["value"]})) == f"sha256:{vector['sha256']}"


@pytest.mark.parametrize("vector", vectors("releases"), ids=lambda one: one["said"])
def test_approvals_of_the_vectors_are_judged_as_they_say(vector: dict[str, Any]) -> None:
    rule = RULES["M04"]
    settings = {**rule.defaults("prod"), "today": vector["day"]}
    found = rule.judge("aml-kit:records:Release", Props(vector["record"]), settings)
    assert type(found) is {"pass": Pass, "fail": Fail}[vector["M04"]]


@pytest.mark.parametrize("vector", vectors("logs"), ids=lambda one: one["said"])
def test_logs_of_the_vectors_are_judged_as_they_say(vector: dict[str, Any]) -> None:
    rule = RULES["M15"]
    found = rule.judge("aml-kit:records:DecisionLog", Props(vector["record"]), rule.defaults("prod"))
    assert type(found) is {"pass": Pass, "fail": Fail}[vector["M15"]]


@pytest.mark.parametrize("name", ["release", "log"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads((RECORDS / f"{name}.schema.json").read_text()))


def test_a_folder_of_good_records_is_judged_whole(
    tmp_path: Path, then: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = saved(tmp_path, release(), log("fired", "promoted"))
    code, report = check(capsys, "--records", str(folder), "--config", then)

    assert (code, report["profile"], report["kind"]) == (0, "prod", "records")
    assert {(row["rule"], row["outcome"]) for row in report["rows"]} == {
        (rule, "pass") for rule in RULES if rule.startswith("M")
    }
    assert {thing["type"] for thing in report["things"].values()} == {
        "aml-kit:records:Release",
        "aml-kit:records:DecisionLog",
    }


def test_what_is_changed_after_its_approval_is_refused(
    tmp_path: Path, then: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record = release()
    record["subject"]["intendedUse"] = "says who gets a loan"

    code, report = check(capsys, "--records", str(saved(tmp_path, record)), "--config", then)

    assert code == CRITICAL
    assert rows(report, "M04") == [(NAME, "fail", True)]


def test_a_changed_row_of_the_log_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = log("rejected", "promoted")
    record["rows"][0] = record["rows"][0].replace("rejected", "accepted")

    code, report = check(capsys, "--records", str(saved(tmp_path, record)))

    assert code == HIGH
    assert [row["message"] for row in report["rows"] if row["rule"] == "M15"] == [
        "Row 2 does not follow from the one before: the log was changed there, or rows are missing."
    ]


def test_the_stage_says_how_strict(tmp_path: Path) -> None:
    to_dev, to_staging = (release(stage={"from": None, "to": stage}) for stage in ("dev", "staging"))
    assert read_records(saved(tmp_path, to_dev)).stack == "dev"
    assert read_records(saved(tmp_path, to_dev, to_staging)).stack == ""  # the strictest of all


def test_a_waiver_may_name_a_record(tmp_path: Path, then: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(
        text(
            entry(
                rule="M10",
                resource=NAME,
                environment="prod",
                created=(today() - timedelta(days=20)).isoformat(),
                expires=(today() + timedelta(days=20)).isoformat(),
            )
        )
    )
    folder = tmp_path / "records"
    folder.mkdir()
    model = {**SUBJECT["model"], "format": "pickle"}

    code, report = check(
        capsys, "--records", str(saved(folder, release(model=model))), "--waivers", str(file), "--config", then
    )

    assert rows(report, "M10") == [(NAME, "waived", False)]
    assert code == 0


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ('{"form": "aml-kit.records.rel', "is no JSON, or was cut off"),
        ("", "is no JSON, or was cut off"),
        ("[]", "its `form` is None"),
        ({"form": "aml-kit.records.releases/1"}, "did you mean aml-kit.records.release/1?"),
        ({**release(), "aprovals": []}, "$: there is no 'aprovals'; did you mean approvals?"),
        (release(ownr="x"), "subject: there is no 'ownr'; did you mean owner?"),
        (release(stage={"to": 3}), "subject.stage.to: 3 is not of type 'string'"),
        (release(risk={"tier": "extreme"}), "subject.risk.tier: 'extreme' is not one of ['low', 'medium', 'high']"),
        (release(approval(SUBJECT, "grace", digest="SHA256:AB")), "approvals[0].digest: is not written as it should"),
        ({"form": "aml-kit.records.log/1", "subject": "rain"}, "'rows' is a required property"),
    ],
    ids=[
        "cut off", "empty", "no object", "another form", "unknown member", "unknown part", "wrong type",
        "unknown word", "no digest", "no rows",
    ],
)  # fmt: skip
def test_a_record_that_is_none_is_refused_with_its_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], record: object, said: str
) -> None:
    told = refused(capsys, "check", "--records", str(saved(tmp_path, record)))

    assert f"{tmp_path / '0.json'} is no" in told
    assert said in told


def test_a_path_without_records_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no records" in refused(capsys, "check", "--records", str(tmp_path))
    assert "gone.json cannot be read" in refused(capsys, "check", "--records", str(tmp_path / "gone.json"))


def test_records_of_two_programs_about_the_same_have_the_same_name() -> None:
    assert (name_of(release()), name_of(log("fired"))) == (NAME, "record:log/rain")


def test_an_approval_is_of_the_subject_whatever_the_order_of_its_members() -> None:
    turned = dict(reversed(SUBJECT.items()))
    assert digest(turned) == digest(SUBJECT)
    assert digest({**SUBJECT, "owner": "somebody else"}) != digest(SUBJECT)


def test_every_form_of_report_can_be_made_of_records(
    tmp_path: Path, then: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(saved(tmp_path, release(licence=" ")))
    for form in ("table", "sarif", "html", "junit"):
        assert main(["check", "--records", path, "--output", form, "--config", then]) == HIGH
        assert "M01" in capsys.readouterr().out
