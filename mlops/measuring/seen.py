"""What monitors are given of files: profiles, rows where a signal needs columns together, and answers with labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mlops.backends.blobs import together
from mlops.backends.tables import count, rows, stretches
from mlops.domain.data.data_error import DataError
from mlops.domain.declared.monitor import Signal
from mlops.domain.world import Window
from mlops.measuring import answers
from mlops.measuring.answers import AbsentError
from mlops.measuring.segmented import segmented
from mlops.measuring.windows import ByHour, Whole
from mlops.monitors import asked, contributions
from mlops.monitors.calibration import spent
from mlops.monitors.evidence import Evidence, Roles, Rows
from mlops.monitors.profile import ABSENT, Bounds, Profile, Schema
from mlops.monitors.registry import MONITORS
from mlops.monitors.table import UnfitError
from mlops.ports import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mlops.backends.tables.count import Progress
    from mlops.backends.tables.engines import Engine
    from mlops.backends.tables.rows import Columns
    from mlops.backends.tables.sources import Source
    from mlops.domain.declared.monitor import Monitor
    from mlops.domain.project import Project
from mlops.measuring.windows import Current

COUNTED = frozenset({Signal.DATA_DRIFT, Signal.PREDICTION_DRIFT, Signal.DATA_QUALITY})
"""Signals that counts of columns are enough for."""
_NEED_REFERENCE = frozenset({"out_of_bounds_rate", "unseen_level_rate", "schema_change_count"})
_AGE, _DUPLICATES, _STRUCTURE = "hours_since_newest", "duplicate_rate", "schema_change_count"


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where rows are."""

    current: Sequence[Source]
    reference: Sequence[Source] = ()
    saved: Profile | None = None
    """A saved profile of the reference, instead of its files."""
    labels: Sequence[Source] = ()
    until: datetime | None = None
    """Where the windows end; None: all rows of the files are the window."""
    states: Path | None = None
    """A folder that keeps profiles by the hour, so that a file is counted once."""


