from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from environments.local.arm.errors import ArmError
from environments.local.arm.faults import Fault
from environments.local.arm.resource_types import Action, Context, Reply, Request, Resource, ResourceType
from tests.environments.local.arm.manager import BOX, GROUP, manager

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Work:
    """The long part of making a box: waits until it may go on, and counts how often it began."""

    go: threading.Event = field(default_factory=threading.Event)
    begun: list[str] = field(default_factory=list)
    fails: bool = False

    def made(self, _context: Context, resource: Resource) -> None:
        self.begun.append(resource.id.name)
        assert self.go.wait(10)
        if self.fails:
            raise ArmError(400, "BoxTooBig", "The box does not fit.")

    def type(self) -> ResourceType:
        def checked(_context: Context, _request: Request) -> Reply:
            return Reply(status=202)

        def paint(context: Context, request: Request) -> None:
            assert self.go.wait(10)
            context.store.update(request.id, lambda body: {**body, "colour": request.body["colour"]})

        return ResourceType(
            type=BOX, long_running=True, made=self.made, actions={"paint": Action(run=checked, later=paint)}
        )


def test_a_long_put_answers_before_it_is_done_and_ends_later(tmp_path: Path) -> None:
    work = Work()
    with manager(tmp_path, work.type()) as arm:
        reply = arm.ask("PUT", f"{BOX}/B", {})
        path = reply.headers["Azure-AsyncOperation"].removeprefix("https://management.azure.com").partition("?")[0]
        assert (reply.status, reply.body["properties"], reply.headers["retry-after-ms"]) == (
            201,
            {"provisioningState": "Creating"},
            "20",
        )
        assert arm.ask("GET", path).body["status"] == "InProgress"
        assert arm.ask("GET", f"{BOX}/B").body["properties"] == {"provisioningState": "Creating"}
        work.go.set()
        assert arm.ended(reply)["status"] == "Succeeded"
        assert arm.ask("GET", f"{BOX}/B").body["properties"] == {"provisioningState": "Succeeded"}


def test_even_without_work_the_first_poll_finds_it_in_progress(tmp_path: Path) -> None:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True), least_seconds=0.2) as arm:
        reply = arm.ask("PUT", f"{BOX}/B", {})
        path = reply.headers["Azure-AsyncOperation"].removeprefix("https://management.azure.com").partition("?")[0]
        assert arm.ask("GET", path).body["status"] == "InProgress"
        assert arm.ended(reply)["status"] == "Succeeded"


def test_a_failed_operation_says_why_and_the_resource_stays_failed(tmp_path: Path) -> None:
    work = Work(fails=True)
    work.go.set()
    with manager(tmp_path, work.type()) as arm:
        ended = arm.ended(arm.ask("PUT", f"{BOX}/B", {}))
        assert (ended["status"], ended["error"]) == (
            "Failed",
            {"code": "BoxTooBig", "message": "The box does not fit."},
        )
        assert arm.ask("GET", f"{BOX}/B").body["properties"] == {"provisioningState": "Failed"}


def test_an_operation_can_be_ordered_to_fail(tmp_path: Path) -> None:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True)) as arm:
        arm.context.faults.order(Fault(kind="fail-operation", pattern="boxes/B"))
        assert arm.ended(arm.ask("PUT", f"{BOX}/B", {}))["error"]["code"] == "InjectedFailure"
        assert arm.ended(arm.ask("PUT", f"{BOX}/B", {}))["status"] == "Succeeded"


def test_an_operation_can_be_ordered_never_to_end_until_it_is_let(tmp_path: Path) -> None:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True)) as arm:
        arm.context.faults.order(Fault(kind="endless-operation", pattern="boxes/B"))
        reply = arm.ask("PUT", f"{BOX}/B", {})
        arm.ended(arm.ask("PUT", f"{BOX}/C", {}))
        time.sleep(0.3)
        assert arm.ask("GET", f"{BOX}/B").body["properties"] == {"provisioningState": "Creating"}
        arm.context.faults.clear()
        assert arm.ended(reply)["status"] == "Succeeded"


def test_a_second_write_while_one_is_under_way_is_a_conflict(tmp_path: Path) -> None:
    work = Work()
    with manager(tmp_path, work.type()) as arm:
        reply = arm.ask("PUT", f"{BOX}/B", {})
        for method in ("PUT", "PATCH", "DELETE"):
            with pytest.raises(ArmError) as caught:
                arm.ask(method, f"{BOX}/B", {})
            assert (caught.value.status, caught.value.code) == (409, "Conflict")
        work.go.set()
        arm.ended(reply)
        assert arm.ask("PUT", f"{BOX}/B", {}).status == 200


def test_what_an_ended_server_left_in_progress_is_done_by_the_next_one(tmp_path: Path) -> None:
    work = Work()
    work.go.set()
    with manager(tmp_path, work.type(), least_seconds=60) as arm:
        reply = arm.ask("PUT", f"{BOX}/B", {})
    assert work.begun == []
    with manager(tmp_path, work.type()) as arm:
        assert arm.ended(reply)["status"] == "Succeeded"
        assert arm.ask("GET", f"{BOX}/B").body["properties"] == {"provisioningState": "Succeeded"}
    assert work.begun == ["B"]


def test_a_long_action_survives_a_kill_with_its_body(tmp_path: Path) -> None:
    work = Work()
    work.go.set()
    with manager(tmp_path, work.type(), least_seconds=0.01) as arm:
        arm.ended(arm.ask("PUT", f"{BOX}/B", {}))
    with manager(tmp_path, work.type(), least_seconds=60) as arm:
        reply = arm.ask("POST", f"{BOX}/B/paint", {"colour": "red"})
        assert reply.status == 202
    with manager(tmp_path, work.type()) as arm:
        assert arm.ended(reply)["status"] == "Succeeded"
        assert arm.ask("GET", f"{BOX}/B").body["colour"] == "red"


def test_an_operation_whose_record_was_rolled_back_blocks_nothing(tmp_path: Path) -> None:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True)) as arm:

        def broken() -> None:
            with arm.context.store.transaction():
                arm.context.operations.begin(f"{GROUP}/providers/{BOX}/B", "put")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            broken()
        assert arm.ended(arm.ask("PUT", f"{BOX}/B", {}))["status"] == "Succeeded"


def test_a_long_deletion_ends_with_the_resource_gone_and_an_empty_result(tmp_path: Path) -> None:
    with manager(tmp_path, ResourceType(type=BOX, long_running=True)) as arm:
        arm.ended(arm.ask("PUT", f"{BOX}/B", {}))
        reply = arm.ask("DELETE", f"{BOX}/B")
        assert (reply.status, arm.ask("GET", f"{BOX}/B").body["properties"]) == (
            202,
            {"provisioningState": "Deleting"},
        )
        arm.ended(reply)
        location = reply.headers["Location"].removeprefix("https://management.azure.com").partition("?")[0]
        assert (arm.ask("GET", location).status, arm.ask("DELETE", f"{BOX}/B").status) == (204, 204)
