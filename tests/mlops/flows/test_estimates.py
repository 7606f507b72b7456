"""An estimate goes by what the champion answered before the window, and by nothing that another model did."""

from mlops.domain.world import Window
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import PROJECT, Rig

ESTIMATED = PROJECT.replace(
    "    - {name: accuracy, ",
    "    - {name: expected, signal: estimated_performance, metric: estimated_accuracy, window: P7D, every: P7D, "
    "minSamples: 100}\n    - {name: accuracy, ",
)


def test_an_estimate_goes_by_what_this_champion_answered_before_the_window(rig: Rig) -> None:
    rig.apply(ESTIMATED)
    drifts(rig)
    better(rig)
    rig.until("champion promoted")
    assert rig.loop.champion is not None
    since, before = rig.loop.champion.since, len(rig.world.asked)
    rig.days(21)
    questions = [question for question in rig.world.asked[before:] if question.monitor.name == "expected"]

    assert all(question.window.start >= since for question in questions)
    assert [question.past for question in questions] == [
        Window(start=since, end=question.window.start) if question.window.start > since else None
        for question in questions
    ]
    assert any(question.past for question in questions)
    assert not any(question.past for question in rig.world.asked if question.monitor.name != "expected")
