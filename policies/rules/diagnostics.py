"""Whether the logs of a resource are sent to Log Analytics."""

from rules.finding import CannotTell, Fail, Finding, NotApplicable, Pass, expect
from rules.joins import refers
from rules.props import Absent, Props, Unknown
from rules.stack import Resource, Stack

DIAGNOSTIC_SETTING = "azure-native:monitor:DiagnosticSetting"


def logged(subject: Resource, stack: Stack, fix: str) -> Finding:
    """Judge whether some diagnostic setting of the stack sends the resource's logs."""
    settings = stack.of(DIAGNOSTIC_SETTING)
    return best(*(_of(one, "resourceUri", subject) or _sends(one) for one in settings), otherwise=Fail(fix))


def _of(other: Resource, path: str, target: Resource) -> Finding | None:
    """Say why another resource is not known to be about the target; None when it is."""
    if isinstance(other.props.text(path), Absent) and not other.wired.get(path):
        return CannotTell(path)  # a state holds what Azure answered, and Azure repeats no parent
    match refers(other, path, target):
        case Unknown():
            return CannotTell(path)
        case answer:
            return None if answer else Fail("it is about something else")


def parted(subject: Resource, others: tuple[Resource, ...], path: str) -> tuple[tuple[Resource, ...], Finding | None]:
    """Part the resources whose ``path`` names the subject from those of which that cannot be told."""
    answers = [(other, _of(other, path, subject)) for other in others]
    unknown = next((why for _, why in answers if isinstance(why, CannotTell)), None)
    return tuple(other for other, why in answers if why is None), unknown


def best(*findings: Finding, otherwise: Finding) -> Finding:
    """Take a pass before an unknown, and an unknown before a failure: one of many is enough."""
    passed = next((one for one in findings if isinstance(one, Pass | NotApplicable)), None)
    return passed or next((one for one in findings if isinstance(one, CannotTell)), otherwise)


def _sends(setting: Resource) -> Finding:
    logs = setting.props.items("logs")
    if isinstance(logs, Unknown):
        return CannotTell("logs")
    enabled = best(*([] if isinstance(logs, Absent) else map(_enabled, logs)), otherwise=Fail("no log is enabled"))
    match setting.props.text("workspaceId"):
        case Absent():
            return Fail("no workspaceId")
        case Unknown() if not setting.wired.get("workspaceId"):
            return CannotTell("workspaceId") if not isinstance(enabled, Fail) else enabled
    return enabled  # an id that is wired to a resource is set, even before it is known


def _enabled(log: Props | Unknown) -> Finding:
    if isinstance(log, Unknown):
        return CannotTell("logs")
    return expect(log.flag("enabled"), wanted=True, path="logs.enabled", fix="disabled")
