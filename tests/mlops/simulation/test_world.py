"""The made-up world by itself: where data lies, what a model is worth there, what it costs; one world for all."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.world import Window
from mlops.monitors.registry import MONITORS
from mlops.ports import OutsideError, Question, ServedQuestion
from mlops.simulation import metrics
from mlops.simulation.azure import backends
from mlops.simulation.collected import parts_unknown
from mlops.simulation.nature import Lesson, Nature, Place, Trained, moments
from mlops.simulation.results import Money
from mlops.simulation.scenario import BadData, Drift, Model, Moments, Outages, Prices, Training, World
from mlops.simulation.summary import rows
from mlops.simulation.timetable import draw, timetable
from tests.mlops.simulation.worlds import CALM, NEVER, NIMBLE, STEP, lived, spell, standing

DAY = timedelta(days=1)
HOME = Trained(lesson=Lesson(mean=Place(), spread=0.0, rows=10_000))


def nature(*drift: dict[str, object], **more: object) -> Nature:
    world = CALM.model_copy(update={"drift": tuple(Drift.model_validate(each) for each in drift), **more})
    return Nature(world=world, timetable=timetable(world, 400, 0), rows_per_day=10)


@pytest.mark.parametrize(
    ("drift", "places"),
    [
        ({"kind": "sudden", "size": 2, "day": 10}, {9: 0, 10: 2, 300: 2}),
        ({"kind": "sudden", "size": 2, "day": 10, "lasts": "P5D"}, {9: 0, 14: 2, 15: 0}),
        ({"kind": "gradual", "size": 2, "day": 10, "lasts": "P20D"}, {10: 0, 20: 1, 30: 2, 300: 2}),
        ({"kind": "seasonal", "size": 2, "lasts": "P100D"}, {0: 0, 25: 2, 75: -2}),
    ],
    ids=["sudden", "sudden, over", "gradual", "seasonal"],
)
def test_drift_goes_as_it_was_said(drift: dict[str, object], places: dict[int, float]) -> None:
    found = nature(drift)
    for day, there in places.items():
        place = found.place(found.timetable.start + day * DAY)
        assert (place.inputs, place.rule) == pytest.approx((there, there), abs=1e-9)


@pytest.mark.parametrize(("moves", "there"), [("inputs", (1, 0)), ("rule", (0, 1)), ("both", (1, 1))])
def test_a_drift_moves_what_it_says(moves: str, there: tuple[float, float]) -> None:
    found = nature({"kind": "sudden", "size": 1, "moves": moves})
    place = found.place(found.timetable.start)
    assert (place.inputs, place.rule) == there


def test_the_further_from_home_the_fewer_answers_are_right_down_to_the_worst() -> None:
    model = Model(best=0.9, worst=0.6, reach=1)
    world = CALM.model_copy(update={"model": model})
    found = [HOME.right(world, Place(inputs=far, rule=far)) for far in (0, 0.5, 1, 2, 9)]
    assert all(nearer > further for nearer, further in pairwise(found))
    assert found[0] == pytest.approx(0.897)
    assert found[-1] == pytest.approx(0.6)


def test_inputs_that_training_saw_cost_nothing_and_a_rule_that_changed_meanwhile_does() -> None:
    seen = Trained(lesson=Lesson(mean=Place(inputs=1, rule=1), spread=1.0, rows=10_000))
    assert seen.right(CALM, Place(inputs=2, rule=1)) == seen.right(CALM, Place(inputs=1, rule=1))
    assert seen.right(CALM, Place(inputs=1, rule=2)) < seen.right(CALM, Place(inputs=1, rule=1))


def test_whoever_learned_the_fault_is_better_while_it_lasts_and_worse_after() -> None:
    spoilt = Trained(lesson=Lesson(mean=Place(faulty=0.5), spread=0.0, rows=10_000))
    faulty, mended = Place(faulty=0.5), Place()
    assert spoilt.right(CALM, faulty) > HOME.right(CALM, faulty)
    assert spoilt.right(CALM, mended) < HOME.right(CALM, mended)


def test_moments_are_spread_over_what_is_left_of_a_window() -> None:
    start = datetime.fromisoformat("2026-01-01T00:00+00:00")
    hole = Window(start=start + 2 * DAY, end=start + 6 * DAY)
    found = [moment - start for moment in moments(Window(start=start, end=start + 8 * DAY), (hole,), 4)]
    assert found == [0.5 * DAY, 1.5 * DAY, 6.5 * DAY, 7.5 * DAY]


def test_every_metric_of_the_monitors_says_something_and_another_is_named() -> None:
    names = {name for one in MONITORS.values() for name in one.METRICS}
    sight = metrics.Sight(world=CALM, rows=500, moved=0.5, faulty=0.1, right=0.8, claimed=0.85, chance=draw(0, "x"))
    assert {name for name in names if metrics.value(name, sight) is None} == set()
    own = Monitor(name="own", signal="acme", metric="acme_score", window=DAY, every=DAY)
    assert parts_unknown((own,), {}) == ("own",)
    assert parts_unknown((own,), {"own": object()}) == ()


@pytest.mark.parametrize(
    "metric", ["population_stability_index", "kolmogorov_smirnov_distance", "domain_classifier_auc"]
)
def test_distances_grow_with_the_distance(metric: str) -> None:
    values = [
        metrics.value(metric, metrics.Sight(world=CALM, rows=100_000, moved=far, chance=draw(0, "x"))) or 0
        for far in (0, 0.3, 1, 2)
    ]
    assert values == sorted(values)
    assert values[-1] > values[0] + 0.3


def test_a_reading_of_the_scenario_stands_in_for_the_metrics_formula() -> None:
    readings = {"drift": {"calm": 7, "slope": 2}}
    stage = standing("rain-local")
    world = World.model_validate({"readings": readings, "drift": [], "badData": {"days": []}})
    stage.nature = Nature(world=world, timetable=stage.timetable, rows_per_day=10)
    monitor = Monitor(name="drift", signal=Signal.DATA_DRIFT, metric="acme", window=DAY, every=DAY)
    window = Window(start=stage.timetable.start - DAY, end=stage.timetable.start)
    found = backends(stage).data.measure(stage.project.data, Question(monitor=monitor, window=window))
    assert (found.value, found.samples) == (7, 10)


def test_nothing_collected_can_be_read_while_metrics_are_gone() -> None:
    stage = standing("rain-local")
    world = CALM.model_copy(update={"outages": Outages(metrics=spell(0, "P1D"), quota=NEVER, controller=NEVER)})
    stage.nature = Nature(world=world, timetable=timetable(world, 10, 0), rows_per_day=10)
    asked = ServedQuestion(metric="requests", endpoint="rain-local", deployment="m-1", since=stage.clock.now())
    with pytest.raises(OutsideError, match="cannot be read"):
        backends(stage).data.served(stage.project.data, asked)
    stage.advance(stage.timetable.start + DAY)
    assert backends(stage).data.served(stage.project.data, asked).samples == 0


def test_labels_that_come_late_are_not_there_yet() -> None:
    stage = standing("rain-local")
    data, now = stage.project.data, stage.timetable.start
    window = Window(start=now - 10 * DAY, end=now)
    assert backends(stage).data.labelled(data, window) == 50  # data.delay is five days
    late = World.model_validate({"labels": {"late": "P3D"}})
    stage.nature = Nature(world=late, timetable=stage.timetable, rows_per_day=10)
    assert backends(stage).data.labelled(data, window) == 20


def test_without_quota_no_deployment_comes_up_until_it_is_back() -> None:
    world = STEP.model_copy(update={"outages": Outages(metrics=NEVER, quota=spell(31, "P80D"), controller=NEVER)})
    found = lived(world, days=100)
    assert (found.outcomes["promoted"], found.outcomes["rolled back"] > 0) == (1, True)


def test_days_before_the_first_champion_are_shown_and_are_no_service() -> None:
    world = CALM.model_copy(update={"training": Training(fails=0)})
    found = lived(world, days=30)
    assert found.days_served == pytest.approx(30 - 3 / 24, abs=0.1)
    row = next(row for row in rows((found,)) if row[0] == "days before anything served")
    assert row[1] == "0.1"


def test_money_is_hours_of_jobs_and_of_all_that_stands_there() -> None:
    prices = Prices(node_hour=2, nodes=3, gpus=4, run=10, instance_hour=0.5, degraded_day=100)
    found = lived(CALM.model_copy(update={"prices": prices}), days=30)
    hours = 30 * 24 - 3  # a job of three hours came first
    assert found.money.training == 3 * 2 * 3 + 10
    assert found.money.gpu_hours == 3 * 3 * 4
    assert hours * 0.5 - 1 < found.money.serving <= hours * 0.5
    assert found.money == Money(currency="EUR", training=28, gpu_hours=36, serving=found.money.serving, degraded=0)


def test_what_the_project_says_of_a_price_goes_before_the_scenario() -> None:
    text = NIMBLE.replace("timeout: PT6H}", "timeout: PT6H, price: {perHour: 5, currency: USD}}")
    found = lived(CALM, text, days=5)
    assert (found.money.training, found.money.currency) == (15, "USD")


def test_all_versions_see_the_same_world_and_another_seed_another() -> None:
    world = World.model_validate(
        {"rowsPerDay": 100, "gateRows": 300, "edits": {"perYear": 12}, "badData": {"perYear": 6, "days": []}}
    )
    one, other = lived(world, days=90, seed=5), lived(world, NIMBLE.replace("P20D", "P50D"), days=90, seed=5)
    assert one.spells == other.spells != lived(world, days=90, seed=6).spells
    edits = [[event.at for event in each.events if event.kind == "edited"] for each in (one, other)]
    assert edits[0] == edits[1] != []


def test_a_longer_simulation_begins_as_a_shorter_one() -> None:
    world = CALM.model_copy(update={"edits": Moments(per_year=9), "bad_data": BadData(days=(3,), per_year=4)})
    short, long = timetable(world, 200, 1), timetable(world, 400, 1)
    assert long.edits[: len(short.edits)] == short.edits != ()
    assert long.bad_data[: len(short.bad_data)] == short.bad_data != ()
