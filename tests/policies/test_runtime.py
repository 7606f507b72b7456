"""The same rules at run time: the initiative is printed, understood, and gives the answers that the pack gives."""

import json

import pytest

from environments.local.policy import definitions
from infra import initiative as reader
from rules.catalogue import catalogue
from rules.props import Props
from rules.rule import InStack
from runtime.initiative import members, parameter, twin
from runtime.members import BuiltIn, Own
from tests.infra.stacks import SCENARIOS, STACKS, graph
from tests.policies.case import Case
from tests.policies.cases.placement import REGISTRY
from tests.policies.guarded import ROOT, TAGS, asked, broken, built_ins, changed, guardrails, refused
from tests.policies.judged import CASES, WORDS

RULES = {rule.id: rule for rule in catalogue()}
TWINS = {one.rule for one in members()}
JUDGED = tuple(
    case
    for case in CASES
    if case.rule in TWINS and case.outcome != "cannot tell" and not isinstance(RULES[case.rule].check, InStack)
)
_NO_DURATIONS = "it asks for a time, and not for how long: Azure Policy compares no durations"
_DIFFERENT = {
    "C03 a list where an object belongs": "a body of a shape that Azure does not take is left to Azure to refuse",
    "C10 less than Azure takes": _NO_DURATIONS,
    "C10 longer than Azure takes": _NO_DURATIONS,
    "C10 two hours": _NO_DURATIONS,
    "R06 a group that nobody labelled": "it asks nothing of resource groups",
    "W09 no key": "it takes the status for the key: which key it is, it does not ask",
}
"""Cases that are answered otherwise at run time, and which of the told differences says so."""


def _answer(case: Case) -> str:
    rule = RULES[case.rule]
    policies = guardrails({parameter(rule, name): value for name, value in case.settings.items()})
    twins = tuple(each for each in policies if each.reference.startswith(case.rule.lower()))
    return "fail" if broken(twins, case.type, case.props) else "pass"


@pytest.mark.parametrize("case", [case for case in JUDGED if str(case) not in _DIFFERENT], ids=str)
def test_the_same_resource_gets_the_same_answer_before_and_at_run_time(case: Case) -> None:
    assert _answer(case) == ("fail" if case.outcome == "fail" else "pass")


def test_whatever_is_answered_otherwise_is_told() -> None:
    told = {line for one in members() for line in one.differences}
    otherwise = {str(case) for case in JUDGED if _answer(case) != ("fail" if case.outcome == "fail" else "pass")}

    assert otherwise == _DIFFERENT.keys()
    assert set(_DIFFERENT.values()) <= told


@pytest.mark.parametrize("case", [case for case in JUDGED if case.rule == "R06" and "tags" in case.props], ids=str)
def test_what_lacks_a_label_is_stored_with_its_groups_and_passes_the_rule_then(case: Case) -> None:
    rule = RULES["R06"]
    settings = rule.defaults("prod") | dict(case.settings)
    policies = guardrails({parameter(rule, name): value for name, value in case.settings.items()})
    before = asked(case.type, case.props).resource

    labelled = changed(policies, case.type, case.props, TAGS)

    found = rule.judge(case.type, Props({"tags": labelled.get("tags")}), settings)
    assert (WORDS[type(found)] == "pass") is (case.outcome == "pass" or case.type == REGISTRY)
    said = {name: text for name, text in (before.get("tags") or {}).items() if text}
    assert {**(labelled.get("tags") or {}), **said} == labelled.get("tags", {})  # nobody's own label is changed
    assert changed(policies, case.type, case.props, {}) == before
    off = guardrails({"change": "Disabled"})
    assert changed(off, case.type, case.props, TAGS) == before


@pytest.mark.parametrize("stack", ["prod", "private", "regulated"])
def test_what_the_platform_builds_for_people_is_not_refused_by_the_guardrails(stack: str) -> None:
    policies = guardrails()
    found = {(one.name, name) for one in graph(stack).resources for name in refused(policies, one.type, one.inputs)}

    assert found == set()


@pytest.mark.parametrize("stack", [*STACKS, *SCENARIOS])
def test_no_environment_refuses_itself_by_azures_policies_that_it_assigns(stack: str) -> None:
    resources = graph(stack).resources
    policies = built_ins(one.inputs for one in resources if one.token == "authorization:PolicyAssignment")

    assert {(one.name, name) for one in resources for name in refused(policies, one.type, one.inputs)} == set()


def test_every_rule_that_has_a_twin_is_a_rule() -> None:
    assert RULES.keys() >= TWINS
    assert [(one.rule, type(one)) for one in members()] == [
        (rule, type(one)) for rule in sorted(TWINS) for one in twin(rule)
    ]


def test_azures_policies_are_those_that_rules_map_to() -> None:
    for one in members():
        if isinstance(one, BuiltIn):
            assert one.guid[:8] in RULES[one.rule].maps["azpolicy"]


def test_the_initiative_is_one_that_an_environment_can_be_built_with() -> None:
    read = reader.load("policies/initiative.json")

    assert read.acts
    assert read.roles == ("4a9ae827-6dc8-4573-8ac7-8239d42aa03f",)  # Tag Contributor
    assert {each["reference"].split("-")[0].upper() for each in read.members} == {one.rule for one in members()}
    assert len(read.members) == len(members()) + len(RULES["R06"].defaults("prod")["tags"]) - 1
    assert {one["name"] for one in read.definitions} == {
        RULES[one.rule].name for one in members() if isinstance(one, Own)
    }


def test_every_definition_is_understood_and_names_its_rule() -> None:
    document = json.loads((ROOT / "policies/initiative.json").read_text())

    assert {each["name"]: definitions.findings(each) for each in document["definitions"]} == {
        each["name"]: () for each in document["definitions"]
    }
    assert {each["metadata"]["rule"] for each in document["definitions"]} == {
        one.rule for one in members() if isinstance(one, Own)
    }


def test_the_pack_s_own_limits_are_those_of_the_initiative() -> None:
    document = json.loads((ROOT / "policies/initiative.json").read_text())

    for each in document["definitions"]:
        rule = RULES[each["metadata"]["rule"]]
        for name in set(each["parameters"]) - {"effect", "word"}:
            assert document["parameters"][parameter(rule, name)]["defaultValue"] == rule.defaults("prod")[name]


def test_what_the_pack_only_advises_is_only_looked_at() -> None:
    document = json.loads((ROOT / "policies/initiative.json").read_text())
    looked_at = {each["reference"] for each in document["members"] if "Audit" in str(each["parameters"]["effect"])}

    assert looked_at == {"w07-built-in", "w09-built-in", "w14-built-in"}
