"""One version of a policy in one world: from its project file to what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from mlops.domain.declared.facts import Card
from mlops.domain.declared.rollout import SetWeight, Shadow
from mlops.domain.project import Kind, Platform, Project
from mlops.domain.rollouts.history import reigns
from mlops.flows.apply import Wanted, apply
from mlops.flows.context import Context, Generation
from mlops.ports import StateError, Store
from mlops.simulation.azure import backends
from mlops.simulation.collected import parts_unknown
from mlops.simulation.drive import Drive, at_rest
from mlops.simulation.nature import Nature
from mlops.simulation.results import Result, Story, result
from mlops.simulation.scenario import World
from mlops.simulation.stage import DrivenClock, Stage
from mlops.simulation.timetable import DAY, timetable

_AUTHOR = "author (simulated)"
_LOOKS = 100
"""A step of a rollout is looked at so often at most."""
_FEWEST = 200.0
_YEAR = 365 * DAY
ReadCard = Callable[[Path], Card]


@dataclass(frozen=True, kw_only=True)
class Version:
    """A project file, read."""

    name: str  # as the results call it
    project: Project
    text: str
    path: Path
    rows_per_day: float | None  # as the file says


def simulate(
    version: Version, world: World, new_store: Callable[[], Store], read_card: ReadCard, *, days: int, seed: int
) -> Result:
    """Let the loop live in the world for so many days.  Raises StateError."""
    if version.project.deployment.kind is Kind.BATCH:
        raise StateError(f"{version.name}: a batch endpoint cannot be simulated: the made-up world has none")
    store = new_store()
    project, notes = _coarse(version.project)
    rows = world.rows_per_day or version.rows_per_day or _needed(project)
    nature = Nature(world=world, timetable=timetable(world, days, seed), rows_per_day=rows)
    platform = _platform(project)
    clock = DrivenClock(nature.timetable.start)
    stage = Stage(project=project, platform=platform, nature=nature, seed=seed, clock=clock)
    generation = Generation(project=project, platform=platform, backends=backends(stage), read_card=read_card)
    context = Context(name=project.name, clock=clock, store=store, generation=lambda _: generation)
    wanted = Wanted(project=project, text=version.text, path=str(version.path), platform=platform, actor=_AUTHOR)
    apply(wanted, store, clock.now())
    drive = Drive(context=context, stage=stage)
    drive.run()
    return result(
        version.name, stage, _story(store, project), drive.passes, (*notes, *_notes(version.project, world, rows))
    )


def _story(store: Store, project: Project) -> Story:
    loop = store.load(project.name)
    if loop is None:
        raise StateError(f"the simulation lost {project.name!r}")
    decisions, attempts = store.decisions(project.name), store.attempts(project.name)
    return Story(decisions=decisions, attempts=attempts, reigns=reigns(loop, attempts, decisions))


def _platform(project: Project) -> Platform:
    """Whatever the project names is there."""
    return Platform(
        environment="simulated",
        subscription_id="",
        tenant_id="",
        location="nowhere",
        resource_group="",
        workspace="",
        registry="",
        storage_account="",
        compute={project.pipeline.compute: project.pipeline.compute},
        endpoints={project.deployment.endpoint: project.deployment.endpoint},
        containers={},
    )


def _coarse(project: Project) -> tuple[Project, tuple[str, ...]]:
    """Look at a step of a rollout a hundred times, not thousands of times; nobody is told of anything."""
    rollout = project.rollout
    longest = max([rollout.bake, *(step.hold for step in rollout.steps if isinstance(step, Shadow | SetWeight))])
    quiet = replace(project, sources=(), notifications=())
    if longest <= rollout.measure_every * _LOOKS:
        return quiet, ()
    every = timedelta(minutes=longest // timedelta(minutes=_LOOKS))
    note = f"rollouts are measured every {every} instead of every {rollout.measure_every}"
    return replace(quiet, rollout=replace(rollout, measure_every=every)), (note,)


def _needed(project: Project) -> float:
    """Rows a day with which everything that the project counts is reached twice over."""
    pipeline, rollout = project.pipeline, project.rollout
    paces = [pipeline.min_rows / max((pipeline.window or _YEAR) / DAY, 1.0)]
    paces += [monitor.min_samples / (monitor.window / DAY) for monitor in project.monitors]
    paces += [getattr(gate, "min_samples", 0) / max(pipeline.holdout / DAY, 1.0) for gate in project.gates]
    paces += [
        step.min_samples / max(step.hold / DAY, 0.1) * 100 / getattr(step, "weight", getattr(step, "percent", 100))
        for step in rollout.steps
        if isinstance(step, Shadow | SetWeight)
    ]
    paces.append(rollout.bake_min_samples / max(rollout.bake / DAY, 0.1))
    return max(_FEWEST, 2 * max(paces))


def _notes(project: Project, world: World, rows: float) -> tuple[str, ...]:
    found = [
        f"{rows:g} rows a day; gates see at most {world.gate_rows} held-out rows, unless they ask for more",
        f"at rest the loop is looked at every {at_rest(project)}",
    ]
    found += [
        f"the simulation knows no metric of monitor {name}: it measures nothing; give it one of spec.readings"
        for name in parts_unknown(project.monitors, world.readings)
    ]
    if project.sources:
        found.append("sources of events tell nothing: the loop looks by itself")
    return tuple(found)
