"""Waivers as policies of their own: none can lower its level for one resource, so others say what is waived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

from rules.finding import Fail, Finding
from rules.props import Props
from rules.rule import InStack, Rule, Settings, settled
from rules.stack import Stack, resource_of
from rules.subscription import Subscription, at_home, of_provider
from waivers import LONGEST, VALID, WHY, Waiver, Waivers

_STACK = "pulumi:pulumi:Stack"  # the first resource of every run, so a malformed file stops it before anything is built


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """What the file of waivers says about one environment, or why it is refused."""

    waivers: Waivers
    refused: str  # empty where the file is well-formed
    profile: str
    rules: Mapping[str, Rule]  # by id
    settings: Mapping[str, Settings]  # by rule name, as a config file chose them
    subscription: Subscription  # what the stack deploys to

    def excused(self, rule: str, urn: str) -> bool:
        """Tell whether a resource is excused from a rule today."""
        return self.waivers.excuse(rule, urn) is not None

    def as_policies(self) -> Sequence[Policy]:
        """Make the three policies that speak of waivers."""
        longest = {**LONGEST.schema, "description": LONGEST.meaning, "default": LONGEST.defaults[self.profile]}
        told: dict[str, Any] = {"enforcement_level": EnforcementLevel.ADVISORY, "severity": Severity.LOW}
        return (
            ResourceValidationPolicy(
                name=VALID,
                description=f"M14: {WHY}",
                enforcement_level=EnforcementLevel.MANDATORY,
                severity=Severity.HIGH,
                config_schema=PolicyConfigSchema({"longest": longest}),
                validate=self._is_well_formed,
            ),
            ResourceValidationPolicy(
                name="waiver-in-force",
                description="M14: What is waived stays visible.",
                validate=self._tell_of_resource,
                **told,
            ),
            StackValidationPolicy(
                name="waiver-in-force-in-stack",
                description="M14: What is waived stays visible; what ended or excuses nothing is removed.",
                validate=self._tell_of_stack,
                **told,
            ),
        )

    def _is_well_formed(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type != _STACK:
            args.not_applicable("it is about the file of waivers, asked once")
        if self.refused:
            report(f"waivers.yaml is refused, and nothing is waived:\n{self.refused}", None)

    def _tell_of_resource(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        for one in self.waivers.all:
            rule = self.rules[one.rule]
            if one.is_about(args.urn) and not isinstance(rule.check, InStack):
                own = of_provider(args.provider.props if args.provider else None, self.subscription)
                settings = at_home(self._settings(rule), own)
                finding = rule.judge(args.resource_type, Props(args.props), settings)
                _tell(one, self.waivers, finding, report, None)

    def _tell_of_stack(self, args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack(tuple(resource_of(one, self.subscription) for one in args.resources))
        by_urn = {one.urn: one for one in stack}
        for one in self.waivers.all:
            rule = self.rules[one.rule]
            if one.resource.startswith("urn:") and one.resource not in by_urn:
                report(f"Unused: {one} (line {one.line}) names nothing in this stack. Remove it.", None)
            elif one.resource in by_urn and isinstance(rule.check, InStack):
                finding = rule.judge_in_stack(by_urn[one.resource], stack, self._settings(rule))
                _tell(one, self.waivers, finding, report, one.resource)

    def _settings(self, rule: Rule) -> Settings:
        return settled(rule.defaults(self.profile), self.settings.get(rule.name, {}))


def _tell(one: Waiver, waivers: Waivers, finding: Finding, report: ReportViolation, urn: str | None) -> None:
    fails = isinstance(finding, Fail)
    if not one.holds(waivers.today):
        report(f"Ended on {one.expires}: {one} (line {one.line}). The rule counts again.", urn)
    elif not fails:
        report(f"Unused: {one} (line {one.line}); the resource does not break the rule. Remove it.", urn)
    else:
        soon = "It ends soon. " if one.state(waivers.today) == "ends soon" else ""
        report(
            f"Waived until {one.expires}: {one}. {soon}Owner {one.owner}, approved by {one.approver}. "
            f"Why: {one.reason} Instead: {one.compensating_control}",
            urn,
        )
