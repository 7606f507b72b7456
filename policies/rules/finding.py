"""What may be said of one resource: it keeps the rule, breaks it, is none of its business, or nobody can tell yet."""

from dataclasses import dataclass

from rules.props import Absent, Unknown


@dataclass(frozen=True)
class Pass:
    """The resource keeps the rule."""


@dataclass(frozen=True)
class Fail:
    """The resource breaks the rule; ``fix`` says what to do, and quotes no values, which may be secret."""

    fix: str


@dataclass(frozen=True)
class NotApplicable:
    """The rule has nothing to say about this resource."""

    reason: str


@dataclass(frozen=True)
class CannotTell:
    """A value that the rule needs is not known yet.  This is never a pass."""

    path: str


Finding = Pass | Fail | NotApplicable | CannotTell
PASS = Pass()


def expect(found: object, wanted: object, path: str, fix: str) -> Finding:
    """Compare what most rules compare: absence does not pass, and an unknown is neither."""
    if isinstance(found, Unknown):
        return CannotTell(path)
    return PASS if not isinstance(found, Absent) and found == wanted else Fail(fix)


def worst(*findings: Finding) -> Finding:
    """Take a certain failure before an unknown, and an unknown before a pass."""
    order = (Fail, CannotTell, NotApplicable, Pass)
    return min(findings, key=lambda finding: order.index(type(finding)))
