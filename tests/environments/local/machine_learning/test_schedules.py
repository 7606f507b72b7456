"""Schedules: fired by the driven clock, once for each due moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import dsl, load_component
from azure.ai.ml.constants import TimeZone
from azure.ai.ml.entities import CronTrigger, JobSchedule, RecurrenceTrigger
from azure.core.exceptions import HttpResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.environments.local.machine_learning.workspace import Workspace

_STEP = """
name: noop
type: command
environment: azureml:plain:1
command: "true"
"""
pipeline: Any = dsl.pipeline


@pytest.fixture
def job(tmp_path: Path) -> Any:  # noqa: ANN401 - the SDK's own, untyped
    (tmp_path / "noop.yml").write_text(_STEP)
    noop = load_component(tmp_path / "noop.yml")

    @pipeline(default_compute="cpu")  # type: ignore[untyped-decorator]
    def build() -> None:
        noop()

    return build()


@pytest.fixture(autouse=True)
def _clock(workspace: Workspace) -> Iterator[None]:
    workspace.azure.context.clock.set(datetime(2030, 1, 1, 12, tzinfo=UTC))
    yield
    workspace.azure.context.clock.reset()


def _fired(workspace: Workspace, schedule: str, least: int) -> list[str]:
    deadline = time.monotonic() + 30
    while True:
        found = sorted(each.name for each in workspace.client.jobs.list() if each.name.startswith(f"{schedule}-"))
        if len(found) >= least:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_advancing_the_clock_fires_what_is_due_once(workspace: Workspace, job: Any) -> None:  # noqa: ANN401
    name = workspace.new_name("daily")
    trigger = RecurrenceTrigger(frequency="day", interval=1, start_time="2030-01-01T18:00:00")
    made = JobSchedule(name=name, trigger=trigger, create_job=job)
    assert workspace.client.schedules.begin_create_or_update(made).result().is_enabled
    workspace.azure.context.clock.advance(timedelta(days=3))
    fired = _fired(workspace, name, 3)
    assert fired == [f"{name}-{moment}" for moment in ("20300101T180000Z", "20300102T180000Z", "20300103T180000Z")]
    assert [workspace.wait(each) for each in fired] == ["Completed"] * 3
    workspace.azure.context.clock.set(datetime(2030, 1, 1, 12, tzinfo=UTC))
    workspace.azure.context.clock.advance(timedelta(days=3))
    time.sleep(1.5)
    assert _fired(workspace, name, 3) == fired
    _disable_and_delete(workspace, name)


def _disable_and_delete(workspace: Workspace, name: str) -> None:
    with pytest.raises(HttpResponseError, match="must be disabled before"):
        workspace.client.schedules.begin_delete(name).result()
    workspace.client.schedules.begin_disable(name).result()
    workspace.azure.context.clock.advance(timedelta(days=30))
    workspace.client.schedules.begin_enable(name).result()
    workspace.client.schedules.begin_disable(name).result()
    assert len(_fired(workspace, name, 3)) == 3  # what was due while it was disabled is not made up for
    workspace.client.schedules.begin_delete(name).result()
    with pytest.raises(HttpResponseError):
        workspace.client.schedules.get(name)


def test_a_cron_schedule_in_another_time_zone_and_one_fired_by_hand(workspace: Workspace, job: Any) -> None:  # noqa: ANN401
    name = workspace.new_name("cron")
    trigger = CronTrigger(expression="0 6 * * *", time_zone=TimeZone.TOKYO_STANDARD_TIME)
    workspace.client.schedules.begin_create_or_update(JobSchedule(name=name, trigger=trigger, create_job=job)).result()
    by_hand = workspace.client.schedules.trigger(name, schedule_time="2030-01-01T13:00:00Z")
    assert workspace.wait(by_hand.job_name) == "Completed"
    workspace.azure.context.clock.advance(timedelta(days=1))
    assert _fired(workspace, name, 2) == [f"{name}-20300101T130000Z", f"{name}-20300101T210000Z"]
    workspace.client.schedules.begin_disable(name).result()


def test_a_monitor_schedule_is_kept_and_its_job_says_what_is_not_computed(workspace: Workspace) -> None:
    name = workspace.new_name("monitor")
    body = {
        "properties": {
            "trigger": {"triggerType": "Recurrence", "frequency": "day", "interval": 1},
            "action": {
                "actionType": "CreateMonitor",
                "monitorDefinition": {
                    "computeConfiguration": {
                        "computeType": "ServerlessSpark",
                        "computeIdentity": {"computeIdentityType": "AmlToken"},
                        "instanceType": "standard_e4s_v3",
                        "runtimeVersion": "3.4",
                    },
                    "signals": {},
                },
            },
        }
    }
    workspace.azure.put(f"{workspace.id}/schedules/{name}", "2024-01-01-preview", body)
    workspace.azure.context.clock.advance(timedelta(days=1, hours=1))
    fired = _fired(workspace, name, 1)
    assert workspace.wait(fired[0]) == "Failed"
    assert "does not compute their signals" in workspace.error_of(fired[0])


def test_a_trigger_that_cannot_be_followed_is_refused(workspace: Workspace, job: Any) -> None:  # noqa: ANN401
    trigger = CronTrigger(expression="61 6 * * *")
    with pytest.raises(HttpResponseError, match="no cron expression"):
        workspace.client.schedules.begin_create_or_update(
            JobSchedule(name=workspace.new_name("bad"), trigger=trigger, create_job=job)
        ).result()