@dataclass
class Seen:
    """Files as the monitors of a project see them; each is read once for all of them."""

    project: Project
    files: Files
    engine: Engine
    now: datetime
    number: int | None = None
    """Of this look; None: it is the only one there will be …"""
    looks_since: datetime | None = None
    """… unless looks are counted since then, one each `every` of a monitor."""
    progress: Progress | None = None
    fetch: Callable[[Sequence[Source]], None] = lambda _sources: None
    """Brings files here that are elsewhere."""
    read: set[str] = field(default_factory=set)
    """What was read."""
    _profiles: dict[Window | None, Profile] = field(default_factory=dict)
    _kept: dict[tuple[Window | None, tuple[str, ...]], Columns] = field(default_factory=dict)

    def window(self, monitor: Monitor) -> Window | None:
        """Give the stretch of event time that is looked at; None: whatever the files hold."""
        until = self.files.until or self._current.end()
        return None if until is None else Window(start=until - monitor.window, end=until)

    def missing(self, monitor: Monitor) -> tuple[datetime, ...]:
        """Give the hours of a window of which there is nothing, where that is known."""
        window = self.window(monitor)
        return self._current.missing(window) if window else ()

    @property
    def undated(self) -> int:
        """Count the rows that are in no window, where that is known."""
        return self._current.undated()

    def evidence(self, monitor: Monitor) -> Evidence:
        """Give a monitor what it measures.  Raise AbsentError, DataError."""
        window = self.window(monitor)
        return self._of_segment(monitor, window) if monitor.segment else self._of_all(monitor, window)

    def _of_all(self, monitor: Monitor, window: Window | None) -> Evidence:
        if monitor.metric == _AGE:
            newest = rows.newest(self._current.files(window), self._time("the age of a row"))
            return Evidence(newest=None if newest is None else datetime.fromtimestamp(newest, UTC), now=self.now)
        if monitor.metric == _DUPLICATES:
            return Evidence(rows=Rows(current=self._rows(window, (self.project.data.key,)), roles=self._roles(monitor)))
        if monitor.signal in COUNTED:
            return self._counted(monitor, window)
        if monitor.signal == Signal.MODEL_PERFORMANCE:
            joined = answers.labelled(self._rows(window), self._labels, self.project.data)
            return Evidence(scored=answers.scored(joined, self.project.data))
        found = Evidence(
            rows=self._looked(monitor, window),
            columns=monitor.columns or self.project.data.features,
            now=self.now,
            rate=self._rate(monitor),
        )
        if monitor.signal in MONITORS:
            return found
        counted = self._counted(monitor, window)  # what a package's own signal needs is not known: it gets both
        return replace(found, current=counted.current, reference=counted.reference)

    def _of_segment(self, monitor: Monitor, window: Window | None) -> Evidence:
        """Give the rows of a segment and, where they are counted, their counts: profiles of all rows do not tell."""
        if self.files.saved is not None:
            raise DataError("a segment is compared with rows of the reference: name their files, not a saved profile")
        try:
            found = segmented(monitor, self._looked(monitor, window), self.project.data)
        except UnfitError as error:
            raise AbsentError(str(error)) from error
        return replace(found, now=self.now, rate=self._rate(monitor))

    def _counted(self, monitor: Monitor, window: Window | None) -> Evidence:
        current = self.profile(window)
        if not current.rows and monitor.metric != "row_count":
            raise AbsentError(_no_rows(window))
        reference = self._reference if self.files.reference or self.files.saved else None
        drifts = monitor.signal in (Signal.DATA_DRIFT, Signal.PREDICTION_DRIFT)
        if reference is None and (drifts or asked.metric(monitor) in _NEED_REFERENCE):
            raise AbsentError("there is no reference to compare with: name its files")
        if monitor.metric == _STRUCTURE:
            roles = Rows(current={}, roles=self._roles(monitor))
            return Evidence(current=current, reference=reference, columns=monitor.columns, rows=roles)
        names = asked.columns(monitor, self.project.data)
        if monitor.metric != "row_count":
            self._must_have(names, current)
        rules = asked.rules(monitor, names)
        looked = replace(
            asked.narrow(current, names), rules={rule.name: current.rules[_of(monitor, rule)] for rule in rules}
        )
        before = reference and asked.narrow(reference, names)
        parts = self._stretches(before, current.rows) if monitor.relative and before else None
        return Evidence(current=looked, reference=before, rate=self._rate(monitor), stretches=parts)

    def _stretches(self, reference: Profile, size: int) -> tuple[Profile, ...]:
        if self.files.saved is not None:
            raise AbsentError("what the reference varies by itself is of its rows: name their files, no saved profile")
        return stretches.profiles(self._open(self.files.reference), reference.schema, reference.rows, size)

    def _rate(self, monitor: Monitor) -> float | None:
        """Give the share of the monitor's false alarms that this look may spend; None where nobody asked."""
        limit = monitor.limit
        if limit is None or not limit.false_alarms:
            return None
        number = self._look(monitor)
        return (spent(limit.false_alarms, number) if number else limit.false_alarms) / monitor.family

    def _look(self, monitor: Monitor) -> int | None:
        if self.looks_since is None:
            return self.number
        return max((self.now - self.looks_since) // monitor.every, 0) + 1

    def profile(self, window: Window | None) -> Profile:
        """Count the rows of a window.  Raise DataError."""
        if window not in self._profiles:
            if window is not None:
                self._time("the end of a window")
            self._profiles[window] = self._current.profile(window)
        return self._profiles[window]

    @cached_property
    def _current(self) -> Current:
        files = self.files
        here = (self.engine, self._open, self._count, self._schema, self.project.data.time)
        if files.states is None:
            return Whole(files.current, *here, self.progress)
        if not (files.reference or files.saved):
            raise DataError("profiles by the hour (--states) are counted as a reference was: name its files")
        return ByHour(files.current, *here, files.states, self.progress)

    def _open(self, sources: Sequence[Source]) -> Sequence[Source]:
        """Note what is read, and bring it here if it is elsewhere."""
        self.fetch(sources)
        return self._noted(sources)

    def _count(self, sources: Sequence[Source]) -> Sequence[Source]:
        """Note what is counted, and bring it here unless it is counted where it lies."""
        return self._noted(sources) if self.engine.far else self._open(sources)

    def _noted(self, sources: Sequence[Source]) -> Sequence[Source]:
        self.read.update(source.place for source in sources)
        return sources

    def _schema(self) -> Schema:
        """Say what is counted of each row: what the monitors ask for, as the reference holds it."""
        project = self.project
        looked = [
            one for one in project.monitors if not one.segment and (one.signal in COUNTED or one.signal not in MONITORS)
        ]
        names = {name for one in looked for name in asked.columns(one, project.data)}
        rules = [
            replace(rule, name=_of(one, rule))
            for one in looked
            for rule in asked.rules(one, asked.columns(one, project.data))
        ]
        return replace(asked.only(self._reference.schema, names), bounds=tuple(rules))

    @cached_property
    def _reference(self) -> Profile:
        """Without a reference the files themselves say of which kind a column is."""
        if self.files.saved is not None:
            return self.files.saved
        if self.engine.far and not self.files.reference:
            raise DataError("rows that are counted where they lie are counted as a reference was: name its files")
        sources = self._open(self.files.reference or self.files.current)
        return count.profile([source.path for source in sources], progress=self.progress)

    def _must_have(self, names: Sequence[str], current: Profile) -> None:
        gone = [name for name in names if current.types.get(name, (ABSENT,)) == (ABSENT,)]
        if gone:
            raise AbsentError(f"the window's files have no column {', '.join(gone)}")
        unknown = [name for name in names if name not in self._reference.columns]
        if unknown:
            raise AbsentError(f"the reference has no column {', '.join(unknown)} that can be measured")

    def _rows(self, window: Window | None, names: Sequence[str] = ()) -> Columns:
        if (window, tuple(names)) not in self._kept:
            files = self._current.files(window)
            if window is None:
                found = rows.read(files, names=names)
            else:
                time = self._time("the end of a window")
                start, end = window.start.timestamp(), window.end.timestamp()
                found = rows.read(files, names=names, time=time, start=start, end=end)
            self._kept[window, tuple(names)] = found
        found = self._kept[window, tuple(names)]
        if not Rows.count(found):
            raise AbsentError(_no_rows(window))
        return found

    @cached_property
    def _reference_rows(self) -> Columns:
        return rows.read(self._open(self.files.reference))

    @cached_property
    def _labels(self) -> Mapping[str, object] | None:
        data = self.project.data
        return rows.labels(self._open(self.files.labels), data.key, data.label) if self.files.labels else None

    def _looked(self, monitor: Monitor, window: Window | None) -> Rows:
        """Give the rows of the window and of the reference, with the labels that came."""
        current = answers.labelled(self._rows(window), self._labels, self.project.data)
        reference = self._reference_rows if self.files.reference else None
        return Rows(
            current=current,
            reference=reference,
            roles=self._roles(monitor),
            model=self._model(monitor),
            smallest_group=monitor.smallest_group,
        )

    def _model(self, monitor: Monitor) -> object | None:
        try:
            return contributions.load(self.project.folder / monitor.model) if monitor.model else None
        except UnfitError as error:
            raise AbsentError(str(error)) from error

    def _roles(self, monitor: Monitor) -> Roles:
        moment = Window(start=self.now, end=self.now)
        return together.roles(self.project.data, Question(monitor=monitor, window=moment, task=self.project.task))

    def _time(self, what: str) -> str:
        if not self.project.data.time:
            raise DataError(f"{what} needs the column with the event time: name it in the project file (data.time)")
        return self.project.data.time


def _of(monitor: Monitor, rule: Bounds) -> str:
    return f"{monitor.name}: {rule.name}"


def _no_rows(window: Window | None) -> str:
    return "the window's files hold no row" if window is None else f"the window has no rows: none is from {window}"
