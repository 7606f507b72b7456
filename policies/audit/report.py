"""What was found: plain data, written as JSON and read back, from which every other form is made."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from audit.subjects import UnreadableError

Outcome = Literal["pass", "fail", "waived", "cannot tell", "not applicable"]
OUTCOMES: tuple[Outcome, ...] = ("fail", "cannot tell", "waived", "pass", "not applicable")
SEVERITIES = ("low", "medium", "high", "critical")
FORM = "aml-kit.policies.report/1"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a rule says of itself."""

    id: str
    name: str
    severity: str
    level: str
    why: str
    maps: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One rule about one resource; ``message`` is what to do, why it does not apply, or what is not known."""

    rule: str
    resource: str
    outcome: Outcome
    refused: bool
    message: str = ""
    waiver: int | None = None  # which of the report's waivers excuses it


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One resource that was judged."""

    type: str
    name: str
    urn: str
    id: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One waiver, and what came of it."""

    rule: str
    resource: str
    owner: str
    approver: str
    reason: str
    compensating_control: str
    created: str
    expires: str
    state: str  # in force, ends soon, expired
    used: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one check found."""

    version: str  # of the pack
    profile: str
    kind: str  # state, preview, live, records
    of: str
    stack: str
    digest: str
    day: str
    rules: tuple[Said, ...]
    things: Mapping[str, Thing] = field(default_factory=dict)  # by URN or Azure id
    rows: tuple[Row, ...] = ()
    waivers: tuple[Exemption, ...] = ()
    unread: tuple[str, ...] = ()

    def counts(self) -> Mapping[str, int]:
        """Count rows by outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def rule(self, name: str) -> Said:
        """Look a rule up."""
        return next(rule for rule in self.rules if rule.id == name)

    def of_outcome(self, *outcomes: Outcome) -> tuple[Row, ...]:
        """Pick rows, the severest first."""
        severity = {rule.id: SEVERITIES.index(rule.severity) for rule in self.rules}
        found = [row for row in self.rows if row.outcome in outcomes]
        return tuple(sorted(found, key=lambda row: (not row.refused, -severity[row.rule], row.rule, row.resource)))

    def worst(self) -> str | None:
        """The highest severity among what is refused."""
        severity = {rule.id: SEVERITIES.index(rule.severity) for rule in self.rules}
        found = [severity[row.rule] for row in self.rows if row.refused]
        if self.unread:  # what could not be looked at has not passed
            found.append(SEVERITIES.index("high"))
        return SEVERITIES[max(found)] if found else None


def written(report: Report) -> str:
    """Write a report as JSON."""
    return json.dumps({"form": FORM, "summary": report.counts(), **asdict(report)}, indent=1) + "\n"


def loaded(text: str, name: str) -> Report:
    """Read what `written` wrote.  Raises UnreadableError."""
    again = "make one: policies check … --output json"
    try:
        found: Any = json.loads(text)
        if not isinstance(found, dict) or found.get("form") != FORM:
            raise UnreadableError(f"{name} is no report of `policies check --output json`; {again}")
        return Report(
            **{key: found[key] for key in ("version", "profile", "kind", "of", "stack", "digest", "day")},
            rules=tuple(
                Said(**{**one, "maps": {k: tuple(v) for k, v in one["maps"].items()}}) for one in found["rules"]
            ),
            things={key: Thing(**one) for key, one in found["things"].items()},
            rows=tuple(Row(**one) for one in found["rows"]),
            waivers=tuple(Exemption(**one) for one in found["waivers"]),
            unread=tuple(found["unread"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"{name} is damaged, and cannot be read as a report; {again}") from error
