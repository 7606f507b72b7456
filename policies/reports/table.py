"""For people at a terminal: what is open, the worst first."""

from audit.report import Exemption, Report, Row


def table(report: Report) -> str:
    """Write what failed, what is waived and what could not be told; what passed is only counted."""
    lines = [f"{report.kind} {report.of}, held to {report.profile}, {report.day}", ""]
    open_rows = report.of_outcome("fail", "cannot tell", "waived")
    lines += _columns([_line(report, row) for row in open_rows])
    lines += [f"not read: {one}" for one in report.unread]
    lines += [f"waiver of {one.rule} for {one.resource}: {_note(report, one)}"
              for one in report.waivers if one.state != "in force" or not one.used]  # fmt: skip
    counted = ", ".join(f"{count} {outcome}" for outcome, count in report.counts().items())
    refused = sum(row.refused for row in report.rows)
    if lines[-1]:
        lines.append("")
    if not report.things:
        lines.append("There is nothing to judge here.")
    return "\n".join([*lines, f"{len(report.things)} resources: {counted}; {refused} refused"]) + "\n"


def columns(rows: list[tuple[str, ...]]) -> str:
    """Write rows as plain columns."""
    return "".join(f"{line}\n" for line in _columns(rows))


def _line(report: Report, row: Row) -> tuple[str, ...]:
    rule, thing = report.rule(row.rule), report.things[row.resource]
    level = "refused" if row.refused else "advisory" if row.outcome != "waived" else "waived"
    until = f" (until {report.waivers[row.waiver].expires})" if row.waiver is not None else ""
    said = f"cannot tell: {row.message}" if row.outcome == "cannot tell" else f"{row.message}{until}"
    where = f"{thing.name} ({thing.source})" if thing.source else thing.name
    return level, rule.severity, f"{rule.id} {rule.name}", where, said


def _note(report: Report, waiver: Exemption) -> str:
    if waiver.state == "expired":
        return f"ended on {waiver.expires}; the rule counts again"
    notes = [f"ends soon, on {waiver.expires}"] if waiver.state == "ends soon" else []
    return "; ".join([*notes, *([] if waiver.used else [_unused(report, waiver.resource.lower())])])


def _unused(report: Report, named: str) -> str:
    if any(named in (thing.urn.lower(), thing.id.lower(), thing.name.lower()) for thing in report.things.values()):
        return "unused: nothing here breaks the rule; remove it"
    return "unused: nothing of that name was looked at; name the resource itself, not the component that it is in"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
