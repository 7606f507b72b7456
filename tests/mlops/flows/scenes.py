"""What happens in the tests of the flows: a monitor says this, a candidate is that good."""

from collections.abc import Callable

from mlops.domain.data.measurement import Measurement
from mlops.ports import Question
from tests.mlops.rig import Rig

Say = Callable[[Question], Measurement]


def always(value: float | None, samples: int = 100) -> Say:
    return lambda question: Measurement(monitor=question.monitor.name, value=value, samples=samples)


def drifts(rig: Rig) -> None:
    rig.world.readings["drift"] = always(0.5)


def better(rig: Rig, version: str = "2", accuracy: float = 0.85) -> None:
    rig.world.accuracy[version] = accuracy
