"""The log is a chain: whatever is changed, left out, added or moved shows."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops.domain.records.decision import Decision, Recorded, Subject, broken_at, chain

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SAID = Decision(
    at=NOW, subject=Subject.GATE, what="passed", why="evaluation", numbers={"accuracy": 0.7}, actor="ada", attempt=2
)
OTHER = {
    "at": NOW + timedelta(seconds=1),
    "subject": Subject.ROLLOUT,
    "what": "rejected",
    "why": "evaluation!",
    "numbers": {"accuracy": 0.71},
    "actor": "bob",
    "attempt": 3,
    "inputs": "c0ffee",
}


def log(count: int = 4) -> tuple[Recorded, ...]:
    rows: list[Recorded] = []
    for sequence in range(1, count + 1):
        previous = rows[-1].hash if rows else ""
        rows.append(chain(replace(SAID, at=NOW + timedelta(days=sequence)), sequence, previous))
    return tuple(rows)


def test_a_whole_log_is_sound() -> None:
    assert broken_at(()) is None
    assert broken_at(log()) is None


@pytest.mark.parametrize("field", [field.name for field in fields(Decision)])
def test_whatever_is_changed_in_a_row_shows_there(field: str) -> None:
    rows = list(log())
    forged = replace(SAID, at=rows[1].decision.at)
    rows[1] = replace(rows[1], decision=replace(forged, **{field: OTHER[field]}))  # type: ignore[arg-type]

    assert broken_at(tuple(rows)) == 2


def test_a_row_that_is_left_out_added_or_moved_shows() -> None:
    one, two, three, four = log()

    assert broken_at((two, three, four)) == 1
    assert broken_at((one, three, four)) == 2
    assert broken_at((one, two, two, three, four)) == 3
    assert broken_at((one, three, two, four)) == 2


def test_a_row_that_was_forged_with_its_hash_breaks_the_next() -> None:
    one, two, three, four = log()
    forged = chain(replace(two.decision, why="something else"), 2, one.hash)

    assert broken_at((one, forged, three, four)) == 3
