"""The loop that most tests of the flows begin with."""

from pathlib import Path

import pytest

from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A loop whose first model serves since a month."""
    rig = Rig(folder=tmp_path)
    rig.world.readings["accuracy"] = always(0.7)
    rig.settle()
    rig.world.clock.advance(30 * DAY)  # all windows that fell due are measured, one after the other
    rig.settle()
    rig.decisions.clear()
    return rig
