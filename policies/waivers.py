"""Exceptions to a rule: for one resource, by one owner, approved by another, until a day; afterwards the rule bites.

Pure: the text, the day and the names of the rules are passed in.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import yaml

from rules.rule import PROFILES, Setting

WARNED_DAYS = 7
"""How many days before its end a waiver is warned about."""

LONGEST = Setting(
    meaning="how many days a waiver may last, from the day it was created to the day it ends",
    schema={"type": "integer", "minimum": 1, "maximum": 366},
    defaults={"local": 180, "dev": 180, "staging": 90, "prod": 90, "regulated": 30},
)

VALID = "waiver-valid"
"""The policy M14: it is about the file of waivers, not about a resource."""

WHY = "An exception without owner, approver and end is a hole that nobody closes."

_LARGEST = 1024 * 1024  # characters: more is no list of exceptions
FIELDS: Mapping[str, str] = {
    "rule": "a rule's id or name",
    "resource": "one exact URN of Pulumi, one exact Azure id, or one record's name",
    "environment": f"one of {', '.join(PROFILES)}",
    "reason": "why the rule cannot be kept",
    "owner": "who answers for the exception",
    "approver": "who allowed it; not the owner",
    "compensatingControl": "what protects instead",
    "created": "a day, as 2026-01-31",
    "expires": "the last day on which it holds, as 2026-03-31",
}

State = Literal["in force", "ends soon", "expired"]


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One exception; ``rule`` is the rule's id, ``line`` where it stands in the file."""

    rule: str
    resource: str
    environment: str
    reason: str
    owner: str
    approver: str
    compensating_control: str
    created: date
    expires: date
    line: int

    def state(self, today: date) -> State:
        """Tell whether it holds; its last day is the day it names."""
        if today > self.expires:
            return "expired"
        return "ends soon" if self.expires - today <= timedelta(days=WARNED_DAYS) else "in force"

    def holds(self, today: date) -> bool:
        """Tell whether it excuses anything on this day."""
        return self.state(today) != "expired"

    def is_about(self, *names: str) -> bool:
        """Tell whether the resource has one of these names; Azure's ids are the same in any case."""
        return any(_same(self.resource, name) for name in names if name)

    def __str__(self) -> str:
        return f"{self.rule} for {self.resource} in {self.environment}"


class WaiversError(Exception):
    """The file cannot be taken as it is; the text names every fault of it, one a line."""


@dataclass(frozen=True)
class Waivers:
    """All exceptions of one environment, on one day."""

    all: tuple[Waiver, ...] = ()
    today: date = date.min

    def excuse(self, rule: str, *names: str) -> Waiver | None:
        """Find what excuses a resource (by its URN, its Azure id, or both) from a rule on this day."""
        return next(
            (one for one in self.all if one.rule == rule and one.holds(self.today) and one.is_about(*names)), None
        )

    def of(self, environment: str) -> "Waivers":
        """Keep those of one environment."""
        return Waivers(tuple(one for one in self.all if one.environment == environment), self.today)


def today() -> date:
    """Ask the clock; for the outermost callers only."""
    return datetime.now(UTC).date()


def read(text: str, rules: Mapping[str, str], day: date, longest: Mapping[str, int] = LONGEST.defaults) -> Waivers:
    """Read a file of waivers; ``rules`` gives a rule's id by its id and by its name.  Raises WaiversError."""
    entries = _entries(text)
    faults: list[str] = []
    waivers: list[Waiver] = []
    for line, entry in entries:
        found = list(_faults(entry, rules, day, longest))
        faults += [f"line {line}: {fault}" for fault in found]
        if not found:
            waivers.append(_waiver(line, entry, rules))
    faults += [f"line {line}: {fault}" for line, fault in _doubles(waivers)]
    if faults:
        raise WaiversError("\n".join(faults))
    return Waivers(tuple(waivers), day)


def schema(rules: Mapping[str, str]) -> dict[str, Any]:
    """Write the file's form down as JSON Schema, for editors."""
    text = {"type": "string", "minLength": 1, "pattern": r"\S"}
    forms: dict[str, dict[str, Any]] = {
        "rule": {"type": "string", "enum": sorted(rules)},
        "resource": {"type": "string", "pattern": r"^(urn:pulumi:|/subscriptions/)[^*?]+$"},
        "environment": {"type": "string", "enum": list(PROFILES)},
        "created": {"type": "string", "format": "date"},
        "expires": {"type": "string", "format": "date"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Exceptions to the rules of aml-kit",
        "type": "object",
        "required": ["waivers"],
        "additionalProperties": False,
        "properties": {
            "waivers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": list(FIELDS),
                    "additionalProperties": False,
                    "properties": {
                        name: {**forms.get(name, text), "description": meaning} for name, meaning in FIELDS.items()
                    },
                },
            }
        },
    }


