"""The language of policies, as a table: what holds, what is worked out, what is refused before it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from environments.local.policy import aliases, definitions, expressions
from environments.local.policy.conditions import OPERATORS, World, holds
from environments.local.policy.expressions import ExpressionError

W = "Microsoft.MachineLearningServices/workspaces"
R = "Microsoft.MachineLearningServices/registries"
_ACCOUNT = "systemCreatedStorageAccount.allowBlobPublicAccess"
_STATUS = f"{W}/privateEndpointConnections[*].privateLinkServiceConnectionState.status"
_WORLD = World(
    resource={
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/Mine",
        "name": "Mine",
        "fullName": "Mine",
        "type": W.upper(),
        "location": "East US",
        "kind": "Hub",
        "identity": {"type": "SystemAssigned, UserAssigned"},
        "tags": {"Owner": "us", "cost.center": "7"},
        "properties": {
            "publicNetworkAccess": "disabled",
            "hbiWorkspace": False,
            "description": None,
            "encryption": {"status": "Enabled"},
            "privateEndpointConnections": [
                {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}},
                {"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}},
            ],
        },
    },
    parameters={"regions": ["eastus"], "Least": 1},
    group={"location": "westeurope", "tags": {"owner": "them"}},
    subscription={"subscriptionId": "s"},
    api_version="2025-01-01",
)
_REGISTRY = World(
    resource={
        "type": R,
        "properties": {
            "regionDetails": [
                {"storageAccountDetails": [{"systemCreatedStorageAccount": {"allowBlobPublicAccess": False}}]},
                {"storageAccountDetails": [{"systemCreatedStorageAccount": {"allowBlobPublicAccess": True}}, {}]},
            ]
        },
    }
)


def _status(**operator: object) -> dict[str, Any]:
    return {"field": _STATUS, **operator}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "type", "equals": W}, True),
        ({"field": "location", "equals": "eastus"}, True),
        ({"field": "location", "in": "[parameters('regions')]"}, True),
        ({"field": "kind", "in": ["hub", "project"]}, True),
        ({"field": "kind", "notIn": ["hub"]}, False),
        ({"field": "identity.type", "contains": "UserAssigned"}, True),
        ({"field": "identity.type", "notContains": "UserAssigned"}, False),
        ({"field": "tags.owner", "equals": "US"}, True),
        ({"field": "tags['cost.center']", "equals": 7}, True),
        ({"field": "tags", "containsKey": "owner"}, True),
        ({"field": "tags", "notContainsKey": "owner"}, False),
        ({"field": "[concat('tags[', 'none', ']')]", "exists": False}, True),
        ({"field": f"{W}/publicNetworkAccess", "notEquals": "Disabled"}, False),
        ({"field": f"{W}/hbiWorkspace", "equals": "false"}, True),
        ({"field": f"{W}/v1LegacyMode", "equals": False}, False),
        ({"field": f"{W}/v1LegacyMode", "notEquals": True}, True),
        ({"field": f"{W}/v1LegacyMode", "exists": "false"}, True),
        ({"field": f"{W}/description", "exists": True}, False),
        ({"field": f"{W}/v1LegacyMode", "greater": 1}, False),
        ({"field": "name", "like": "M*E"}, True),
        ({"field": "name", "notLike": "m?ne"}, True),
        ({"field": f"{R}/publicNetworkAccess", "exists": True}, False),
        ({"value": "[parameters('least')]", "greaterOrEquals": 1}, True),
        ({"value": "[parameters('least')]", "less": 1}, False),
        ({"value": "[parameters('least')]", "lessOrEquals": 1}, True),
        ({"value": "[resourceGroup().tags.owner]", "equals": "them"}, True),
        ({"value": "[subscription().subscriptionId]", "equals": "s"}, True),
        ({"value": "[greaterOrEquals(requestContext().apiVersion, '2024-01-01')]", "equals": True}, True),
        ({"value": f"[empty(field('{W}/imageBuildCompute'))]", "equals": True}, True),
        ({"value": "[[not an expression]", "equals": "[[not an expression]"}, True),
        ({"allOf": []}, True),
        ({"anyOf": []}, False),
        ({"not": {"field": "kind", "equals": "hub"}}, False),
        ({"AnyOf": [{"field": "kind", "equals": "x"}, {"Field": "kind", "Equals": "hub"}]}, True),
        (_status(equals="Approved"), False),
        (_status(**{"in": ["Approved", "Pending"]}), True),
        ({"count": {"field": f"{W}/privateEndpointConnections[*]"}, "equals": 2}, True),
        (
            {
                "count": {"field": f"{W}/privateEndpointConnections[*]", "where": _status(equals="Approved")},
                "equals": 1,
            },
            True,
        ),
        (
            {
                "count": {
                    "value": ["eastus", "westus"],
                    "name": "region",
                    "where": {"value": "[current('region')]", "like": "east*"},
                },
                "equals": 1,
            },
            True,
        ),
    ],
    ids=lambda each: json.dumps(each)[:70],
)
def test_a_condition_holds_as_azure_says(condition: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    assert definitions.findings({"policyRule": {"if": condition, "then": {"effect": "deny"}}, "parameters":
        {"regions": {}, "least": {}}}) == ()  # fmt: skip
    assert holds(condition, _WORLD) is expected


@pytest.mark.parametrize(("wanted", "expected"), [(False, 1), (True, 1)])
def test_lists_within_lists_are_counted_by_their_innermost(wanted: bool, expected: int) -> None:  # noqa: FBT001
    accounts = f"{R}/regionDetails[*].storageAccountDetails[*]"
    where = {"field": f"{accounts}.{_ACCOUNT}", "equals": wanted}

    assert holds({"count": {"field": accounts}, "equals": 3}, _REGISTRY)
    assert holds({"count": {"field": accounts, "where": where}, "equals": expected}, _REGISTRY)


def test_a_count_within_a_count_looks_at_one_element_of_the_outer() -> None:
    inner = f"{R}/regionDetails[*].storageAccountDetails[*]"
    open_ones = {"count": {"field": inner, "where": {"field": f"{inner}.{_ACCOUNT}", "equals": True}}, "greater": 0}

    assert holds({"count": {"field": f"{R}/regionDetails[*]", "where": open_ones}, "equals": 1}, _REGISTRY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[concat('a', 1, toUpper('b'))]", "a1B"),
        ("[concat(createArray(1), createArray(2))]", [1, 2]),
        ("[last(split('a/b/c', '/'))]", "c"),
        ("[first(split('it''s', 't'))]", "i"),
        ("[if(equals(1, 2), first(createArray()), 'no')]", "no"),
        ("[and(not(false), or(true, false))]", True),
        ("[replace('a-b', '-', '')]", "ab"),
        ("[length(createArray('x', 'y'))]", 2),
        ("[createArray('x', 'y')[1]]", "y"),
        ("[contains('abc', 'b')]", True),
    ],
)
def test_an_expression_gives(text: str, expected: object) -> None:
    assert expressions.evaluate(text, {}) == expected


@pytest.mark.parametrize("text", ["[concat('a']", "[concat('a') x]", "['a'", "[#]", "[x]", "[]", "[a[1]"])
def test_an_expression_that_cannot_be_read_is_said_so(text: str) -> None:
    if text.endswith("]"):
        with pytest.raises(ExpressionError):
            expressions.parse(text)
    else:
        assert expressions.evaluate(text, {}) == text


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "policyRule needs an object 'if' and an object 'then'"),
        ({"if": {}, "then": {"effect": "deny"}}, "if: a condition is an object with one of"),
        ({"if": {"field": "type", "value": 1, "equals": 1}, "then": {"effect": "deny"}}, "not 2"),
        ({"if": {"field": "type"}, "then": {"effect": "deny"}}, "if: one operator is needed beside 'field'"),
        ({"if": {"field": "colour", "equals": 1}, "then": {"effect": "deny"}}, "the alias 'colour' is not known"),
        ({"if": {"value": "[parameters('x')]", "equals": 1}, "then": {"effect": "deny"}}, "there is no parameter 'x'"),
        ({"if": {"value": "[field('x')]", "equals": 1}, "then": {"effect": "deny"}}, "the alias 'x' is not known"),
        ({"if": {"allOf": 5}, "then": {"effect": "deny"}}, "if.allof: a list of conditions is needed"),
        ({"if": {"field": "type", "in": "x"}, "then": {"effect": "deny"}}, "if.in: a list is needed"),
        ({"if": {"count": {}, "equals": 1}, "then": {"effect": "deny"}}, "one of field and value is needed"),
        ({"if": {"field": "type", "equals": 1}, "then": {"effect": "explode"}}, "there is no effect 'explode'"),
        ({"if": {"field": "type", "equals": 1}, "then": {"effect": "modify"}}, "modify needs roleDefinitionIds"),
        ({"if": {"field": "type", "equals": 1}, "then": {"effect": "append"}}, "append needs a list"),
        (
            {
                "if": {"field": "type", "equals": 1},
                "then": {"effect": "append", "details": [{"field": f"{W}/privateEndpointConnections[*]", "value": 1}]},
            },
            "the local environment changes no elements of lists",
        ),
    ],
)
def test_a_rule_that_is_not_understood_is_told(rule: dict[str, Any], told: str) -> None:
    assert told in "; ".join(definitions.findings({"policyRule": rule}))


def test_values_that_cannot_be_compared_are_an_error_and_no_answer() -> None:
    with pytest.raises(ExpressionError, match="cannot be compared"):
        holds({"value": "[parameters('least')]", "in": "[parameters('least')]"}, _WORLD)


def test_all_of_azures_own_rules_that_are_kept_are_understood() -> None:
    table = json.loads(Path("environments/local/subscription/policies.json").read_text())
    wrong = {
        name: definitions.findings({"policyRule": {"if": row["if"], "then": {"effect": row["effect"]}}, **row})
        for name, row in table.items()
        if "if" in row
    }

    assert {name: found for name, found in wrong.items() if found} == {}
    assert {name[:8] for name, row in table.items() if "if" not in row} == {"12e5dd16", "afe0c3be"}


def test_every_alias_can_be_asked_for() -> None:
    names = list(aliases.names())

    assert len(names) == len(set(names)) == len(aliases.table())
    assert all(map(aliases.is_known, names))


def test_every_operator_has_its_opposite() -> None:
    alone = {"exists", "greater", "greaterorequals", "less", "lessorequals"}

    assert {name for name in OPERATORS if not name.startswith("not") and f"not{name}" not in OPERATORS} == alone
