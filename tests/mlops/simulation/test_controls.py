"""Take a control out of the project file, and the same world ends differently: the loop itself decides in it."""

from itertools import accumulate

import pytest

from mlops.simulation.results import Result
from mlops.simulation.scenario import BadData, Model, Moments, Outages, Serving, Training
from tests.mlops.simulation.worlds import CALM, NIMBLE, STEP, lived, spell


def test_a_calm_world_costs_one_training_and_no_day_is_degraded() -> None:
    found = lived(CALM)
    assert (found.retrainings, found.outcomes["promoted"], found.days_degraded, found.repairs) == (1, 1, 0, 0)


def test_drift_is_followed_and_service_recovers() -> None:
    found = lived(STEP)
    quality = dict(found.quality)
    assert found.outcomes["promoted"] >= 2
    assert quality[20] > 0.82
    assert quality[35] < 0.75
    assert quality[119] > 0.82


def test_without_the_cool_down_it_trains_more_often() -> None:
    hasty = NIMBLE.replace("cooldown: P20D", "cooldown: P1D")
    assert lived(STEP, hasty, days=60).retrainings > lived(STEP, days=60).retrainings + 1


def test_without_a_gate_that_compares_luck_decides_who_serves() -> None:
    world = CALM.model_copy(update={"model": Model(luck=0.04)})
    routine = NIMBLE.replace("  triggerPolicy:", "    - {name: routine, when: {every: P21D}}\n  triggerPolicy:")
    strict = lived(world, routine)
    lax = lived(world, routine.replace("atLeast: 0.5", "atLeast: 0.5, minDelta: -1"))
    assert (lax.outcomes["promoted"], lax.outcomes["rejected"]) == (lax.retrainings, 0)
    assert strict.outcomes["rejected"] > strict.outcomes["promoted"]
    assert _fall(strict) < 0.001
    assert _fall(lax) > 0.02


def _fall(found: Result) -> float:
    """How much worse service became than it had been before."""
    values = [value for _, value in found.quality]
    return max(best - value for best, value in zip(accumulate(values, max), values, strict=True))


def test_without_quarantine_the_fault_is_learned_and_stays_when_it_is_mended() -> None:
    fault = BadData.model_validate({"days": [40], "lasts": "P20D", "share": 1, "harm": 4})
    world = CALM.model_copy(update={"bad_data": fault})
    careful, careless = lived(world), lived(world, NIMBLE.replace("quarantine: true", "quarantine: false"))
    assert (careful.quarantines, careless.quarantines) == (1, 0)
    assert (careful.retrainings, careful.outcomes["promoted"]) == (1, 1)
    assert careless.outcomes["promoted"] > 1
    assert _mended(careless) < _mended(careful)


def _mended(found: Result) -> float:
    return sum(value for day, value in found.quality if day >= 60)


def test_models_that_fail_requests_are_rolled_back_unless_nobody_measures() -> None:
    world = STEP.model_copy(update={"training": Training(fails=0, broken=1)})
    blind = NIMBLE.replace('success: "<= 0.05", failure: "> 0.2"', 'success: "<= 1"')
    assert lived(world).outcomes["rolled back"] > 0
    assert lived(world, blind).outcomes["rolled back"] == 0


@pytest.mark.parametrize(
    ("change", "outcome"),
    [({"training": Training(fails=1)}, "failed"), ({"serving": Serving(fails=1)}, "rolled back")],
)
def test_what_fails_every_time_ends_every_attempt_and_the_breaker_holds(
    change: dict[str, object], outcome: str
) -> None:
    found = lived(CALM.model_copy(update=change), days=80)
    assert found.outcomes[outcome] == found.retrainings == 3
    assert found.waits["breaker"] == 1


def test_somebody_who_takes_the_traffic_away_is_set_right_at_the_next_look() -> None:
    world = CALM.model_copy(update={"edits": Moments(days=(40,), per_year=0)})
    seldom, often = lived(world), lived(world, NIMBLE.replace("checkEvery: P7D", "checkEvery: PT1H"))
    assert (seldom.repairs, often.repairs) == (1, 1)
    assert 0 < often.days_down < 0.1 < seldom.days_down <= 7


def test_without_a_controller_nothing_is_repaired_until_it_is_back() -> None:
    down = Outages(
        metrics=CALM.outages.metrics,
        quota=CALM.outages.quota,
        controller=spell(40, "P10D"),
    )
    world = CALM.model_copy(update={"edits": Moments(days=(41,), per_year=0), "outages": down})
    text = NIMBLE.replace("checkEvery: P7D", "checkEvery: PT1H")
    assert 9 <= lived(world, text).days_down < 9.1


def test_while_metrics_are_gone_no_weight_moves() -> None:
    gone = Outages(
        metrics=spell(41, "P60D"),
        quota=CALM.outages.quota,
        controller=CALM.outages.controller,
    )
    found = lived(STEP.model_copy(update={"outages": gone}), days=100)
    assert found.outcomes["promoted"] == 1
    assert lived(STEP, days=100).outcomes["promoted"] > 1
