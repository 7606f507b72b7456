"""What training may use within a period: runs, money and GPU hours; what was used stands in the loop's ledger."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops.domain.declared.pipeline import Pipeline
from mlops.domain.declared.policy import Budget
from mlops.domain.loop import Attempt, AttemptPhase, Loop, Spent
from mlops.domain.project import Project

KEPT = timedelta(days=31)  # what was used is remembered so long at least, for budgets that come later


def opened(project: Project, loop: Loop, number: int, now: datetime) -> tuple[Spent, ...]:
    """The ledger when an attempt begins: it is a run from here on, whatever becomes of it."""
    per = project.policy.budget.per if project.policy.budget else KEPT
    kept = tuple(each for each in loop.ledger if each.at + max(per, KEPT) > now)
    return (*kept, Spent(attempt=number, at=now))


def charged(project: Project, loop: Loop, attempt: Attempt, now: datetime) -> tuple[Spent, ...]:
    """The ledger once the attempt's job is done with: its hours from when it was asked for, so never too few.

    A job is cancelled at its timeout; a clock that jumped does not make it dearer than that.
    """
    price = project.pipeline.price
    if attempt.phase is not AttemptPhase.TRAINING or price is None:
        return loop.ledger
    took = min(max(now - attempt.entered, timedelta()), project.pipeline.timeout)
    return tuple(
        replace(each, cost=price.cost(took), gpu_hours=price.gpu_hours(took))
        if each.attempt == attempt.number
        else each
        for each in loop.ledger
    )


def spent(loop: Loop, attempt: int) -> Spent | None:
    """What one attempt used."""
    return next((each for each in loop.ledger if each.attempt == attempt), None)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One limit of a budget, and what the next run may add: the most that it can, not what runs usually do."""

    unit: str
    limit: float
    run: float
    used: tuple[tuple[datetime, float], ...] = ()  # what each earlier run added, oldest first

    @property
    def total(self) -> float:
        """What was used."""
        return sum(amount for _, amount in self.used)

    @property
    def fits(self) -> bool:
        """Whether one more run does."""
        return self.total + self.run <= self.limit + 1e-9

    def free(self, per: timedelta) -> datetime | None:
        """When one more will fit; None: not even the first does."""
        left = self.total
        for at, amount in self.used:
            left -= amount
            if left + self.run <= self.limit + 1e-9:
                return at + per
        return None


def lines(budget: Budget, pipeline: Pipeline, ledger: tuple[Spent, ...], now: datetime) -> tuple[Line, ...]:
    """What each limit allows, and what is used of it within the period."""
    recent = sorted((each for each in ledger if each.at + budget.per > now), key=lambda each: each.at)
    return tuple(_lines(budget, pipeline, recent))


def _lines(budget: Budget, pipeline: Pipeline, recent: list[Spent]) -> Iterator[Line]:
    price, longest = pipeline.price, pipeline.timeout
    if budget.runs is not None:
        yield Line(unit="runs", limit=budget.runs, run=1, used=tuple((each.at, 1.0) for each in recent))
    if budget.cost is not None and price is not None:
        used = tuple((each.at, each.cost) for each in recent)
        yield Line(unit=budget.currency, limit=budget.cost, run=price.cost(longest), used=used)
    if budget.gpu_hours is not None and price is not None:
        used = tuple((each.at, each.gpu_hours) for each in recent)
        yield Line(unit="GPU hours", limit=budget.gpu_hours, run=price.gpu_hours(longest), used=used)


def words(line: Line, per: timedelta) -> str:
    """Why the next run does not fit."""
    used = f"{line.total:.4g} of {line.limit:.4g} {line.unit} are used within {per.total_seconds() / 86400:.4g} days"
    return used if line.unit == "runs" else f"{used}, and a run may use {line.run:.4g}"
