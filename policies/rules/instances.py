"""Rules about compute instances, the machines of single people: theirs alone, closed, and off at night."""

from pulumi_policy import Severity

from rules.compute import COMPUTE, INSTANCE, only
from rules.durations import between
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.lists import same
from rules.profiles import advised, refused, repaired
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, InStack, Rule, Settings
from rules.stack import Resource, Stack

_BODY = "properties.properties"
_SSH = f"{_BODY}.sshSettings.sshPublicAccess"
_IDLE = f"{_BODY}.idleTimeBeforeShutdown"
_KIND = f"{_BODY}.computeInstanceAuthorizationType"
_USER = f"{_BODY}.personalComputeInstanceSettings.assignedUser.objectId"
_SHARING = f"{_BODY}.applicationSharingPolicy"
_SCHEDULE = f"{_BODY}.schedules.computeStartStop"
_NEWEST = f"{_BODY}.osImageMetadata.isLatestOsImageVersion"
_SHORTEST, _LONGEST = "PT15M", "P3D"  # what Azure takes


def _has_no_ssh(props: Props, _settings: Settings) -> Finding:
    found = props.enum(_SSH)
    return PASS if isinstance(found, Absent) else expect(found, "disabled", _SSH, f"Set {_SSH} to 'Disabled'.")


def _shuts_down_when_idle(props: Props, settings: Settings) -> Finding:
    fix = f"Set {_IDLE} to {settings['most']} at most, and no less than {_SHORTEST}."
    allowed = between(Props({"it": settings["most"]}), "it", _SHORTEST, _LONGEST, f"Azure takes at most {_LONGEST}.")
    return worst(allowed, between(props, _IDLE, _SHORTEST, settings["most"], fix))


def _is_one_persons(props: Props, _settings: Settings) -> Finding:
    return worst(
        expect(props.enum(_KIND), "personal", _KIND, f"Set {_KIND} to 'personal'."),
        expect(props.enum(_SHARING), "personal", _SHARING, f"Set {_SHARING} to 'Personal'; Azure's default is Shared."),
        _said(props, _USER, f"Say whose it is: {_USER}."),
    )


def _said(props: Props, path: str, fix: str) -> Finding:
    match props.text(path):
        case Unknown():
            return CannotTell(path)
        case Absent() | "":
            return Fail(fix)
    return PASS


def _has_hours(props: Props, _settings: Settings) -> Finding:
    match props.items(_SCHEDULE):
        case Unknown():
            return CannotTell(_SCHEDULE)
        case Absent() | ():
            return Fail(f"Give it hours, at least one that stops it: {_SCHEDULE}.")
        case hours:
            states = [_stops(one) for one in hours]
    if PASS in states:
        return PASS
    return next((one for one in states if isinstance(one, CannotTell)), Fail(f"Have an hour of {_SCHEDULE} stop it."))


def _stops(hour: Props | Unknown) -> Finding:
    if isinstance(hour, Unknown):
        return CannotTell(_SCHEDULE)
    status = hour.enum("status")
    on = PASS if isinstance(status, Absent) else expect(status, "enabled", f"{_SCHEDULE}.status", "off")
    return worst(on, expect(hour.enum("action"), "stop", f"{_SCHEDULE}.action", "it starts"))


def _runs_the_newest_image(resource: Resource, _stack: Stack, settings: Settings) -> Finding:
    return only(INSTANCE, _has_the_newest_image)(resource.props, settings)


def _has_the_newest_image(props: Props, _settings: Settings) -> Finding:
    found = props.flag(_NEWEST)
    if isinstance(found, Absent):
        return NotApplicable("Azure has not said how old its image is")
    return expect(found, wanted=True, path=_NEWEST, fix="Recreate the instance: its image no longer gets updates.")


RULES = (
    Rule(
        id="C03",
        name="instance-ssh-disabled",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="A port for logging in lets in whoever has the key, from anywhere.",
        check=only(INSTANCE, _has_no_ssh),
        repair=lambda _settings: {_SSH: "Disabled"},
    ),
    Rule(
        id="C10",
        name="instance-idle-shutdown",
        applies_to=(COMPUTE,),
        levels=repaired(),
        severity=Severity.MEDIUM,
        why="A machine that somebody forgot costs money until somebody remembers.",
        check=only(INSTANCE, _shuts_down_when_idle),
        repair=lambda settings: {_IDLE: settings["most"]},
        settings={"most": same("how long an instance may idle (ISO 8601)", {"type": "string"}, "PT1H")},
        maps={"azpolicy": ("679ddf89",), "psrule": ("AZR-000403",), "waf": ("CO",)},
    ),
    Rule(
        id="C16",
        name="instance-personal-only",
        applies_to=(COMPUTE,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="On a machine that several people use, what one does is done in another's name.",
        check=only(INSTANCE, _is_one_persons),
    ),
    Rule(
        id="C17",
        name="instance-schedule",
        applies_to=(COMPUTE,),
        levels=advised(),
        severity=Severity.LOW,
        why="People sleep; their machines need not be on.",
        check=only(INSTANCE, _has_hours),
        maps={"waf": ("CO",)},
    ),
    Rule(
        id="C19",
        name="instance-os-image-age",
        applies_to=(COMPUTE,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="An instance gets no updates of its image: only a new one has the newest.",
        fix="Recreate the instance: its image no longer gets updates. `pulumi up --replace URN` does it.",
        check=InStack(_runs_the_newest_image),
        maps={"azpolicy": ("f110a506",), "mcsb": ("PV-2",)},
    ),
)
