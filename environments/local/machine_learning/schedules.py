"""Schedules: what they start, and when, by the driven clock."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from environments.local.arm import lifecycle
from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse
from environments.local.arm.resource_types import Action, Body, Context, Reply, Request, Resource, ResourceType
from environments.local.machine_learning import triggers
from environments.local.machine_learning.job_state import PARENT, failed, finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from environments.local.machine_learning.jobs import Jobs

_log = logging.getLogger(__name__)
TYPE = "Microsoft.MachineLearningServices/workspaces/schedules"
_STATE = "schedules"
_LOOK_SECONDS = 1.0
_MOST_AT_ONCE = 500
"""Due moments of one schedule that one turn of the clock fires; older ones are left out, and the log says so."""
_ACTIONS = ("createjob", "invokebatchendpoint", "createmonitor", "importdata")
_NOT_RUN = {
    "createmonitor": "monitor schedules are accepted; the local environment does not compute their signals "
    "(`mlops monitor` does).",
    "importdata": "import schedules are accepted; there is nothing outside of the local environment to import from.",
}
_OUTPUT_ONLY = ("status", "services", "startTimeUtc", "endTimeUtc", "error", "provisioningState")


class Schedules:
    """Watches the clock and fires what is due."""

    def __init__(self, context: Context, jobs: Jobs, invoke_batch: Callable[[Resource, str, Body], str]) -> None:
        self._context = context
        self._jobs = jobs
        self._invoke_batch = invoke_batch
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, daemon=True, name="schedules").start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopping.set()

    def fire(self, schedule: Resource, moment: datetime) -> str:
        """Start what a schedule starts; the same moment starts it once.  Returns the job's name.  Raises ArmError."""
        name = f"{schedule.id.name}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        action = schedule.properties.get("action") or {}
        kind = str(action.get("actionType", "")).lower()
        workspace = schedule.id.parent
        assert workspace is not None  # noqa: S101 - a schedule lies in a workspace
        job = workspace.child("jobs", name)
        if self._context.store.get(job) is not None:
            return name
        if kind == "invokebatchendpoint":
            definition = action.get("endpointInvocationDefinition") or {}
            return self._invoke_batch(schedule, name, definition)
        if kind in _NOT_RUN:
            self._end_at_once(job, schedule, _NOT_RUN[kind])
            return name
        body = _job_of(self._context, schedule, action.get("jobDefinition") or {})
        request = Request(
            id=job,
            api_version="2024-01-01-preview",
            body={"properties": {**body, "displayName": name}},
            query={},
            principal=self._context.identities.deployer,
        )
        lifecycle.put(self._context, request)
        self._jobs.submit(job)
        return name

    def _end_at_once(self, job: ResourceId, schedule: Resource, why: str) -> None:
        properties = {
            "jobType": "Command",
            "command": f"# schedule {schedule.id.name}",
            "displayName": job.name,
            "experimentName": schedule.id.name,
            "status": "NotStarted",
            "isArchived": False,
            "tags": {},
            "properties": {"azureml.scheduleId": schedule.id.name},
            "services": {},
        }
        self._context.store.put(job, {"properties": properties})
        finish(self._context, job, failed(why, "NotSupported"))

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for schedule in self._context.store.of_type(TYPE):
                if self._stopping.is_set():
                    return
                try:
                    self._fire_due(schedule)
                except Exception:  # noqa: BLE001 - whatever broke, the others are still to be fired
                    _log.exception("schedule %s", schedule.id.name)
            self._context.clock.wait(_LOOK_SECONDS)

    def _fire_due(self, schedule: Resource) -> None:
        state = self._context.store.document(_STATE, schedule.id.key)
        if state is None or not schedule.properties.get("isEnabled", True):
            return
        now, first = self._context.clock.now(), datetime.fromisoformat(state["first"])
        trigger = schedule.properties.get("trigger") or {}
        due = _due(trigger, datetime.fromisoformat(state["after"]), now, first)
        if len(due) > _MOST_AT_ONCE:
            _log.warning("schedule %s: %s older due moments are left out", schedule.id.name, len(due) - _MOST_AT_ONCE)
        for moment in due[-_MOST_AT_ONCE:]:
            if self._stopping.is_set():
                return
            try:
                self.fire(schedule, moment)
            except ArmError as error:
                _log.error("schedule %s cannot fire: %s", schedule.id.name, error)
            self._context.store.put_document(_STATE, schedule.id.key, {**state, "after": moment.isoformat()})


