"""Events: stored before they are done with, handled once, kept whatever they are, and never needed."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.loop import Change, Loop
from mlops.domain.messages.event import Outcome
from mlops.flows.inbox import TRIES, drain, take
from mlops.flows.reconcile import reconcile
from mlops.flows.removal import remove
from mlops.ports import ConflictError, OutsideError, StateError
from mlops.post import Message
from tests.fakes.events import FakeSource, grid
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, PROJECT, Rig

ML = "Microsoft.MachineLearningServices."
BLOB = "Microsoft.Storage.BlobCreated"
SOURCED = PROJECT.replace(
    "  triggerPolicy:",
    """\
    - {name: fresh, when: {labelledRows: 100000}}
  sources:
    - {name: workspace, queue: {key: events}}
    - {name: drops, folder: {path: drops}, hears: [data]}
  triggerPolicy:""",
)


@pytest.fixture
def heard(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path, text=PROJECT)
    rig.platform = rig.platform.__class__(**{**rig.platform.__dict__, "queues": {"events": "workspace-events"}})
    rig.parsed.clear()
    rig.apply(SOURCED)
    rig.sources = {"workspace": FakeSource(), "drops": FakeSource()}
    rig.settle()
    return rig


def queue(rig: Rig) -> FakeSource:
    found = rig.sources["workspace"]
    assert isinstance(found, FakeSource)
    return found


def outcomes(rig: Rig) -> list[tuple[str, str | None, int]]:
    return [(each.event.id, each.outcome and each.outcome.value, each.copies) for each in rig.store.inbox.kept("rain")]


def tell(rig: Rig, *bodies: bytes) -> None:
    for body in bodies:
        queue(rig).put(body)
    drain(rig.context)
    rig.settle()


def test_an_event_makes_the_loop_look_sooner_at_the_endpoint(heard: Rig) -> None:
    heard.world.clock.advance(timedelta(hours=1))
    heard.settle()
    before = heard.loop.checked
    tell(heard, grid("1", f"{ML}ModelDeployed", "endpoints/rain-local"))

    assert outcomes(heard) == [("1", "started", 1)]
    assert before is not None
    assert heard.loop.checked == heard.world.clock.moment != before


def test_new_data_is_counted_now_and_what_an_event_says_is_never_believed(heard: Rig) -> None:
    heard.world.clock.advance(timedelta(hours=1))
    heard.settle()
    tell(heard, grid("1", BLOB, "/blobServices/default/containers/labels/blobs/a.csv", rows=10**9))

    assert heard.loop.labelled_at == heard.world.clock.moment
    assert heard.loop.labelled is not None
    assert heard.loop.labelled < 10**6
    assert heard.loop.pending is None


def test_a_flood_of_files_has_the_data_counted_once_a_minute(heard: Rig) -> None:
    heard.world.clock.advance(timedelta(hours=1))
    heard.settle()
    counted = set()
    for number in range(40):
        tell(heard, grid(str(number), BLOB, f"file {number}"))
        counted.add(heard.loop.labelled_at)
        heard.world.clock.advance(timedelta(seconds=10))
    heard.world.clock.advance(timedelta(minutes=1))
    heard.settle()

    looked = {moment for moment in counted if moment and moment > heard.world.clock.moment - timedelta(hours=1)}
    assert 6 <= len(looked) <= 8
    assert heard.loop.labelled_at == heard.world.clock.moment


def test_each_event_has_one_outcome_that_says_why(heard: Rig) -> None:
    path = "/blobServices/default/containers/labels/blobs/a.csv"
    heard.world.clock.advance(timedelta(hours=1))
    tell(heard, grid("new", BLOB, path, sequencer="0B"), grid("same reason", BLOB, f"{path}2", sequencer="01"))
    tell(
        heard,
        grid("new", BLOB, path, sequencer="0B"),
        grid("old", BLOB, path, sequencer="0A"),
        grid("no order", BLOB, path),
        grid("run", f"{ML}RunCompleted", "experiments/e/runs/somebody-elses"),
        grid("endpoint", f"{ML}ModelDeployed", "endpoints/another"),
        grid("type", "Contoso.Happened", "x"),
        grid("hello", "Microsoft.EventGrid.SubscriptionValidationEvent", ""),
    )

    assert outcomes(heard) == [
        ("new", "started", 2),
        ("same reason", "coalesced", 1),
        ("old", "stale", 1),
        ("no order", "started", 1),
        ("run", "ignored", 1),
        ("endpoint", "ignored", 1),
        ("type", "unknown", 1),
        ("hello", "ignored", 1),
    ]
    rows = {each.event.id: each for each in heard.store.inbox.kept("rain")}
    assert rows["old"].why == "an event of this subject with the same or a higher order came before"
    assert rows["type"].why == "type 'Contoso.Happened' says nothing to us: `means` of the source may say it"
    assert "Contoso.Happened" in rows["type"].body
    assert rows["new"].body == ""


def test_the_attempt_that_waits_for_a_run_hears_of_it(heard: Rig) -> None:
    drifts(heard)
    heard.world.looks = 10_000
    for _ in range(400):
        heard.world.clock.advance(DAY)
        for _ in range(20):
            reconcile(heard.context)
        if heard.loop.attempt:
            break
    assert heard.loop.attempt is not None
    queue(heard).put(grid("1", f"{ML}RunCompleted", f"experiments/e/runs/{heard.loop.attempt.job.upper()}"))
    queue(heard).put(grid("2", f"{ML}RunCompleted", "experiments/e/runs/another-projects"))
    drain(heard.context)
    reconcile(heard.context)

    assert outcomes(heard) == [("1", "started", 1), ("2", "ignored", 1)]


def test_a_source_that_a_trigger_names_asks_for_a_new_model_once_however_often_it_says_so(heard: Rig) -> None:
    hook = "    - {name: partner, when: {event: workspace}}\n  sources:"
    heard.apply(SOURCED.replace("  sources:", hook).replace("{key: events}}", "{key: events}, means: request}"))
    heard.settle()
    heard.days(1)
    tell(heard, b'{"id": "a"}', b'{"id": "b"}')
    tell(heard, b'{"id": "a"}')

    assert outcomes(heard) == [("a", "started", 2), ("b", "coalesced", 1)]
    heard.days(70)  # past the cool-down
    fired = [row.decision for row in heard.store.decisions("rain") if row.decision.what == "fired"]
    assert [each.numbers["trigger"] for each in fired].count("partner") == 1


def test_a_source_in_trouble_is_said_and_the_others_are_heard(heard: Rig) -> None:
    class Silent(FakeSource):
        def receive(self) -> Sequence[Message]:
            raise OutsideError("nobody answers")

    queue(heard).put(grid("1", BLOB, "a"))
    heard.sources = {"drops": Silent(), "workspace": queue(heard)}
    done = drain(heard.context)

    assert (done.new, done.trouble) == (1, ("events of drops: nobody answers",))


def test_a_message_is_done_with_only_after_it_is_stored(heard: Rig) -> None:
    source = queue(heard)
    source.put(grid("1", BLOB, "a"))
    with heard.store._engine.begin() as connection:
        refuse = "create trigger full before insert on inbox begin select raise(abort, 'disk is full'); end"
        connection.exec_driver_sql(refuse)
    with pytest.raises(StateError, match="disk is full"):
        drain(heard.context)
    assert list(source.messages) == ["m0"]
    with heard.store._engine.begin() as connection:
        connection.exec_driver_sql("drop trigger full")
    source.reappear()
    drain(heard.context)
    assert (outcomes(heard), source.messages) == ([("1", None, 1)], {})


def test_a_message_whose_deletion_was_lost_comes_again_and_counts_once(heard: Rig) -> None:
    source = queue(heard)
    source.broken = True
    source.put(grid("1", BLOB, "a"))
    first = drain(heard.context)
    source.broken = False
    source.reappear()
    second = drain(heard.context)
    heard.settle()

    assert (first.new, first.trouble) == (1, ("events of workspace: deleting a message: the answer was lost",))
    assert (second.new, second.copies, source.messages) == (0, 1, {})
    assert outcomes(heard) == [("1", "started", 2)]


def test_what_is_no_event_is_kept_with_its_text_and_nothing_waits_behind_it(heard: Rig) -> None:
    tell(heard, b"\x00not json\xff", b'{"eventType": 3}', grid("good", BLOB, "a"))

    kept = heard.store.inbox.kept("rain")
    assert [(each.outcome, each.why[:27], each.body[:9]) for each in kept] == [
        (Outcome.UNKNOWN, "no JSON, nor JSON in Base64", "\ufffdnot json"),
        (Outcome.UNKNOWN, "Event Grid's schema needs '", '{"eventTy'),
        (Outcome.STARTED, "what is new in the data is ", ""),
    ]


def test_a_message_that_comes_again_and_again_is_put_aside_unread(heard: Rig) -> None:
    source = queue(heard)
    source.put(grid("poison", BLOB, "a"))
    source.tries["m0"] = TRIES
    drain(heard.context)
    (kept,) = heard.store.inbox.kept("rain")

    assert (kept.outcome, kept.why) == (Outcome.DEAD, "delivered 6 times without ever being done with")
    assert "poison" in kept.body
    assert source.messages == {}


def test_an_outcome_is_saved_with_its_effect_or_neither_is(heard: Rig) -> None:
    """Somebody saves in between: the event waits, and has its outcome once the next pass saved it."""
    heard.world.clock.advance(timedelta(hours=1))
    heard.settle()
    queue(heard).put(grid("1", f"{ML}ModelDeployed", "endpoints/rain-local"))
    drain(heard.context)
    late = heard.loop
    heard.store.save(Change(loop=late))

    generation = heard.context.generation(late.generation)
    step = take(heard.store, generation, late, heard.world.clock.now())
    assert hasattr(step, "change")
    assert step.change is not None
    with pytest.raises(ConflictError):
        heard.store.save(step.change)
    assert outcomes(heard) == [("1", None, 1)]
    assert heard.loop.checked is not None
    reconcile(heard.context)
    assert outcomes(heard) == [("1", "started", 1)]
    assert heard.store.load("rain") == replace(late, version=late.version + 2, checked=None, heard=heard.loop.heard)


def test_all_projects_that_listen_at_one_queue_hear_what_comes_there(heard: Rig) -> None:
    other = SOURCED.replace("metadata: {name: rain}", "metadata: {name: snow}")
    heard.platform = heard.platform.__class__(**{**heard.platform.__dict__, "endpoints": {"rain": "snow-local"}})
    heard.apply(other)
    queue(heard).put(grid("1", BLOB, "a"))
    drain(heard.context)

    assert [each.event.id for each in heard.store.inbox.kept("snow")] == ["1"]
    assert [each.source for each in heard.store.inbox.waiting("snow")] == ["workspace"]


def test_a_source_that_was_taken_away_leaves_no_event_unsettled(heard: Rig) -> None:
    queue(heard).put(grid("1", BLOB, "a"))
    drain(heard.context)
    heard.apply(PROJECT)
    heard.settle()

    assert outcomes(heard) == [("1", "unknown", 1)]


def test_a_project_that_was_removed_hears_nothing_more_and_leaves_no_event_open(heard: Rig) -> None:
    queue(heard).put(grid("1", BLOB, "a"))
    drain(heard.context)
    address = "https://store.queue.core.windows.net/workspace-events"
    assert heard.store.inbox.listeners(address) == (("rain", "workspace"),)
    remove(heard.context, "ada", "no longer needed")

    assert heard.store.inbox.listeners(address) == ()
    assert outcomes(heard) == [("1", "ignored", 1)]


def _end(rig: Rig) -> tuple[object, ...]:
    loop = rig.loop
    return (loop.champion and loop.champion.model.version, loop.attempts, loop.last and loop.last.outcome)


def _champion(loop: Loop) -> str:
    return loop.champion.model.version if loop.champion else ""


@pytest.mark.parametrize("seed", [1, 2])
def test_events_doubled_late_and_out_of_order_lead_where_no_event_at_all_leads(
    heard: Rig, tmp_path: Path, seed: int
) -> None:
    """They are hints: without a single one the loop ends at the same champion after as many attempts."""
    silent = Rig(folder=tmp_path / "silent")
    silent.settle()
    draw = random.Random(seed)  # noqa: S311 - the same every time
    for rig in (silent, heard):
        drifts(rig)
        better(rig)
    for day in range(110):
        for rig in (silent, heard):
            rig.world.clock.advance(DAY)
            if rig is heard:
                for _ in range(draw.randrange(4)):
                    number = draw.randrange(day + 1)
                    kind = draw.choice([BLOB, f"{ML}RunCompleted", f"{ML}ModelDeployed", "What.Ever"])
                    queue(rig).put(
                        grid(str(number), kind, draw.choice(["a", "endpoints/rain-local"]), sequencer=f"{number:04}")
                    )
                queue(rig).broken = draw.random() < 0.2
                drain(rig.context)
                queue(rig).reappear()
            rig.settle()

    assert _end(heard) == _end(silent)
    assert _champion(heard.loop) == _champion(silent.loop) != "1"
    assert heard.store.inbox.waiting("rain") == ()
