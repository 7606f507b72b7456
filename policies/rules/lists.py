"""Checks against a list that a profile or a user keeps; its entries may hold ``*``, and case does not count."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from rules.finding import PASS, CannotTell, Fail, Finding
from rules.props import Absent, Props, Unknown
from rules.rule import PROFILES, Setting

NAMES = {"type": "array", "items": {"type": "string"}}


def matches(said: str, patterns: Iterable[str]) -> bool:
    """Tell whether one of the patterns is what was said."""
    return any(fnmatchcase(said.lower(), pattern.lower()) for pattern in patterns)


def listed(props: Props, path: str, patterns: Iterable[str], fix: str) -> Finding:
    """Check that a text is said and on the list."""
    match props.text(path):
        case Unknown():
            return CannotTell(path)
        case Absent():
            return Fail(fix)
        case said:
            return PASS if matches(said, patterns) else Fail(fix)


def names(meaning: str, everywhere: Iterable[str] = (), **otherwise: Iterable[str]) -> Setting:
    """Make a setting that is a list, the same in all profiles unless said."""
    defaults = {**dict.fromkeys(PROFILES, everywhere), **otherwise}
    return Setting(meaning=meaning, schema=NAMES, defaults={profile: list(one) for profile, one in defaults.items()})


def same(meaning: str, schema: dict[str, object], value: object, **otherwise: object) -> Setting:
    """Make a setting that is the same in all profiles unless said."""
    return Setting(meaning=meaning, schema=schema, defaults={**dict.fromkeys(PROFILES, value), **otherwise})
