"""A project that can follow its world, and worlds in which one thing happens."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mlops.backends.store.database import in_memory
from mlops.ports import Store
from mlops.simulation.nature import Nature
from mlops.simulation.results import Result
from mlops.simulation.run import Version, simulate
from mlops.simulation.scenario import BadData, Drift, Kind, Moments, Outages, Serving, Spells, Training, World
from mlops.simulation.stage import DrivenClock, Stage
from mlops.simulation.timetable import timetable
from mlops.spec.read import parse_project
from mlops.wiring import read_card
from tests.fakes.azure import write_project_folder
from tests.mlops.projects import project_with
from tests.mlops.rig import PLATFORM, PROJECT

NEVER, NO_MOMENT = Spells(per_year=0), Moments(per_year=0)
CALM = World(
    rows_per_day=100,
    gate_rows=400,
    drift=(),
    bad_data=BadData(days=()),
    training=Training(fails=0, broken=0),
    serving=Serving(fails=0),
    outages=Outages(metrics=NEVER, quota=NEVER, controller=NEVER),
    edits=NO_MOMENT,
    upstream=NO_MOMENT,
)
"""Nothing happens."""
STEP = CALM.model_copy(update={"drift": (Drift(kind=Kind.SUDDEN, size=1.5, day=30),)})

NIMBLE = (
    PROJECT.replace("window: P1000D, holdout: P300D", "window: P60D, holdout: P14D")
    .replace("cooldown: P60D", "cooldown: P20D")
    .replace("for: {atLeast: 2, of: 3}}}", "for: 1}, repeat: P1D}")
    .replace("window: P28D, every: P7D", "window: P7D, every: P7D")
)
"""Learns from two months, asks every day while data is elsewhere."""


def spell(day: int, lasts: str) -> Spells:
    """One, and no other."""
    return Spells.model_validate({"days": [day], "per_year": 0, "lasts": lasts})


def standing(endpoint: str) -> Stage:
    """A stage on which nothing happened yet, with an endpoint of that name."""
    project = project_with()
    nature = Nature(world=CALM, timetable=timetable(CALM, 100, 0), rows_per_day=10)
    platform = replace(PLATFORM, endpoints={project.deployment.endpoint: endpoint})
    clock = DrivenClock(nature.timetable.start)
    return Stage(project=project, platform=platform, nature=nature, seed=0, clock=clock)


def every_time(stage: Stage, **more: object) -> None:
    """Let this be so from now on."""
    world = World.model_validate(more)
    stage.nature = replace(stage.nature, world=world)


def lived(
    world: World,
    text: str = NIMBLE,
    *,
    days: int = 120,
    seed: int = 0,
    new_store: Callable[[], Store] = in_memory,
) -> Result:
    """What came of a project file in a world."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_project_folder(folder)
        path = folder / "project.yaml"
        version = Version(name="it", project=parse_project(text, path), text=text, path=path, rows_per_day=None)
        return simulate(version, world, new_store, read_card, days=days, seed=seed)