def _due(trigger: Body, after: datetime, now: datetime, first: datetime) -> list[datetime]:
    found: list[datetime] = []
    while (moment := triggers.next_due(trigger, after, first=first)) is not None and moment <= now:
        found.append(moment)
        after = moment
    return found


def _job_of(context: Context, schedule: Resource, definition: Body) -> Body:
    """What a schedule's job is: as defined, or as the job that it names."""
    source = str(definition.get("sourceJobId") or "")
    body = dict(definition)
    if source:
        found = context.store.get(parse(source))
        if found is None or found.body.get(PARENT):
            if not definition.get("jobs"):
                raise ArmError(400, "UserError", f"the job {source} that the schedule repeats does not exist.")
        else:
            given = {key: value for key, value in definition.items() if value not in (None, "", {}, [])}
            body = {**found.properties, **given}
    for name in (*_OUTPUT_ONLY, "sourceJobId"):
        body.pop(name, None)
    body["properties"] = {**(body.get("properties") or {}), "azureml.scheduleId": schedule.id.name}
    body["experimentName"] = body.get("experimentName") or "Default"
    return body


def check(_context: Context, request: Request) -> None:
    """Refuse a trigger or an action that cannot be followed.  Raises ArmError."""
    properties = request.body.get("properties") or {}
    try:
        triggers.check(properties.get("trigger") or {})
    except ValueError as error:
        raise ArmError(400, "UserError", f"schedule {request.id.name}: {error}") from error
    kind = str((properties.get("action") or {}).get("actionType", "")).lower()
    if kind not in _ACTIONS:
        raise ArmError(400, "UserError", f"schedule {request.id.name}: there is no action {kind or '(none)'}.")


def fill(_context: Context, request: Request, _existing: Body | None) -> Body:
    """Write what Azure fills in."""
    properties: dict[str, Any] = dict(request.body.get("properties") or {})
    enabled = properties.get("isEnabled")
    return {
        **request.body,
        "properties": {
            **properties,
            "isEnabled": True if enabled is None else bool(enabled),
            "tags": properties.get("tags") or {},
            "properties": properties.get("properties") or {},
        },
    }


def _made(context: Context, schedule: Resource) -> None:
    """A new, changed or newly enabled schedule looks ahead, never back."""
    now = context.clock.now().isoformat()
    wanted = {"trigger": schedule.properties.get("trigger"), "enabled": schedule.properties.get("isEnabled")}
    kept = context.store.document(_STATE, schedule.id.key)
    if kept is None or kept.get("seen") != wanted:
        first = kept["first"] if kept else now
        context.store.put_document(_STATE, schedule.id.key, {"first": first, "after": now, "seen": wanted})


def _removable(_context: Context, schedule: Resource) -> None:
    if schedule.properties.get("isEnabled"):
        raise ArmError(400, "UserError", f"Schedule {schedule.id.name} must be disabled before it can be deleted.")


def _removing(context: Context, schedule: Resource) -> None:
    context.store.delete_document(_STATE, schedule.id.key)


def _trigger(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"there is no schedule {request.id.name}.")
    given = request.body.get("scheduleTime")
    moment = datetime.fromisoformat(str(given)) if given else context.clock.now()
    name = context.runner.schedules.fire(found, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    kind = str((found.properties.get("action") or {}).get("actionType", "CreateJob"))
    return Reply(body={"scheduleActionType": kind, "jobName": name, "submissionId": name})


def _listed(context: Context, request: Request) -> list[Resource]:
    view = request.query.get("listViewType", "EnabledOnly").lower()
    wanted = {"enabledonly": (True,), "disabledonly": (False,)}.get(view, (True, False))
    return [each for each in context.store.children(request.id, TYPE) if bool(each.properties["isEnabled"]) in wanted]


RESOURCE_TYPES = (
    ResourceType(
        type=TYPE,
        check=check,
        fill=fill,
        made=_made,
        removing=_removing,
        removable=_removable,
        listed=_listed,
        long_running=True,
        actions={"trigger": Action(run=_trigger)},
    ),
)
