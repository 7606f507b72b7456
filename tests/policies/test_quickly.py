"""What makes the pack quick changes no answer: the index of resources, and an analyzer for each type."""

from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime import proto
from pulumi_policy.policy import _PolicyAnalyzerServicer

import serving
from rules.catalogue import catalogue
from rules.joins import find, refers, that_may_mean
from rules.props import UNKNOWN, Absent, Props, Unknown, WrongTypeError
from rules.stack import Resource, Stack
from tests.policies.case import UNKNOWN_TEXT, Case, urn
from tests.policies.judged import CASES

_WORKSPACE, _COMPUTE = "azure-native:machinelearningservices:Workspace", "azure-native:machinelearningservices:Compute"
_GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces"
_words = st.sampled_from(("Two", "two/", "three"))
_ids = st.builds("{}/{}".format, st.just(_GROUP) | st.just(_GROUP.upper()), _words)
_odd: st.SearchStrategy[object] = st.sampled_from((None, UNKNOWN_TEXT, 3, [], ""))
_said: st.SearchStrategy[object] = _words | _ids | _odd


def _props(**said: object) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


@st.composite
def _stacks(draw: st.DrawFn) -> Stack:
    """Workspaces and computes that mean them by name, id, wiring, or nothing that can be read."""
    workspaces = [
        Resource(
            type=_WORKSPACE,
            urn=urn(_WORKSPACE, str(number)),
            props=Props(_props(id=draw(_ids | _odd), name=draw(_said), workspaceName=draw(_said))),
            wired={},
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    urns = [one.urn for one in workspaces]
    computes = [
        Resource(
            type=_COMPUTE,
            urn=urn(_COMPUTE, str(number)),
            props=Props(
                _props(workspaceName=draw(st.none() | _said), id=draw(st.builds("{}/computes/c".format, _ids) | _odd))
            ),
            wired={"workspaceName": tuple(draw(st.lists(st.sampled_from(urns), max_size=2)))} if urns else {},
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    return Stack((*workspaces, *computes))


def _asked_one_by_one(resource: Resource, path: str, stack: Stack) -> Resource | Absent | Unknown:
    answers = [(one, refers(resource, path, one)) for one in stack.of(_WORKSPACE)]
    if found := [one for one, answer in answers if answer is True]:
        return found[0]
    return UNKNOWN if any(isinstance(answer, Unknown) for _, answer in answers) else Absent()


@settings(max_examples=600)
@given(_stacks())
def test_what_is_looked_up_is_what_asking_every_resource_finds(stack: Stack) -> None:
    for compute in stack.of(_COMPUTE):
        try:
            expected: object = _asked_one_by_one(compute, "workspaceName", stack)
        except WrongTypeError as error:
            with pytest.raises(WrongTypeError, match=str(error)):
                find(compute, "workspaceName", stack, _WORKSPACE)
            continue
        assert find(compute, "workspaceName", stack, _WORKSPACE) == expected


@settings(max_examples=600)
@given(_stacks())
def test_no_resource_that_may_mean_another_is_left_out(stack: Stack) -> None:
    for workspace in stack.of(_WORKSPACE):
        try:
            meant = [one for one in stack.of(_COMPUTE) if refers(one, "workspaceName", workspace) is not False]
        except WrongTypeError:
            continue
        picked = that_may_mean(workspace, "workspaceName", stack, _COMPUTE)
        assert [one.urn for one in meant if one not in picked] == []


def _levels() -> Any:  # noqa: ANN401  generated
    """Every third rule is advice, every third is off."""
    levels = (proto.ADVISORY, proto.DISABLED)
    names = sorted({rule.name for rule in catalogue()})
    said = {name: proto.PolicyConfig(enforcementLevel=levels[n % 3]) for n, name in enumerate(names) if n % 3 < 2}
    return proto.ConfigureAnalyzerRequest(policyConfig=said)


def _request(case: Case) -> Any:  # noqa: ANN401  generated
    struct = json_format.ParseDict(dict(case.props), struct_pb2.Struct())
    return proto.AnalyzeRequest(type=case.type, properties=struct, urn=urn(case.type, "it"), name="it")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_an_analyzer_for_a_type_answers_as_pulumis_own_does(stack: str) -> None:
    by_type = serving._ByType(proto.AnalyzerStackConfigureRequest(stack=stack, dry_run=True), {})
    by_type.Configure(_levels(), None)
    sample = {(case.rule, case.outcome, case.type): case for case in CASES if not case.in_stack}
    other = [
        str(case)
        for case in sample.values()
        if by_type.Analyze(_request(case), None) != _PolicyAnalyzerServicer.Analyze(by_type, _request(case), None)  # type: ignore[no-untyped-call]
    ]

    assert len(sample) > 300
    assert other == []
