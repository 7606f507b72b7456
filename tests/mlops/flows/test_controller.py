"""The controller: every project gets its passes, one pair of hands each, and one's trouble is not the others'."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from mlops.backends.store.database import Database, open_sqlite
from mlops.backends.store.postgres import open_postgres
from mlops.domain.claim import LONGEST_WAIT, Claim
from mlops.domain.loop import Change
from mlops.flows.controller import Controller, Hands, Hold, Pace
from mlops.flows.guard import guarded
from mlops.flows.reconcile import Pass
from mlops.ports import GoneError, StateError
from tests.fakes.azure import World
from tests.fakes.clock import FakeClock
from tests.mlops.backends.store.kept import LOOP, applied
from tests.postgres import Server

QUICK = Pace(poll=0.01)
IDLE = Pass(acted=False)


def _idle(_: Hold) -> Pass:
    return IDLE


@dataclass
class Scene:
    """Projects that do what the test says, and what was heard of them."""

    store: Database
    clock: FakeClock = field(default_factory=FakeClock)
    passes: list[str] = field(default_factory=list)
    heard: list[tuple[str, Pass]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    does: dict[str, Callable[[Hold], Pass]] = field(default_factory=dict)

    def projects(self, *names: str) -> None:
        for name in names:
            loop = replace(LOOP, project=name, endpoint=f"{name}-endpoint")
            self.store.apply(applied(loop), Change(loop=loop))

    def work(self, hold: Hold) -> Pass:
        with self.lock:
            self.passes.append(hold.claim.project)
        return self.does.get(hold.claim.project, _idle)(hold)

    def controller(self, owner: str = "one", workers: int = 2, store: Database | None = None) -> Controller:
        hands = Hands(
            store=store or self.store,
            clock=self.clock,
            work=self.work,
            say=lambda project, done: self.heard.append((project, done)),
            owner=owner,
            known=(KeyError,),
        )
        return Controller(hands, workers, QUICK)

    def trouble(self, project: str) -> list[str]:
        return [text for name, done in self.heard if name == project for text in done.trouble]


@contextmanager
def running(*controllers: Controller) -> Iterator[None]:
    threads = [Thread(target=each.run) for each in controllers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in controllers:
            each.stop()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


def wait(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.005)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with closing(open_sqlite(tmp_path / "state.sqlite3")) as store:
        yield Scene(store)


def free(scene: Scene) -> bool:
    """Nobody holds anything."""
    with scene.store._engine.connect() as connection:
        return connection.exec_driver_sql("select count(*) from turn where owner is not null").scalar() == 0


def test_each_project_is_looked_at_when_it_is_due_and_not_before(scene: Scene) -> None:
    scene.projects("rain", "snow", "wind")
    later = scene.clock.now() + timedelta(minutes=10)
    scene.does["snow"] = lambda _: Pass(acted=False, waiting_for=later if scene.clock.now() < later else None)
    with running(scene.controller()):
        wait(lambda: len(scene.passes) >= 3 and free(scene))
        time.sleep(0.1)
        assert Counter(scene.passes) == {"rain": 1, "snow": 1, "wind": 1}
        scene.clock.advance(timedelta(minutes=10))
        wait(lambda: len(scene.passes) >= 4)
        scene.clock.advance(LONGEST_WAIT)  # nobody told: looked at all the same
        wait(lambda: len(scene.passes) >= 7)
    assert Counter(scene.passes) == {"rain": 2, "snow": 3, "wind": 2}


def test_who_acts_is_passed_again_at_once(scene: Scene) -> None:
    scene.projects("rain")
    answers = iter([Pass(acted=True, did="a"), Pass(acted=True, did="b")])
    scene.does["rain"] = lambda _: next(answers, IDLE)
    with running(scene.controller()):
        wait(lambda: len(scene.heard) >= 3)

    assert [done.did for _, done in scene.heard] == ["a", "b", ""]


def test_one_that_breaks_is_said_and_backs_off_while_the_others_go_on(scene: Scene) -> None:
    scene.projects("rain", "snow")

    def broken(_: Hold) -> Pass:
        raise KeyError("its file is gone")

    def defect(_: Hold) -> Pass:
        raise ZeroDivisionError

    scene.does |= {"rain": broken, "snow": defect}
    with running(scene.controller()):
        wait(lambda: len(scene.heard) >= 2 and free(scene))
        time.sleep(0.1)
        assert len(scene.heard) == 2  # not again at once
        scene.clock.advance(timedelta(seconds=5))
        wait(lambda: len(scene.heard) >= 4)
        scene.does.clear()
        scene.clock.advance(timedelta(minutes=1))
        wait(lambda: ("rain", IDLE) in scene.heard)

    assert scene.trouble("rain")[0] == "'its file is gone'"
    assert "ZeroDivisionError" in scene.trouble("snow")[0]
    assert "Traceback" in scene.trouble("snow")[0]


def test_a_project_that_is_removed_meanwhile_is_said_by_name(scene: Scene) -> None:
    scene.projects("rain", "snow")

    def gone(_: Hold) -> Pass:
        with scene.store._engine.begin() as connection:
            connection.exec_driver_sql("delete from turn where project = 'rain'")
        raise GoneError("there is no project 'rain' here")

    scene.does["rain"] = gone
    with running(scene.controller()):
        wait(lambda: "snow" in scene.passes and bool(scene.trouble("rain")))
        scene.clock.advance(LONGEST_WAIT)
        wait(lambda: scene.passes.count("snow") == 2)

    assert scene.trouble("rain") == ["there is no project 'rain' here"]
    assert scene.passes.count("rain") == 1


def test_to_stop_is_to_finish_the_pass_and_give_everything_back(scene: Scene) -> None:
    scene.projects("rain")
    begun, go_on = Event(), Event()

    def slow(_: Hold) -> Pass:
        begun.set()
        go_on.wait(20)
        return Pass(acted=True, did="done whole")

    scene.does["rain"] = slow
    controller = scene.controller()
    with running(controller):
        begun.wait(20)
        controller.stop()
        assert not free(scene)
        go_on.set()

    assert scene.heard == [("rain", Pass(acted=True, did="done whole"))]
    assert free(scene)
    assert scene.store.due(scene.clock.now())  # whoever comes next goes on


class Unwell(Database):
    """A store that does not answer for a while."""

    down = Event()

    def due(self, now: datetime) -> bool:
        if self.down.is_set():
            raise StateError("the store does not answer")
        return super().due(now)

    def release(self, claim: Claim, due: datetime) -> None:
        if self.down.is_set():
            raise StateError("the store does not answer")
        super().release(claim, due)


def test_a_store_that_goes_away_is_said_once_and_work_goes_on_when_it_is_back(scene: Scene) -> None:
    scene.projects("rain")
    unwell = Unwell(scene.store._engine, scene.store._turns, "memory")
    unwell.down.set()
    with running(scene.controller(store=unwell)):
        wait(lambda: bool(scene.heard))
        time.sleep(0.2)
        assert scene.passes == []  # no store, no work
        unwell.down.clear()
        wait(lambda: bool(scene.passes))
        wait(lambda: free(scene))
    assert scene.trouble("") == ["the store does not answer; trying again until it answers"]
    assert [done.did for name, done in scene.heard if not name and done.did] == ["the store answers again"]


def test_what_cannot_be_given_back_now_is_given_back_later(scene: Scene) -> None:
    scene.projects("rain")
    unwell = Unwell(scene.store._engine, scene.store._turns, "memory")

    def goes_down(_: Hold) -> Pass:
        unwell.down.set()
        return IDLE

    scene.does["rain"] = goes_down
    with running(scene.controller(store=unwell)):
        wait(lambda: bool(scene.trouble("")))
        assert not free(scene)
        unwell.down.clear()
        wait(lambda: free(scene))
    assert scene.passes == ["rain"]


def test_a_lease_is_renewed_as_long_as_the_pass_takes(scene: Scene) -> None:
    """Its third passes at once, as the test has it: the loop's clock leaps, the machine's is asked to have leapt."""
    scene.projects("rain")
    begun, go_on = Event(), Event()

    def slow(_: Hold) -> Pass:
        begun.set()
        go_on.wait(20)
        return IDLE

    scene.does["rain"] = slow
    controller = scene.controller()
    with running(controller):
        begun.wait(20)
        for _ in range(4):
            scene.clock.advance(timedelta(seconds=40))
            controller._renewed = 0.0
            wait(lambda: controller._renewed > 0.0)
            assert scene.store.claim("two", scene.clock.now()) == ()
        go_on.set()
        wait(lambda: free(scene))


def test_a_worker_that_slept_past_its_lease_does_nothing_outside() -> None:
    world, claim = World(), Claim(project="rain", owner="one", fence=1, nudges=0)
    held, over = Hold(claim), Hold(claim, ends=time.monotonic() - 1)

    guarded(world.backends(), held.check).training.cancel("job")
    backends = guarded(world.backends(), over.check)
    with pytest.raises(StateError, match="rain was not worked on in time"):
        backends.endpoints.set_traffic("rain-local", {}, {})
    with pytest.raises(StateError, match="rain was not worked on in time"):
        backends.endpoints.delete_deployment("rain-local", "m-1")
    with pytest.raises(StateError, match="rain was not worked on in time"):
        backends.training.cancel("job")
    assert backends.endpoints.observe("rain-local").traffic == {}  # looking is free


def test_two_controllers_on_a_server_never_work_on_one_project_at_once(postgresql: Server) -> None:
    url = postgresql.database()
    with closing(open_postgres(url, own_time=True)) as store, closing(open_postgres(url, own_time=True)) as other:
        scene = Scene(store)
        names = [f"p{number}" for number in range(12)]
        scene.projects(*names)
        inside: Counter[str] = Counter()
        most: Counter[str] = Counter()
        owners: set[str] = set()

        def work(hold: Hold) -> Pass:
            name = hold.claim.project
            with scene.lock:
                inside[name] += 1
                most[name] = max(most[name], inside[name])
                owners.add(hold.claim.owner)
            time.sleep(0.005)
            with scene.lock:
                inside[name] -= 1
            return Pass(acted=False, waiting_for=scene.clock.now())  # due again at once

        scene.does = dict.fromkeys(names, work)
        with running(scene.controller("one"), scene.controller("two", store=other)):
            wait(lambda: min(Counter(scene.passes).get(name, 0) for name in names) >= 5)

    assert set(most.values()) == {1}
    assert owners == {"one", "two"}
