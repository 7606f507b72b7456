"""How data lies at a moment, and what a model that learned from a stretch of it is worth at another.  All pure.

Data has a place of three numbers: where the inputs lie, what rule ties label to row, and which share of rows is faulty.
A model knows the mean place of its training rows and how far they were spread; what lies further away than that costs.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from mlops.domain.data.windows import subtract
from mlops.domain.world import Window
from mlops.simulation.scenario import Drift, Kind, Moves, World
from mlops.simulation.timetable import Timetable, within

_Course = Callable[[float], float]
_LOOKS = 32
"""A window is looked at in so many moments: its mean is not much wronger than a sample of rows."""
_INPUTS, _RULE = 0.6, 0.8
"""What a movement of one alone costs a model; of both together it costs 1."""
_STAYS = 0.25
"""How much of what it knew a model keeps that is trained on."""
_DEFAULT_LASTS = {Kind.GRADUAL: timedelta(days=90), Kind.SEASONAL: timedelta(days=365)}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where data lies, in standard deviations."""

    inputs: float = 0.0
    rule: float = 0.0
    faulty: float = 0.0  # share of rows


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What rows say that a model is trained on, or that drift is measured against."""

    mean: Place
    spread: float  # standard deviation of where the inputs lay over the stretch
    rows: int


@dataclass(frozen=True, kw_only=True)
class Nature:
    """The data's own course."""

    world: World
    timetable: Timetable
    rows_per_day: float

    def place(self, moment: datetime) -> Place:
        """Where data lies at a moment; before the simulation there is no drift but the seasons'."""
        since = (moment - self.timetable.start) / timedelta(days=1)
        inputs = sum(moved(since) for moved in self._inputs)
        rule = sum(moved(since) for moved in self._rule)
        bad = within(self.timetable.bad_data, moment) is not None
        return Place(inputs=inputs, rule=rule, faulty=self.world.bad_data.share if bad else 0.0)

    @cached_property
    def _inputs(self) -> tuple[_Course, ...]:
        return tuple(_course(each) for each in self.world.drift if each.moves is not Moves.RULE)

    @cached_property
    def _rule(self) -> tuple[_Course, ...]:
        return tuple(_course(each) for each in self.world.drift if each.moves is not Moves.INPUTS)

    def places(self, window: Window, without: tuple[Window, ...] = ()) -> tuple[Place, ...]:
        """Where data lies in a window, at moments evenly spread over what is left of it."""
        return tuple(self.place(moment) for moment in moments(window, without, _LOOKS))

    def lesson(self, window: Window, without: tuple[Window, ...] = ()) -> Lesson:
        """What the rows of a window say."""
        found = self.places(window, without)
        return Lesson(mean=mean(found), spread=_spread(found), rows=self.rows(window, without))

    def rows(self, window: Window, without: tuple[Window, ...] = ()) -> int:
        """How many rows come in a window."""
        return int(
            sum((part.end - part.start) / timedelta(days=1) for part in subtract(window, without)) * self.rows_per_day
        )


def moments(window: Window, without: tuple[Window, ...], most: int) -> Iterator[datetime]:
    """Moments evenly spread over what is left of a window, oldest first."""
    parts = subtract(window, without)
    length = sum((part.end - part.start for part in parts), timedelta())
    if not length:
        return
    step, offset = length / most, length / most / 2
    for part in parts:
        while offset < part.end - part.start:
            yield part.start + offset
            offset += step
        offset -= part.end - part.start


def _course(drift: Drift) -> _Course:
    """How far it has moved data on a day; asked for every row of every gate."""
    lasts = (drift.lasts or _DEFAULT_LASTS.get(drift.kind, timedelta.max)) / timedelta(days=1)
    size, first = drift.size, drift.day

    def seasonal(day: float) -> float:
        return size * math.sin(2 * math.pi * (day - first) / lasts)

    def gradual(day: float) -> float:
        return 0.0 if day < first else size * min((day - first) / lasts, 1.0)

    def at_once(day: float) -> float:
        return size if first <= day < first + lasts else 0.0

    match drift.kind:
        case Kind.SEASONAL:
            return seasonal
        case Kind.GRADUAL:
            return gradual
        case _:
            return at_once


def mean(places: tuple[Place, ...]) -> Place:
    """The place in the middle."""
    count = max(len(places), 1)
    return Place(
        inputs=sum(each.inputs for each in places) / count,
        rule=sum(each.rule for each in places) / count,
        faulty=sum(each.faulty for each in places) / count,
    )


def _spread(places: tuple[Place, ...]) -> float:
    middle, count = mean(places), max(len(places), 1)
    return math.sqrt(sum((each.inputs - middle.inputs) ** 2 for each in places) / count)


def blended(new: Lesson, old: Lesson) -> Lesson:
    """What a model knows that was trained on from another: some of that one's place stays."""

    def between(one: float, other: float) -> float:
        return (1 - _STAYS) * one + _STAYS * other

    mean = Place(
        inputs=between(new.mean.inputs, old.mean.inputs),
        rule=between(new.mean.rule, old.mean.rule),
        faulty=between(new.mean.faulty, old.mean.faulty),
    )
    return Lesson(mean=mean, spread=max(new.spread, old.spread), rows=new.rows + old.rows)


def beyond(there: float, mean: float, spread: float) -> float:
    """How much further away something lies than what was seen varied by itself."""
    return max(abs(there - mean) - spread, 0.0)


def distance(world: World, lesson: Lesson, place: Place) -> float:
    """How far a place is from what a lesson taught, as it costs a model.

    Inputs that training saw cost nothing, wherever they lie; of two rules a model learns the mean, which is neither.
    """
    inputs = _INPUTS * beyond(place.inputs, lesson.mean.inputs, lesson.spread)
    rule = _RULE * abs(place.rule - lesson.mean.rule)
    strange = world.bad_data.harm * abs(place.faulty - lesson.mean.faulty)
    return math.hypot(inputs, rule, strange)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A model: what it learned, and how lucky its training was."""

    lesson: Lesson
    luck: float = 0.0
    errors: float = 0.0  # share of requests that it fails

    def right(self, world: World, place: Place) -> float:
        """The share of right answers where data lies so."""
        near = math.exp(-0.5 * (distance(world, self.lesson, place) / world.model.reach) ** 2)
        enough = 1 - 1 / math.sqrt(max(self.lesson.rows, 1))
        found = world.model.worst + (world.model.best - world.model.worst) * near * enough + self.luck
        return min(max(found, 0.01), 0.99)
