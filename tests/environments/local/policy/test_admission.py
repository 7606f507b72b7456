"""Policies at the resource manager's door: who is refused, what is changed, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.errors import ArmError
from environments.local.services.plain import plain
from tests.environments.local.arm.manager import GROUP, Manager, manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "Microsoft.Storage/storageAccounts"
_SUBSCRIPTION = GROUP.partition("/resourceGroups")[0]
_AUTHORIZATION = "/providers/Microsoft.Authorization"
DEFINITION = f"{_SUBSCRIPTION}{_AUTHORIZATION}/policyDefinitions/no-keys"
SET = f"{_SUBSCRIPTION}{_AUTHORIZATION}/policySetDefinitions/ours"
ASSIGNMENT = f"{GROUP}{_AUTHORIZATION}/policyAssignments/guard"
KEYS = f"{ACCOUNT}/allowSharedKeyAccess"
_EFFECT = {"type": "String", "defaultValue": "Deny", "allowedValues": ["Audit", "Deny", "Disabled"]}
_TAKES_AWAY = "/providers/Microsoft.Authorization/roleDefinitions/17d1049b-9a84-46fb-8f53-869881c3d3ab"


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Manager]:
    with manager(tmp_path, *plain(ACCOUNT)) as found:
        yield found


def define(arm: Manager, path: str = DEFINITION, **changed: Any) -> None:  # noqa: ANN401
    rule = {
        "if": {"allOf": [{"field": "type", "equals": ACCOUNT}, {"field": KEYS, "notEquals": False}]},
        "then": {"effect": "[parameters('effect')]"},
    }
    arm.ask(
        "PUT", path, {"properties": {"mode": "All", "parameters": {"effect": _EFFECT}, "policyRule": rule, **changed}}
    )


def assign(arm: Manager, path: str = ASSIGNMENT, to: str = DEFINITION, **changed: Any) -> None:  # noqa: ANN401
    arm.ask("PUT", path, {"properties": {"policyDefinitionId": to, **changed}})


def account(arm: Manager, name: str = "it", *, method: str = "PUT", where: str = GROUP, **properties: object) -> int:
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": properties}
    return arm.ask(method, f"{where}/providers/{ACCOUNT}/{name}", body).status


def stored(arm: Manager, name: str = "it") -> dict[str, Any]:
    found: dict[str, Any] = arm.ask("GET", f"{ACCOUNT}/{name}").body
    return found


def refused(arm: Manager, **properties: object) -> ArmError:
    with pytest.raises(ArmError) as caught:
        account(arm, **properties)  # type: ignore[arg-type]
    return caught.value


def test_what_a_policy_denies_is_refused_as_azure_does(arm: Manager) -> None:
    define(arm)
    assign(arm, nonComplianceMessages=[{"message": "No keys here."}], displayName="Ours")

    error = refused(arm, allowSharedKeyAccess=True)

    assert (error.status, error.code) == (403, "RequestDisallowedByPolicy")
    assert "disallowed by policy" in error.message
    assert "No keys here." in error.message
    (told,) = error.body()["error"]["additionalInfo"]
    assert told["type"] == "PolicyViolation"
    assert (told["info"]["policyAssignmentId"], told["info"]["policyDefinitionId"]) == (ASSIGNMENT, DEFINITION)
    assert told["info"]["policyAssignmentScope"] == GROUP
    with pytest.raises(ArmError, match="was not found"):
        stored(arm)


def test_what_keeps_a_policy_is_let_in(arm: Manager) -> None:
    define(arm)
    assign(arm)

    assert account(arm, allowSharedKeyAccess=False) == 201


def test_nothing_is_refused_before_a_policy_is_assigned_nor_after(arm: Manager) -> None:
    define(arm)
    assert account(arm, "before") == 201
    assign(arm)
    refused(arm)
    arm.ask("DELETE", ASSIGNMENT)

    assert account(arm) == 201


def test_a_change_of_what_is_there_is_looked_at_whole(arm: Manager) -> None:
    define(arm)
    assign(arm)
    account(arm, allowSharedKeyAccess=False)

    assert account(arm, method="PATCH", minimumTlsVersion="TLS1_2") == 200
    with pytest.raises(ArmError, match="disallowed"):
        account(arm, method="PATCH", allowSharedKeyAccess=True)


def test_a_policy_is_in_force_where_it_is_assigned_and_nowhere_else(arm: Manager) -> None:
    other = GROUP.replace("/G", "/Other")
    arm.ask("PUT", other, {"location": "eastus"})
    define(arm)
    assign(arm)

    assert account(arm, where=other) == 201
    refused(arm)


def test_a_policy_of_the_subscription_is_in_force_in_its_groups_but_for_those_left_out(arm: Manager) -> None:
    other = GROUP.replace("/G", "/Other")
    arm.ask("PUT", other, {"location": "eastus"})
    define(arm)
    assign(arm, f"{_SUBSCRIPTION}{_AUTHORIZATION}/policyAssignments/guard", notScopes=[other.upper()])

    assert account(arm, where=other) == 201
    refused(arm)


@pytest.mark.parametrize(
    "changed", [{"enforcementMode": "DoNotEnforce"}, {"parameters": {"effect": {"value": "Audit"}}}], ids=str
)
def test_what_is_only_looked_at_is_let_in_and_told(arm: Manager, changed: dict[str, Any]) -> None:
    define(arm)
    assign(arm, **changed)

    account(arm, "open")
    account(arm, "closed", allowSharedKeyAccess=False)

    assert {(row["resourceId"].rsplit("/", 1)[1], row["complianceState"]) for row in states(arm)} == {
        ("open", "NonCompliant"),
        ("closed", "Compliant"),
    }


def test_a_disabled_policy_says_nothing(arm: Manager) -> None:
    define(arm)
    assign(arm, parameters={"effect": {"value": "Disabled"}})

    assert account(arm) == 201
    assert states(arm) == []


def states(arm: Manager, wanted: str | None = None) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"_filter": wanted} if wanted else {}
    path = f"{GROUP}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
    found: list[dict[str, Any]] = arm.ask("POST", path, **asked).body["value"]
    return found


def test_what_is_there_already_is_told_when_a_policy_is_assigned(arm: Manager) -> None:
    account(arm)
    define(arm)
    assign(arm)

    (row,) = states(arm, "complianceState eq 'NonCompliant' and isCompliant eq false")

    assert (row["policyAssignmentId"], row["policyDefinitionId"]) == (ASSIGNMENT, DEFINITION)
    with pytest.raises(ArmError, match="is not understood"):
        states(arm, "nonsense")


def _modify(arm: Manager, name: str, value: object, conflict: str = "deny") -> None:
    rule = {
        "if": {"field": "type", "equals": ACCOUNT},
        "then": {
            "effect": "modify",
            "details": {
                "roleDefinitionIds": [_TAKES_AWAY],
                "conflictEffect": conflict,
                "operations": [{"operation": "addOrReplace", "field": KEYS, "value": value}],
            },
        },
    }
    path = DEFINITION.replace("no-keys", name)
    define(arm, path, parameters={}, policyRule=rule)
    assign(arm, ASSIGNMENT.replace("guard", name), path)


def test_what_a_policy_modifies_is_stored_so_and_passes_what_denies(arm: Manager) -> None:
    define(arm)
    assign(arm)
    _modify(arm, "set", value=False)

    assert account(arm, allowSharedKeyAccess=True) == 201
    assert stored(arm)["properties"]["allowSharedKeyAccess"] is False
    assert (stored(arm)["name"], stored(arm)["sku"]) == ("it", {"name": "Standard_LRS"})


def test_two_policies_that_want_different_values_refuse_together(arm: Manager) -> None:
    _modify(arm, "one", value=False)
    _modify(arm, "two", value=True)

    assert f"Policies want different values of {KEYS}" in refused(arm).message


def test_a_conflict_that_only_audits_leaves_the_first_value(arm: Manager) -> None:
    _modify(arm, "one", value=False, conflict="audit")
    _modify(arm, "two", value=True, conflict="audit")

    account(arm)

    assert stored(arm)["properties"]["allowSharedKeyAccess"] is False


def _append(arm: Manager) -> None:
    rule = {
        "if": {"field": "type", "equals": ACCOUNT},
        "then": {"effect": "append", "details": [{"field": "tags['owner']", "value": "[resourceGroup().location]"}]},
    }
    define(arm, parameters={}, policyRule=rule)
    assign(arm)


def test_what_a_policy_appends_is_stored_too(arm: Manager) -> None:
    _append(arm)

    account(arm)

    assert stored(arm)["tags"] == {"owner": "eastus"}


def test_an_append_refuses_another_value(arm: Manager) -> None:
    _append(arm)
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": {"owner": "me"}}

    with pytest.raises(ArmError, match="disallowed"):
        arm.ask("PUT", f"{ACCOUNT}/it", {**body, "properties": {}})


def _set(arm: Manager, *members: dict[str, Any]) -> None:
    properties = {
        "policyDefinitions": list(members),
        "parameters": {"how": {"type": "String", "defaultValue": "Audit"}},
    }
    arm.ask("PUT", SET, {"properties": properties})


def test_a_set_hands_its_parameters_to_its_members(arm: Manager) -> None:
    define(arm)
    _set(arm, {"policyDefinitionReferenceId": "keys", "policyDefinitionId": DEFINITION,
               "parameters": {"effect": {"value": "[parameters('how')]"}}})  # fmt: skip
    assign(arm, to=SET)
    assert account(arm, "audited") == 201
    assign(arm, to=SET, parameters={"how": {"value": "Deny"}})

    (told,) = refused(arm).more["additionalInfo"]

    assert (told["info"]["policySetDefinitionId"], told["info"]["policyDefinitionReferenceId"]) == (SET, "keys")


def test_a_set_that_hands_on_what_it_does_not_have_is_refused(arm: Manager) -> None:
    define(arm)

    with pytest.raises(ArmError, match="there is no parameter 'effects'"):
        _set(arm, {"policyDefinitionId": DEFINITION, "parameters": {"effect": {"value": "[parameters('effects')]"}}})


def test_a_policy_that_cannot_be_evaluated_lets_nothing_in(arm: Manager) -> None:
    rule = {"if": {"value": "[parameters('least')]", "less": []}, "then": {"effect": "deny"}}
    define(arm, parameters={"least": {"type": "Integer", "defaultValue": 1}}, policyRule=rule)
    assign(arm)

    assert refused(arm).code == "PolicyEvaluationFailed"


def test_who_is_exempt_is_not_refused_until_the_exemption_ends(arm: Manager) -> None:
    define(arm)
    assign(arm)
    path = f"{GROUP}/providers/{ACCOUNT}/it{_AUTHORIZATION}/policyExemptions/because"
    exempt = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver"}

    arm.ask("PUT", path, {"properties": {**exempt, "expiresOn": "2020-01-01T00:00:00Z"}})
    refused(arm)
    arm.ask("PUT", path, {"properties": exempt})

    assert account(arm) == 201
    with pytest.raises(ArmError, match="disallowed"):
        account(arm, "other")


def test_a_built_in_that_nobody_here_knows_is_told_as_not_evaluated(arm: Manager) -> None:
    unknown = f"{_AUTHORIZATION}/policyDefinitions/00000000-0000-4000-8000-000000000000"
    assign(arm, to=unknown)

    assert account(arm) == 201
    (row,) = states(arm)
    assert (row["policyDefinitionId"], row["complianceState"]) == (unknown, "Unknown")
    assert row["complianceReasonCode"] == "the local environment does not have this policy's rule"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"policyDefinitionId": f"{_SUBSCRIPTION}{_AUTHORIZATION}/policyDefinitions/none"}, "PolicyDefinitionNotFound"),
        ({"parameters": {"efect": {"value": "Deny"}}}, "UndefinedPolicyParameter"),
        ({"overrides": [{"kind": "policyEffect"}]}, "InvalidPolicyAssignment"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_an_assignment_that_cannot_work_is_refused(arm: Manager, properties: dict[str, Any], code: str) -> None:
    define(arm)

    with pytest.raises(ArmError) as caught:
        assign(arm, **properties)

    assert caught.value.code == code


def test_a_parameter_that_a_policy_needs_is_asked_for(arm: Manager) -> None:
    define(arm, parameters={"effect": {"type": "String"}})

    with pytest.raises(ArmError, match="misses effect"):
        assign(arm)


def test_a_definition_that_is_not_understood_is_refused_with_all_that_is_wrong(arm: Manager) -> None:
    strange = {"allOf": [{"field": f"{ACCOUNT}/colour", "equals": 1}, {"field": "type", "resembles": "x"}]}

    with pytest.raises(ArmError) as caught:
        define(arm, policyRule={"if": strange, "then": {"effect": "[shout('x')]"}})

    assert caught.value.code == "InvalidPolicyRule"
    assert [line.split(" (")[0] for line in caught.value.details] == [
        f"if.allof[0].field: the alias '{ACCOUNT}/colour' is not known to the local environment",
        "if.allof[1]: there is no operator 'resembles' here",
        "then.effect: the function 'shout' is not known to the local environment",
    ]
