"""How strict to be: a profile by the stack's name, unless a config file says otherwise."""

from collections.abc import Sequence
from typing import Any

from pulumi_policy import EnforcementLevel

from rules.rule import ADVISORY, DISABLED, MANDATORY, PROFILES, REMEDIATE, Levels, Rule

_STRICT = "prod"
_SCENARIOS = {"minimal": "dev", "typical": "staging", "private": "prod"}
"""Stack files that show one manner of building each (`environments/scenarios`); `regulated` is a profile itself."""


def profile_of(stack: str) -> str:
    """Choose by the stack's name, or by its first word (``dev-alice``); a name that says nothing is taken as prod."""
    first = stack.rsplit("/", 1)[-1].split("-", maxsplit=1)[0]
    return first if first in PROFILES else _SCENARIOS.get(first, _STRICT)


def config(rules: Sequence[Rule], profile: str) -> dict[str, Any]:
    """Write a profile down as Pulumi's policy-pack config, for runs without a stack name to go by."""
    return {rule.name: {"enforcementLevel": rule.levels[profile].value, **rule.defaults(profile)} for rule in rules}


def repaired(dev: EnforcementLevel = MANDATORY) -> Levels:
    """Levels of a rule that puts things right by itself, except in dev, where people should see it."""
    return {**dict.fromkeys(PROFILES, REMEDIATE), "dev": dev}


def refused(dev: EnforcementLevel = ADVISORY, local: EnforcementLevel = MANDATORY) -> Levels:
    """Levels of a rule that refuses, usually one step milder in dev."""
    return {**dict.fromkeys(PROFILES, MANDATORY), "dev": dev, "local": local}


def advised(**otherwise: EnforcementLevel) -> Levels:
    """Levels of a rule that only says so, except where named."""
    return {**dict.fromkeys(PROFILES, ADVISORY), **otherwise}


def where_people_rely_on_it(level: EnforcementLevel = MANDATORY) -> dict[str, EnforcementLevel]:
    """Levels of a rule about what others rely on: it says nothing where things are thrown away every day."""
    return {**dict.fromkeys(PROFILES, DISABLED), "prod": level, "regulated": level}


def unless_disposable(level: EnforcementLevel, dev: EnforcementLevel = DISABLED) -> Levels:
    """Levels of a rule about what an environment that is thrown away need not have, such as copies."""
    return {**dict.fromkeys(PROFILES, level), "local": DISABLED, "dev": dev}
