"""Play the years day by day: a record is scored, labels are published when they are known, the loop looks when due."""

import contextlib
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Protocol

from examples.rain.plan import Plan
from examples.rain.weather import LABEL, Day

_LABEL_DELAY = timedelta(days=5)  # a day's label is known then …
_LABELS_EVERY = timedelta(days=7)  # … and published once a week, in a file a year
_TRIES = 4  # a client asks again when it gets no answer; another deployment may answer
_PATIENT_TRIES = 60  # and, the first day without any, waits a moment between: a process that died is started again
_SILENT_DAYS = 60  # without any answer: nobody is there any more


class Workplace(Protocol):
    """What the replay does to the platform from outside, as the weather service and its customers would."""

    def turn_clock(self, moment: datetime) -> None:
        """Set the loop's time."""

    def ask(self, day: Day) -> bool:
        """Send one record to the endpoint; False when it failed to answer."""

    def pause(self) -> None:
        """Wait a moment before asking again; in the real world a day has time for it."""

    def let_arrive(self) -> None:
        """Wait until what was collected so far lies where the loop reads it; in the real world days pass anyway."""

    def publish(self, name: str, content: bytes) -> None:
        """Put a file of labels where the project looks for them; publishing twice is the same as once."""


class Controller(Protocol):
    """The loop."""

    def settle(self, today: date) -> datetime | None:
        """Let it act until nothing is left to do now; returns when something will be due, None for at once."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far the replay has come.  What follows can be done again after a crash without harm."""

    next_day: date
    labelled_until: date  # labels before this day are published
    unanswered: int = 0  # requests that failed
    silent: int = 0  # days in a row on which nobody answered
    due: datetime | None = None

    @staticmethod
    def load(path: Path, start: date) -> "Cursor":
        """The one that was saved last, or the beginning."""
        kept = _last(path.read_text(encoding="utf-8")) if path.exists() else None
        if kept is None:
            return Cursor(next_day=start, labelled_until=start)
        return Cursor(
            next_day=date.fromisoformat(kept["next_day"]),
            labelled_until=date.fromisoformat(kept["labelled_until"]),
            unanswered=kept["unanswered"],
            silent=kept["silent"],
            due=datetime.fromisoformat(kept["due"]) if kept["due"] else None,
        )

    def save(self, path: Path) -> None:
        """Add a line: to replace the file each day would take longer than the day's request."""
        with path.open("ab") as file:
            file.write(b"\n" + json.dumps(asdict(self), default=lambda value: value.isoformat()).encode())


def replay(
    plan: Plan, days: tuple[Day, ...], cursor_file: Path, workplace: Workplace, controller: Controller
) -> Iterator[Cursor]:
    """Play from where the cursor stands to the plan's end; yields after each day."""
    cursor = Cursor.load(cursor_file, plan.start)
    by_date = {day.day: day for day in days}
    while cursor.next_day < plan.end:
        today = cursor.next_day
        now = datetime.combine(today, clock_time(18), UTC)
        workplace.turn_clock(now)
        if cursor.due is None or now >= cursor.due:
            workplace.let_arrive()
            cursor = replace(cursor, due=controller.settle(today))
        cursor = _ask(workplace, plan.fault.on(by_date[today]), cursor)
        if today - cursor.labelled_until >= _LABELS_EVERY + _LABEL_DELAY:
            until = cursor.labelled_until + _LABELS_EVERY
            for year in sorted({cursor.labelled_until.year, (until - timedelta(days=1)).year}):
                known = _dates(max(plan.start, date(year, 1, 1)), min(until, date(year + 1, 1, 1)))
                workplace.publish(f"{year}.csv", labels([by_date[each] for each in known]))
            cursor = replace(cursor, labelled_until=until)
        cursor = replace(cursor, next_day=today + timedelta(days=1))
        cursor.save(cursor_file)
        yield cursor


def labels(days: list[Day]) -> bytes:
    """A file of labels: key and label."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("day", LABEL))
    writer.writerows((day.day.isoformat(), day.rain) for day in days)
    return text.getvalue().encode()


def _ask(workplace: Workplace, day: Day, cursor: Cursor) -> Cursor:
    """Ask until somebody answers, a few times; a day without an answer is a day without one."""
    tries = _TRIES if cursor.silent else _TRIES + _PATIENT_TRIES
    for failed in range(tries):
        if failed >= _TRIES:
            workplace.pause()
        if workplace.ask(day):
            return replace(cursor, unanswered=cursor.unanswered + failed, silent=0)
    if cursor.silent >= _SILENT_DAYS:
        raise SystemExit(f"nobody answered for {cursor.silent} days, last on {day.day}; see `local-azure status`")
    return replace(cursor, unanswered=cursor.unanswered + tries, silent=cursor.silent + 1)


def _last(text: str) -> dict[str, Any] | None:
    """The last line that is whole: who writes can be ended at any moment."""
    for line in reversed(text.splitlines()):
        with contextlib.suppress(ValueError):
            found: dict[str, Any] = json.loads(line)
            return found
    return None


def _dates(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += timedelta(days=1)
