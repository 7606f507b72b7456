"""Judging the cases on plain values, without Pulumi."""

import importlib
import pkgutil

from rules.finding import CannotTell, Fail, Finding, NotApplicable, Pass
from rules.props import Props
from rules.rule import InStack, Rule
from rules.stack import Resource, Stack, unversioned
from rules.subscription import at_home, of_provider
from tests.policies import cases
from tests.policies.case import Case, Other

CASES: tuple[Case, ...] = tuple(
    case
    for module in pkgutil.iter_modules(cases.__path__)
    for case in importlib.import_module(f"{cases.__name__}.{module.name}").CASES
)
WORDS = {Pass: "pass", Fail: "fail", CannotTell: "cannot tell", NotApplicable: "not applicable"}


def finding(rule: Rule, case: Case) -> Finding:
    """What the rule finds about the case's resource in prod."""
    settings = at_home(rule.defaults("prod") | dict(case.settings), of_provider(case.provider, ""))
    if not isinstance(rule.check, InStack):
        return rule.judge(case.type, Props(case.props), settings)
    subject = _resource(case.subject)
    if not rule.is_about(subject.type):
        return NotApplicable("another type")
    return rule.judge_in_stack(subject, Stack((*map(_resource, case.beside), subject)), settings)


def holds(rule: Rule, case: Case) -> bool:
    """Whether the rule says what the case expects."""
    return WORDS.get(type(finding(rule, case))) == case.outcome


def _resource(other: Other) -> Resource:
    return Resource(
        type=unversioned(other.type),
        urn=other.urn,
        props=Props(other.props),
        wired=other.wired,
        protect=other.protect,
        subscription=of_provider(other.provider, ""),
    )
