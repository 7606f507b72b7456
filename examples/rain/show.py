"""What is happening, in plain words, while the years pass."""

from datetime import date
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from examples.rain.plan import Plan
from examples.rain.replay import Cursor
from mlops.domain.loop import AttemptPhase, Loop, RolloutPhase
from mlops.domain.records.decision import Decision, Subject

_COLOURS = {
    (Subject.QUARANTINE, "set aside"): "red",
    (Subject.GATE, "rejected"): "yellow",
    (Subject.ROLLOUT, "rolling back"): "red",
    (Subject.CHAMPION, "promoted"): "green",
}
_QUIET = {  # in the log and in the report, but too much for a screen
    (Subject.QUARANTINE, "extended"),
    (Subject.ATTEMPT, "training set built"),
    (Subject.ATTEMPT, "trained"),
    (Subject.ATTEMPT, "candidate"),
    (Subject.ATTEMPT, "rejected"),  # the gate, the rollout and the champion say the same
    (Subject.ATTEMPT, "rolled back"),
    (Subject.ATTEMPT, "promoted"),
    (Subject.TRIGGER, "held"),
    (Subject.TRIGGER, "not yet"),
    (Subject.TRIGGER, "stays"),
    (Subject.TRIGGER, "gone"),
    (Subject.ROLLOUT, "serving"),
    (Subject.MONITOR, "pass"),
    (Subject.MONITOR, "inconclusive"),
}


class Show:
    """A line for each decision, and below them one that says what is going on now."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console, self._plan, self._doing = console, plan, "starting"
        self._today = plan.start
        self._troubles: tuple[str, ...] = ()
        self._progress = Progress(
            TextColumn("{task.fields[day]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[doing]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=4,
        )
        days = (plan.end - plan.start).days
        self._task = self._progress.add_task("", total=days, day=str(plan.start), doing="starting")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, cursor: Cursor) -> None:
        """Say where it goes on, and what will be done to the loop."""
        fault, bug = self._plan.fault, self._plan.bug
        if cursor.next_day > self._plan.start:
            self._console.print(f"going on at {cursor.next_day}, where it was left")
            return
        self._console.print(
            f"replaying {self._plan.start} to {self._plan.end}, one record a day. "
            "Two things will be done to the loop:\n"
            f"  {fault.start} to {fault.end}: the temperature sensor reports Celsius where Fahrenheit was\n"
            f"  {bug}: somebody commits a scoring script that fails after some requests",
            highlight=False,
        )

    def day(self, cursor: Cursor) -> None:
        """A day has passed."""
        self._today = cursor.next_day
        done = (cursor.next_day - self._plan.start).days
        self._progress.update(self._task, completed=done, day=str(cursor.next_day), doing=self._doing)

    def committed(self, today: date, *, buggy: bool) -> None:
        """The scoring script changed."""
        what = "a scoring script with a bug is committed" if buggy else "the bug in the scoring script is taken back"
        self._say(today, what, "magenta")

    def decided(self, decisions: tuple[Decision, ...], loop: Loop) -> None:
        """What the loop decided, and what it is at now."""
        for each in decisions:
            if (each.subject, each.what) not in _QUIET:
                text = f"{each.subject.value} {each.what}: {each.why}"
                self._say(each.at.date(), text, _COLOURS.get((each.subject, each.what), ""))
        self._doing = doing(loop)
        self._progress.update(self._task, doing=self._doing)

    def trouble(self, texts: tuple[str, ...]) -> None:
        """Something outside did not work; the loop looks again."""
        for text in texts:
            if text not in self._troubles:
                self._say(self._today, f"trouble, looking again: {text}", "dim")
        self._troubles = texts

    def _say(self, day: date, text: str, colour: str) -> None:
        line = f"[dim]{day}[/dim]  {escape(text)}"
        self._progress.console.print(f"[{colour}]{line}[/{colour}]" if colour else line, highlight=False)


def doing(loop: Loop) -> str:
    """What the loop is at, in a few words."""
    serving = f"version {loop.champion.model.version} serves" if loop.champion else "nothing serves yet"
    attempt, rollout = loop.attempt, loop.rollout
    if rollout is not None and attempt is not None:
        version = attempt.candidate.version if attempt.candidate else "?"
        words = {
            RolloutPhase.DEPLOYING: f"version {version} is being deployed",
            RolloutPhase.VERIFYING: f"version {version} answers smoke requests",
            RolloutPhase.SHADOWING: f"version {version} sees a copy of the traffic",
            RolloutPhase.CANARY: f"version {version} takes a share of the traffic",
            RolloutPhase.BAKING: f"version {version} serves all, the old one is kept",
            RolloutPhase.ROLLING_BACK: f"going back from version {version}",
        }
        return f"{serving}, {words[rollout.phase]}"
    if attempt is not None:
        steps = {
            AttemptPhase.PREPARING: "a training set is built",
            AttemptPhase.TRAINING: "a candidate is trained",
            AttemptPhase.REGISTERING: "a candidate is registered",
            AttemptPhase.JUDGING: "a candidate is judged",
        }
        return f"{serving}, {steps.get(attempt.phase, attempt.phase.value)}"
    if any(each.open and each.released is None for each in loop.quarantines):
        return f"{serving}, bad data is being set aside"
    return serving
