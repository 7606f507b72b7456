"""A monitor's looks are counted, since each is a chance of a false alarm."""

from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import Rig


def test_looks_are_counted_from_the_champion_whose_data_they_are_compared_with(rig: Rig) -> None:
    rig.days(30)
    first = [question.look for question in rig.world.asked if question.monitor.name == "drift"]
    drifts(rig)
    better(rig)
    rig.until("champion promoted")
    before = len(rig.world.asked)
    rig.days(21)
    later = [question.look for question in rig.world.asked[before:] if question.monitor.name == "drift"]

    assert first == list(range(1, 9))
    assert later == [1, 2, 3]
