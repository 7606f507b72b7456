"""What was measured, what is tolerated, and the verdict: three different things."""

import enum
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Verdict(enum.IntEnum):
    """Ordered from best to worst, so that `max` of several is the one that counts."""

    PASS = 0
    INCONCLUSIVE = 1  # not enough data, or between success and failure: nobody can tell yet
    ERROR = 2  # could not be measured
    FAIL = 3

    @property
    def word(self) -> str:
        """As people and the store spell it."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One number a monitor measured; it carries no opinion.

    `value` is None when nothing could be measured, and `why` then says what was missing.  `low` and `high` bound the
    true value where the method is approximate or sampled.  `parts` are the same metric for each column.  `chance` is
    what chance alone exceeds at the rate that was asked for, with nothing moved and these sample sizes.
    """

    monitor: str
    value: float | None
    samples: int
    low: float | None = None
    high: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    why: str = ""
    chance: float | None = None

    @property
    def by_chance(self) -> bool:
        """Whether chance alone may have made the value; False where nobody asked."""
        return self.chance is not None and self.value is not None and self.value <= self.chance

    @property
    def judgeable(self) -> bool:
        """A number that may be compared: NaN and infinity are not."""
        return self.value is not None and math.isfinite(self.value)


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class NoChampionError(Exception):
    """A bound speaks of the champion, but there is none or it has no such number."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """`> 0.25` or `< champion * 1 - 0.02`: a comparison with a number, or with the champion's."""

    comparison: str
    offset: float
    factor: float = 0.0  # of the champion's value; 0: a plain number

    def __post_init__(self) -> None:
        if self.comparison not in _COMPARISONS:
            raise ValueError(f"unknown comparison {self.comparison!r}: use one of {', '.join(_COMPARISONS)}")

    def threshold(self, champion: float | None) -> float:
        """The number compared with; raises `NoChampionError` when it needs a champion that is not there."""
        if not self.factor:
            return self.offset
        if champion is None:
            raise NoChampionError(str(self))
        return self.factor * champion + self.offset

    def holds(self, value: float, champion: float | None = None) -> bool:
        """Whether `value` is on this side."""
        return _COMPARISONS[self.comparison](value, self.threshold(champion))

    @property
    def upward(self) -> bool:
        """True for `>` and `>=`."""
        return self.comparison.startswith(">")

    def __str__(self) -> str:
        if not self.factor:
            return f"{self.comparison} {self.offset:g}"
        scaled = "champion" if self.factor == 1 else f"champion * {self.factor:g}"
        shifted = f" {'-' if self.offset < 0 else '+'} {abs(self.offset):g}" if self.offset else ""
        return f"{self.comparison} {scaled}{shifted}"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What one monitor may say: `success` is fine, `failure` is not, between them nobody can tell.

    Without `failure`, whatever is not a success is a failure.  With `false_alarms` a failure must be there as well as
    large: chance makes one at this rate at most, over all columns and all looks there will ever be.
    """

    monitor: str
    success: Bound
    failure: Bound | None = None
    min_samples: int = 1
    false_alarms: float | None = None


def judge(
    measurements: tuple[Measurement, ...], limits: tuple[Limit, ...], champion: Mapping[str, float] | None = None
) -> Verdict:
    """Take the worst verdict.  A limit that nobody measured is an error, never a pass.

    Raises:
        ValueError: no limits: judging without them would pass everything.
    """
    if not limits:
        raise ValueError("judging without limits would pass everything")
    by_monitor = {m.monitor: m for m in measurements}
    known = champion or {}
    return max(judge_one(by_monitor.get(limit.monitor), limit, known.get(limit.monitor)) for limit in limits)


def judge_one(measured: Measurement | None, limit: Limit, champion: float | None = None) -> Verdict:
    """Judge one number.  Too few samples are inconclusive whatever the number says."""
    if measured is None:
        return Verdict.ERROR
    if measured.samples < limit.min_samples:
        return Verdict.INCONCLUSIVE
    if measured.value is None or not math.isfinite(measured.value):
        return Verdict.ERROR
    try:
        verdict = _compare(measured.value, limit, champion)
        hidden = measured.chance is not None and _compare(measured.chance, limit, champion) is Verdict.FAIL
    except NoChampionError:
        return Verdict.ERROR
    if (verdict is Verdict.FAIL and measured.by_chance) or (verdict is Verdict.PASS and hidden):
        return Verdict.INCONCLUSIVE  # chance would do; or a failure could hide in what chance does
    return verdict


def _compare(value: float, limit: Limit, champion: float | None) -> Verdict:
    if limit.success.holds(value, champion):
        return Verdict.PASS
    if limit.failure is None or limit.failure.holds(value, champion):
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE
