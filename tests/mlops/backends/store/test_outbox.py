"""What every store promises of notices: written with the decision, one pair of hands at a time, never lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops.backends.store.database import Database
from mlops.domain.loop import Change
from mlops.domain.messages.letters import Notice
from mlops.domain.records.decision import Decision, Subject
from mlops.ports import StateError
from mlops.post import Sent, Telling
from tests.mlops.backends.store.kept import LOOP, SAID, applied
from tests.mlops.backends.store.test_contract import cut_off

NOW = datetime(1975, 1, 6, tzinfo=UTC)
LEASE = timedelta(minutes=2)
PROMOTED = Decision(at=NOW, subject=Subject.CHAMPION, what="promoted", why="better")
HELD = Decision(at=NOW, subject=Subject.TRIGGER, what="held", why="cool-down")


@pytest.fixture
def told(kept: Database) -> Database:
    """Two channels hear of promotions, one of triggers, too."""
    telling = (Telling(channel="team", on=("champion *",)), Telling(channel="log", on=("champion *", "trigger")))
    second = replace(applied(), generation=2, telling=telling)
    kept.apply(second, Change(loop=replace(LOOP, version=1, generation=2)))
    return kept


def decide(kept: Database, version: int, *decisions: Decision) -> None:
    kept.save(Change(loop=replace(LOOP, version=version), decisions=decisions))


def words(notices: Sequence[Notice]) -> list[tuple[str, str]]:
    return [(each.channel, each.decision.what) for each in notices]


def test_a_notice_is_written_with_its_decision_for_each_who_asked(told: Database) -> None:
    decide(told, 2, HELD, PROMOTED)
    (first, second, third) = told.outbox.take("rain", NOW, lease=LEASE)

    assert words((first, second, third)) == [("log", "held"), ("log", "promoted"), ("team", "promoted")]
    assert third == Notice(project="rain", channel="team", sequence=3, key=third.key, decision=PROMOTED)
    assert len({first.key, second.key, third.key}) == 3
    assert told.outbox.depth("rain") == (3, 0)


def test_without_the_decision_there_is_no_notice_and_without_the_notice_no_decision(told: Database) -> None:
    cut_off(told, "outbox")
    with pytest.raises(StateError, match="cut off"):
        decide(told, 2, PROMOTED)

    assert [row.decision for row in told.decisions("rain")] == [SAID]
    found = told.load("rain")
    assert found is not None
    assert found.version == 2


def test_a_notice_is_in_one_pair_of_hands_and_comes_again_when_they_let_go(told: Database) -> None:
    decide(told, 2, PROMOTED)
    first = told.outbox.take("rain", NOW, lease=LEASE)

    assert told.outbox.take("rain", NOW + LEASE / 2, lease=LEASE) == ()
    again = told.outbox.take("rain", NOW + LEASE, lease=LEASE)
    assert [(each.key, each.tries) for each in again] == [(each.key, 2) for each in first]
    earlier = NOW - timedelta(days=400)  # a clock that was set back strands nothing
    assert len(told.outbox.take("rain", earlier, lease=LEASE)) == 2


def test_what_was_told_is_never_told_again_and_what_failed_later(told: Database) -> None:
    decide(told, 2, PROMOTED)
    log, team = told.outbox.take("rain", NOW, lease=LEASE)
    told.outbox.sent(log, NOW)
    told.outbox.failed(team, "it answers 500", NOW, again=NOW + timedelta(minutes=5))

    assert told.outbox.take("rain", NOW + LEASE, lease=LEASE) == ()
    assert told.outbox.next_due("rain") == NOW + timedelta(minutes=5)
    assert words(told.outbox.take("rain", NOW + timedelta(minutes=5), lease=LEASE)) == [("team", "promoted")]
    assert told.outbox.kept("rain") == (
        Sent(notice=log, sent=NOW, given_up=None, error=""),
        Sent(notice=replace(team, tries=2), sent=None, given_up=None, error="it answers 500"),
    )


def test_what_was_given_up_is_counted_and_tried_again_when_a_person_says_so(told: Database) -> None:
    decide(told, 2, PROMOTED)
    log, team = told.outbox.take("rain", NOW, lease=LEASE)
    told.outbox.failed(team, "gone", NOW, again=None)
    told.outbox.put_back(log, NOW + timedelta(minutes=1))
    assert told.outbox.depth("rain") == (1, 1)
    assert told.outbox.next_due("rain") == NOW + timedelta(minutes=1)

    assert told.outbox.retry("rain", NOW) == 2
    assert [each.tries for each in told.outbox.take("rain", NOW, lease=LEASE)] == [1, 1]


def test_who_no_longer_asks_is_not_told_of_what_comes(told: Database) -> None:
    told.apply(replace(applied(), generation=3), Change(loop=replace(LOOP, version=2, generation=3)))
    decide(told, 3, PROMOTED)

    assert told.outbox.next_due("rain") is None


def test_what_is_over_is_forgotten_and_what_waits_never(told: Database) -> None:
    decide(told, 2, PROMOTED)
    log, _ = told.outbox.take("rain", NOW, lease=LEASE)
    told.outbox.sent(log, NOW)

    assert (told.outbox.forget(NOW), told.outbox.forget(NOW + timedelta(seconds=1))) == (0, 1)
    assert [each.notice.channel for each in told.outbox.kept("rain")] == ["team"]
