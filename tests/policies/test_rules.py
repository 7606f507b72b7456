"""Every rule, both ways and in between: on plain values, and by the real pack over the analyzer's protocol."""

import pytest

from reference import page
from rules.catalogue import catalogue
from rules.finding import Fail
from rules.rule import ADVISORY, Rule
from tests.policies.case import Case
from tests.policies.judged import CASES, WORDS, finding
from tests.policies.pack import Pack, Said

RULES = {rule.id: rule for rule in catalogue()}
_MANDATORY = 1
_ADVISORY = 0


def _in_prod(rule: Rule) -> int:
    """The level on the wire; what a repair could not put right is refused."""
    return _ADVISORY if rule.levels["prod"] == ADVISORY else _MANDATORY


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_judges_plain_values(case: Case) -> None:
    assert WORDS[type(finding(RULES[case.rule], case))] == case.outcome


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_judges_what_the_engine_sends(case: Case, pack: Pack) -> None:
    rule = RULES[case.rule]
    if case.settings:
        pack.configure({rule.name: case.settings})

    (said,) = pack.asked(rule.name, case)

    found = finding(rule, case)
    expected = {
        "pass": Said("pass"),
        "not applicable": Said("not applicable"),
        "cannot tell": Said("cannot tell", level=_ADVISORY, message=said.message),
        "fail": Said(
            "fail",
            level=_in_prod(rule),
            message=f"{rule.id}: {rule.why}\n{found.fix if isinstance(found, Fail) else ''}",
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


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_page_of_every_rule_says_how_to_fix_it(rule: Rule) -> None:
    _, _, rest = page(rule).partition("## How to fix it\n\n")

    lines = rest.partition("\n\n##")[0].splitlines()
    assert lines
    assert [line for line in lines if not line.startswith("- ") or len(line.split()) < 4] == []
