"""What every store promises of events: each is there once, its outcome comes with its effect, it wakes its project."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops.backends.store.database import Database
from mlops.domain.declared.source import Kind
from mlops.domain.loop import Change
from mlops.domain.messages.event import Event, Outcome, Settled, Waiting
from mlops.ports import ConflictError, StateError
from mlops.post import Kept, Listening, Received
from tests.mlops.backends.store.kept import LOOP, SAID, applied
from tests.mlops.backends.store.test_contract import cut_off

NOW = datetime(1975, 1, 6, tzinfo=UTC)
EVENT = Event(id="1", type="t", kind=Kind.DATA, subject="a", about="b", order="05", at=NOW)
ROW = Received(project="rain", source="queue", event=EVENT, at=NOW)
SETTLED = Settled(source="queue", id="1", outcome=Outcome.STARTED, why="counted", at=NOW)


def test_an_event_is_there_once_and_its_copies_are_counted(kept: Database) -> None:
    assert kept.inbox.put([ROW, replace(ROW, source="other")]) == (None, None)
    assert kept.inbox.put([ROW, replace(ROW, event=replace(EVENT, id="2", kind=None, at=None), body="text")]) == (
        Outcome.DUPLICATE,
        None,
    )
    first, _, last = kept.inbox.kept("rain")

    assert first == Kept(
        project="rain", source="queue", event=EVENT, received=NOW, copies=2, outcome=None, why="", settled=None
    )
    assert (last.event.kind, last.event.at, last.body) == (None, None, "text")
    assert [each.event.id for each in kept.inbox.kept("rain", 1)] == ["2"]
    assert [each.event.id for each in kept.inbox.waiting("rain", 2)] == ["1", "1"]


def test_an_outcome_is_saved_with_the_state_or_not_at_all(kept: Database) -> None:
    kept.inbox.put([ROW])
    late = Change(loop=replace(LOOP, version=1), settled=(SETTLED,))
    kept.save(Change(loop=replace(LOOP, version=1)))
    with pytest.raises(ConflictError):
        kept.save(late)
    assert kept.inbox.waiting("rain") == (Waiting(source="queue", event=EVENT),)
    cut_off(kept, "decision")
    with pytest.raises(StateError):
        kept.save(replace(late, loop=replace(LOOP, version=2), decisions=(SAID,)))
    assert len(kept.inbox.waiting("rain")) == 1

    kept.save(replace(late, loop=replace(LOOP, version=2)))
    assert kept.inbox.waiting("rain") == ()
    assert [(each.outcome, each.why, each.settled) for each in kept.inbox.kept("rain")] == [
        (Outcome.STARTED, "counted", NOW)
    ]


def test_the_highest_order_of_a_subject_is_that_of_what_was_accepted(kept: Database) -> None:
    kept.inbox.put([replace(ROW, event=replace(EVENT, id=str(at), order=f"0{at}")) for at in range(1, 5)])
    outcomes = {"1": Outcome.COALESCED, "2": Outcome.STARTED, "3": Outcome.STALE}
    settled = tuple(replace(SETTLED, id=number, outcome=outcome) for number, outcome in outcomes.items())
    kept.save(Change(loop=replace(LOOP, version=1), settled=settled))
    kept.inbox.put([replace(ROW, event=replace(EVENT, id="5", subject="another", order="01"))])

    assert [(each.event.id, each.highest) for each in kept.inbox.waiting("rain")] == [("4", "02"), ("5", "")]


def test_all_rows_of_a_message_are_stored_or_none(kept: Database) -> None:
    broken = replace(ROW, outcome=Outcome.UNKNOWN, event=replace(EVENT, id="2"))
    object.__setattr__(broken, "why", None)  # what no database takes
    with pytest.raises(StateError):
        kept.inbox.put([ROW, broken])

    assert kept.inbox.kept("rain") == ()


def test_an_event_has_its_project_looked_at_at_once_and_a_copy_does_not(kept: Database) -> None:
    def woken(put: Received, *, meanwhile: bool = False) -> bool:
        (claim,) = kept.claim("me", NOW, project="rain")
        if meanwhile:
            kept.inbox.put([put])
        kept.release(claim, NOW + timedelta(minutes=30))
        if not meanwhile:
            kept.inbox.put([put])
        found = kept.claim("me", NOW)
        for each in found:
            kept.release(each, NOW)
        return bool(found)

    assert woken(ROW)
    assert not woken(ROW)
    assert woken(replace(ROW, event=replace(EVENT, id="2")), meanwhile=True)


def test_who_listens_where_is_what_the_newest_generation_says(kept: Database) -> None:
    here = (Listening(source="a", address="queue"), Listening(source="b", address="folder"))
    kept.apply(replace(applied(), generation=2, listening=here), Change(loop=replace(LOOP, version=1, generation=2)))
    assert (kept.inbox.listeners("queue"), kept.inbox.listeners("none")) == ((("rain", "a"),), ())
    kept.apply(replace(applied(), generation=3), Change(loop=replace(LOOP, version=2, generation=3)))
    assert kept.inbox.listeners("queue") == ()


def test_what_was_settled_long_ago_is_forgotten_and_what_waits_never(kept: Database) -> None:
    kept.inbox.put([ROW, replace(ROW, event=replace(EVENT, id="2"), outcome=Outcome.UNKNOWN)])

    assert kept.inbox.forget(NOW) == 0
    assert kept.inbox.forget(NOW + timedelta(seconds=1)) == 1
    assert [each.event.id for each in kept.inbox.kept("rain")] == ["1"]
