"""No rule, and nothing in a rule that finds something, can be taken away without one of its cases noticing."""

from rules.catalogue import catalogue
from tests.policies.judged import CASES
from tests.policies.prove import read, unproved


def test_each_control_of_each_rule_is_missed_by_a_case() -> None:
    assert list(unproved(CASES)) == []


def test_without_cases_nothing_is_proved() -> None:
    of_vaults = list(read().controls(["vault"]))

    assert len(of_vaults) > 5
    assert len(list(unproved((), ["vault"]))) == len(catalogue()) + len(of_vaults)
