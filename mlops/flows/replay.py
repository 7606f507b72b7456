"""Redo recorded passes with today's code on what they were told then, and say what would differ."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, zip_longest
from typing import Protocol

from mlops.domain.records.decision import Decision, Recorded, canonical
from mlops.domain.records.inputs import Recording
from mlops.flows.replaying import AsksMoreError, NotKeptError, Open, redo
from mlops.ports import StateError

NOTHING = "(nothing)"


class Kept(Protocol):
    """The store, as far as a replay reads it."""

    def decisions(self, project: str, after: int = 0) -> tuple[Recorded, ...]:
        """The log, oldest first."""

    def inputs(self, project: str, sequence: int) -> Recording | None:
        """What a decision was made on."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One decision, then and now; `sequence` is None for one that only today's code makes."""

    sequence: int | None
    then: str
    now: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one pass decided, where today's code makes something else of the same."""

    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Left:
    """Decisions that could not be redone, and why."""

    decisions: tuple[int, ...]
    why: str


@dataclass(kw_only=True)
class Replayed:
    """What came of it.  Nothing of the log is left out: each decision is counted in one of these."""

    passes: int = 0
    decisions: int = 0  # of those passes
    differences: list[Difference] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)  # of people: on record, not redone
    unrecorded: list[int] = field(default_factory=list)  # from before inputs were recorded
    too_large: list[Left] = field(default_factory=list)
    unreadable: list[Left] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether today's code decides all of it as it was decided."""
        return not self.differences and not self.unreadable


def replay(store: Kept, project: str, opened: Open, *, start: int = 1, last: int | None = None) -> Replayed:
    """Redo what was decided from `start` on, or the newest so many; a pass is redone whole.  Raises StateError."""
    log = store.decisions(project)
    rows = [row for row in log if row.sequence >= start]
    rows = rows[-last:] if last is not None else rows
    digests = {row.decision.inputs for row in rows[:1]} - {""}
    begun = [row for row in log[: rows[0].sequence - 1] if row.decision.inputs in digests] if rows else []
    done = Replayed()
    for digest, group in groupby((*begun, *rows), key=lambda row: row.decision.inputs):
        passed = tuple(group)
        if digest:
            _take(store, project, opened, passed, done)
        else:
            done.unrecorded.extend(row.sequence for row in passed)
    return done


def _take(store: Kept, project: str, opened: Open, rows: tuple[Recorded, ...], done: Replayed) -> None:
    """Put the decisions of one pass where they belong."""
    numbers = tuple(row.sequence for row in rows)
    try:
        found = _inputs(store, project, rows[0])
        lines = () if found.by else tuple(_lines(rows, found, opened))
    except NotKeptError as error:
        done.too_large.append(Left(decisions=numbers, why=str(error)))
        return
    except StateError as error:
        done.unreadable.append(Left(decisions=numbers, why=str(error)))
        return
    if found.by:
        done.orders.extend(numbers)
        return
    done.passes += 1
    done.decisions += len(rows)
    if lines:
        done.differences.append(Difference(at=rows[0].decision.at, lines=lines))


def _inputs(store: Kept, project: str, row: Recorded) -> Recording:
    found = store.inputs(project, row.sequence)
    if found is None:
        raise StateError("its inputs are gone")
    return found


def _lines(rows: tuple[Recorded, ...], recording: Recording, opened: Open) -> Iterator[Line]:
    """What differs.  Whatever today's code trips over is a difference, not the end of the replay."""
    try:
        decided, left_out = redo(recording, opened)
    except (NotKeptError, StateError):
        raise
    except AsksMoreError as error:
        yield from (Line(sequence=row.sequence, then=_words(row.decision), now=f"({error})") for row in rows)
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what today's code makes of this
        broken = f"(today's code breaks: {type(error).__name__}: {error})"
        yield from (Line(sequence=row.sequence, then=_words(row.decision), now=broken) for row in rows)
        return
    for row, said in zip_longest(rows, decided):
        if row is not None and said is not None and _same(row.decision, said):
            continue
        then = row.decision if row is not None else None
        number = row.sequence if row is not None else None
        yield Line(sequence=number, then=_words(then, said), now=_words(said, then))
    for effect in left_out:
        yield Line(sequence=rows[0].sequence, then=_words(rows[0].decision), now=f"({effect})")


def _same(then: Decision, now: Decision) -> bool:
    return canonical(replace(then, inputs=""), 0, "") == canonical(replace(now, inputs=""), 0, "")


def _words(said: Decision | None, other: Decision | None = None) -> str:
    """A decision in one line, with the numbers in which it is not like the other."""
    if said is None:
        return NOTHING
    text = f"{said.subject.value} {said.what}: {said.why}"
    if other is None or (said.subject, said.what) != (other.subject, other.what):
        return text
    told = {name: value for name, value in said.numbers.items() if other.numbers.get(name, NOTHING) != value}
    return text + (f" [{', '.join(f'{name} {value}' for name, value in told.items())}]" if told else "")
