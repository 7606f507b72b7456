"""`status --watch`: all projects and what was last decided, again and again, whatever happens to the state."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mlops import show
from mlops.domain.loop import AttemptPhase, RolloutPhase
from mlops.ports import OutsideError, StateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rich.console import Console, RenderableType

    from mlops.domain.loop import Loop
    from mlops.domain.records.decision import Recorded
    from mlops.ports import Clock, Store
    from mlops.post import Figures

_LAST = 8
_MOST = 40
_FINE, _WATCH, _ACT = "green", "yellow", "bold red"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look found."""

    at: datetime
    loops: tuple[Loop, ...]
    decisions: tuple[tuple[str, Recorded], ...]  # with their projects, newest last
    figures: Figures


class Looker:
    """Looks at a store; of the log only what is new is read each time."""

    def __init__(self, store: Store, clock: Clock, project: str | None = None) -> None:
        """`project`: only this one."""
        self._store, self._clock, self._project = store, clock, project
        self._read: dict[str, int] = {}
        self._last: deque[tuple[str, Recorded]] = deque(maxlen=_LAST)

    def look(self) -> Seen:
        """Raises StateError, and OutsideError where the clock is silent."""
        names = [self._project] if self._project else self._store.projects()
        everywhere = self._store.frozen()
        found = (loop for loop in map(self._store.load, names) if loop is not None)
        loops = tuple(replace(loop, frozen=loop.frozen or everywhere) for loop in found)
        if self._project and not loops:
            raise StateError(f"there is no project {self._project!r} here any more")
        fresh: list[tuple[str, Recorded]] = []
        for loop in loops:
            for record in self._store.decisions(loop.project, self._read.get(loop.project, 0)):
                self._read[loop.project] = record.sequence
                fresh.append((loop.project, record))
        self._last.extend(sorted(fresh, key=lambda each: each[1].decision.at)[-_LAST:])
        now = self._clock.now()
        return Seen(at=now, loops=loops, decisions=tuple(self._last), figures=self._store.figures(now))


def watch(looker: Looker, console: Console, every: float = 2.0, sleep: Callable[[float], None] = time.sleep) -> None:
    """Show what stands until interrupted.  A look that fails is said, and what was seen before stays."""
    seen: Seen | None = None
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            error = ""
            try:
                seen = looker.look()
            except (StateError, OutsideError) as found:
                error = str(found)
            live.update(frame(seen, error), refresh=True)
            sleep(every)


def frame(seen: Seen | None, error: str = "") -> RenderableType:
    """One picture."""
    parts: list[RenderableType] = [Text(error, _ACT)] if error else []
    if seen is not None:
        head = Text(f"{seen.at:%Y-%m-%d %H:%M:%S %Z}  ")
        head.append_text(_figures(seen.figures))
        parts = [head, *parts, _projects(seen.loops)]
        if len(seen.loops) == 1:
            parts.append(Text.from_ansi(show.status(seen.loops[0])))
        parts.append(_decisions(seen.decisions, several=len(seen.loops) > 1))
    return Group(*parts)


def _figures(figures: Figures) -> Text:
    said = Text(
        f"{figures.projects} projects, {figures.due} due, lag {figures.lag:.0f} s; {figures.events} events wait, "
    )
    said.append(f"{figures.notices} notices wait", _WATCH if figures.notices else "")
    if figures.given_up:
        said.append(f", {figures.given_up} given up: mlops notifications list", _ACT)
    return said


def _projects(loops: Sequence[Loop]) -> Table:
    table = Table("project", "state", "champion", "doing", "waiting", box=SIMPLE_HEAD, pad_edge=False)
    # What wants a person first.
    ranked = sorted(loops, key=lambda loop: ((_ACT, _WATCH, _FINE).index(state(loop)[1]), loop.project))
    for loop in ranked:
        word, style = state(loop)
        champion = loop.champion.model.reference if loop.champion else "none yet"
        waiting = (
            f"{loop.pending.trigger}{f', {loop.pending.held}' if loop.pending.held else ''}" if loop.pending else ""
        )
        table.add_row(*map(Text, (loop.project,)), Text(word, style), *map(Text, (champion, _doing(loop), waiting)))
    return table


def state(loop: Loop) -> tuple[str, str]:
    """A word for how a loop stands, and its colour: red where a person must act, yellow where one might."""
    attempt, rollout = loop.attempt, loop.rollout
    cases = (
        (rollout is not None and rollout.phase is RolloutPhase.ROLLING_BACK, "rolling back", _ACT),
        (bool(loop.drifted), "drifted", _ACT),
        (rollout is not None and rollout.hold is not None, f"held: {rollout.hold if rollout else ''}", _ACT),
        (loop.rollback is not None, "going back", _ACT),
        (attempt is not None and attempt.phase is AttemptPhase.APPROVING, "wants approval", _ACT),
        (loop.breaker_until is not None, "breaker open", _WATCH),
        (loop.frozen is not None, "frozen", _WATCH),
        (loop.paused is not None, "paused", _WATCH),
        (any(each.open and each.released is None for each in loop.quarantines), "bad data", _WATCH),
        (loop.champion is None, "no champion", _WATCH),
    )
    return next(((word, style) for holds, word, style in cases if holds), ("fine", _FINE))


def _doing(loop: Loop) -> str:
    if loop.rollout is not None:
        split = ", ".join(f"{name} {share} %" for name, share in sorted(loop.rollout.traffic.items()))
        return f"{loop.rollout.phase.value}: {split}" if split else loop.rollout.phase.value
    if loop.attempt is not None:
        return f"attempt {loop.attempt.number}: {loop.attempt.phase.value}"
    return f"attempt {loop.last.number} {loop.last.outcome.value}" if loop.last else ""


def _decisions(rows: Sequence[tuple[str, Recorded]], *, several: bool) -> Table:
    table = Table("when", "what", "why", box=SIMPLE_HEAD, pad_edge=False)
    for project, row in rows:
        said = row.decision
        whose = f"{project}: " if several else ""
        table.add_row(f"{said.at:%Y-%m-%d %H:%M}", Text(f"{whose}{said.subject.value} {said.what}"), Text(said.why))
    return table
