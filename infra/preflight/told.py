"""A report, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from textwrap import shorten
from typing import Any

from infra.preflight.findings import Finding, Outcome, Report, Result

EXIT = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.CANNOT_TELL: 3}
"""What the command ends with; 2 is a wrong command line, or no stack file at all."""
_WIDTH = 118
_BYPASSED = "bypassed"


def as_json(report: Report) -> str:
    """All that was found, each check with each finding."""
    found: dict[str, Any] = {
        "stack": report.stack,
        "file": report.file,
        "subscription": report.subscription,
        "outcome": report.outcome.value,
        "exitCode": EXIT[report.outcome],
        "checks": [_check(result) for result in report.results],
    }
    return json.dumps(found, indent=2)


def _check(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {"check": result.check, "outcome": result.outcome.value}
    if result.bypass is not None:
        found["bypass"] = {"reason": result.bypass.reason, "recorded": result.bypass.recorded}
    return found | {"findings": [_finding(finding) for finding in result.findings]}


def _finding(finding: Finding) -> dict[str, str]:
    found = {"outcome": finding.outcome.value, "about": finding.about, "seen": finding.seen}
    return found | ({"change": finding.change} if finding.change else {})


def as_table(report: Report, *, verbose: bool = False) -> str:
    """A row a check; below it what did not pass, with what to change."""
    lines = [f"preflight {report.stack} ({report.file}), subscription {report.subscription or 'not known'}", ""]
    for result in report.results:
        if verbose or not result.unseen:
            lines += _row(result, verbose=verbose)
    lines += _unseen([result for result in report.results if result.unseen and not verbose])
    return "\n".join((*lines, "", _end(report)))


def _row(result: Result, *, verbose: bool) -> Iterator[str]:
    outcome = _BYPASSED if result.bypass else result.outcome.value
    told = [one for one in result.findings if verbose or one.outcome is not Outcome.PASS]
    summary = _summary(result) if not told else ""
    yield f"  {result.check:<10} {outcome:<12} {summary}".rstrip()
    if result.bypass:
        yield f"{'':<15}would be {result.outcome.value}; bypassed in {result.bypass.recorded}: {result.bypass.reason}"
    for finding in told:
        mark = "" if finding.outcome is Outcome.PASS else f"{finding.outcome.value}: "
        yield f"{'':<15}{mark}{finding.about}: {finding.seen}"
        if finding.change:
            yield f"{'':<17}-> {finding.change}"


def _unseen(results: Sequence[Result]) -> Iterator[str]:
    """All that nobody could look at, in one row: its reason is one, too."""
    if results:
        yield f"  not looked at: {', '.join(result.check for result in results)}"
        yield f"{'':<17}-> {results[0].findings[0].change}"


def _summary(result: Result) -> str:
    if len(result.findings) == 1:
        return shorten(f"{result.findings[0].about}: {result.findings[0].seen}", _WIDTH - 26, placeholder=" …")
    return f"all {len(result.findings)} looked at"


def _end(report: Report) -> str:
    held = [result for result in report.results if result.bypass is None]
    counts = {outcome: sum(result.outcome is outcome for result in held) for outcome in Outcome}
    said = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
    bypassed = len(report.results) - len(held)
    return f"{report.outcome.value}: {said or 'nothing was held'}" + (f", {bypassed} bypassed" if bypassed else "")
