"""Spans of time as Azure writes them (ISO 8601): ``PT15M``, ``PT1H30M``, ``P3D``."""

import re

from rules.finding import PASS, CannotTell, Fail, Finding
from rules.props import Absent, Props, Unknown

_PARTS = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def seconds(written: str) -> float | None:
    """Tell how many seconds a span has; None for what is none, months and years included, as these have no length."""
    found = _PARTS.fullmatch(written.strip())
    parts = {name: float(value) for name, value in (found.groupdict() if found else {}).items() if value}
    return sum(_SECONDS[name] * value for name, value in parts.items()) if parts else None


def between(props: Props, path: str, shortest: str, longest: str, fix: str) -> Finding:
    """Check that a span is said and within bounds."""
    match props.text(path):
        case Unknown():
            return CannotTell(path)
        case Absent():
            return Fail(fix)
        case written:
            span, low, high = seconds(written), seconds(shortest), seconds(longest)
    if low is None or high is None:
        return Fail("Give this rule's setting a span such as PT15M.")
    return PASS if span is not None and low <= span <= high else Fail(fix)
