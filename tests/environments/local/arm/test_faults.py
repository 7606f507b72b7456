"""Faults that are ordered: to which request they happen, and what a caller has to do about them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from environments.local.arm.errors import ArmError
from environments.local.arm.faults import Fault, Faults
from environments.local.arm.resource_types import ResourceType
from tests.environments.local.arm.manager import GROUP, Manager, manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOX, BAG = "Test.Things/boxes", "Test.Things/bags"


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Manager]:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True), ResourceType(type=BAG)) as found:
        yield found


def _refused(arm: Manager, method: str, path: str) -> str | None:
    try:
        arm.ask(method, path, {})
    except ArmError as error:
        return error.code
    return None


def test_a_fault_happens_once_to_each_type_or_to_each_path(arm: Manager) -> None:
    for each, expected in (("type", [True, False, True]), ("path", [True, True, True]), ("", [True, False, False])):
        arm.context.faults.clear()
        arm.context.faults.order(Fault(kind="quota", pattern="^PUT ", each=each))  # type: ignore[arg-type]
        told = [_refused(arm, "PUT", path) for path in (f"{BAG}/A", f"{BAG}/B", f"{BAG}2/A")]
        assert [code == "QuotaExceeded" for code in told] == expected


def test_a_fault_may_wait_for_a_later_request(arm: Manager) -> None:
    arm.context.faults.order(Fault(kind="quota", pattern="^PUT ", after=1, times=2))

    told = [_refused(arm, "PUT", f"{BAG}/{name}") for name in "ABCDE"]
    assert told == [None, "QuotaExceeded", "QuotaExceeded", None, None]


def test_a_throttled_client_that_does_not_wait_is_refused_again(arm: Manager) -> None:
    arm.context.faults.order(Fault(kind="throttle", pattern="^PUT ", seconds=0.2))

    with pytest.raises(ArmError) as caught:
        arm.ask("PUT", f"{BAG}/A", {})
    assert (caught.value.status, caught.value.retry_after) == (429, 1)
    assert _refused(arm, "PUT", f"{BAG}/A") == "TooManyRequests"
    time.sleep(0.25)
    assert _refused(arm, "PUT", f"{BAG}/A") is None
    line = f"PUT {GROUP}/providers/{BAG}/A"
    assert arm.context.faults.happened() == [("throttle", line), ("impatience", line)]


def test_an_operation_fails_on_its_way_in_or_out_as_ordered(arm: Manager) -> None:
    arm.context.faults.order(Fault(kind="fail-operation", pattern="^DELETE "))
    assert arm.ended(arm.ask("PUT", f"{BOX}/A", {}))["status"] == "Succeeded"
    assert arm.ended(arm.ask("DELETE", f"{BOX}/A"))["status"] == "Failed"
    assert arm.ended(arm.ask("DELETE", f"{BOX}/A"))["status"] == "Succeeded"


def test_a_fault_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="there is no kind 'earthquake'; there are throttle"):
        Faults().order(Fault(kind="earthquake"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no each 'day'; there are path, type"):
        Faults().order(Fault(kind="quota", each="day"))  # type: ignore[arg-type]


def test_a_conflict_is_answered_once(arm: Manager) -> None:
    arm.context.faults.order(Fault(kind="conflict", pattern="^PUT "))

    assert [_refused(arm, "PUT", f"{BAG}/{name}") for name in "AB"] == ["Conflict", None]
