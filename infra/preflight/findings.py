"""What a check can say: pass, fail or cannot tell, each with what was seen and what to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """The worst of several wins; what cannot be told is never a pass."""

    PASS = "pass"  # noqa: S105  no password
    CANNOT_TELL = "cannot tell"
    FAIL = "fail"


_WORST_FIRST = (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS)


class CannotTellError(Exception):
    """Azure did not answer, or not to us: the message says what was asked, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    outcome: Outcome
    about: str
    """What it is about: a resource's name, a key of the stack file, a quota."""
    seen: str
    change: str = ""
    """What to change; never empty where it did not pass."""


def good(about: str, seen: str) -> Finding:
    """Say that it is as it has to be."""
    return Finding(outcome=Outcome.PASS, about=about, seen=seen)


def bad(about: str, seen: str, change: str) -> Finding:
    """Say that `up` would fail, or build what does not work."""
    return Finding(outcome=Outcome.FAIL, about=about, seen=seen, change=change)


NOT_LOOKED = "was not looked at"


def unknown(about: str, seen: str, change: str) -> Finding:
    """Say that nobody here can know."""
    return Finding(outcome=Outcome.CANNOT_TELL, about=about, seen=seen, change=change)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Take the worst; a check that looked at nothing cannot tell anything."""
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), Outcome.CANNOT_TELL)


@dataclass(frozen=True, kw_only=True)
class Bypass:
    """A check that somebody decided not to be held by, and why."""

    reason: str
    recorded: str
    """Where the reason stands: the stack file, or the command line."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one check found."""

    check: str
    findings: tuple[Finding, ...]
    bypass: Bypass | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst of its findings, whether bypassed or not."""
        return worst([finding.outcome for finding in self.findings])

    @property
    def unseen(self) -> bool:
        """Whether there was nothing to look at, because a check before it did not pass."""
        return [finding.seen for finding in self.findings] == [NOT_LOOKED]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that was found of one stack."""

    stack: str
    file: str
    subscription: str
    results: tuple[Result, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of what is not bypassed."""
        held = [result.outcome for result in self.results if result.bypass is None]
        return worst(held) if held or not self.results else Outcome.PASS
