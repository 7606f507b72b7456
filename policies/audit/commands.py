"""What each command of the command line does: read, judge, put into words."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import reference
import waivers
from audit.approved import approved, place
from audit.files import read_preview, read_state
from audit.judging import judge
from audit.records import read_records
from audit.report import SEVERITIES, Report, loaded, written
from audit.strictness import chosen, named_profile
from audit.subjects import Source, UnreadableError
from reports.junit import junit
from reports.page import page
from reports.sarif import sarif
from reports.table import columns, table
from rules.catalogue import catalogue
from rules.profiles import profile_of
from rules.rule import Rule
from runtime import initiative
from serving import VERSION
from waivers import Waivers, near

_FIRST_SEVERITY = 3


@dataclass(frozen=True)
class Done:
    """What to print, and with which code to end."""

    text: str
    code: int = 0
    beside: str = ""  # what to say to a person, where the text is for a program


def run(arguments: argparse.Namespace) -> Done:
    """Run the command that was asked for.  Raises UnreadableError and WaiversError."""
    commands = {
        "rules": _rules,
        "explain": _explain,
        "check": _check,
        "approved": _approved,
        "report": _report,
        "waivers": _waivers,
        "crosswalk": _crosswalk,
    }
    return commands[arguments.command](arguments)


def names(rules: tuple[Rule, ...]) -> Mapping[str, str]:
    """Each rule's id, by its id and by its name."""
    return {word: rule.id for rule in rules for word in (rule.id, rule.name)}


def read_waivers(path: Path, rules: tuple[Rule, ...], day: date, longest: Mapping[str, int]) -> Waivers:
    """Read the file of waivers.  Raises WaiversError, and UnreadableError where there is none."""
    try:
        text = path.read_text()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}; an empty list is `waivers: []`") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is no text") from error
    return waivers.read(text, names(rules), day, longest)


def _check(arguments: argparse.Namespace) -> Done:
    rules = catalogue()
    day = waivers.today()
    if not arguments.live and (arguments.subscription or arguments.resource_group):
        raise UnreadableError("--subscription and --resource-group go with --live only")
    profile = named_profile(arguments.profile) if arguments.profile else None
    source = _source(arguments)
    profile = profile or profile_of(source.stack)
    strictness, longest = chosen(rules, profile, arguments.config, arguments.unknowns, day)
    excused = read_waivers(arguments.waivers, rules, day, longest)
    report = judge(source, rules, strictness, excused, VERSION)
    return Done(_printed(report, arguments.output, arguments.stack_file), _code(report, arguments.fail_on))


def _approved(arguments: argparse.Namespace) -> Done:
    forms = [place(one) for one in arguments.place]
    rules, day = catalogue(), waivers.today()
    profile = named_profile(arguments.profile) if arguments.profile else None
    source = read_records(arguments.records)
    profile = profile or profile_of(source.stack)
    strictness, longest = chosen(rules, profile, arguments.config, None, day)
    excused = read_waivers(arguments.waivers, rules, day, longest)
    report = judge(source, rules, strictness, excused, VERSION)
    found = approved(source, report, strictness, forms)
    config = json.loads(arguments.config.read_text()) if arguments.config else {}
    name = next(rule.name for rule in rules if rule.id == "E14")
    said = config.get(name, {})
    config[name] = {**({"enforcementLevel": said} if isinstance(said, str) else said), "approved": list(found.models)}
    return Done(json.dumps(config, indent=2) + "\n", beside="".join(f"left out {one}\n" for one in found.left_out))


def _source(arguments: argparse.Namespace) -> Source:
    if arguments.live:
        from audit.live import read_live  # noqa: PLC0415  Azure's SDK takes long to load

        return read_live(arguments.subscription, tuple(arguments.resource_group))
    if arguments.records:
        return read_records(arguments.records)
    return read_state(arguments.state) if arguments.state else read_preview(arguments.preview)


def _printed(report: Report, form: str, stack_file: Path | None) -> str:
    match form:
        case "json":
            return written(report)
        case "sarif":
            return sarif(report, stack_file)
        case "junit":
            return junit(report)
        case "html":
            return page(report)
    return table(report)


def _code(report: Report, least: str) -> int:
    worst = report.worst()
    if worst is None or SEVERITIES.index(worst) < SEVERITIES.index(least):
        return 0
    return _FIRST_SEVERITY + SEVERITIES.index(worst)


def _report(arguments: argparse.Namespace) -> Done:
    try:
        text = arguments.result.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(
            f"{arguments.result} cannot be read: {getattr(error, 'strerror', 'it is no text')}"
        ) from error
    return Done(_printed(loaded(text, str(arguments.result)), arguments.output, arguments.stack_file))


def _rules(arguments: argparse.Namespace) -> Done:
    profile = named_profile(arguments.profile or "prod")
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "severity": one.severity.value,
            "level": one.levels[profile].value,
            "at run time": "yes" if initiative.twin(one.id) else "-",
            "why": one.why,
        }
        for one in catalogue()
    ]
    of_waivers = ("M14", waivers.VALID, "high", "mandatory", "-", waivers.WHY)
    rows.append(dict(zip(rows[0], of_waivers, strict=True)))
    return Done(_listed(sorted(rows, key=lambda row: row["id"]), arguments.output))


def _explain(arguments: argparse.Namespace) -> Done:
    rules = catalogue()
    found = names(rules)
    by_case = {word.lower(): name for word, name in found.items()}
    if arguments.rule.lower() in ("m14", waivers.VALID):
        return Done(reference.page_of_waivers())
    name = by_case.get(arguments.rule.lower())
    if name is None:
        like = near(arguments.rule, (*found, "M14", waivers.VALID)) or "; `policies rules` lists all"
        raise UnreadableError(f"there is no rule {arguments.rule!r}{like}")
    return Done(reference.page(next(rule for rule in rules if rule.id == name)))


def _waivers(arguments: argparse.Namespace) -> Done:
    day = waivers.today()
    found = read_waivers(arguments.waivers, catalogue(), day, waivers.LONGEST.defaults)
    rows = [
        {
            "state": one.state(day),
            "expires": one.expires.isoformat(),
            "rule": one.rule,
            "environment": one.environment,
            "owner": one.owner,
            "approver": one.approver,
            "resource": one.resource,
        }
        for one in sorted(found.all, key=lambda one: one.expires)
    ]
    return Done(_listed(rows, arguments.output, empty="There are no waivers.\n"))


def _crosswalk(arguments: argparse.Namespace) -> Done:
    rows = [
        {"framework": framework, "id": name, "rule": one.id, "name": one.name}
        for one in catalogue()
        for framework, found in one.maps.items()
        for name in found
    ]
    rows.sort(key=lambda row: (row["framework"], row["id"], row["rule"]))
    return Done(_listed(rows, arguments.output))


def _listed(rows: list[dict[str, Any]], form: str, empty: str = "") -> str:
    if form == "json":
        return json.dumps(rows, indent=1) + "\n"
    if not rows:
        return empty
    return columns([tuple(rows[0]), *(tuple(str(value) for value in row.values()) for row in rows)])
