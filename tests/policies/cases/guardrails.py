"""Cases of the rule about what Azure itself refuses."""

from typing import Any

from tests.policies.case import UNKNOWN_TEXT, Case, Other, Outcome

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_GROUP = "/subscriptions/s/resourceGroups/rg"
_DEFINITIONS = "/providers/Microsoft.Authorization/policyDefinitions"
_WANTED: dict[str, Any] = {"definitions": ["AAAA-1", "bbbb-2"]}


def _case(said: str, outcome: Outcome, *beside: Other, kind: str = "Default", **settings: Any) -> Case:  # noqa: ANN401
    return Case(
        rule="R10",
        said=said,
        type=WORKSPACE,
        props={"name": "mlw", "resourceGroupName": "rg", "kind": kind},
        outcome=outcome,
        beside=beside,
        alone=True,
        settings=_WANTED | settings,
    )


def _assigned(name: str, scope: object = _GROUP, mode: object = "Default", kinds: str = _DEFINITIONS) -> Other:
    definition = name if name == UNKNOWN_TEXT else f"{kinds}/{name}"
    props = {"scope": scope, "policyDefinitionId": definition, "enforcementMode": mode}
    return Other(type="azure-native:authorization:PolicyAssignment", name=f"assigned {name}", props=props)


_ONE, _TWO = _assigned("aaaa-1"), _assigned("BBBB-2")

CASES = (
    _case("all of them", "pass", _ONE, _TWO),
    _case("all of them, in the mode that is Azure's own", "pass", _ONE, _assigned("bbbb-2", mode=None)),
    _case("an initiative that holds them", "pass", _assigned("guardrails-v2"), initiatives=["guardrails-*"]),
    _case("somebody else's", "pass", external=True),
    _case("one of two", "fail", _ONE),
    _case("one of them only looked at", "fail", _ONE, _assigned("bbbb-2", mode="DoNotEnforce")),
    _case("one of them for another group", "fail", _ONE, _assigned("bbbb-2", f"{_GROUP}2")),
    _case("an initiative that nobody listed", "fail", _assigned("guardrails-v2")),
    _case("unset", "fail"),
    _case("unset definition", "fail", Other(type=_ONE.type, name="none", props={"scope": _GROUP})),
    _case("an unknown definition", "cannot tell", _ONE, _assigned(UNKNOWN_TEXT)),
    _case("one of them for an unknown group", "cannot tell", _ONE, _assigned("bbbb-2", UNKNOWN_TEXT)),
    _case("one of them in an unknown mode", "cannot tell", _ONE, _assigned("bbbb-2", mode=UNKNOWN_TEXT)),
    _case("an unknown definition beside all of them", "pass", _ONE, _TWO, _assigned(UNKNOWN_TEXT)),
    _case("a project", "not applicable", kind="Project"),
    Case(
        rule="R10",
        said="a group",
        type="azure-native:resources:ResourceGroup",
        props={},
        outcome="not applicable",
        alone=True,
    ),
)
