"""Reports: SARIF that code scanning takes, JUnit, a page for auditors; all from one result, none runs its input."""

import hashlib
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli import main

from audit.report import Exemption, Report, Row, Said, Thing, loaded, written
from audit.subjects import UnreadableError
from reports.junit import junit
from reports.page import page
from reports.sarif import sarif
from reports.table import table

EVIL = "<script>alert(1)</script>\x00 & \"x\" 'y'"
URN = "urn:pulumi:prod::aml-kit::azure-native:storage:StorageAccount::"
RULE = Said(id="S03", name="storage-no-anonymous-blob", severity="high", level="remediate", why="Why.",
            maps={"checkov": ("CKV_AZURE_190",), "mcsb": ("NS-2",)})  # fmt: skip
LOW = Said(id="R06", name="required-tags", severity="low", level="advisory", why="Why.", maps={})
WAIVER = Exemption(rule="S03", resource=URN + "waived", owner="ana", approver="bo", reason="Because.",
                   compensating_control="Fenced.", created="2026-01-01", expires="2026-03-01", state="ends soon",
                   used=True)  # fmt: skip


def _thing(name: str, source: str = "") -> Thing:
    return Thing(type="azure-native:storage:StorageAccount", name=name, urn=URN + name, id="", source=source)


def _row(name: str, outcome: Any, *, refused: bool, rule: str = "S03", waiver: int | None = None) -> Row:  # noqa: ANN401
    message = "" if outcome == "pass" else f"Do {name}."
    return Row(rule=rule, resource=URN + name, outcome=outcome, refused=refused, message=message, waiver=waiver)


REPORT = Report(
    version="0.1.0",
    profile="prod",
    kind="state",
    of="state.json",
    stack="prod",
    digest="0" * 64,
    day="2026-02-25",
    rules=(RULE, LOW),
    things={
        URN + name: _thing(name, source)
        for name, source in (("open", "infra/storage.py:12"), ("cpu", ""), ("waived", ""), ("sealed", ""), (EVIL, ""))
    },
    rows=(
        _row("open", "fail", refused=True),
        _row("cpu", "fail", refused=False, rule="R06"),
        _row("waived", "waived", refused=False, waiver=0),
        _row("sealed", "cannot tell", refused=True),
        _row("cpu", "cannot tell", refused=False),
        _row("cpu", "pass", refused=False),
        _row(EVIL, "fail", refused=True),
        _row("open", "not applicable", refused=False, rule="R06"),
    ),
    waivers=(WAIVER,),
    unread=("/subscriptions/s: Azure answered 403",),
)

