"""What a rule is: data and one pure function; only here does it become one of Pulumi's policies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from rules.finding import CannotTell, Fail, Finding, NotApplicable, Pass
from rules.props import Props, WrongTypeError
from rules.repairs import put_right
from rules.stack import Resource, Stack, resource_of, unversioned
from rules.subscription import Subscription, at_home, of_provider

ADVISORY = EnforcementLevel.ADVISORY
MANDATORY = EnforcementLevel.MANDATORY
REMEDIATE = EnforcementLevel.REMEDIATE
DISABLED = EnforcementLevel.DISABLED

ANY = "azure-native:*"
"""Every type of azure-native, for rules about whatever there is."""

PROFILES = ("local", "dev", "staging", "prod", "regulated")

Levels = Mapping[str, EnforcementLevel]
Settings = Mapping[str, Any]


ResourceCheck = Callable[[Props, Settings], Finding]
Repair = Callable[[Settings], Mapping[str, object]]


@dataclass(frozen=True)
class InStack:
    """A check of one resource that has to see the others."""

    check: Callable[[Resource, Stack, Settings], Finding]


@dataclass(frozen=True)
class OfType:
    """A check that has to know which type it looks at, as the program wrote it, API version and all."""

    check: Callable[[str, Props, Settings], Finding]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something a profile or a user may choose: its JSON Schema, and its default by profile."""

    meaning: str
    schema: Mapping[str, Any]
    defaults: Mapping[str, Any]


def everywhere(value: object) -> dict[str, Any]:
    """Give every profile the same default."""
    return {profile: value for profile in PROFILES}  # noqa: C420  the value may be a list


UNKNOWNS = Setting(
    meaning="what to do about a value that is not known yet",
    schema={"type": "string", "enum": ["advise", "block"]},
    defaults=dict.fromkeys(PROFILES, "advise"),
)


