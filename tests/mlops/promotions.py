"""Environments of one project, each a loop of its own, and the registry that they share."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops.domain.loop import Attempt
from mlops.domain.records.decision import Decision
from mlops.flows import promote, release_record
from mlops.flows.promote import Leaving
from mlops.flows.release_record import Release, Voice
from tests.fakes.azure import World
from tests.fakes.clock import FakeClock
from tests.fakes.registry import Shelf
from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, PLATFORM, PROJECT, Rig

PROMOTION = """\
  promotion:
    order: [dev, staging, prod]
    via: {registry: shared}
    evaluate: evaluate.yml
    checkEvery: P1D
"""
TEXT = PROJECT + PROMOTION


@dataclass
class Environments:
    """`dev`, `staging` and `prod`, made when they are first asked for."""

    folder: Path
    text: str = TEXT
    clock: FakeClock = field(default_factory=FakeClock)
    shelf: Shelf = field(default_factory=Shelf)
    rigs: dict[str, Rig] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Rig:
        if name not in self.rigs:
            folder = self.folder / name
            folder.mkdir()
            world = World(clock=self.clock, shelf=self.shelf)
            world.readings["accuracy"] = always(0.7)
            rig = Rig(folder=folder, text=self.text, world=world, platform=replace(PLATFORM, environment=name))
            self.rigs[name] = rig
            rig.settle()
        return self.rigs[name]

    def record(self, name: str, to: str, *people: str, version: str | None = None) -> dict[str, Any]:
        """What goes with the version that serves, with people's words about it."""
        rig = self[name]
        found = release_record.record(_release(rig, self.attempt(name, version), to), {})
        for person in people:
            now = self.clock.now()
            voice = Voice(who=person, at=now, granted=True, reason="fine", role=None, expires=(now + 90 * DAY).date())
            found = release_record.with_approval(found, voice)
        return found

    def attempt(self, name: str, version: str | None = None) -> Attempt:
        rig = self[name]
        return promote.leaving(rig.loop, rig.store.attempts("rain"), version)

    def leaving(self, name: str, to: str, *people: str, version: str | None = None) -> Leaving:
        rig = self[name]
        found = self.record(name, to, *people, version=version)
        generation = rig.context.generation(rig.loop.generation)
        return promote.about(generation, self.attempt(name, version), found, self.clock.now())

    def promote(self, name: str, to: str, *people: str, version: str | None = None) -> tuple[Decision, ...]:
        rig = self[name]
        out = self.leaving(name, to, *people, version=version)
        return promote.promote(rig.context, rig.context.generation(rig.loop.generation), out, "ada")

    def arrives(self, name: str, days: int = 40) -> Rig:
        """The environment, once some days have passed in it."""
        rig = self[name]
        for _ in range(days):
            self.clock.advance(timedelta(days=1))
            rig.settle()
        return rig


def _release(rig: Rig, attempt: Attempt, to: str) -> Release:
    return Release(
        attempt=attempt,
        project=rig.project,
        now=rig.project,
        environment=rig.platform.environment,
        to=to,
        card=None,
        decisions=rig.store.decisions("rain"),
        before=None,
        champion=rig.loop.champion,
    )


def said(rig: Rig, what: str) -> list[str]:
    """Why, of all decisions of that kind ('promotion refused')."""
    rows = (row.decision for row in rig.store.decisions("rain"))
    return [each.why for each in rows if f"{each.subject.value} {each.what}" == what]
