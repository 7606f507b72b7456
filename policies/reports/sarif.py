"""SARIF 2.1.0, the subset that code scanning reads: what failed, what is waived, what is refused as cannot tell."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from audit.report import Outcome, Report, Row, Said
from reports.places import Place, place, stack_file_of

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
_SCORES = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
"""Code scanning sorts by a score of security: above 9 critical, 7 high, 4 medium."""

_TOLD: tuple[Outcome, ...] = ("fail", "waived", "cannot tell")


def sarif(report: Report, stack_file: Path | None = None) -> str:
    """Write the findings; passes stay out, because code scanning shows whatever is uploaded as an alert."""
    stack_file = stack_file or stack_file_of(report)
    rows = [row for row in report.of_outcome(*_TOLD) if row.outcome != "cannot tell" or row.refused]
    index = {rule.id: number for number, rule in enumerate(report.rules)}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "aml-kit policies",
                        "semanticVersion": report.version,
                        "rules": [_rule(rule) for rule in report.rules],
                    }
                },
                "automationDetails": {"id": f"aml-kit/{report.kind}/{report.stack or report.profile}/"},
                "columnKind": "unicodeCodePoints",
                "results": [_result(report, row, index, stack_file) for row in rows],
                "properties": {"profile": report.profile, "inputSha256": report.digest},
            }
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _rule(rule: Said) -> dict[str, Any]:
    tags = [f"{framework}:{name}" for framework, names in sorted(rule.maps.items()) for name in names]
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.why},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"policies explain {rule.id}", "markdown": f"{rule.why}\n\n`policies explain {rule.id}`"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["security", *tags][:20], "security-severity": _SCORES[rule.severity]},
    }


def _result(report: Report, row: Row, index: dict[str, int], stack_file: Path | None) -> dict[str, Any]:
    rule, thing = report.rule(row.rule), report.things[row.resource]
    where = place(thing, stack_file)
    said = f"Cannot tell: {row.message}" if row.outcome == "cannot tell" else row.message
    mark = _fingerprint(row)
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index[rule.id],
        # The standard has a kind `open` for what cannot be told, with no level beside it; code scanning would show that
        # as a note, so what is refused is written as the failure that it is.
        "kind": "fail",
        "level": _LEVELS[rule.severity] if row.refused or row.outcome == "waived" else "note",
        "message": {"text": f"{thing.name}: {said}"},
        "locations": [
            {
                "physicalLocation": _physical(where),
                "logicalLocations": [{"fullyQualifiedName": row.resource, "name": thing.name, "kind": "resource"}],
            }
        ],
        # Code scanning knows the first name only; without it, it takes the line's text for the finding, and all that a
        # rule finds at one line for one finding.
        "partialFingerprints": {"primaryLocationLineHash": mark, "ruleAndResource/v1": mark},
        "properties": {"outcome": row.outcome},
    }
    if row.waiver is not None:
        waiver = report.waivers[row.waiver]
        who = f"Owner {waiver.owner}, approved by {waiver.approver}, until {waiver.expires}."
        why = f"{waiver.reason} Instead: {waiver.compensating_control} {who}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _physical(where: Place) -> dict[str, Any]:
    """The whole line; a file that is not below the repository's root has a URI of its own, so that none is invented."""
    absolute = Path(where.file).is_absolute()
    artifact = {"uri": Path(where.file).as_uri()} if absolute else {"uri": quote(where.file), "uriBaseId": "%SRCROOT%"}
    region = {"startLine": where.line, "startColumn": 1, "endLine": where.line, "endColumn": where.width + 1}
    return {"artifactLocation": artifact, "region": region}


def _fingerprint(row: Row) -> str:
    """The same finding keeps its mark, whatever moves in the files."""
    return hashlib.sha256(f"{row.rule}\n{row.resource.lower()}".encode()).hexdigest()[:32]
