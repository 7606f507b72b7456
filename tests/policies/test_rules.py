"""Every rule, both ways and in between: on plain values, and by the real pack over the analyzer's protocol."""

import importlib
import pkgutil

import pytest

from rules.catalogue import catalogue
from rules.props import Props
from rules.rule import (
    ADVISORY,
    CannotTell,
    Fail,
    Finding,
    InStack,
    NotApplicable,
    Pass,
    Resource,
    Rule,
    Stack,
    unversioned,
)
from tests.policies import cases
from tests.policies.case import Case, Other
from tests.policies.pack import Pack, Said

RULES = {rule.id: rule for rule in catalogue()}
CASES: tuple[Case, ...] = tuple(
    case
    for module in pkgutil.iter_modules(cases.__path__)
    for case in importlib.import_module(f"{cases.__name__}.{module.name}").CASES
)
_WORDS = {Pass: "pass", Fail: "fail", CannotTell: "cannot tell", NotApplicable: "not applicable"}
_MANDATORY = 1
_ADVISORY = 0


def _in_prod(rule: Rule) -> int:
    """The level on the wire; what a repair could not put right is refused."""
    return _ADVISORY if rule.levels["prod"] == ADVISORY else _MANDATORY


def _resource(other: Other) -> Resource:
    return Resource(
        type=unversioned(other.type),
        urn=other.urn,
        props=Props(other.props),
        wired=other.wired,
        protect=other.protect,
    )


def _finding(rule: Rule, case: Case) -> Finding:
    settings = rule.defaults("prod") | dict(case.settings)
    if not isinstance(rule.check, InStack):
        return rule.judge(case.type, Props(case.props), settings)
    subject = _resource(case.subject)
    if not rule.is_about(subject.type):
        return NotApplicable("another type")
    return rule.judge_in_stack(subject, Stack((*map(_resource, case.beside), subject)), settings)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_judges_plain_values(case: Case) -> None:
    assert _WORDS[type(_finding(RULES[case.rule], case))] == case.outcome


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_judges_what_the_engine_sends(case: Case, pack: Pack) -> None:
    rule = RULES[case.rule]
    if case.settings:
        pack.configure({rule.name: case.settings})

    (said,) = pack.asked(rule.name, case)

    finding = _finding(rule, case)
    expected = {
        "pass": Said("pass"),
        "not applicable": Said("not applicable"),
        "cannot tell": Said("cannot tell", level=_ADVISORY, message=said.message),
        "fail": Said(
            "fail",
            level=_in_prod(rule),
            message=f"{rule.id}: {rule.why}\n{finding.fix if isinstance(finding, Fail) else ''}",
            urn=case.subject.urn if case.in_stack else "",
        ),
    }
    assert said == expected[case.outcome]


@pytest.mark.parametrize("case", [case for case in CASES if case.outcome == "cannot tell"], ids=str)
def test_what_cannot_be_told_is_refused_where_the_setting_says_so(case: Case, pack: Pack) -> None:
    rule = RULES[case.rule]
    pack.configure({rule.name: {**case.settings, "unknowns": "block"}})

    (said,) = pack.asked(rule.name, case)

    assert (said.outcome, said.level) == ("fail", _in_prod(rule))
    assert "Cannot tell yet" in said.message


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_case_of_every_outcome_and_one_unset(rule: Rule) -> None:
    own = [case for case in CASES if case.rule == rule.id]

    assert {case.outcome for case in own} == {"pass", "fail", "cannot tell", "not applicable"}
    assert [case for case in own if case.said.startswith("unset")]
    assert len({str(case) for case in own}) == len(own)
