"""What happens in the tests of the flows: a monitor says this, a candidate is that good."""

from collections.abc import Callable
from datetime import timedelta

from mlops.domain.data.measurement import Measurement
from mlops.flows.reconcile import reconcile
from mlops.ports import Question
from tests.mlops.rig import Rig

Say = Callable[[Question], Measurement]


def always(value: float | None, samples: int = 100) -> Say:
    return lambda question: Measurement(monitor=question.monitor.name, value=value, samples=samples)


def drifts(rig: Rig) -> None:
    rig.world.readings["drift"] = always(0.5)


def better(rig: Rig, version: str = "2", accuracy: float = 0.85) -> None:
    rig.world.accuracy[version] = accuracy


def serving(rig: Rig, times: int = 2) -> str:
    """A rollout that serves (in shadow, then with 10 %), and its candidate."""
    drifts(rig)
    better(rig)
    for _ in range(times):
        rig.until("rollout serving")
    rollout = rig.loop.rollout
    assert rollout is not None
    return rollout.deployment


def passes(rig: Rig, minutes: int) -> None:
    """So many minutes, a few passes in each."""
    for _ in range(minutes):
        rig.world.clock.advance(timedelta(minutes=1))
        for _ in range(3):
            reconcile(rig.context)
