"""What Azure itself refuses: its own policies, and a file of one's own."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra import initiative
from infra.components.policy_assignment import PolicyAssignment, PolicyAssignmentArgs
from infra.components.policy_set import PolicySet, PolicySetArgs
from infra.guardrails import BUILT_INS
from infra.initiative import Initiative, InitiativeError
from infra.sections.guardrails import ApprovedModels, Guardrails
from tests.infra.asking import inputs
from tests.infra.stacks import ROOT, graph

EXAMPLE = "tests/infra/initiative.json"
_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_SECURITY_ADMIN = "fb1c8493-542b-48eb-b624-b4c8fea62acd"
_NAMED = "should be up to 64 lower-case letters and digits, single dashes between"
_ROLELESS = "changes or builds something, and names no role to do it by: add then.details.roleDefinitionIds"
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def _example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / EXAMPLE).read_text())
    return found


@pytest.mark.parametrize(
    ("changed", "parameters", "mode", "identity"),
    [
        ({}, {}, "Default", {}),
        (
            {"enforced": False, "parameters": {"effect": "Deny"}, "acts": True, "location": "eastus"},
            {"effect": {"value": "Deny"}},
            "DoNotEnforce",
            {"identity": {"type": "SystemAssigned"}, "location": "eastus"},
        ),
    ],
    ids=["looks", "acts"],
)
def test_policy_assignment(
    changed: dict[str, Any], parameters: dict[str, Any], mode: str, identity: dict[str, Any]
) -> None:
    whole: dict[str, Any] = {
        "scope": "/rg",
        "name": "p",
        "title": "T",
        "definition_id": "/d",
        "enforced": True,
        "message": "No.",
    }

    assert inputs(lambda: PolicyAssignment("p", PolicyAssignmentArgs(**(whole | changed)))) == {
        "authorization:PolicyAssignment": {
            "scope": "/rg",
            "policyAssignmentName": "p",
            "displayName": "T",
            "policyDefinitionId": "/d",
            "enforcementMode": mode,
            "parameters": parameters,
            "nonComplianceMessages": [{"message": "No."}],
            **identity,
        }
    }


def test_policy_set() -> None:
    effect = {"type": "String", "defaultValue": "Audit", "allowedValues": ["Audit", "Deny"]}
    rule = {"if": {"field": "type", "equals": "x"}, "then": {"effect": "[parameters('effect')]"}}
    args = PolicySetArgs(
        name="policy-amlkit-dev",
        title="Ours",
        definitions=[
            {
                "name": "open-ssh",
                "title": "No SSH",
                "description": "Why.",
                "mode": "All",
                "metadata": {"category": "ML"},
                "parameters": {"effect": effect},
                "policyRule": rule,
            }
        ],
        members=[
            {
                "reference": "ours",
                "definition": "open-ssh",
                "parameters": {"effect": {"value": "[parameters('effect')]"}},
            },
            {"reference": "theirs", "policyDefinitionId": "/d", "parameters": {}},
        ],
        parameters={"effect": effect},
        metadata={"version": "1.0.0"},
    )

    assert inputs(lambda: PolicySet("own", args)) == {
        "authorization:PolicyDefinition": {
            "policyDefinitionName": "policy-amlkit-dev-open-ssh",
            "policyType": "Custom",
            "mode": "All",
            "displayName": "No SSH",
            "description": "Why.",
            "metadata": {"category": "ML"},
            "parameters": {"effect": effect},
            "policyRule": rule,
        },
        "authorization:PolicySetDefinition": {
            "policySetDefinitionName": "policy-amlkit-dev",
            "policyType": "Custom",
            "displayName": "Ours",
            "metadata": {"version": "1.0.0"},
            "parameters": {"effect": effect},
            "policyDefinitions": [
                {
                    "policyDefinitionReferenceId": "ours",
                    "policyDefinitionId": "/id/own-open-ssh",
                    "parameters": {"effect": {"value": "[parameters('effect')]"}},
                },
                {"policyDefinitionReferenceId": "theirs", "policyDefinitionId": "/d", "parameters": {}},
            ],
        },
    }


def test_a_policy_gets_the_strictest_effect_that_it_has() -> None:
    asked = {name: policy.parameters("Deny", None)["effect"] for name, policy in BUILT_INS.items()}

    assert asked == dict.fromkeys(BUILT_INS, "Deny") | {"private-link": "Audit", "resource-logs": "AuditIfNotExists"}
    assert BUILT_INS["public-access"].parameters("Audit", None) == {"effect": "Audit"}


def test_the_policy_on_networks_asks_for_ours_and_not_for_azures_default() -> None:
    assert BUILT_INS["approved-outbound"].parameters("Deny", None) == {
        "effect": "Deny",
        "isolationMode": "AllowOnlyApprovedOutbound",
    }


def test_only_the_policy_on_models_is_told_which_are_approved() -> None:
    models = ApprovedModels(publishers=("us",), assets=("azureml://registries/r/models/m/versions/1",))

    told = [
        name
        for name, policy in BUILT_INS.items()
        if policy.parameters("Audit", models) != policy.parameters("Audit", None)
    ]

    assert told == ["approved-models"]
    assert BUILT_INS["approved-models"].parameters("Deny", models) == {
        "effect": "Deny",
        "allowedPublishers": ["us"],
        "allowedAssetIds": ["azureml://registries/r/models/m/versions/1"],
    }


def test_policies_that_demand_the_opposite_of_ours_or_do_not_work_are_never_assigned() -> None:
    never = {"e413671a", "7804b5c7", "cccc23c7", "5853517a", "53c70b02", "77eeea86", "6a6f7384", "3948394e", "1d413020"}

    assert {policy.guid[:8] for policy in BUILT_INS.values()} & never == set()


def _assigned(**changed: object) -> dict[str, dict[str, Any]]:
    made = graph("local", guardrails={"initiative": EXAMPLE, **changed}).resources
    return {one.name: one.inputs for one in made if one.token == "authorization:PolicyAssignment"}


def test_each_environment_says_how_strict_it_is() -> None:
    mild, strict = _assigned(enforcement="DoNotEnforce"), _assigned(effect="Deny")

    assert {one["enforcementMode"] for one in mild.values()} == {"DoNotEnforce"}
    assert {one["enforcementMode"] for one in strict.values()} == {"Default"}
    assert strict["policy-public-access"]["parameters"] == {"effect": {"value": "Deny"}}


def test_an_effect_that_is_said_is_the_initiatives_too_and_unsaid_it_is_the_files() -> None:
    own = "policy-initiative-assigned"

    assert _assigned(effect="Deny")[own]["parameters"] == {"effect": {"value": "Deny"}}
    assert _assigned()[own]["parameters"] == {"effect": {"value": "Audit"}}
    assert _assigned()["policy-public-access"]["parameters"] == {"effect": {"value": "Audit"}}
    ours = _assigned(initiative="policies/initiative.json")
    assert ours[own]["parameters"] == {"effect": {"value": "Deny"}, "change": {"value": "Modify"}}
    milder = _assigned(initiative="policies/initiative.json", effect="Audit")
    assert milder[own]["parameters"] == {"effect": {"value": "Audit"}, "change": {"value": "Disabled"}}


def test_an_effect_that_the_initiative_does_not_take_is_told(tmp_path: Path) -> None:
    file = tmp_path / "initiative.json"
    found = json.loads((ROOT / EXAMPLE).read_text())
    found["parameters"]["effect"]["allowedValues"] = ["Audit"]
    file.write_text(json.dumps(found))

    with pytest.raises(ValueError, match=r"effect is 'Deny', and the policies of .* take Audit"):
        Guardrails(initiative=str(file), effect="Deny")


def test_only_what_changes_or_builds_something_has_an_identity_and_a_place() -> None:
    found = _assigned()

    assert {name for name, one in found.items() if "identity" in one} == {"policy-initiative-assigned"}
    assert {name for name, one in found.items() if "location" in one} == {"policy-initiative-assigned"}


def test_what_acts_is_granted_the_roles_it_names_on_the_group_and_no_more() -> None:
    made = graph("local", guardrails={"initiative": EXAMPLE})
    before = {one.name for one in graph("local").resources}
    granted = [
        one.inputs for one in made.resources if one.token == "authorization:RoleAssignment" and one.name not in before
    ]

    assert sorted(
        (one["principalId"], one["roleDefinitionId"].rsplit("/", 1)[1], one["scope"].rsplit("/", 1)[1])
        for one in granted
    ) == [("principalId of policy-initiative-assigned", role, "rg-amlkit-local") for role in (_READER, _SECURITY_ADMIN)]


_GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-amlkit-local"


def _built_in(**changed: object) -> dict[str, Any]:
    return {
        "scope": _GROUP,
        "policyAssignmentName": "policy-approved-models-amlkit-local",
        "displayName": BUILT_INS["approved-models"].title,
        "policyDefinitionId": BUILT_INS["approved-models"].id,
        "enforcementMode": "Default",
        "nonComplianceMessages": [
            {"message": f"{BUILT_INS['approved-models'].title}. platform-team answers for this environment."}
        ],
        "parameters": {
            "effect": {"value": "Audit"},
            "allowedPublishers": {"value": ["Microsoft"]},
            "allowedAssetIds": {"value": []},
        },
        **changed,
    }


def test_azures_own_policy_is_assigned_with_whom_to_ask_and_what_it_asks() -> None:
    asked = {"builtIns": ["approved-models"], "approvedModels": {"publishers": ["Microsoft"]}, "initiative": None}

    assert _assigned(**asked) == {"policy-approved-models": _built_in()}
    assert _assigned(**asked, enforcement="DoNotEnforce") == {
        "policy-approved-models": _built_in(enforcementMode="DoNotEnforce")
    }


def test_a_file_of_ones_own_is_assigned_whole() -> None:
    made = {one.name: one.inputs for one in graph("local", guardrails={"initiative": EXAMPLE}).resources}
    example = _example()

    assert made["policy-initiative"] == {
        "policySetDefinitionName": "policy-initiative-amlkit-local",
        "policyType": "Custom",
        "displayName": example["title"],
        "metadata": example["metadata"],
        "parameters": example["parameters"],
        "policyDefinitions": [
            {
                "policyDefinitionReferenceId": each["reference"],
                "policyDefinitionId": each.get("policyDefinitionId", f"/id/policy-initiative-{each.get('definition')}"),
                "parameters": each["parameters"],
            }
            for each in example["members"]
        ],
    }
    assert {each["name"] for each in example["definitions"]} == {
        name.removeprefix("policy-initiative-")
        for name, one in made.items()
        if name.startswith("policy-initiative-") and "policyRule" in one
    }
    assert made["policy-initiative-assigned"] == {
        "scope": _GROUP,
        "policyAssignmentName": "policy-initiative-amlkit-local",
        "displayName": example["title"],
        "policyDefinitionId": "/id/policy-initiative",
        "enforcementMode": "Default",
        "nonComplianceMessages": [{"message": example["message"]}],
        "parameters": {"effect": {"value": "Audit"}},
        "identity": {"type": "SystemAssigned"},
        "location": "eastus",
    }
    assert made[f"policy-initiative-{_READER}"]["description"] == "changes or builds what its policies ask for"


def _of_file(tmp_path: Path, change: Callable[[dict[str, Any]], object], **asked: object) -> dict[str, Any]:
    found = _example()
    change(found)
    file = tmp_path / "initiative.json"
    file.write_text(json.dumps(found))
    return _assigned(initiative=str(file), **asked)["policy-initiative-assigned"]


def test_a_file_that_only_looks_is_assigned_without_an_identity(tmp_path: Path) -> None:
    found = _of_file(tmp_path, _without_roles)

    assert found.keys() & {"identity", "location"} == set()


def test_a_file_whose_policies_take_no_effect_is_given_none(tmp_path: Path) -> None:
    found = _of_file(tmp_path, _without_effect, effect="Deny", builtIns=[])

    assert found.get("parameters", {}) == {}


def _without_effect(found: dict[str, Any]) -> None:
    del found["parameters"]["effect"]
    found["assignment"]["parameters"] = {}
    found["members"][0]["parameters"] = {}


def test_a_file_of_ones_own_is_read_as_it_is() -> None:
    example = _example()

    assert initiative.load(EXAMPLE) == Initiative(
        title=example["title"],
        message=example["message"],
        metadata=example["metadata"],
        parameters=example["parameters"],
        definitions=tuple(example["definitions"]),
        members=tuple(example["members"]),
        assigned={"effect": "Audit"},
        roles=(_READER, _SECURITY_ADMIN),
        acts=True,
    )


def _without_roles(found: dict[str, Any]) -> None:
    found["assignment"]["roles"] = []
    found["definitions"] = found["definitions"][:1]
    found["members"] = found["members"][:1]


def test_a_set_that_only_looks_or_refuses_needs_no_identity() -> None:
    found = _example()
    _without_roles(found)

    read = initiative.parse(found, "f")

    assert (read.acts, read.roles) == (False, ())


def _changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    found = deepcopy(_example())
    change(found)
    with pytest.raises(InitiativeError) as caught:
        initiative.parse(found, "f")
    return [line.removeprefix("initiative f: ") for line in caught.value.findings]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f.pop("title"), ["title should be a text"]),
        (lambda f: f.update(titel="x"), ["no such key 'titel'; did you mean 'title'?"]),
        (lambda f: f["definitions"][0].pop("policyRule"), ["definitions[0]: policyRule should be an object"]),
        (lambda f: f["definitions"].append("x"), ["definitions[2]: should be an object"]),
        (
            lambda f: f["members"][0].update(policyDefinitionId="/d"),
            ["members[0]: one of definition and policyDefinitionId should be a text, and only one"],
        ),
        (
            lambda f: f["definitions"][0].update(name="Open SSH"),
            [
                f"definitions[0]: name 'Open SSH' {_NAMED}",
                "members[0]: no such definition 'open-ssh'; did you mean 'Open SSH'?",
            ],
        ),
        (
            lambda f: f["definitions"].append(f["definitions"][0]),
            ["definitions[2]: 'open-ssh' is defined twice"],
        ),
        (lambda f: f["members"].append(f["members"][0]), ["members[3]: reference 'ssh' is taken"]),
        (lambda f: f.update(members=[]), ["members is empty: a set holds at least one policy"]),
        (
            lambda f: f["assignment"]["parameters"].update(efect="Deny"),
            ["assignment: no such parameter 'efect'; did you mean 'effect'?"],
        ),
        (
            lambda f: f["assignment"]["roles"].append(_OWNER),
            [f"Owner ({_OWNER}) is more than a policy may be granted: name the role for what it changes"],
        ),
        (
            lambda f: f["definitions"][1]["policyRule"]["then"]["details"].pop("roleDefinitionIds"),
            [f"definitions[1]: 'close' {_ROLELESS}"],
        ),
        (
            lambda f: f["definitions"][0]["parameters"]["effect"]["allowedValues"].append("DeployIfNotExists"),
            [f"definitions[0]: 'open-ssh' {_ROLELESS}"],
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_key(change: Callable[[dict[str, Any]], object], told: list[str]) -> None:
    assert _changed(change) == told


def test_whatever_else_is_in_the_file_is_told_too() -> None:
    def change(found: dict[str, Any]) -> None:
        found["members"][0]["definition"] = "open-shh"
        found["assignment"]["roles"].append(_OWNER)

    assert len(_changed(change)) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "cannot be read: No such file or directory"), ("{", "is no JSON: "), ("[]", "should be an object")],
)
def test_a_file_that_is_none_is_told_as_a_finding_on_its_key(tmp_path: Path, text: str | None, told: str) -> None:
    file = tmp_path / "initiative.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ValueError, match=told):
        Guardrails(initiative=str(file))
