"""Bad data is neither trained nor judged on."""

from pathlib import Path

from mlops.flows import commands
from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, PROJECT, Rig


def test_quarantine_a_window_with_bad_data_is_neither_trained_nor_judged_on(rig: Rig) -> None:
    before = rig.world.clock.moment
    rig.world.readings["sensor"] = always(0.9)
    rig.days(60)
    rig.world.readings["sensor"] = always(0.0)
    rig.days(30)
    (quarantine,) = rig.loop.quarantines
    commands.trigger(rig.context, "ada", "after the fault")
    rig.settle()
    plan = rig.world.plans["rain-training:2"]

    assert quarantine.window.start <= before + 7 * DAY
    assert quarantine.window.end >= before + 49 * DAY
    assert plan.without == (quarantine.window,)
    # The holdout keeps its length in sound days: it reaches back past the hole.
    hole = quarantine.window.end - quarantine.window.start
    assert plan.holdout.end - plan.holdout.start == 300 * DAY + hole
    later = [q for q in rig.world.asked if q.monitor.name == "drift" and q.window.overlaps(quarantine.window)]
    assert later[-1].without == (quarantine.window,)


def test_quarantine_what_no_monitor_has_looked_at_yet_is_not_trained_on(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, text=PROJECT.replace("delay: P5D", "delay: P0D"))
    rig.settle()
    rig.days(34)
    commands.trigger(rig.context, "ada", "between two looks")
    rig.settle()
    looked = rig.loop.readings["sensor"].end

    assert rig.world.clock.moment - looked > 3 * DAY
    assert rig.world.plans["rain-training:2"].holdout.end <= looked


def test_quarantine_is_used_again_once_released(rig: Rig) -> None:
    rig.world.readings["sensor"] = always(0.9)
    rig.days(20)
    rig.world.readings["sensor"] = always(0.0)
    rig.days(8)
    start = rig.loop.quarantines[0].window.start
    commands.release(rig.context, "ada", "repaired", start)
    commands.trigger(rig.context, "ada", "use it")
    rig.settle()

    assert rig.world.plans["rain-training:2"].without == ()
