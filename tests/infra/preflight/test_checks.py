"""What all checks have in common: nothing in the way passes, and what nobody looked at does not."""

from typing import Any

import pytest

from infra.preflight.check import Check
from infra.preflight.findings import Outcome, worst
from infra.preflight.registry import CHECKS
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import cluster, not_passed, stack


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_subscription_with_nothing_in_the_way_passes(check: Check[Any]) -> None:
    full = stack(computeClusters={"cpu": cluster(), "gpu": cluster("Standard_NC4as_T4_v3", 1, priority="LowPriority")})

    assert not_passed(check, FakeAzure(), full) == []


def test_what_nobody_looked_at_is_no_pass() -> None:
    assert worst([]) is Outcome.CANNOT_TELL
    assert worst([Outcome.PASS, Outcome.CANNOT_TELL]) is Outcome.CANNOT_TELL
    assert worst([Outcome.PASS, Outcome.CANNOT_TELL, Outcome.FAIL]) is Outcome.FAIL
    assert worst([Outcome.PASS]) is Outcome.PASS
