"""The port `CollectedData`: looks, asks, and lets the monitors measure."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlops.backends.blobs import rows, sides, together
from mlops.backends.blobs.formats import number
from mlops.backends.blobs.reference import Columns, References, categorical
from mlops.backends.blobs.windows import Windows, count_rows
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Reference, Signal
from mlops.domain.world import Answer, Window
from mlops.monitors import asked, profile, segments
from mlops.monitors import registry as signals
from mlops.monitors.calibration import spent
from mlops.monitors.evidence import Evidence, Rows, Scored
from mlops.monitors.installed import BadSignalError
from mlops.monitors.profile import Bounds, DoesNotFitError, Profile, Schema
from mlops.monitors.stretches import of_columns
from mlops.monitors.table import UnfitError
from mlops.ports import RefusedError

if TYPE_CHECKING:
    from mlops.backends.blobs.cache import Cache
    from mlops.backends.blobs.reader import Reader
    from mlops.domain.project import Data
    from mlops.ports import Clock, Question, ServedQuestion

LATENCY = "latency_ms"
"""Column of the collected outputs from which p95_ms is taken: the collector itself stamps whole seconds only."""

_HALF = 0.5
_PATIENCE = timedelta(seconds=5)
"""With a shorter settling time, waiting for answers under way is cheaper than asking again."""


class BlobCollectedData:
    """What Azure's collector filed for one endpoint, with the labels and the history."""

    def __init__(self, cache: Cache, reader: Reader, references: References, clock: Clock, settle: timedelta) -> None:
        """Take the parts; `settle` is real time after which a request that has no answer will not get one."""
        self._cache = cache
        self._reader = reader
        self._references = references
        self._clock = clock
        self._settle = settle
        self._windows = Windows(cache)

    def measure(self, data: Data, question: Question) -> Measurement:
        """See CollectedData.measure.  Raise RefusedError for a metric that the signal does not have."""
        monitor = question.monitor
        try:
            known = signals.monitor(monitor.signal).METRICS
        except BadSignalError as error:  # its package went since the project was applied: the loop goes on
            return Measurement(monitor=monitor.name, value=None, samples=monitor.min_samples, why=str(error))
        if monitor.metric not in known:
            raise RefusedError(
                f"monitor {monitor.name}: {monitor.signal} has no metric {monitor.metric!r}; it has {', '.join(known)}"
            )
        self._reader.look()
        try:
            return segments.corrected(monitor, self._measured(data, question))
        except UnfitError as error:  # a segment that cannot be told: a fault, however few rows there are
            return Measurement(monitor=monitor.name, value=None, samples=monitor.min_samples, why=str(error))

    def _measured(self, data: Data, question: Question) -> Measurement:
        monitor = question.monitor
        if monitor.signal == Signal.MODEL_PERFORMANCE:
            return self._performance(data, question)
        if monitor.signal in together.SIGNALS:
            self._reader.look_at_labels()
            found = together.evidence(self._cache, data, question)
            return signals.monitor(monitor.signal).measure(monitor.name, monitor.metric, found)
        if sides.compared(monitor):
            return self._side_by_side(data, question)
        try:
            return asked.aggregated(monitor, self._compared(data, question))
        except DoesNotFitError as error:
            return Measurement(monitor=monitor.name, value=None, samples=0, why=str(error))

    def served(self, data: Data, question: ServedQuestion) -> Measurement:
        """See CollectedData.served."""
        self._reader.look(question.deployment, *([question.against] if question.against else []))
        metric, deployment, since = question.metric, question.deployment, question.since
        if metric in ("error_rate", "requests"):
            return self._requests(metric, deployment, since)
        if metric == "p95_ms":
            return self._latency(deployment, since)
        if metric == "prediction_disagreement":
            found = rows.pairs(self._cache, deployment, question.against, since, data.prediction)
            return _disagreement(found, deployment, question.against)
        raise RefusedError(f"what a deployment served has no metric {metric!r}")

    def labelled(self, data: Data, window: Window) -> int:  # noqa: ARG002 - the cache was made for these data
        """See CollectedData.labelled."""
        self._reader.look()
        self._reader.look_at_labels()
        return len(rows.labelled(self._cache, window))

    def answers(self, data: Data, window: Window) -> tuple[Answer, ...]:
        """See CollectedData.answers."""
        self._reader.look()
        self._reader.look_at_labels()
        return tuple(
            Answer(
                key=one.key,
                time=datetime.fromtimestamp(one.time, UTC),
                prediction=prediction,
                deployment=one.deployment,
                label=one.label,
            )
            for one in rows.answers(self._cache, window)
            if (prediction := number(one.output.get(data.prediction))) is not None
        )

    def _performance(self, data: Data, question: Question) -> Measurement:
        self._reader.look_at_labels()
        found = rows.answers(self._cache, question.window, question.without, question.monitor.segment)
        scored = [
            (one.label, score)
            for one in found
            if one.label is not None and (score := number(one.output.get(data.prediction))) is not None
        ]
        waiting = sum(one.label is None for one in found)
        evidence = Evidence(
            scored=Scored(labels=[label for label, _ in scored], scores=[score for _, score in scored], waiting=waiting)
        )
        monitor = question.monitor
        return signals.monitor(monitor.signal).measure(monitor.name, monitor.metric, evidence)

    def _side_by_side(self, data: Data, question: Question) -> Measurement:
        self._reader.look_at_labels()
        monitor = question.monitor
        if monitor.model is not None:
            answered = rows.answers(self._cache, question.window, question.without, monitor.segment)
            why = "a file's model is no champion, which changes: `mlops monitor run` reads it; here use `attributions`"
            return Measurement(monitor=monitor.name, value=None, samples=len(answered), why=why)
        found = sides.evidence(self._cache, data, question, lambda: self._reference(data, question))
        if found.rows is None or not Rows.count(found.rows.current):
            why = f"no rows were collected from {question.window}"
            return Measurement(monitor=monitor.name, value=None, samples=0, why=why)
        if monitor.attributions is not None and not found.rows.reference:
            why = "the window before has no answers of the model that answers now"  # too early, and no fault
            return Measurement(monitor=monitor.name, value=None, samples=0, why=why)
        found = replace(found, rate=_rate(question), now=self._clock.now())
        return signals.monitor(monitor.signal).measure(monitor.name, monitor.metric, found)

    def _compared(self, data: Data, question: Question) -> Measurement:
        monitor = question.monitor
        if monitor.metric == "hours_since_newest":
            evidence = Evidence(newest=rows.newest(self._cache), now=self._clock.now())
            return signals.monitor(monitor.signal).measure(monitor.name, monitor.metric, evidence)
        names = asked.columns(monitor, data)
        bounds = asked.rules(monitor, names)
        reference = self._reference(data, question)
        schema = self._schema(question, reference, names, bounds)
        current = self._current(data, question, schema)
        if not current.rows and monitor.metric != "row_count":
            why = f"no rows were collected from {question.window}"
            return Measurement(monitor=monitor.name, value=None, samples=0, why=why)
        counted = profile.profile(reference, schema=schema) if reference else None
        parts = _stretches(reference, schema, current.rows) if monitor.relative and reference else None
        evidence = Evidence(current=current, reference=counted, rate=_rate(question), stretches=parts)
        return signals.monitor(monitor.signal).measure(monitor.name, asked.metric(monitor), evidence)

    def _schema(
        self, question: Question, reference: Columns | None, names: tuple[str, ...], bounds: tuple[Bounds, ...]
    ) -> Schema:
        """Say what is counted; the reference says of which kind a column is and where its middle lies.

        Without a reference any middle will do, and it is the same one for every window: kept days stay of use.
        """
        known = reference or self._windows.sample(question.window, names)
        levels = tuple(name for name in names if categorical(known.get(name, [])))
        numbers = tuple(name for name in names if name not in levels)
        if reference is None:
            return Schema(centres=tuple((name, 0.0) for name in numbers), categorical=levels, bounds=bounds)
        return profile.schema_of(reference, features=numbers, levels=levels, bounds=bounds)

    def _current(self, data: Data, question: Question, schema: Schema) -> Profile:
        """Count what came in in the window, or what was answered."""
        if question.monitor.signal == Signal.PREDICTION_DRIFT:
            return profile.profile(self._predictions(data, question, question.window), schema=schema)
        if question.monitor.segment is not None:
            found = rows.inputs(self._cache, question.window, question.without, question.monitor.segment)
            return count_rows(found, schema)
        return self._windows.profile(question.window, question.without, schema)

    def _predictions(self, data: Data, question: Question, window: Window) -> Columns:
        found = rows.answers(self._cache, window, question.without, question.monitor.segment)
        return {data.prediction: [one.output.get(data.prediction) for one in found]}

    def _reference(self, data: Data, question: Question) -> Columns | None:
        """Give the champion's training rows; predictions are compared with those of the window before."""
        if question.monitor.signal == Signal.PREDICTION_DRIFT:
            window = question.window
            before = Window(start=window.start - (window.end - window.start), end=window.start)
            found = self._predictions(data, question, before)
            return found if any(found.values()) else None
        if question.reference is None:
            return None
        if question.monitor.reference is Reference.SEASON:
            found = self._references.season(question.reference, question.window)
        else:
            found = self._references.rows(question.reference)
        return segments.only(question.monitor.segment, found)

    def _requests(self, metric: str, deployment: str, since: datetime) -> Measurement:
        found = self._settled(deployment, since)
        if not found:
            why = f"{deployment} was sent nothing since {since:%Y-%m-%d %H:%M}"
            return Measurement(monitor=metric, value=None, samples=0, why=why)
        if metric == "requests":
            return Measurement(monitor=metric, value=float(len(found)), samples=len(found))
        errors = sum(not one.answered for one in found)
        return Measurement(monitor=metric, value=errors / len(found), samples=len(found))

    def _settled(self, deployment: str, since: datetime) -> list[rows.Request]:
        """Leave out requests whose answers may be under way; where that is a matter of moments, wait for them."""
        end = time.time() + self._settle.total_seconds()
        while True:
            found = rows.requests(self._cache, deployment, since)
            youngest = time.time() - self._settle.total_seconds()
            pending = [one for one in found if not one.answered and one.sent > youngest]
            if not pending or self._settle > _PATIENCE or time.time() > end:
                return [one for one in found if one not in pending]
            time.sleep(0.1)
            self._reader.look(again=True)

    def _latency(self, deployment: str, since: datetime) -> Measurement:
        found = [number(row.get(LATENCY)) for row in rows.outputs(self._cache, deployment, since)]
        times = sorted(one for one in found if one is not None)
        if not times:
            why = f"{deployment} collected no column {LATENCY!r} in its outputs" if found else "nothing was answered"
            return Measurement(monitor="p95_ms", value=None, samples=len(found), why=why)
        nearest = times[max(math.ceil(0.95 * len(times)) - 1, 0)]
        return Measurement(monitor="p95_ms", value=nearest, samples=len(times))


def _disagreement(found: list[tuple[float, float]], deployment: str, against: str) -> Measurement:
    """Share of rows on different sides of 0.5; for values that are no probabilities their mean absolute difference."""
    name = "prediction_disagreement"
    if not found:
        return Measurement(
            monitor=name, value=None, samples=0, why=f"no row was answered by {deployment} and {against}"
        )
    if all(0 <= value <= 1 for pair in found for value in pair):
        differs = sum((one >= _HALF) != (other >= _HALF) for one, other in found)
        return Measurement(monitor=name, value=differs / len(found), samples=len(found))
    mean = statistics.fmean(abs(one - other) for one, other in found)
    return Measurement(monitor=name, value=mean, samples=len(found))


def _rate(question: Question) -> float | None:
    """Give the share of the monitor's false alarms that this look may spend; None where nobody asked."""
    limit = question.monitor.limit
    if limit is None or not limit.false_alarms:
        return None
    return spent(limit.false_alarms, question.look) / question.monitor.family


def _stretches(reference: Columns, schema: Schema, size: int) -> tuple[Profile, ...]:
    names = (*(name for name, _ in schema.centres), *schema.categorical)
    return of_columns({name: reference[name] for name in names}, replace(schema, bounds=()), size)