def near(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Say what may have been meant, as the end of a sentence."""
    by_case = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=0.5)
    return f"; did you mean {by_case[close[0]]}?" if close else ""


def _entries(text: str) -> list[tuple[int, dict[str, Any]]]:
    root = _document(text)
    if root is None:
        raise WaiversError("the file is empty; write `waivers: []` where there are none")
    keys = [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
    if not isinstance(root, yaml.MappingNode) or keys != ["waivers"]:
        raise WaiversError("line 1: the file holds one key, `waivers`, and under it a list")
    listed = root.value[0][1]
    if not isinstance(listed, yaml.SequenceNode):
        raise WaiversError("line 1: `waivers` is a list; write `waivers: []` where there are none")
    return [(node.start_mark.line + 1, _entry(node)) for node in listed.value]


def _document(text: str) -> yaml.Node | None:
    if len(text) > _LARGEST:
        raise WaiversError(f"the file has more than {_LARGEST:,} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise WaiversError("the file uses `*aliases`; write each waiver out")
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise WaiversError(f"{where}this is no YAML: {getattr(error, 'problem', None) or error}") from error


def _entry(node: yaml.Node) -> dict[str, Any]:
    """Read one entry's scalars as they are written; what is no scalar, or said twice, is kept as a fault."""
    if not isinstance(node, yaml.MappingNode):
        return {"": "a waiver is a map of fields"}
    entry: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        written = value.value.strip() if isinstance(value, yaml.ScalarNode) else _Fault(f"{name} is one text")
        if isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:null":
            written = ""
        entry[name] = _Fault(f"{name} is said twice") if name in entry else written
    return entry


@dataclass(frozen=True)
class _Fault:
    said: str


def _faults(entry: Mapping[str, Any], rules: Mapping[str, str], day: date, longest: Mapping[str, int]) -> Iterator[str]:
    if "" in entry:
        yield str(entry[""])
        return
    for name in entry.keys() - FIELDS.keys():
        yield f"there is no field {name!r}{near(name, FIELDS)}"
    yield from (value.said for value in entry.values() if isinstance(value, _Fault))
    missing = [name for name in FIELDS if not entry.get(name)]
    if missing:
        yield "missing: " + ", ".join(f"{name} ({FIELDS[name]})" for name in missing)
    said = {name: value for name, value in entry.items() if value and not isinstance(value, _Fault)}
    for name, check in _CHECKS.items():
        if name in said:
            yield from check(said[name], rules)
    if "owner" in said and "approver" in said and said["owner"].casefold() == said["approver"].casefold():
        yield "the approver is the owner; somebody else has to allow it"
    yield from _span(said, day, longest)


def _rule_faults(word: str, rules: Mapping[str, str]) -> Iterator[str]:
    if word not in rules:
        yield f"there is no rule {word!r}{near(word, rules)}"


_NAMES = (
    r"urn:pulumi:[^:]+::[^:]+::.+::.+",
    r"/subscriptions/[^/]+/(resourcegroups/[^/]+|(.+/)?providers/[^/]+/[^/]+/.+[^/])",
    r"record:(release/[^/]+/[^/]+/[^/]+|log/[^/]+)",
)
"""How one resource is named: to the engine, to Azure, and in the reports about records."""


def _resource_faults(word: str, _rules: Mapping[str, str]) -> Iterator[str]:
    if re.search(r"[*?]", word):
        yield "resource names one exact resource, without wildcards"
    elif not any(re.fullmatch(form, word, re.IGNORECASE) for form in _NAMES):
        yield f"resource is neither a URN of Pulumi nor an Azure id of one resource nor a record's name: {word!r}"


def _environment_faults(word: str, _rules: Mapping[str, str]) -> Iterator[str]:
    if word not in PROFILES:
        yield f"there is no environment {word!r} among {', '.join(PROFILES)}{near(word, PROFILES)}"


def _day_faults(word: str, _rules: Mapping[str, str]) -> Iterator[str]:
    if _day(word) is None:
        yield f"{word!r} is no day; write it as 2026-01-31"


_CHECKS: Mapping[str, Callable[[str, Mapping[str, str]], Iterator[str]]] = {
    "rule": _rule_faults,
    "resource": _resource_faults,
    "environment": _environment_faults,
    "created": _day_faults,
    "expires": _day_faults,
}


def _span(said: Mapping[str, str], day: date, longest: Mapping[str, int]) -> Iterator[str]:
    created, expires = _day(said.get("created", "")), _day(said.get("expires", ""))
    if created is None or expires is None:
        return
    most = longest.get(said.get("environment", ""), max(longest.values()))
    if created > day:
        yield f"created lies in the future: {created}, and today is {day}"
    if expires < created:
        yield f"it ends ({expires}) before it was created ({created})"
    elif (expires - created).days > most:
        yield (
            f"it lasts {(expires - created).days} days, and {most} are the most in {said.get('environment', 'any')}; "
            f"end it on {created + timedelta(days=most)} at the latest"
        )


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if re.fullmatch(r"\d{4}-\d\d-\d\d", word) else None
    except ValueError:
        return None


def _waiver(line: int, entry: Mapping[str, str], rules: Mapping[str, str]) -> Waiver:
    return Waiver(
        rule=rules[entry["rule"]],
        resource=entry["resource"],
        environment=entry["environment"],
        reason=entry["reason"],
        owner=entry["owner"],
        approver=entry["approver"],
        compensating_control=entry["compensatingControl"],
        created=date.fromisoformat(entry["created"]),
        expires=date.fromisoformat(entry["expires"]),
        line=line,
    )


def _doubles(waivers: list[Waiver]) -> Iterator[tuple[int, str]]:
    seen: dict[tuple[str, str, str], int] = {}
    for one in waivers:
        key = (one.rule, one.environment, one.resource.lower() if one.resource.startswith("/") else one.resource)
        if key in seen:
            yield one.line, f"it waives what line {seen[key]} waives already"
        seen.setdefault(key, one.line)


def _same(one: str, other: str) -> bool:
    return one == other or (one.startswith("/") and one.rstrip("/").lower() == other.rstrip("/").lower())
