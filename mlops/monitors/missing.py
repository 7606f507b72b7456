"""A share of nulls that rose: by how much, and how likely chance alone explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlops.domain.data.measurement import Verdict

METRIC = "null_value_rate"
_CLOSE = 1e-15


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Nulls (NaN among them) of a column on both sides, out of so many rows."""

    before: int
    of_before: int
    now: int
    of_now: int

    @property
    def rise(self) -> float:
        """Give by how much the share is larger now; below 0 where it fell."""
        if not self.of_before or not self.of_now:
            return 0.0
        return self.now / self.of_now - self.before / self.of_before

    @property
    def p(self) -> float:
        """Give the chance of so many nulls now, had all nulls fallen on any row alike (Fisher's exact tail).

        A formula for many nulls would be wrong where there are few, and few are what a healthy column has.
        """
        nulls, rows = self.before + self.now, self.of_before + self.of_now
        if self.rise <= 0:
            return 1.0
        term = math.exp(
            _choose(nulls, self.now) + _choose(rows - nulls, self.of_now - self.now) - _choose(rows, self.of_now)
        )
        total, at = term, self.now
        while at < min(nulls, self.of_now) and term > total * _CLOSE:
            term *= (nulls - at) * (self.of_now - at) / ((at + 1) * (self.of_before - nulls + at + 1))
            total, at = total + term, at + 1
        return min(total, 1.0)

    def risen(self, by: float) -> Missing:
        """Give the same column, had its share risen by so much."""
        share = self.before / self.of_before if self.of_before else 0.0
        now = min(math.ceil((share + by) * self.of_now), self.of_now)
        return Missing(before=self.before, of_before=self.of_before, now=now, of_now=self.of_now)


def judged(one: Missing, adjusted: float, *, limit: float, alpha: float, min_samples: int) -> tuple[Verdict, str]:
    """Judge a rise: it fails when it is there (its chance, corrected, is below alpha) and above the limit."""
    if one.of_now < min_samples:
        return Verdict.INCONCLUSIVE, f"{one.of_now} rows, fewer than the {min_samples} asked for"
    if one.rise > limit:
        text = f"{METRIC} rose by {one.rise:.3g}"
        if adjusted < alpha:
            return Verdict.FAIL, f"{text}, above {limit:g}"
        return Verdict.INCONCLUSIVE, f"{text}, but chance would do (p {adjusted:.2g})"
    if one.risen(limit).p >= alpha:
        return Verdict.INCONCLUSIVE, f"{one.of_now} rows cannot tell: chance alone raises {METRIC} by {limit:g}"
    return Verdict.PASS, ""


def _choose(of: int, some: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)
