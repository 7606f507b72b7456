"""Notices: at least once whatever dies, by one key, later and later while a channel is in trouble."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlops.flows import commands
from mlops.flows.outbox import TRIES, backoff
from mlops.flows.reconcile import Pass, reconcile
from tests.fakes.channels import FakeChannel, KilledError
from tests.mlops.rig import PROJECT, Rig

TELLING = PROJECT.replace(
    "  rollout:\n    steps",
    """\
  notifications:
    - {name: team, webhook: {url: "https://example.com/hook"}, on: [project paused, project resumed]}
    - {name: other, webhook: {url: "https://example.com/other"}, on: [project paused]}
  rollout:
    steps""",
)


@pytest.fixture
def telling(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path, text=TELLING)
    rig.settle()
    rig.channels = {"team": FakeChannel(), "other": FakeChannel()}
    return rig


def channel(rig: Rig, name: str = "team") -> FakeChannel:
    assert rig.channels is not None
    found = rig.channels[name]
    assert isinstance(found, FakeChannel)
    return found


def pause(rig: Rig) -> None:
    commands.pause(rig.context, "ada", "a holiday")


def test_a_decision_is_told_by_the_next_pass_to_each_who_asked(telling: Rig) -> None:
    pause(telling)
    commands.resume(telling.context, "ada", "back")
    done = reconcile(telling.context)

    assert done.did == "told 3 of 3"
    assert channel(telling).words() == ["project paused", "project resumed"]
    assert channel(telling, "other").words() == ["project paused"]
    telling.settle()
    assert (channel(telling).asked, channel(telling, "other").asked) == (2, 1)


def test_a_process_that_dies_after_it_told_tells_again_with_the_same_key(telling: Rig) -> None:
    pause(telling)
    channel(telling).dies = True
    channel(telling, "other").broken = True
    with pytest.raises(KilledError):
        reconcile(telling.context)
    channel(telling).dies = False
    telling.settle()
    assert len(channel(telling).told) == 1
    telling.world.clock.advance(timedelta(minutes=3))
    telling.settle()

    first, second = channel(telling).told
    assert (first.key, first.tries, second.tries) == (second.key, 1, 2)
    telling.days(1)
    assert len(channel(telling).told) == 2


def test_a_channel_in_trouble_is_asked_later_and_later_and_holds_up_no_other(telling: Rig) -> None:
    pause(telling)
    commands.resume(telling.context, "ada", "back")
    channel(telling).broken = True
    done = reconcile(telling.context)

    assert done.did.startswith("told 1 of 2; notification team: it answers 500; again at ")
    assert (channel(telling).asked, channel(telling, "other").words()) == (1, ["project paused"])
    assert telling.settle().waiting_for == telling.world.clock.moment + timedelta(seconds=30)
    for _ in range(3):
        telling.world.clock.advance(timedelta(hours=1))
        failed = reconcile(telling.context)
        assert failed.trouble != ()
        telling.settle()
    assert channel(telling).asked == 4
    channel(telling).broken = False
    telling.world.clock.advance(timedelta(hours=1))
    telling.settle()
    assert channel(telling).words() == ["project paused", "project resumed"]
    assert [backoff(tries) for tries in (1, 2, 7, 8, 500)] == [
        timedelta(seconds=30),
        timedelta(seconds=60),
        timedelta(seconds=1920),
        timedelta(hours=1),
        timedelta(hours=1),
    ]


def test_trouble_with_a_channel_keeps_nothing_from_being_settled(telling: Rig) -> None:
    """The pass that failed says so; the one after it waits for the next try, not for Azure."""
    pause(telling)
    channel(telling).broken = channel(telling, "other").broken = True
    failed = reconcile(telling.context)
    after = reconcile(telling.context)

    assert (failed.acted, failed.waiting_for, len(failed.trouble)) == (False, "operation", 1)
    due = telling.world.clock.moment + timedelta(seconds=30)
    assert after == Pass(acted=False, waiting_for=due)


def test_a_notice_is_given_up_in_the_end_and_shown_so(telling: Rig) -> None:
    pause(telling)
    channel(telling).broken = True
    with telling.store._engine.begin() as connection:
        connection.execute(sa.text("update outbox set tries = :tries"), {"tries": TRIES - 1})
    reconcile(telling.context)
    telling.settle()

    assert telling.store.outbox.depth("rain") == (0, 1)
    assert channel(telling).asked == 1


def test_a_notification_that_was_taken_away_is_not_tried_for_ever(telling: Rig) -> None:
    pause(telling)
    assert telling.channels is not None
    del telling.channels["other"]
    telling.settle()

    team, other = sorted(telling.store.outbox.kept("rain"), key=lambda each: each.notice.channel, reverse=True)
    assert (team.sent, other.given_up) == (telling.world.clock.moment, telling.world.clock.moment)
    assert other.error == "the project has no such notification any more"


def test_a_process_that_tells_nobody_leaves_the_notices_to_one_that_does(telling: Rig) -> None:
    pause(telling)
    silent = replace(telling.context, channels=None)
    reconcile(silent)

    assert telling.store.outbox.depth("rain") == (2, 0)
