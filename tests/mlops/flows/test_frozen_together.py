"""A freeze of all projects whose process dies on the way is completed by whoever orders it again."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlops.domain.claim import Claim
from mlops.domain.loop import Change, Loop, Word
from mlops.flows import frozen
from mlops.flows.commands import NotPossibleError
from mlops.flows.context import Context
from tests.fakes.seams import Killed, Seams
from tests.mlops.flows.test_kill import DyingStore
from tests.mlops.rig import PROJECT, Rig

MOMENTS = range(1, 7)  # before and after the freeze itself, and of each of two projects' saves


class Dying(DyingStore):
    """A store whose caller can die before and after each write."""

    def freeze(self, word: Word | None) -> None:
        self.seams.around("freeze", lambda: super(DyingStore, self).freeze(word))

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        return self.seams.around("save", lambda: super(DyingStore, self).save(change, claim))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Two projects in one store."""
    rig = Rig(folder=tmp_path)
    rig.settle()
    rig.platform = replace(rig.platform, endpoints={"rain": "snow-local"})
    rig.apply(PROJECT.replace("metadata: {name: rain}", "metadata: {name: snow}"))
    return rig


def contexts(rig: Rig, seams: Seams) -> list[Context]:
    store = Dying(rig.store._engine, rig.store._turns, "memory")
    store.seams = seams
    return [replace(rig.context, name=name, store=store) for name in ("rain", "snow")]


def said(rig: Rig) -> list[list[str]]:
    rows = [[each.decision for each in rig.store.decisions(name)] for name in ("rain", "snow")]
    return [[f"{each.what}: {each.why}" for each in log if each.what.endswith("with all")] for log in rows]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_freeze_that_dies_on_the_way_is_completed_in_its_first_words(rig: Rig, moment: int) -> None:
    with pytest.raises(Killed):
        frozen.freeze_all(contexts(rig, Seams(moment)), "ada", "incident")
    begun = rig.store.frozen()
    rig.world.clock.advance(rig.project.rollout.measure_every)
    again = contexts(rig, Seams())
    if moment == MOMENTS[-1]:  # it had done all
        with pytest.raises(NotPossibleError, match="all are frozen already by ada: incident"):
            frozen.freeze_all(again, "grace", "again")
    else:
        frozen.freeze_all(again, "grace", "again")

    why = "incident" if begun else "again"
    assert said(rig) == [[f"frozen with all: {name}: {why}"] for name in ("rain", "snow")]
    assert begun is None or rig.store.frozen() == begun


@pytest.mark.parametrize("moment", MOMENTS)
def test_going_on_that_dies_on_the_way_leaves_all_frozen_or_none(rig: Rig, moment: int) -> None:
    frozen.freeze_all(contexts(rig, Seams()), "ada", "incident")
    rig.world.clock.advance(rig.project.rollout.measure_every)
    with pytest.raises(Killed):
        frozen.unfreeze_all(contexts(rig, Seams(moment)), "ada", "over")
    logged = [len(log) == 2 for log in said(rig)]
    assert (rig.store.frozen() is None) == (moment == MOMENTS[-1])
    if rig.store.frozen():
        frozen.unfreeze_all(contexts(rig, Seams()), "grace", "really over")

    assert rig.store.frozen() is None
    words = ["over" if each else "really over" for each in logged]
    assert said(rig) == [
        [f"frozen with all: {name}: incident", f"unfrozen with all: {name}: {why}"]
        for name, why in zip(("rain", "snow"), words, strict=True)
    ]
    assert all(loop and loop.checked is None for loop in map(rig.store.load, ("rain", "snow")))


def test_each_freeze_is_noted_by_itself(rig: Rig) -> None:
    for _ in range(2):
        frozen.freeze_all(contexts(rig, Seams()), "ada", "incident")
        rig.world.clock.advance(rig.project.rollout.measure_every)
        frozen.unfreeze_all(contexts(rig, Seams()), "ada", "over")
        rig.world.clock.advance(rig.project.rollout.measure_every)

    assert [[each.partition(":")[0] for each in log] for log in said(rig)] == [
        ["frozen with all", "unfrozen with all"] * 2
    ] * 2