def _nobody(_rule: str, _urn: str) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What holds for one run of the engine, whatever the rule: who is excused, and what an unknown value means."""

    excused: Callable[[str, str], bool] = _nobody  # a rule's id and a resource's URN
    unknowns: Literal["advise", "block"] = "advise"
    subscription: Subscription = ""  # what the stack deploys to, where no provider of its own says otherwise


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One promise about one kind of resource.

    ``check`` is given the properties and the settings, and knows neither levels nor Pulumi.  ``repair`` says which
    properties to set to which values where a profile repairs instead of refusing; ``*`` in a path is every element of a
    list.
    """

    id: str
    name: str
    applies_to: tuple[str, ...]  # resource types without their API version
    levels: Levels
    severity: Severity
    why: str
    check: ResourceCheck | OfType | InStack
    fix: str = ""  # what to do in a program, where the check of a bare resource does not say it
    repair: Repair | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    maps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # framework -> ids

    def as_policy(self, profile: str, run: Run | None = None) -> Policy:
        """Make the policy that Pulumi runs, with the profile's level and defaults."""
        run = run or Run()
        common: dict[str, Any] = {
            "name": self.name,
            "description": f"{self.id}: {self.why}",
            "enforcement_level": self.levels[profile],
            "config_schema": PolicyConfigSchema(self._schema(profile, run)),
            "severity": self.severity,
            "tags": [f"{framework}:{name}" for framework, names in self.maps.items() for name in names],
        }
        defaults = {**self.defaults(profile), "unknowns": run.unknowns}
        if isinstance(self.check, InStack):
            return StackValidationPolicy(
                validate=lambda args, report: self._check_stack(args, report, defaults, run), **common
            )
        repair: Any = lambda args: self._repair(args, defaults, run)  # noqa: E731  Pulumi's type wants an awaitable only
        return ResourceValidationPolicy(
            validate=lambda args, report: self._check_resource(args, report, defaults, run),
            remediate=repair if self.repair else None,
            **common,
        )

    def defaults(self, profile: str) -> dict[str, Any]:
        """Tell what each setting is in a profile."""
        return {name: setting.defaults[profile] for name, setting in self.all_settings().items()}

    def judge(self, resource_type: str, props: Props, settings: Settings) -> Finding:
        """Judge one resource on its own; a check that breaks counts as a failure, because nothing was shown."""
        if isinstance(self.check, InStack):
            raise TypeError(f"{self.id} has to see the whole stack")
        if not self.is_about(resource_type):
            return self.about_others()
        try:
            if isinstance(self.check, OfType):
                return self.check.check(resource_type, props, settings)
            return self.check(props, settings)
        except Exception as error:  # noqa: BLE001  an exception would cost all other rules their results
            return _broken(error)

    def is_about(self, resource_type: str) -> bool:
        """Tell whether this type is one of those the rule looks at."""
        name = unversioned(resource_type)
        return name in self.applies_to or (ANY in self.applies_to and name.startswith("azure-native:"))

    def about_others(self) -> NotApplicable:
        """Say, of a type that the rule does not look at, which ones it does."""
        return NotApplicable(f"{self.id} is about {', '.join(self.applies_to)}")

    def judge_in_stack(self, resource: Resource, stack: Stack, settings: Settings) -> Finding:
        """Judge one resource among all the others."""
        if not isinstance(self.check, InStack):
            raise TypeError(f"{self.id} looks at single resources")
        try:
            return self.check.check(resource, stack, settings)
        except Exception as error:  # noqa: BLE001  as above
            return _broken(error)

    def all_settings(self) -> dict[str, Setting]:
        """Tell everything that a config file may say of it, besides the level."""
        return {**self.settings, "unknowns": UNKNOWNS}

    def _schema(self, profile: str, run: Run) -> dict[str, dict[str, Any]]:
        defaults = {**self.defaults(profile), "unknowns": run.unknowns}
        return {
            name: {**setting.schema, "description": setting.meaning, "default": defaults[name]}
            for name, setting in self.all_settings().items()
        }

    def _check_resource(
        self, args: ResourceValidationArgs, report: ReportViolation, defaults: Settings, run: Run
    ) -> None:
        settings = _settings(args, defaults, run)
        match self.judge(args.resource_type, Props(args.props), settings):
            case Fail() if run.excused(self.id, args.urn):
                pass  # told as waived, by a policy of its own: a level cannot be lowered for one resource
            case Fail(fix):
                report(fix, None)
            case NotApplicable(reason):
                args.not_applicable(reason)
            case CannotTell(path):
                _report_unknown(path, report, settings, None)
            case Pass():
                pass

    def _check_stack(self, args: StackValidationArgs, report: ReportViolation, defaults: Settings, run: Run) -> None:
        settings = settled(defaults, args.get_config())
        stack = Stack(tuple(resource_of(one, run.subscription) for one in args.resources))
        findings = [(one, self.judge_in_stack(one, stack, settings)) for one in stack if self.is_about(one.type)]
        if all(isinstance(finding, NotApplicable) for _, finding in findings):
            args.not_applicable(f"there is no {' or '.join(self.applies_to)} that it is about")
        for resource, finding in findings:
            if isinstance(finding, Fail) and not run.excused(self.id, resource.urn):
                report(finding.fix, resource.urn)
        # An unknown ends the call, so it is told after all that is certain.
        for resource, finding in findings:
            if isinstance(finding, CannotTell):
                _report_unknown(finding.path, report, settings, resource.urn)

    def _repair(self, args: ResourceValidationArgs, defaults: Settings, run: Run) -> Mapping[str, Any] | None:
        if run.excused(self.id, args.urn):
            return None
        settings = _settings(args, defaults, run)
        props = Props(args.props)
        if self.repair is None or not isinstance(self.judge(args.resource_type, props, settings), Fail):
            return None
        try:
            changed = [put_right(props, path, value) for path, value in self.repair(settings).items()]
        except TypeError:
            return None  # not the shape it should be: left as it is, for the check to refuse
        # The very object that came in: a copy of it would hand secrets back as plain text.
        return args.props if any(changed) else None


def settled(defaults: Settings, config: Settings) -> Settings:
    """Put the config over the defaults; a setting ``today`` that says nothing is the day of the run."""
    chosen = {**defaults, **config}
    return chosen | {"today": datetime.now(UTC).date().isoformat()} if chosen.get("today") == "" else chosen


def _settings(args: ResourceValidationArgs, defaults: Settings, run: Run) -> Settings:
    own = of_provider(args.provider.props if args.provider else None, run.subscription)
    return at_home(settled(defaults, args.get_config()), own)


def _broken(error: Exception) -> Fail:
    said = f": {error}" if isinstance(error, WrongTypeError) else ""  # any other message might quote a secret
    return Fail(f"The rule could not be evaluated, so nothing is shown: {type(error).__name__}{said}")


def _report_unknown(path: str, report: ReportViolation, settings: Settings, urn: str | None) -> None:
    if settings["unknowns"] == "block":
        report(f"Cannot tell yet: {path} is not known.", urn)
    else:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, path.split("."))  # Pulumi makes an advice of it
