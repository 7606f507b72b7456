"""What rules say they map to exists in the tables of the frameworks, and what no rule covers has a reason."""

import pytest

from reports import coverage
from rules.catalogue import catalogue

_RULES = catalogue()
_TABLES = coverage.tables()
_COVERED = coverage.covered(_RULES)


def test_every_id_that_a_rule_maps_to_is_in_its_framework() -> None:
    unknown = {
        (framework, name): rules
        for framework, names in _COVERED.items()
        for name, rules in names.items()
        if name not in _TABLES.get(framework, {"ids": {}})["ids"]
    }

    assert unknown == {}


@pytest.mark.parametrize("framework", _TABLES)
def test_an_id_is_covered_by_a_rule_or_has_a_reason_why_not_and_never_both(framework: str) -> None:
    own = _COVERED.get(framework, {})

    assert [name for name, one in _TABLES[framework]["ids"].items() if (name in own) == bool(one.get("because"))] == []


def test_an_azure_policy_is_known_by_the_first_eight_digits_of_its_guid() -> None:
    policies = _TABLES["azpolicy"]["ids"]

    assert {key: one["guid"] for key, one in policies.items() if one.get("guid", key)[:8] != key} == {}
