"""What did the loop buy: the answers that were served against those the first model alone would have given."""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

_RESAMPLES = 2000
_COVERAGE = 0.95


@dataclass(frozen=True, kw_only=True)
class ScoredDay:
    """One labelled row as it was answered; `first` is what the first model says of it, None where unknown."""

    key: str
    time: datetime
    label: float
    served: float
    first: float | None = None
    deployment: str = ""


@dataclass(frozen=True, kw_only=True)
class Skill:
    """Rows of a span of time, and how well each side did.

    Skill is 1 - loss / loss of always answering the mean label, with the squared error as the loss: 1 is perfect, 0 no
    better than knowing the mean, below 0 worse than that.  For probabilities this is the Brier skill score.
    """

    name: str
    rows: int
    served: float
    first: float | None


@dataclass(frozen=True, kw_only=True)
class Bought:
    """The answer, with the numbers behind it.  `gain` is the served skill minus the first model's."""

    years: tuple[Skill, ...]
    whole: Skill
    gain: float | None = None
    low: float | None = None  # of the gain's 95 % interval
    high: float | None = None

    @property
    def sentence(self) -> str:
        """The answer in words, whatever it is."""
        if self.gain is None or self.low is None or self.high is None:
            return (
                "The first model's answers for these days are not known, so nothing can be said about what it bought."
            )
        numbers = (
            f"(skill {self.whole.served:+.2f} instead of {self.whole.first:+.2f}; 95 % interval of the difference "
        )
        numbers += f"{self.low:+.2f} to {self.high:+.2f}, {self.whole.rows} labelled rows)"
        if self.low > 0:
            return f"The loop bought {self.gain:.2f} of skill {numbers}."
        if self.high < 0:
            return (
                f"The loop cost {-self.gain:.2f} of skill: the first model left alone would have done better {numbers}."
            )
        return f"The loop bought nothing that chance does not explain {numbers}."

    @property
    def ahead(self) -> int:
        """Years in which the served answers were better."""
        return sum(1 for year in self.years if year.first is not None and year.served > year.first)

    @property
    def behind(self) -> int:
        """Years in which the first model would have been better."""
        return sum(1 for year in self.years if year.first is not None and year.served < year.first)


def bought(days: Sequence[ScoredDay]) -> Bought:
    """Compare on all rows, whatever was wrong with them: what was served was served.

    Raises:
        ValueError: no row at all.
    """
    if not days:
        raise ValueError("no labelled row was answered yet, so there is nothing to compare")
    mean = math.fsum(day.label for day in days) / len(days)
    years = _grouped(days, lambda day: f"{day.time:%Y}")
    whole = _skill("all", days, mean)
    parts = tuple(_skill(name, rows, mean) for name, rows in sorted(years.items()))
    if whole.first is None:
        return Bought(years=parts, whole=whole)
    low, high = _interval(_grouped(days, lambda day: f"{day.time:%Y-%m}"), mean)
    return Bought(years=parts, whole=whole, gain=whole.served - whole.first, low=low, high=high)


def skill_of(name: str, days: Sequence[ScoredDay], everything: Sequence[ScoredDay]) -> Skill:
    """The skill on some of the days, against the mean label of all."""
    return _skill(name, days, math.fsum(day.label for day in everything) / len(everything))


def _grouped(days: Iterable[ScoredDay], name: Callable[[ScoredDay], str]) -> Mapping[str, list[ScoredDay]]:
    groups: dict[str, list[ScoredDay]] = {}
    for day in days:
        groups.setdefault(name(day), []).append(day)
    return groups


def _skill(name: str, days: Sequence[ScoredDay], mean: float) -> Skill:
    plain = math.fsum((mean - day.label) ** 2 for day in days)
    served = math.fsum((day.served - day.label) ** 2 for day in days)
    first = None
    if plain and all(day.first is not None for day in days):
        first = 1 - math.fsum((day.first - day.label) ** 2 for day in days if day.first is not None) / plain
    return Skill(name=name, rows=len(days), served=1 - served / plain if plain else 0.0, first=first)


def _interval(months: Mapping[str, list[ScoredDay]], mean: float) -> tuple[float, float]:
    """Draw whole months anew, since neighbouring days fail together; the seed is fixed, the answer repeats."""
    sums = [
        (
            math.fsum(
                (day.first - day.label) ** 2 - (day.served - day.label) ** 2 for day in days if day.first is not None
            ),
            math.fsum((mean - day.label) ** 2 for day in days),
        )
        for _, days in sorted(months.items())
    ]
    draw = random.Random(len(sums))  # noqa: S311 -- a bootstrap, not a secret
    gains = []
    for _ in range(_RESAMPLES):
        drawn = draw.choices(sums, k=len(sums))
        plain = math.fsum(each[1] for each in drawn)
        gains.append(math.fsum(each[0] for each in drawn) / plain if plain else 0.0)
    gains.sort()
    edge = int((1 - _COVERAGE) / 2 * _RESAMPLES)
    return gains[edge], gains[-1 - edge]
