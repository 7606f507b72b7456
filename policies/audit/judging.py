"""Every rule about every resource it looks at, with all outcomes; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_policy import EnforcementLevel

from audit.report import Exemption, Outcome, Report, Row, Said, Thing
from audit.subjects import Source, Subject
from rules.finding import CannotTell, Fail, Finding, NotApplicable
from rules.props import Props
from rules.rule import DISABLED, MANDATORY, REMEDIATE, InStack, Rule, Settings
from rules.stack import Resource, Stack, unversioned
from rules.subscription import at_home
from waivers import Waivers

_STRICT = ("prod", "regulated")
"""Where what cannot be told is refused: in a state, and in what is deployed, nothing should be unknown any more."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """How strict to be about one rule."""

    level: EnforcementLevel
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class Strictness:
    """A profile, as it is or changed by a config file: how strict to be about every rule, by its id."""

    profile: str
    of: Mapping[str, Chosen]
    blocks_unknowns: bool | None = None  # None: as the profile and the settings say

    def blocks(self, rule: Rule, source: Source) -> bool:
        """Tell whether what a rule cannot tell is refused."""
        if self.blocks_unknowns is not None:
            return self.blocks_unknowns
        known = source.kind != "preview"
        return (known and self.profile in _STRICT) or self.of[rule.id].settings["unknowns"] == "block"


def judge(source: Source, rules: Sequence[Rule], strictness: Strictness, waivers: Waivers, version: str) -> Report:
    """Judge everything that was read."""
    asked = waivers.of(strictness.profile)
    rows = tuple(
        _row(rule, subject, finding, asked, refuses=_refuses(rule, source, strictness))
        for rule, subject, finding in _findings(source, rules, strictness)
    )
    used = {row.waiver for row in rows}
    return Report(
        version=version,
        profile=strictness.profile,
        kind=source.kind,
        of=source.of,
        stack=source.stack,
        digest=source.digest,
        day=waivers.today.isoformat(),
        rules=tuple(_said(rule, strictness.of[rule.id].level) for rule in rules),
        things={subject.key: _thing(subject) for subject in source.subjects if subject.judged},
        rows=rows,
        waivers=_exemptions(asked, used),
        unread=source.unread,
    )


def _findings(source: Source, rules: Sequence[Rule], strictness: Strictness) -> Iterator[tuple[Rule, Subject, Finding]]:
    stack = Stack(tuple(map(_resource, source.subjects)))
    among = dict(zip((subject.key for subject in source.subjects), stack, strict=True))
    by_type: Mapping[str, list[Subject]] = _by_type(source.subjects)
    for rule in rules:
        chosen = strictness.of[rule.id]
        for subject in (one for kind, ones in by_type.items() if rule.is_about(kind) for one in ones):
            if chosen.level == DISABLED:
                yield rule, subject, NotApplicable(f"the rule is off in {strictness.profile}")
            elif isinstance(rule.check, InStack):
                yield rule, subject, rule.judge_in_stack(among[subject.key], stack, chosen.settings)
            else:
                settings = at_home(chosen.settings, subject.subscription)
                yield rule, subject, rule.judge(subject.type, Props(subject.inputs), settings)


def _by_type(subjects: Sequence[Subject]) -> Mapping[str, list[Subject]]:
    found: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        if subject.judged:
            found[subject.type].append(subject)
    return found


def _resource(subject: Subject) -> Resource:
    return Resource(
        type=unversioned(subject.type),
        urn=subject.key,
        props=Props(subject.state),
        wired=subject.wired,
        protect=subject.protect,
        subscription=subject.subscription,
    )


def _refuses(rule: Rule, source: Source, strictness: Strictness) -> tuple[Outcome, ...]:
    """Tell which outcomes of a rule stop somebody."""
    if strictness.of[rule.id].level not in (MANDATORY, REMEDIATE):
        return ()
    return ("fail", "cannot tell") if strictness.blocks(rule, source) else ("fail",)


def _row(rule: Rule, subject: Subject, finding: Finding, waivers: Waivers, *, refuses: tuple[Outcome, ...]) -> Row:
    outcome, message = _outcome(finding)
    waiver = waivers.excuse(rule.id, subject.urn, subject.id) if outcome == "fail" else None
    if waiver is not None:
        outcome = "waived"
    return Row(
        rule=rule.id,
        resource=subject.key,
        outcome=outcome,
        refused=outcome in refuses,
        message=message,
        waiver=waivers.all.index(waiver) if waiver else None,
    )


def _outcome(finding: Finding) -> tuple[Outcome, str]:
    match finding:
        case Fail(fix):
            return "fail", fix
        case CannotTell(path):
            return "cannot tell", f"{path} is not known."
        case NotApplicable(reason):
            return "not applicable", reason
    return "pass", ""


def _said(rule: Rule, level: EnforcementLevel) -> Said:
    return Said(
        id=rule.id, name=rule.name, severity=rule.severity.value, level=level.value, why=rule.why, maps=dict(rule.maps)
    )


def _thing(subject: Subject) -> Thing:
    return Thing(type=subject.type, name=subject.name, urn=subject.urn, id=subject.id, source=subject.source)


def _exemptions(waivers: Waivers, used: set[int | None]) -> tuple[Exemption, ...]:
    return tuple(
        Exemption(
            rule=one.rule,
            resource=one.resource,
            owner=one.owner,
            approver=one.approver,
            reason=one.reason,
            compensating_control=one.compensating_control,
            created=one.created.isoformat(),
            expires=one.expires.isoformat(),
            state=one.state(waivers.today),
            used=index in used,
        )
        for index, one in enumerate(waivers.all)
    )
