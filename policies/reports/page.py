"""One page for auditors: no outside assets, no script, readable in light and dark."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape

from audit.report import OUTCOMES, SEVERITIES, Report, Row

_STYLE = """
:root { color-scheme: light dark; --line: #d0d4da; --soft: #f4f5f7; --ink: #1c2026; --paper: #ffffff;
  --bad: #b3261e; --open: #8a5a00; --held: #3d4fa8; --good: #1f6f3f; --quiet: #5d6570; }
@media (prefers-color-scheme: dark) { :root { --line: #3a4049; --soft: #20242b; --ink: #e6e8eb; --paper: #15181d;
  --bad: #ff8a80; --open: #f0bd5b; --held: #a9b5ff; --good: #7fd39b; --quiet: #a0a8b3; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
p { margin: .3rem 0 } .quiet { color: var(--quiet) } code { font-size: .9em; overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line) }
th { background: var(--soft); font-weight: 600 } td.n { text-align: right; font-variant-numeric: tabular-nums }
.fail { color: var(--bad) } .cannot { color: var(--open) } .waived { color: var(--held) }
.pass { color: var(--good) } .not { color: var(--quiet) }
ul.counts { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; list-style: none; margin: 1rem 0 }
ul.counts li { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .9rem }
ul.counts b { font-size: 1.3rem; display: block }
nav a { margin-right: 1rem; color: inherit; display: inline-block }
#open td:nth-child(n+3), #unknown td:nth-child(n+3) { width: 33%; min-width: 16rem }
@media print { body { max-width: none } nav { display: none } }
"""

_STATES = {"in force": "waived", "ends soon": "cannot", "expired": "fail"}


def page(report: Report) -> str:
    """Write the page."""
    sections = (
        ("open", "What is open", _open(report)),
        ("unknown", "What could not be told", _unknown(report)),
        ("waivers", "Waivers, by their end", _waivers(report)),
        ("severity", "By severity", _by_severity(report)),
        ("framework", "By framework", _by_framework(report)),
        ("resource", "By resource", _by_resource(report)),
    )
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title, _ in sections)
    body = "".join(f'<section id="{name}"><h2>{title}</h2>{text}</section>\n' for name, title, text in sections)
    title = f"Policy report: {escape(report.stack or report.of)}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>{_head(report)}<nav>{links}</nav>\n{body}</body></html>\n"
    )


def _head(report: Report) -> str:
    refused = sum(row.refused for row in report.rows)
    verdict = f'<b class="fail">{refused} refused</b>' if report.worst() else '<b class="pass">Nothing is refused</b>'
    counts = "".join(
        f'<li class="{_css(outcome)}"><b>{count}</b>{outcome}</li>' for outcome, count in report.counts().items()
    )
    return (
        f"<p>{verdict}, held to <b>{report.profile}</b> on {report.day}; {len(report.things)} resources, "
        f"{len(report.rules)} rules.</p>"
        f'<p class="quiet">{report.kind} {escape(report.of)}, SHA-256 <code>{report.digest}</code>; '
        f"aml-kit policies {report.version}</p><ul class=counts>{counts}</ul>"
    )


def _open(report: Report) -> str:
    rows = report.of_outcome("fail")
    return _table(
        ("", "severity", "rule", "resource", "what to do"),
        [
            (_mark(row), report.rule(row.rule).severity, _rule(report, row), _thing(report, row), escape(row.message))
            for row in rows
        ],
        "No rule is broken.",
    )


def _unknown(report: Report) -> str:
    rows = [
        (_mark(row), _rule(report, row), _thing(report, row), escape(row.message))
        for row in report.of_outcome("cannot tell")
    ]
    rows += [('<span class="fail">not read</span>', "", escape(one), "") for one in report.unread]
    return _table(("", "rule", "resource", "what is not known"), rows, "Everything could be told.")


def _waivers(report: Report) -> str:
    head = ("ends", "state", "rule", "resource", "owner", "approved by", "why", "instead")
    rows = [
        (
            one.expires,
            f'<span class="{_STATES[one.state]}">{one.state}{"" if one.used else ", unused"}</span>',
            escape(one.rule),
            f"<code>{escape(one.resource)}</code>",
            escape(one.owner),
            escape(one.approver),
            escape(one.reason),
            escape(one.compensating_control),
        )
        for one in sorted(report.waivers, key=lambda one: one.expires)
    ]
    return _table(head, rows, f"Nothing is waived in {report.profile}.")


def _by_severity(report: Report) -> str:
    of = {rule.id: rule.severity for rule in report.rules}
    rows = [(name, *_counted(row for row in report.rows if of[row.rule] == name)) for name in reversed(SEVERITIES)]
    return _table(("severity", *OUTCOMES), rows, "")


def _by_framework(report: Report) -> str:
    parts = []
    for framework in sorted({name for rule in report.rules for name in rule.maps}):
        by_id: dict[str, list[str]] = defaultdict(list)
        for rule in report.rules:
            for name in rule.maps.get(framework, ()):
                by_id[name].append(rule.id)
        rows = [
            (escape(name), ", ".join(rules), *_counted(row for row in report.rows if row.rule in rules))
            for name, rules in sorted(by_id.items())
        ]
        parts.append(f"<h3>{escape(framework)}</h3>{_table(('id', 'rules', *OUTCOMES), rows, '')}")
    return "".join(parts)


def _by_resource(report: Report) -> str:
    by_resource: dict[str, list[Row]] = defaultdict(list)
    for row in report.rows:
        by_resource[row.resource].append(row)
    rows = [
        (
            f"{escape(thing.name)}<br><span class=quiet>{escape(thing.type)}</span>",
            f"<code>{escape(key)}</code>",
            *_counted(by_resource.get(key, ())),
        )
        for key, thing in report.things.items()
    ]
    return _table(("resource", "its name for Pulumi or Azure", *OUTCOMES), rows, "There is nothing to judge here.")


def _counted(rows: Iterable[Row]) -> tuple[str, ...]:
    outcomes = [row.outcome for row in rows]
    return tuple(str(outcomes.count(outcome)) for outcome in OUTCOMES)


def _css(outcome: str) -> str:
    return outcome.split(maxsplit=1)[0]


def _mark(row: Row) -> str:
    word = "refused" if row.refused else "advice"
    return f'<span class="{"fail" if row.refused else "cannot"}">{word}</span>'


def _rule(report: Report, row: Row) -> str:
    rule = report.rule(row.rule)
    return f"{rule.id} {escape(rule.name)}<br><span class=quiet>{escape(rule.why)}</span>"


def _thing(report: Report, row: Row) -> str:
    thing = report.things[row.resource]
    where = f"<br><span class=quiet>{escape(thing.source)}</span>" if thing.source else ""
    return f"<b>{escape(thing.name)}</b><br><code>{escape(row.resource)}</code>{where}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], otherwise: str) -> str:
    if not rows:
        return f"<p>{otherwise}</p>"
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _cell(text: str) -> str:
    return f'<td class="n">{text}</td>' if text.isdigit() else f"<td>{text}</td>"
