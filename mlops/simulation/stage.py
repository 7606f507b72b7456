"""What stands in the made-up world at a moment: jobs, models, deployments, traffic; and what its passing time costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mlops.domain.declared.pipeline import Price
from mlops.domain.project import Platform, Project
from mlops.domain.world import DatasetPlan, DatasetVersion, JobPlan, ModelVersion
from mlops.simulation.nature import Lesson, Nature, Trained, blended
from mlops.simulation.timetable import DAY, Timetable, draw, within

HOUR = timedelta(hours=1)


class DrivenClock:
    """Shows what it was set to."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The present moment of the simulation."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Time passes at once."""
        self._moment = moment


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that was submitted."""

    plan: JobPlan
    number: int  # of all jobs, from 1
    started: datetime
    ends: datetime
    fails: bool
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A deployment."""

    name: str
    model: ModelVersion
    trained: Trained
    ready: datetime
    fails: bool
    ours: bool = True


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A registered training set, and what it teaches."""

    version: DatasetVersion
    plan: DatasetPlan
    lesson: Lesson


@dataclass(kw_only=True)
class Service:
    """How those were served who asked; days are counted from the first champion on."""

    served: timedelta = timedelta()
    degraded: timedelta = timedelta()
    down: timedelta = timedelta()
    right: float = 0.0  # share of right answers, times days
    days: dict[int, tuple[float, float]] = field(default_factory=dict)  # by day: days served, right answers times them

    def add(self, day: int, length: timedelta, right: float | None, limit: float) -> None:
        """A stretch within one day; None: nobody answered."""
        share = length / DAY
        self.served += length
        self.down += length if right is None else timedelta()
        self.degraded += length if right is None or right < limit else timedelta()
        self.right += (right or 0.0) * share
        before = self.days.get(day, (0.0, 0.0))
        self.days[day] = (before[0] + share, before[1] + (right or 0.0) * share)


@dataclass(kw_only=True)
class Stage:
    """Everything outside of the loop."""

    project: Project
    platform: Platform
    nature: Nature
    seed: int
    clock: DrivenClock
    datasets: dict[str, Dataset] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    models: dict[str, tuple[ModelVersion, Trained]] = field(default_factory=dict)
    deployments: dict[str, Deployed] = field(default_factory=dict)
    made: int = 0  # deployments so far
    traffic: Mapping[str, int] = field(default_factory=dict)
    mirror: Mapping[str, int] = field(default_factory=dict)
    service: Service = field(default_factory=Service)
    instance_time: timedelta = timedelta()
    edited: list[datetime] = field(default_factory=list)

    @property
    def timetable(self) -> Timetable:
        """What happens by itself."""
        return self.nature.timetable

    @property
    def endpoint(self) -> str:
        """The endpoint's name."""
        return self.platform.endpoints[self.project.deployment.endpoint]

    @property
    def serving(self) -> Deployed | None:
        """Who answers most."""
        found = [self.deployments[name] for name in self.traffic if name in self.deployments]
        return max(found, key=lambda each: self.traffic[each.name], default=None)

    @property
    def metrics_gone(self) -> bool:
        """Whether nothing collected can be read now."""
        return within(self.timetable.metrics_gone, self.clock.now()) is not None

    @property
    def price(self) -> Price:
        """What training costs."""
        said = self.nature.world.prices
        return self.project.pipeline.price or Price(
            per_hour=said.node_hour, currency=said.currency, nodes=said.nodes, gpus=said.gpus
        )

    def next_ready(self) -> datetime | None:
        """When the next operation ends."""
        now = self.clock.now()
        ends = [*(job.ends for job in self.jobs.values()), *(each.ready for each in self.deployments.values())]
        return min((moment for moment in ends if moment > now), default=None)

    def next_change(self) -> datetime | None:
        """When something outside changes by itself."""
        now = self.clock.now()
        return next((moment for moment in self.timetable.changes if moment > now), None)

    def advance(self, to: datetime) -> None:
        """Let time pass; what is due to happen meanwhile happens at its moment."""
        while (now := self.clock.now()) < to:
            until = min(to, *(moment for moment in self.timetable.edits if moment > now), to)
            for start, end in _days(now, until):
                self._pass(start, end)
            self.clock.set(until)
            if until in self.timetable.edits:
                self._edit()

    def _pass(self, start: datetime, end: datetime) -> None:
        self.instance_time += (end - start) * len(self.deployments) * self.project.deployment.instances
        if not self.service.served and not self.traffic:
            return
        model, day = self.nature.world.model, (start - self.timetable.start) // DAY
        place = self.nature.place(start + (end - start) / 2)
        shares = [
            (share / 100, found)
            for name, share in self.traffic.items()
            if (found := self.deployments.get(name)) is not None
        ]
        right = sum(
            share * found.trained.right(self.nature.world, place) * (1 - found.trained.errors)
            for share, found in shares
        )
        self.service.add(day, end - start, right if shares else None, model.best - model.degraded_below)

    def _edit(self) -> None:
        """Somebody means well: half of the traffic to what else stands there, or all of it taken away."""
        now = self.clock.now()
        ready = [each.name for each in self.deployments.values() if each.ready <= now and not each.fails]
        if not self.traffic:
            return
        others = [name for name in ready if name not in self.traffic]
        chance = draw(self.seed, "edit", now)
        serving = self.serving
        if others and serving:
            self.traffic, self.mirror = {serving.name: 50, chance.choice(others): 50}, {}
        else:
            self.traffic, self.mirror = {}, {}
        self.edited.append(now)

    def start_job(self, plan: JobPlan) -> None:
        """Submit it, once."""
        if plan.name in self.jobs:
            return
        said, now, number = self.nature.world.training, self.clock.now(), len(self.jobs) + 1
        fails = draw(self.seed, "job", number).random() < said.fails
        ends = now + (plan.timeout / 2 if said.takes is None else said.takes)
        self.jobs[plan.name] = Job(plan=plan, number=number, started=now, ends=ends, fails=fails)

    def cancel_job(self, name: str) -> None:
        """Stop it, if it runs."""
        job, now = self.jobs.get(name), self.clock.now()
        if job is not None and now < job.ends:
            self.jobs[name] = replace(job, ends=now, cancelled=True)

    def trained(self, job: Job) -> Trained:
        """The model that a job makes."""
        said, chance = self.nature.world, draw(self.seed, "model", job.number)
        luck = chance.gauss(0.0, said.model.luck)
        errors = said.training.errors if chance.random() < said.training.broken else said.serving.errors
        lesson, champion = self.datasets[job.plan.dataset.reference].lesson, job.plan.champion
        if job.plan.warm_start and champion is not None:
            lesson = blended(lesson, self.models[champion.reference][1].lesson)
        return Trained(lesson=lesson, luck=luck, errors=errors)

    def training_time(self) -> timedelta:
        """For how long jobs ran until now."""
        now = self.clock.now()
        return sum((min(job.ends, now) - job.started for job in self.jobs.values()), timedelta())


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A stretch of time, cut at midnights."""
    while start < end:
        midnight = datetime(start.year, start.month, start.day, tzinfo=start.tzinfo) + DAY
        yield start, min(midnight, end)
        start = min(midnight, end)
