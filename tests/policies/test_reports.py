"""Reports: SARIF that code scanning takes, JUnit, a page for auditors; all from one result, none runs its input."""

import hashlib
import importlib.metadata
import json
import pickletools
import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
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
from tests.policies.states import SECRET, STORAGE, resource, saved, state

_CACHE = Path(str(importlib.metadata.distribution("schemastore").locate_file("schemastore/cache.sqlite")))
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

_STANDARD = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def _schema_of_the_standard() -> dict[str, Any]:
    """OASIS' own schema, from the answers that schemastore keeps; read as data, because its code asks the network."""
    with closing(sqlite3.connect(f"file:{_CACHE}?mode=ro", uri=True)) as kept:
        bodies = (_body(value) for (value,) in kept.execute("select value from responses"))
        return next(json.loads(body) for body in bodies if f'"$id": "{_STANDARD}"'.encode() in body)


def _body(answer: bytes) -> bytes:
    """The first bytes in the pickle of an answer are its body; nothing is unpickled."""
    return next(value for _, value, _ in pickletools.genops(answer) if isinstance(value, bytes))


@pytest.fixture(name="documents")
def _documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """What the code writes of the report above, and what the command writes of a state, with the rules as they are."""
    open_to_all = resource(STORAGE, "open", {"allowBlobPublicAccess": True, "allowSharedKeyAccess": SECRET})
    assert main(["check", "--state", str(saved(tmp_path, state(open_to_all))), "--output", "sarif"]) == 5
    return [json.loads(sarif(REPORT)), json.loads(capsys.readouterr().out)]


def test_the_whole_schema_of_the_standard_accepts_it_and_refuses_what_is_wrong(documents: list[Any]) -> None:
    judge = jsonschema.Draft7Validator(_schema_of_the_standard(), format_checker=jsonschema.FormatChecker())

    assert [error.message for one in documents for error in judge.iter_errors(one)] == []
    # The judge is awake: a word the standard lacks, a level, a URI, a line, each where the standard wants another.
    physical = ("results", 0, "locations", 0, "physicalLocation")
    for path, wrong in (
        (("results", 0, "colour"), "red"),
        (("results", 0, "level"), "high"),
        ((*physical, "artifactLocation", "uri"), "a b"),
        ((*physical, "region", "startLine"), 0),
        (("tool", "driver"), {}),
    ):
        broken = json.loads(sarif(REPORT))
        spot: Any = broken["runs"][0]
        for step in path[:-1]:
            spot = spot[step]
        spot[path[-1]] = wrong
        assert not judge.is_valid(broken), path


def test_code_scanning_finds_everything_that_it_requires(documents: list[Any]) -> None:
    """By GitHub's page on SARIF: what is required has a value, what is shown keeps to the lengths."""
    for document in documents:
        run = document["runs"][0]
        rules = run["tool"]["driver"]["rules"]

        assert document["version"] == "2.1.0"
        assert document["$schema"]
        assert run["tool"]["driver"]["name"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", run["tool"]["driver"]["semanticVersion"])
        for rule in rules:
            assert rule["id"]
            assert len(rule["name"]) <= 255
            assert 0 < len(rule["shortDescription"]["text"]) <= 1024
            assert 0 < len(rule["fullDescription"]["text"]) <= 1024
            assert rule["help"]["text"]
            assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
            assert len(rule["properties"]["tags"]) <= 20
            assert 0 < float(rule["properties"]["security-severity"]) <= 10
        for result in run["results"]:
            _assert_shown(result, rules)
        # Of the fingerprints it knows this one only; what has the same is one alert.
        marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
        assert all(marks)
        assert len(set(marks)) == len(marks) > 1


def _assert_shown(result: Any, rules: list[Any]) -> None:  # noqa: ANN401
    assert result["message"]["text"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len(result["locations"]) == 1
    where = result["locations"][0]["physicalLocation"]
    assert not where["artifactLocation"]["uri"].startswith(("/", "file:"))
    region = where["region"]
    assert (region["startColumn"], region["endLine"]) == (1, region["startLine"])
    assert region["endColumn"] > 1


def test_a_finding_marks_its_whole_line_and_a_file_of_elsewhere_has_its_own_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    text = "config:\n  aml-kit:computeClusters:\n    cpu:\n"

    found = []
    for stack_file in (tmp_path / "here" / "my stacks.yaml", tmp_path / "else.yaml"):
        stack_file.write_text(text)
        results = json.loads(sarif(REPORT, stack_file))["runs"][0]["results"]
        found.append(next(one for one in results if one["message"]["text"].startswith("cpu"))["locations"][0])

    region = {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": len("    cpu:") + 1}
    assert [one["physicalLocation"] for one in found] == [
        {"artifactLocation": {"uri": "my%20stacks.yaml", "uriBaseId": "%SRCROOT%"}, "region": region},
        {"artifactLocation": {"uri": (tmp_path / "else.yaml").as_uri()}, "region": region},
    ]


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
    assert {"primaryLocationLineHash": expected, "ruleAndResource/v1": expected} in marks[0]
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


def test_an_unused_waiver_says_whether_it_names_something_that_was_looked_at() -> None:
    idle = replace(WAIVER, state="in force", used=False)
    within = replace(idle, resource="urn:pulumi:prod::aml-kit::aml-kit:Storage$azure-native:storage:StorageAccount")

    lines = table(replace(REPORT, waivers=(idle, within))).splitlines()

    assert [line for line in lines if line.startswith("waiver of")] == [
        f"waiver of S03 for {idle.resource}: unused: nothing here breaks the rule; remove it",
        (
            f"waiver of S03 for {within.resource}: unused: nothing of that name was looked at; "
            "name the resource itself, not the component that it is in"
        ),
    ]
