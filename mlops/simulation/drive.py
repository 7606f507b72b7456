"""Drive the loop through the made-up world: pass after pass, and between them straight to what is due next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mlops.domain.loop import Loop
from mlops.domain.project import Project
from mlops.flows.context import Context
from mlops.flows.reconcile import Pass, reconcile
from mlops.ports import StateError
from mlops.simulation.people import act, answers_at
from mlops.simulation.stage import Stage
from mlops.simulation.timetable import DAY, within

_SOON, _TROUBLE = timedelta(minutes=15), timedelta(hours=1)
_SHORTEST, _LONGEST = timedelta(hours=6), DAY
_MOST = 500
"""Passes at one moment of the clock; more than that undo each other."""


@dataclass(kw_only=True)
class Drive:
    """One project's loop, its world and the clock of both."""

    context: Context
    stage: Stage
    passes: int = 0

    def run(self) -> None:
        """Until the end of the timetable.  Raises StateError."""
        loop = self._loop()
        while (now := self.stage.clock.now()) < (end := self.stage.timetable.end):
            down = within(self.stage.timetable.nobody, now)
            if down is not None:
                self.stage.advance(min(down.end, end))
                continue
            act(self.context, loop, self.stage.nature.world.people, now)
            done = self._settled()
            loop = self._loop()
            self.stage.advance(min(self._next(done, loop, now), end))

    def _settled(self) -> Pass:
        """Pass until nothing is to be done at this moment."""
        for _ in range(_MOST):
            self.passes += 1
            done = reconcile(self.context)
            if not done.acted:
                return done
        raise StateError(f"{self.context.name} still acts after {_MOST} passes: something undoes what it does")

    def _loop(self) -> Loop:
        loop = self.context.store.load(self.context.name)
        if loop is None:
            raise StateError(f"the simulation lost {self.context.name!r}")
        return loop

    def _next(self, done: Pass, loop: Loop, now: datetime) -> datetime:
        """When to look again: what the pass waits for, but never past what changes outside without telling."""
        stage = self.stage
        project = self.context.generation(loop.generation).project
        busy = loop.attempt is not None or loop.rollback is not None
        if done.waiting_for == "operation":
            soon = now + (_SOON if busy else _TROUBLE)
            following = min(stage.next_ready() or soon + _TROUBLE, soon + _TROUBLE) if not done.trouble else soon
        else:
            following = done.waiting_for or now + DAY
        if not busy:
            following = max(following, now + at_rest(project))
        change = stage.next_change()
        if change is not None and change + project.deployment.check_every < following:
            following = max(change + project.deployment.check_every, now + timedelta(minutes=1))
        answered = answers_at(self.context, loop, stage.nature.world.people)
        if answered is not None:
            following = min(following, max(answered, now + _SOON))
        return max(following, now + timedelta(seconds=1))


def at_rest(project: Project) -> timedelta:
    """How long the loop is left alone while nothing is under way and nothing outside changes.

    It would look at the endpoint in vain meanwhile; what is due is done up to so much later.
    """
    every = min((monitor.every for monitor in project.monitors), default=_LONGEST)
    return min(max(every / 4, _SHORTEST), _LONGEST)
