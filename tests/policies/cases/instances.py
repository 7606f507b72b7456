"""Cases of the rules about compute instances."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome
from tests.policies.cases.compute import COMPUTE, case, elsewhere


def _instance(rule: str, said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **inner: Any) -> Case:  # noqa: ANN401
    return case(rule, said, {"computeType": "ComputeInstance", "properties": inner}, outcome, settings=settings or {})


def _others(rule: str) -> tuple[Case, ...]:
    return (*elsewhere(rule), case(rule, "a cluster", {"computeType": "AmlCompute"}, "not applicable"))


def _image(said: str, outcome: Outcome, **inner: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"computeType": "ComputeInstance", "properties": inner}}
    return Case(rule="C19", said=said, type=COMPUTE, props=props, outcome=outcome, alone=True)


_MINE: dict[str, Any] = {
    "computeInstanceAuthorizationType": "personal",
    "applicationSharingPolicy": "Personal",
    "personalComputeInstanceSettings": {"assignedUser": {"objectId": "me", "tenantId": "us"}},
}
_STOP = {"action": "Stop", "triggerType": "Cron", "status": "Enabled"}
_START = {**_STOP, "action": "Start"}

CASES = (
    _instance("C03", "closed", "pass", sshSettings={"sshPublicAccess": "Disabled"}),
    _instance("C03", "open", "fail", sshSettings={"sshPublicAccess": "Enabled"}),
    _instance("C03", "unset, which is closed", "pass"),
    _instance("C03", "unknown", "cannot tell", sshSettings={"sshPublicAccess": UNKNOWN_TEXT}),
    _instance("C03", "a list where an object belongs", "fail", sshSettings=["Enabled"]),
    *_others("C03"),
    _instance("C10", "half an hour", "pass", idleTimeBeforeShutdown="PT30M"),
    _instance("C10", "the longest there may be", "pass", idleTimeBeforeShutdown="PT60M"),
    _instance("C10", "two hours", "fail", idleTimeBeforeShutdown="PT2H"),
    _instance("C10", "less than Azure takes", "fail", idleTimeBeforeShutdown="PT5M"),
    _instance("C10", "longer than Azure takes", "fail", {"most": "P9D"}, idleTimeBeforeShutdown="P4D"),
    _instance("C10", "unset", "fail"),
    _instance("C10", "unknown", "cannot tell", idleTimeBeforeShutdown=UNKNOWN_TEXT),
    *_others("C10"),
    _instance("C16", "one person's", "pass", **_MINE),
    _instance("C16", "shared", "fail", **{**_MINE, "applicationSharingPolicy": "Shared"}),
    _instance("C16", "nobody's", "fail", **{**_MINE, "personalComputeInstanceSettings": {}}),
    _instance("C16", "of another manner", "fail", **{**_MINE, "computeInstanceAuthorizationType": "group"}),
    _instance("C16", "unset", "fail"),
    _instance("C16", "unknown person", "cannot tell", **{**_MINE, "personalComputeInstanceSettings": UNKNOWN_OBJECT}),
    _instance(
        "C16",
        "unknown beside a certain failure",
        "fail",
        **{**_MINE, "personalComputeInstanceSettings": UNKNOWN_OBJECT, "applicationSharingPolicy": "Shared"},
    ),
    *_others("C16"),
    _instance("C17", "office hours", "pass", schedules={"computeStartStop": [_START, _STOP]}),
    _instance("C17", "only started", "fail", schedules={"computeStartStop": [_START]}),
    _instance("C17", "switched off", "fail", schedules={"computeStartStop": [{**_STOP, "status": "Disabled"}]}),
    _instance("C17", "no hours", "fail", schedules={"computeStartStop": []}),
    _instance("C17", "unset", "fail"),
    _instance("C17", "unknown", "cannot tell", schedules={"computeStartStop": UNKNOWN_LIST}),
    _instance("C17", "an unknown hour", "cannot tell", schedules={"computeStartStop": [_START, UNKNOWN_OBJECT]}),
    _instance(
        "C17", "an unknown hour before a certain one", "pass", schedules={"computeStartStop": [UNKNOWN_OBJECT, _STOP]}
    ),
    *_others("C17"),
    _image("the newest", "pass", osImageMetadata={"isLatestOsImageVersion": True}),
    _image("an old one", "fail", osImageMetadata={"isLatestOsImageVersion": False}),
    _image("unset, as before it is made", "not applicable"),
    _image("unknown", "cannot tell", osImageMetadata={"isLatestOsImageVersion": UNKNOWN_FLAG}),
    Case(
        rule="C19",
        said="a cluster",
        type=COMPUTE,
        props={"properties": {"computeType": "AmlCompute"}},
        outcome="not applicable",
        alone=True,
    ),
)
