"""Cases of the rule about what Azure itself refuses."""

from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome

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


def _initiative(*members: object, all_of_them: object = None) -> tuple[Other, Other]:
    kind, path = "azure-native:authorization:PolicySetDefinition", "/providers/Microsoft.Authorization/ours"
    made = Other(
        type=kind, name="ours", props={"id": path, "name": "ours", "policyDefinitions": all_of_them or list(members)}
    )
    props = {"scope": _GROUP, "policyDefinitionId": UNKNOWN_TEXT}
    wired = {"policyDefinitionId": (made.urn,)}
    return made, Other(type="azure-native:authorization:PolicyAssignment", name="ours", props=props, wired=wired)


def _member(definition: str, reference: str = "it") -> dict[str, str]:
    return {"policyDefinitionId": definition, "policyDefinitionReferenceId": reference}


_APPROVED = "6ddb1705-c8cf-450e-aa4b-19ad6703c440"
_ONE, _TWO = _assigned("aaaa-1"), _assigned("BBBB-2")

CASES = (
    _case("all of them", "pass", _ONE, _TWO),
    _case("all of them, in the mode that is Azure's own", "pass", _ONE, _assigned("bbbb-2", mode=None)),
    _case("an initiative that holds them", "pass", _assigned("guardrails-v2"), initiatives=["guardrails-*"]),
    _case(
        "an initiative of the stack with them in it",
        "pass",
        *_initiative(_member(f"{_DEFINITIONS}/aaaa-1"), _member(f"{_DEFINITIONS}/bbbb-2")),
    ),
    _case(
        "an initiative of the stack with a twin of one",
        "pass",
        *_initiative(_member(UNKNOWN_TEXT, "w03")),
        definitions=[_APPROVED],
    ),
    _case("an initiative of the stack with one of them", "fail", *_initiative(_member(f"{_DEFINITIONS}/aaaa-1"))),
    _case("an initiative of the stack with an unknown member", "cannot tell", *_initiative(UNKNOWN_OBJECT)),
    _case("an initiative of the stack with unknown members", "cannot tell", *_initiative(all_of_them=UNKNOWN_LIST)),
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
