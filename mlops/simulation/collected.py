"""Collected data of the made-up world: what monitors and rollouts would measure in it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Monitor, Reference, Signal
from mlops.domain.project import Data
from mlops.domain.world import Answer, Window
from mlops.ports import OutsideError, Question, ServedQuestion
from mlops.simulation import metrics
from mlops.simulation.nature import Lesson, Place, Trained, distance, mean
from mlops.simulation.stage import Stage
from mlops.simulation.timetable import DAY, draw

_YEAR = timedelta(days=365)
_OF_LABELS = frozenset({Signal.MODEL_PERFORMANCE, Signal.FAIRNESS})
_OF_ANSWERS = _OF_LABELS | {Signal.ESTIMATED_PERFORMANCE, Signal.PREDICTION_DRIFT, Signal.FEATURE_ATTRIBUTION_DRIFT}
_FAULT = 1.5
"""How far a faulty row lies from a sound one."""
_APART = 0.05
"""The share of rows that two models of the same data answer differently."""


class SimulatedData:
    """Keeps the promises of `ports.CollectedData`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def measure(self, data: Data, question: Question) -> Measurement:
        """What the monitor would say."""
        self._reachable()
        stage, monitor, window = self._stage, question.monitor, question.window
        if monitor.signal in _OF_LABELS:
            window = self._known(data, window)
        rows = stage.nature.rows(window, question.without)
        empty = Measurement(monitor=monitor.name, value=None, samples=0, why=f"no rows in {window}")
        serving = stage.serving
        if not rows or (serving is None and monitor.signal in _OF_ANSWERS):
            return empty
        there = mean(stage.nature.places(window, question.without))
        reference = self._reference(question)
        if reference is None:
            return replace(empty, why="the reference has no rows of this season")
        sight = metrics.Sight(
            world=stage.nature.world,
            rows=rows,
            moved=abs(there.inputs - reference.mean.inputs) + _FAULT * abs(there.faulty - reference.mean.faulty),
            faulty=there.faulty,
            answered=rows / max(stage.nature.rows(question.window, question.without), 1),
            chance=draw(stage.seed, monitor.name, window.end),
        )
        if serving is not None:
            sight = self._answers(sight, serving.trained, monitor, question)
        return self._said(monitor, sight, serving.trained if serving else None, there)

    def _answers(self, sight: metrics.Sight, trained: Trained, monitor: Monitor, question: Question) -> metrics.Sight:
        """What is known of the model's answers; without labels nobody sees that the rule has changed."""
        stage = self._stage
        places = stage.nature.places(question.window, question.without)
        if monitor.signal == Signal.ESTIMATED_PERFORMANCE:
            places = tuple(replace(each, rule=trained.lesson.mean.rule) for each in places)
        right = sum(trained.right(stage.nature.world, each) for each in places) / max(len(places), 1)
        return replace(sight, right=right, claimed=trained.right(stage.nature.world, trained.lesson.mean))

    def _said(self, monitor: Monitor, sight: metrics.Sight, trained: Trained | None, there: Place) -> Measurement:
        stage = self._stage
        own = stage.nature.world.readings.get(monitor.name)
        if own is not None:
            far = sight.moved
            if trained is not None and monitor.signal in _OF_ANSWERS:
                far = distance(stage.nature.world, trained.lesson, there)
            said = own.calm + own.slope * far + sight.chance.gauss(0.0, own.noise)
            return Measurement(monitor=monitor.name, value=said, samples=sight.rows)
        value = metrics.value(monitor.metric, sight)
        why = "" if value is not None else f"the simulation knows no {monitor.metric}: give it one of spec.readings"
        return Measurement(monitor=monitor.name, value=value, samples=sight.rows, why=why)

    def _reference(self, question: Question) -> Lesson | None:
        """What drift is measured against: training rows, all of them or those of the same season."""
        stage = self._stage
        registered = stage.datasets.get(question.reference.reference) if question.reference else None
        if registered is None:
            return stage.nature.lesson(question.window, question.without)
        if question.monitor.reference is Reference.TRAINING:
            return registered.lesson
        train, length = registered.plan.train, question.window.end - question.window.start
        start = question.window.start
        found: list[Place] = []
        while start >= train.start:
            if start + length <= train.end:
                found += stage.nature.places(Window(start=start, end=start + length), registered.plan.without)
            start -= _YEAR
        return replace(registered.lesson, mean=mean(tuple(found))) if found else None

    def served(self, data: Data, question: ServedQuestion) -> Measurement:
        """Requests by the share of traffic since then; errors as the deployment makes them."""
        del data
        self._reachable()
        stage = self._stage
        found = stage.deployments.get(question.deployment)
        share = max(stage.traffic.get(question.deployment, 0), stage.mirror.get(question.deployment, 0))
        length = max(stage.clock.now() - question.since, timedelta())
        pace = stage.nature.world.requests_per_day or stage.nature.rows_per_day
        requests = int(length / DAY * pace * share / 100) if found else 0
        if not requests or found is None:
            return Measurement(monitor=question.metric, value=None, samples=0, why="it served nothing yet")
        value = self._number(question, found.trained, requests)
        return Measurement(monitor=question.metric, value=value, samples=requests)

    def _number(self, question: ServedQuestion, trained: Trained, requests: int) -> float | None:
        chance = draw(self._stage.seed, question.metric, trained.luck, self._stage.clock.now())
        match question.metric:
            case "requests":
                return float(requests)
            case "error_rate":
                wobble = math.sqrt(trained.errors * (1 - trained.errors) / requests)
                return min(max(chance.gauss(trained.errors, wobble), 0.0), 1.0)
            case "p95_ms":
                return self._stage.nature.world.serving.latency * (1 + abs(chance.gauss(0.0, 0.05)))
            case "prediction_disagreement":
                return self._disagreement(question, trained)
        return None

    def _disagreement(self, question: ServedQuestion, trained: Trained) -> float | None:
        other = self._stage.deployments.get(question.against)
        if other is None:
            return None
        world = self._stage.nature.world
        return _APART * (1 + distance(world, other.trained.lesson, trained.lesson.mean))

    def labelled(self, data: Data, window: Window) -> int:
        """Rows whose label is known by now."""
        self._reachable()
        return self._stage.nature.rows(self._known(data, window))

    def _known(self, data: Data, window: Window) -> Window:
        return known(self._stage, data, window)

    def answers(self, data: Data, window: Window) -> tuple[Answer, ...]:
        """None: reports are of the real world."""
        del data, window
        return ()

    def _reachable(self) -> None:
        if self._stage.metrics_gone:
            raise OutsideError("the collected data cannot be read (simulated)")


def known(stage: Stage, data: Data, window: Window) -> Window:
    """The part of a window whose labels are known by now."""
    newest: datetime = stage.clock.now() - data.delay - stage.nature.world.labels.late
    end = max(min(window.end, newest), window.start)
    return Window(start=window.start, end=end)


def parts_unknown(monitors: tuple[Monitor, ...], readings: Mapping[str, object]) -> tuple[str, ...]:
    """Monitors whose metric this world has no idea of."""
    return tuple(each.name for each in monitors if each.metric not in metrics.KNOWN and each.name not in readings)
