"""What came of it: counted from the loop's own decisions and from the world's passing time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mlops.domain.loop import Attempt, Outcome
from mlops.domain.records.decision import Recorded, Subject
from mlops.domain.rollouts.history import Reign
from mlops.domain.world import Window
from mlops.simulation.stage import HOUR, Stage
from mlops.simulation.timetable import DAY

CAVEATS = (
    "The world is a model: how data moves, and how good a model trained on it is, are formulas, not your data.",
    "The numbers compare versions of a policy in the same world; they predict neither money nor quality.",
    "Nothing was trained or deployed; files that the project names were not run, and quotas are yours to look up.",
)
"""What no simulation can tell."""


@dataclass(frozen=True, kw_only=True)
class Money:
    """What it cost."""

    currency: str
    training: float
    gpu_hours: float
    serving: float
    degraded: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.training + self.serving + self.degraded


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something to be seen in the picture."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """One version of the policy in one world."""

    name: str
    start: datetime
    end: datetime
    retrainings: int  # attempts that began
    outcomes: dict[str, int]
    waits: dict[str, int]  # how often a request was held, by what held it
    quarantines: int
    repairs: int
    mean_right: float
    days_served: float
    days_degraded: float
    days_down: float
    money: Money
    quality: tuple[tuple[int, float], ...]  # by day: share of right answers
    reigns: tuple[Reign, ...]
    events: tuple[Event, ...]
    spells: tuple[tuple[str, Window], ...]
    degraded_below: float
    best: float
    worst: float
    passes: int
    notes: tuple[str, ...]

    @property
    def days(self) -> float:
        """How long it was."""
        return (self.end - self.start) / DAY


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the store remembers."""

    decisions: tuple[Recorded, ...]
    attempts: tuple[Attempt, ...]
    reigns: tuple[Reign, ...]


def result(name: str, stage: Stage, story: Story, passes: int, notes: tuple[str, ...]) -> Result:
    """Count."""
    said = [each.decision for each in story.decisions]
    service, model, timetable = stage.service, stage.nature.world.model, stage.timetable
    counted = Counter((each.subject, each.what) for each in said)
    return Result(
        name=name,
        start=timetable.start,
        end=timetable.end,
        retrainings=len(story.attempts),
        outcomes=_outcomes(story.attempts),
        waits=_waits(story.decisions),
        quarantines=counted[(Subject.QUARANTINE, "set aside")],
        repairs=counted[(Subject.ENDPOINT, "repaired")],
        mean_right=round(service.right / max(service.served / DAY, 1e-9), 4),
        days_served=_days(service.served),
        days_degraded=_days(service.degraded),
        days_down=_days(service.down),
        money=_money(stage, len(story.attempts)),
        quality=tuple((day, round(right / days, 4)) for day, (days, right) in sorted(service.days.items()) if days),
        reigns=story.reigns,
        events=_events(story, stage),
        spells=_spells(stage),
        degraded_below=round(model.best - model.degraded_below, 4),
        best=model.best,
        worst=model.worst,
        passes=passes,
        notes=notes,
    )


def _days(length: timedelta) -> float:
    return round(length / DAY, 2)


def _outcomes(attempts: Sequence[Attempt]) -> dict[str, int]:
    counted = Counter(attempt.outcome for attempt in attempts)
    return {outcome.value: counted[outcome] for outcome in Outcome} | {"under way": counted[None]}


def _waits(decisions: Sequence[Recorded]) -> dict[str, int]:
    held = [str(each.decision.numbers["held"]) for each in decisions if each.decision.numbers.get("held")]
    return dict(sorted(Counter(held).items()))


def _money(stage: Stage, attempts: int) -> Money:
    said, price, trained = stage.nature.world.prices, stage.price, stage.training_time()
    return Money(
        currency=price.currency,
        training=round(price.cost(trained) + said.run * attempts, 2),
        gpu_hours=round(price.gpu_hours(trained), 2),
        serving=round(stage.instance_time / HOUR * said.instance_hour, 2),
        degraded=round(stage.service.degraded / DAY * said.degraded_day, 2),
    )


def _events(story: Story, stage: Stage) -> tuple[Event, ...]:
    found = [
        Event(at=attempt.ended, kind=attempt.outcome.value, text=f"attempt {attempt.number}: {attempt.why}")
        for attempt in story.attempts
        if attempt.outcome is not None and attempt.ended is not None
    ]
    found += [Event(at=at, kind="edited", text="somebody else set the traffic") for at in stage.edited]
    return tuple(sorted(found, key=lambda each: (each.at, each.kind)))


def _spells(stage: Stage) -> tuple[tuple[str, Window], ...]:
    timetable = stage.timetable
    named = (
        ("bad data", timetable.bad_data),
        ("no metrics", timetable.metrics_gone),
        ("no quota", timetable.no_quota),
        ("no controller", timetable.nobody),
    )
    return tuple(
        (name, Window(start=each.start, end=min(each.end, timetable.end))) for name, spells in named for each in spells
    )
