"""JUnit's XML, for pipelines: a suite a rule, a case a resource."""

import re
from xml.sax.saxutils import escape, quoteattr

from audit.report import Report, Row

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Refused is a failure, or an error if it cannot be told; waived and not applicable are skipped; advice is said."""
    suites = []
    for rule in report.rules:
        rows = [row for row in report.rows if row.rule == rule.id]
        if not rows:
            continue
        counts = f'tests="{len(rows)}" failures="{_count(rows, "failure")}" errors="{_count(rows, "error")}"'
        name = quoteattr(f"{rule.id} {rule.name}")
        cases = "".join(_case(report, row) for row in rows)
        suites.append(f'<testsuite name={name} {counts} skipped="{_count(rows, "skipped")}">\n{cases}</testsuite>\n')
    if report.unread:
        cases = "".join(
            f'<testcase name={_quoted(one)} classname="read"><error message="not read"/></testcase>\n'
            for one in report.unread
        )
        count = len(report.unread)
        suites.append(f'<testsuite name="read" tests="{count}" errors="{count}">\n{cases}</testsuite>\n')
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="aml-kit policies">'
    return f"{head}\n{''.join(suites)}</testsuites>\n"


def _tag(row: Row) -> str:
    if row.refused:
        return "error" if row.outcome == "cannot tell" else "failure"
    return "skipped" if row.outcome in ("waived", "not applicable") else ""


def _count(rows: list[Row], tag: str) -> int:
    return sum(_tag(row) == tag for row in rows)


def _case(report: Report, row: Row) -> str:
    thing = report.things[row.resource]
    head = f"<testcase name={_quoted(row.resource)} classname={_quoted(thing.type)}"
    tag = _tag(row)
    if tag:
        until = f" Waived until {report.waivers[row.waiver].expires}." if row.waiver is not None else ""
        return f"{head}><{tag} message={_quoted(f'{row.outcome}: {row.message}{until}')}/></testcase>\n"
    if row.message:
        return f"{head}><system-out>{escape(_clean(f'{row.outcome}: {row.message}'))}</system-out></testcase>\n"
    return f"{head}/>\n"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Leave out what no XML may hold."""
    return _FORBIDDEN.sub("\ufffd", text)
