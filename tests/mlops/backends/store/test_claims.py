"""Turns: a project is in one pair of hands, for as long as they are alive, and nobody's call for a look is lost."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from mlops.backends.store.database import Database, in_memory
from mlops.backends.store.postgres import open_postgres
from mlops.domain.claim import LEASE, LONGEST_WAIT, Claim
from mlops.domain.loop import Change, Word
from mlops.domain.messages.event import Event, Outcome
from mlops.ports import ConflictError, GoneError, LostError
from mlops.post import Received
from tests.mlops.backends.store.conftest import opened
from tests.mlops.backends.store.kept import LOOP, NOW, SAID, applied
from tests.postgres import Server

SECOND = timedelta(seconds=1)


def claimed(store: Database, owner: str = "one") -> Claim:
    (found,) = store.claim(owner, NOW)
    return found


def test_a_new_project_is_due_and_is_claimed_once(kept: Database) -> None:
    assert kept.due(NOW)

    assert claimed(kept) == Claim(project="rain", owner="one", fence=1, nudges=0)
    assert kept.claim("two", NOW) == ()
    assert kept.claim("one", NOW) == ()  # by the same name: another worker of the same controller


def test_what_is_given_back_waits_until_it_is_due(kept: Database) -> None:
    kept.release(claimed(kept), NOW + 10 * SECOND)

    assert not kept.due(NOW + 9 * SECOND)
    assert kept.claim("two", NOW + 9 * SECOND) == ()
    assert kept.due(NOW + 10 * SECOND)
    assert kept.claim("two", NOW + 10 * SECOND) == (Claim(project="rain", owner="two", fence=2, nudges=0),)


def test_who_waits_longest_comes_first(kept: Database) -> None:
    for name, endpoint in (("snow", "b"), ("wind", "c")):
        other = replace(LOOP, project=name, endpoint=endpoint)
        kept.apply(applied(other), Change(loop=other))
    for seconds, claim in enumerate(sorted(kept.claim("one", NOW, most=3), key=lambda c: c.project, reverse=True)):
        kept.release(claim, NOW + seconds * SECOND)

    assert [c.project for c in kept.claim("one", NOW + 5 * SECOND, most=1)] == ["wind"]
    assert {c.project for c in kept.claim("one", NOW + 5 * SECOND, most=5)} == {"snow", "rain"}


def test_a_lease_that_ends_frees_the_project_and_the_late_owner_saves_nothing(kept: Database) -> None:
    late = claimed(kept)
    assert kept.claim("two", NOW + LEASE - SECOND) == ()
    (now,) = kept.claim("two", NOW + LEASE)

    with pytest.raises(LostError, match="rain is in other hands"):
        kept.save(Change(loop=replace(LOOP, version=1, attempts=7), decisions=(SAID,)), late)
    assert kept.load("rain") == replace(LOOP, version=1)
    assert len(kept.decisions("rain")) == 1
    assert kept.save(Change(loop=replace(LOOP, version=1)), now).version == 2


def test_an_owner_who_took_it_again_saves_nothing_by_the_turn_before(kept: Database) -> None:
    """A worker that hung past its lease wakes, while its process has the project in another turn."""
    late = claimed(kept)
    (now,) = kept.claim("one", NOW + LEASE)
    assert (now.owner, now.fence) == (late.owner, late.fence + 1)

    with pytest.raises(LostError, match="rain is in other hands"):
        kept.save(Change(loop=replace(LOOP, version=1, attempts=7)), late)
    assert kept.save(Change(loop=replace(LOOP, version=1)), now).version == 2


def test_a_claim_does_not_replace_the_version(kept: Database) -> None:
    claim = claimed(kept)
    kept.save(Change(loop=replace(LOOP, version=1)))
    with pytest.raises(ConflictError, match="no longer at version 1"):
        kept.save(Change(loop=replace(LOOP, version=1)), claim)


def test_a_lease_is_renewed_while_nobody_took_it_over(kept: Database) -> None:
    claim = claimed(kept)
    assert kept.renew((claim,), NOW + LEASE - SECOND) == (claim,)
    assert kept.claim("two", NOW + LEASE) == ()

    kept.claim("two", NOW + 2 * LEASE)
    assert kept.renew((claim,), NOW + 2 * LEASE) == ()


def test_a_late_owner_gives_back_nothing_that_is_anothers(kept: Database) -> None:
    late = claimed(kept)
    kept.claim("two", NOW + LEASE)
    kept.release(late, NOW + LONGEST_WAIT)

    assert kept.claim("three", NOW + LEASE + SECOND) == ()


def test_a_project_that_is_removed_while_it_is_worked_on_is_gone_and_comes_back_with_its_log(kept: Database) -> None:
    claim = claimed(kept)
    gone = replace(LOOP, version=1, removed=Word(actor="ada", at=NOW, reason="moved"))
    kept.save(Change(loop=gone, decisions=(SAID,)))

    with pytest.raises(GoneError, match="rain was removed meanwhile"):
        kept.save(Change(loop=replace(LOOP, version=1)), claim)
    kept.release(claim, NOW)
    assert not kept.due(NOW)
    assert kept.claim("two", NOW, project="rain") == ()
    other = replace(LOOP, project="snow")  # on the endpoint that it left
    kept.apply(applied(other), Change(loop=other))
    assert kept.load("rain") == replace(gone, version=2)
    assert len(kept.decisions("rain")) == 2

    back = replace(LOOP, version=2, endpoint="another")
    kept.apply(replace(applied(), generation=2), Change(loop=back, decisions=(SAID,)))
    assert len(kept.claim("two", NOW, project="rain")) == 1
    assert len(kept.decisions("rain")) == 3


def test_who_is_alone_frees_what_the_dead_held(kept: Database) -> None:
    late = claimed(kept)
    kept.free()

    assert [c.owner for c in kept.claim("two", NOW)] == ["two"]
    assert kept.renew((late,), NOW) == ()


def test_who_dies_after_a_save_leaves_the_project_due(kept: Database) -> None:
    kept.release(claimed(kept), NOW + LONGEST_WAIT)
    (claim,) = kept.claim("one", NOW, project="rain")  # by name, due or not
    kept.save(Change(loop=replace(LOOP, version=1)), claim)

    assert [c.owner for c in kept.claim("two", NOW + LEASE)] == ["two"]


def test_a_call_for_a_look_during_a_turn_is_not_lost(kept: Database) -> None:
    """A person orders while a pass that saw nothing to do is about to say: look again in an hour."""
    claim = claimed(kept)
    kept.save(Change(loop=replace(LOOP, version=1)))  # without a claim: an order
    kept.release(claim, NOW + LONGEST_WAIT)

    assert kept.due(NOW)
    assert len(kept.claim("two", NOW)) == 1


def test_an_order_is_looked_at_at_once(kept: Database) -> None:
    kept.release(claimed(kept), NOW + LONGEST_WAIT)
    kept.save(Change(loop=replace(LOOP, version=1)))

    assert kept.due(NOW)


@pytest.mark.parametrize("back", [3000 * SECOND, timedelta(days=40)], ids=["3000 s", "40 days"])
def test_a_clock_that_is_set_back_strands_no_project(kept: Database, back: timedelta) -> None:
    kept.release(claimed(kept), NOW + LONGEST_WAIT)

    assert kept.due(NOW - back)
    assert len(kept.claim("two", NOW - back)) == 1  # and holds it now …
    assert len(kept.claim("three", NOW - 2 * back)) == 1  # … but not from the future


@pytest.fixture
def many(url: str) -> str:
    with closing(opened(url)) as store:
        for number in range(40):
            loop = replace(LOOP, project=f"p{number:02}", endpoint=f"e{number:02}")
            store.apply(applied(loop), Change(loop=loop))
    return url


def test_of_several_claimers_at_once_each_project_has_one(many: str) -> None:
    started = Barrier(4)

    def work(owner: str) -> list[Claim]:
        with closing(opened(many)) as store:
            started.wait()
            return [claim for _ in range(20) for claim in store.claim(owner, NOW, most=3)]

    with ThreadPoolExecutor(4) as workers:
        taken = [claim for found in workers.map(work, "abcd") for claim in found]

    assert Counter(claim.project for claim in taken) == Counter({f"p{number:02}": 1 for number in range(40)})
    assert {claim.fence for claim in taken} == {1}


def test_nobody_waits_for_who_claims_at_the_same_time(postgresql: Server) -> None:
    """On a server: a row that another transaction holds is passed over, not waited for."""
    url = postgresql.database()
    with closing(opened(url)) as store, closing(opened(url)) as other:
        for name, endpoint in (("rain", "a"), ("snow", "b")):
            loop = replace(LOOP, project=name, endpoint=endpoint)
            store.apply(applied(loop), Change(loop=loop))
        with store._engine.begin() as connection:
            connection.exec_driver_sql("select 1 from turn where project = 'rain' for update")
            begun = time.monotonic()
            assert [claim.project for claim in other.claim("two", NOW, most=5)] == ["snow"]
        assert time.monotonic() - begun < 5


def test_leases_on_a_server_go_by_its_clock_not_by_the_machines(postgresql: Server) -> None:
    with closing(open_postgres(postgresql.database(), own_time=True)) as store:
        store.apply(applied(), Change(loop=LOOP))
        assert len(store.claim("one", NOW)) == 1

        assert store.claim("two", NOW + timedelta(days=1)) == ()
        assert store.claim("two", NOW - timedelta(days=1)) == ()


def test_a_store_in_memory_takes_turns_too() -> None:
    store = in_memory()
    store.apply(applied(), Change(loop=LOOP))

    assert store.due(NOW)
    assert len(store.claim("one", NOW)) == 1
    store.close()


def test_an_event_that_comes_in_during_a_turn_is_looked_at_after_it(kept: Database) -> None:
    claim = claimed(kept)
    event = Received(project="rain", source="s", event=Event(id="1", type="t", kind=None, subject="x"), at=NOW)
    assert kept.inbox.put([event]) == (None,)
    kept.release(claim, NOW + LONGEST_WAIT)
    assert kept.due(NOW)

    (again,) = kept.claim("one", NOW)
    assert kept.inbox.put([event]) == (Outcome.DUPLICATE,)  # nothing new
    kept.release(again, NOW + LONGEST_WAIT)
    assert not kept.due(NOW)
    assert [waiting.event for waiting in kept.inbox.waiting("rain")] == [event.event]
