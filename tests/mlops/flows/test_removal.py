"""A project that is removed: its loop ends, what serves and its log stay, and it can come back."""

import pytest

from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.flows.removal import remove
from mlops.ports import GoneError
from tests.mlops.rig import DAY, PROJECT, Rig


def test_it_is_looked_at_no_more_until_it_is_applied_again(rig: Rig) -> None:
    serves, rows = dict(rig.world.traffic), len(rig.story())
    remove(rig.context, "ada", "moved to another team")
    rig.world.clock.advance(30 * DAY)

    for use in (reconcile, lambda context: commands.trigger(context, "ada", "because")):
        with pytest.raises(GoneError, match=r"rain was removed on .* by ada: moved to another team; apply"):
            use(rig.context)
    assert (rig.world.traffic, rig.story()[rows:]) == (serves, ["project removed"])

    loop = rig.apply(PROJECT)
    assert (loop.generation, loop.removed, loop.champion) == (2, None, rig.loop.champion)
    rig.settle()
    assert rig.story()[rows : rows + 2] == ["project removed", "project applied"]
    assert rig.loop.readings  # it goes on where it was


def test_what_is_under_way_ends_first(rig: Rig) -> None:
    commands.trigger(rig.context, "ada", "because")
    reconcile(rig.context)
    with pytest.raises(commands.NotPossibleError, match=r"attempt 2 of rain is under way .* run mlops abort"):
        remove(rig.context, "ada", "moved")

    commands.abort(rig.context, "ada", "moved")
    rig.settle()
    assert [said.what for said in remove(rig.context, "ada", "moved")] == ["removed"]