# The parts of the standard's schema that concern what we write; everything else is refused, so that nothing unknown to
# it slips in.  The whole schema is not in any pinned package.
_TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
    "additionalProperties": False,
}
_BAG = {"type": "object", "properties": {"tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}}}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _array(items: dict[str, Any], least: int = 0, *, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "uniqueItems": unique, "items": items}


_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_STRING = {"type": "string"}
_LOCATION = _object(
    [],
    physicalLocation=_object(
        ["artifactLocation"],
        artifactLocation=_object([], uri={"type": "string", "format": "uri-reference"}, uriBaseId=_STRING),
        region=_object([], startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations=_array(_object([], fullyQualifiedName=_STRING, name=_STRING, kind=_STRING), unique=True),
)
_RESULT = _object(
    ["message"],
    ruleId=_STRING,
    ruleIndex={"type": "integer", "minimum": -1},
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    level=_LEVEL,
    message=_TEXT,
    locations=_array(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": _STRING},
    suppressions=_array(
        _object(
            ["kind"],
            kind={"enum": ["inSource", "external"]},
            status={"enum": ["accepted", "underReview", "rejected"]},
            justification=_STRING,
        ),
        unique=True,
    ),
    properties=_BAG,
)
_DESCRIPTOR = _object(
    ["id"],
    id=_STRING,
    name=_STRING,
    shortDescription=_TEXT,
    fullDescription=_TEXT,
    help=_TEXT,
    defaultConfiguration=_object([], level=_LEVEL),
    properties=_BAG,
)
_DRIVER = _object(["name"], name=_STRING, semanticVersion=_STRING, rules=_array(_DESCRIPTOR, unique=True))
SCHEMA = _object(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=_array(
        _object(
            ["tool"],
            tool=_object(["driver"], driver=_DRIVER),
            automationDetails=_object([], id=_STRING),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=_array(_RESULT),
            properties=_BAG,
        )
    ),
)


def test_sarif_keeps_to_the_standard_and_to_what_code_scanning_asks() -> None:
    document = json.loads(sarif(REPORT))
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    run = document["runs"][0]

    for result in run["results"]:  # code scanning: one place at least, in the repository, and a rule that is described
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith(("/", "file:"))
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert list(result["partialFingerprints"]) == ["ruleAndResource/v1"]
    assert all(float(rule["properties"]["security-severity"]) > 0 for rule in run["tool"]["driver"]["rules"])


def test_sarif_tells_what_is_open_and_suppresses_what_is_waived(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.prod.yaml"
    stack_file.write_text("config:\n  aml-kit:computeClusters:\n    cpu:\n      maxNodes: 3\n")

    results = json.loads(sarif(REPORT, stack_file))["runs"][0]["results"]

    told = {
        (
            result["message"]["text"],
            result["level"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].rpartition("/")[2],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
            len(result.get("suppressions", [])),
        )
        for result in results
    }
    assert told == {
        ("open: Do open.", "error", "storage.py", 12, 0),
        ("cpu: Do cpu.", "note", "Pulumi.prod.yaml", 3, 0),
        ("waived: Do waived.", "error", "Pulumi.prod.yaml", 1, 1),
        ("sealed: Cannot tell: Do sealed.", "error", "Pulumi.prod.yaml", 1, 0),
        (f"{EVIL}: Do {EVIL}.", "error", "Pulumi.prod.yaml", 1, 0),
    }
    waived = next(result for result in results if "suppressions" in result)
    assert "ana" in waived["suppressions"][0]["justification"]
    assert "until 2026-03-01" in waived["suppressions"][0]["justification"]


def test_a_findings_fingerprint_stays_when_its_place_and_words_change() -> None:
    moved = replace(
        REPORT,
        things={key: replace(thing, source="elsewhere.py:99") for key, thing in REPORT.things.items()},
        rows=tuple(replace(row, message="Other words.") for row in REPORT.rows),
    )

    marks = [
        [result["partialFingerprints"] for result in json.loads(sarif(one))["runs"][0]["results"]]
        for one in (REPORT, moved)
    ]

    assert marks[0] == marks[1]
    expected = hashlib.sha256(f"S03\n{URN.lower()}open".encode()).hexdigest()[:32]
    assert {"ruleAndResource/v1": expected} in marks[0]
    assert len({mark["ruleAndResource/v1"] for mark in marks[0]}) == len(marks[0])


def test_junit_fails_what_is_refused_and_skips_what_is_waived() -> None:
    root = ET.fromstring(junit(REPORT))  # noqa: S314  our own

    told = {
        (
            suite.attrib["name"].split()[0],
            (case.attrib["name"].rpartition("::")[2])[:6],
            child.tag if child is not None else "",
        )
        for suite in root
        for case in suite
        for child in [next(iter(case), None)]
    }
    assert told == {
        ("S03", "open", "failure"),
        ("S03", "waived", "skipped"),
        ("S03", "sealed", "error"),
        ("S03", "cpu", "system-out"),
        ("S03", "cpu", ""),
        ("S03", "<scrip", "failure"),
        ("R06", "cpu", "system-out"),
        ("R06", "open", "skipped"),
        ("read", "/subsc", "error"),
    }
    assert [suite.attrib["failures"] for suite in root if "failures" in suite.attrib] == ["2", "0"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_is_one_file_that_shows_all_and_runs_nothing() -> None:
    text = page(REPORT)
    tags = _Tags()
    tags.feed(text)

    assert "script" not in {tag for tag, _ in tags.seen}
    assert [attrs for _, attrs in tags.seen if {"src", "onclick"} & attrs.keys() or "://" in str(attrs)] == []
    assert {attrs["id"] for tag, attrs in tags.seen if tag == "section"} == {
        "open", "unknown", "waivers", "severity", "framework", "resource"}  # fmt: skip
    for shown in ("Fenced.", "ends soon", "CKV_AZURE_190", "Azure answered 403", "infra/storage.py:12", "2026-03-01"):
        assert shown in text
    assert "prefers-color-scheme: dark" in text


def test_the_table_tells_the_worst_first_and_how_many() -> None:
    lines = table(REPORT).splitlines()

    assert lines[2].startswith("refused")
    assert "until 2026-03-01" in table(REPORT)
    assert lines[-1] == "5 resources: 3 fail, 2 cannot tell, 1 waived, 1 pass, 1 not applicable; 3 refused"


def test_every_form_can_be_made_later_from_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert loaded(written(REPORT), "it") == REPORT
    file = tmp_path / "report.json"
    file.write_text(written(REPORT))
    for form, made in (("sarif", sarif), ("html", page), ("junit", junit), ("table", table), ("json", written)):
        assert main(["report", str(file), "--output", form]) == 0
        assert capsys.readouterr().out == made(REPORT)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"form": "aml-kit.policies.report/1"}', written(REPORT)[:500]])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="report"):
        loaded(text, "it")


def test_what_could_not_be_read_is_never_taken_for_good() -> None:
    assert replace(REPORT, rows=()).worst() == "high"
    assert replace(REPORT, rows=(), unread=()).worst() is None
