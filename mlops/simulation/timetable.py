"""What happens when, drawn from a seed before anything begins: whatever the loop does, the same things happen to it."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from mlops.domain.world import Window
from mlops.simulation.scenario import Moments, Spells, World

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


def draw(seed: int, *what: object) -> random.Random:
    """A source of chance of its own for each thing, so that nobody's draws shift anybody else's."""
    return random.Random("|".join(map(str, (seed, *what))))  # noqa: S311 - a simulation, not a secret


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """All that will happen by itself."""

    start: datetime
    end: datetime
    bad_data: tuple[Window, ...]
    metrics_gone: tuple[Window, ...]
    no_quota: tuple[Window, ...]
    nobody: tuple[Window, ...]  # the controller is down
    edits: tuple[datetime, ...]
    upstream: tuple[datetime, ...]  # new versions of what others make

    @property
    def changes(self) -> tuple[datetime, ...]:
        """Moments at which something outside is another than before, in order."""
        spells = (*self.metrics_gone, *self.no_quota, *self.nobody)
        moments = {*self.edits, *self.upstream, *(each.start for each in spells), *(each.end for each in spells)}
        return tuple(sorted(moments))


def timetable(world: World, days: int, seed: int) -> Timetable:
    """Draw it."""
    start = datetime.combine(world.begins, time(), UTC)
    end = start + days * DAY

    def spells(name: str, said: Spells) -> tuple[Window, ...]:
        begun = _moments(name, said, start, end, seed)
        return _joined(tuple(Window(start=at, end=at + said.lasts) for at in begun))

    return Timetable(
        start=start,
        end=end,
        bad_data=spells("bad data", world.bad_data),
        metrics_gone=spells("metrics", world.outages.metrics),
        no_quota=spells("quota", world.outages.quota),
        nobody=spells("controller", world.outages.controller),
        edits=_moments("edits", world.edits, start, end, seed),
        upstream=_moments("upstream", world.upstream, start, end, seed),
    )


def _moments(name: str, said: Spells | Moments, start: datetime, end: datetime, seed: int) -> tuple[datetime, ...]:
    """The named days and a Poisson process: the seed alone says when, so a longer simulation begins the same."""
    found = {start + day * DAY for day in said.days}
    chance, at = draw(seed, name), start
    while said.per_year and (at := at + chance.expovariate(said.per_year) * YEAR) < end:
        found.add(at.replace(second=0, microsecond=0))
    return tuple(sorted(moment for moment in found if start <= moment < end))


def _joined(spells: tuple[Window, ...]) -> tuple[Window, ...]:
    """Spells that touch are one."""
    found: list[Window] = []
    for each in spells:
        if found and each.start <= found[-1].end:
            found[-1] = Window(start=found[-1].start, end=max(found[-1].end, each.end))
        else:
            found.append(each)
    return tuple(found)


def within(spells: tuple[Window, ...], moment: datetime) -> Window | None:
    """The spell that a moment lies in."""
    return next((each for each in spells if each.start <= moment < each.end), None)
