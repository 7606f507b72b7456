"""Controllers as processes of their own, killed at random with signal 9 while a life goes on; it must come out right.

The world outside is in this process, and theirs through a socket: a controller that dies in the middle of a call has
made it or not, as with a cloud.
"""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.managers import BaseManager
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from typing import Any

from mlops.backends.store.database import Database
from mlops.backends.store.postgres import open_postgres
from mlops.controlling import open_controller
from mlops.domain.data.measurement import Measurement
from mlops.domain.records.decision import broken_at
from mlops.flows.controller import Pace
from mlops.keeping import STATE_FILE, only_controller
from mlops.ports import Backends, StateError
from tests.fakes.azure import World
from tests.mlops.flows.test_kill import QUICK
from tests.mlops.rig import Rig

_FORKS = multiprocessing.get_context("forkserver")
_PORTS = ("data", "datasets", "training", "models", "endpoints", "assets", "runs")
_QUIET = 40  # looks at the store without a change: nothing more is to be done at this moment of the clock


@dataclass
class Outside:
    """The world and its clock, as a controller's process reaches them: one call at a time."""

    world: World
    lock: Lock = field(default_factory=Lock)

    def call(self, port: str, method: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - any port's
        """Call a port of the world."""
        with self.lock:
            return getattr(getattr(self.world.backends(), port), method)(*arguments)

    def now(self) -> datetime:
        """The clock."""
        return self.world.clock.now()


class _Meeting(BaseManager):
    """Where controllers find the world."""


@dataclass(frozen=True)
class _Far:
    """A port whose other end is in the test's process."""

    outside: Any
    port: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments: self.outside.call(self.port, name, arguments)


def control(address: Any, home: Path, url: str) -> None:  # noqa: ANN401 - a socket's
    """A controller's process."""
    _Meeting.register("outside")
    meeting = _Meeting(address=address, authkey=b"killing")
    meeting.connect()
    outside = meeting.outside()  # type: ignore[attr-defined]
    ports: dict[str, Any] = {port: _Far(outside, port) for port in _PORTS}
    with ExitStack() as stack:
        while not url:  # the one before it may just be dying
            with suppress(StateError):
                stack.enter_context(only_controller(home))
                break
        controller = open_controller(home, outside, 2, lambda *_: None, url=url, connect=lambda *_: Backends(**ports))
        controller.pace = Pace(poll=0.005, soon=timedelta())
        signal.signal(signal.SIGTERM, lambda *_: controller.stop())
        controller.run()


@dataclass
class Killed(Rig):
    """A rig on a store that other processes work on."""

    url: str = ""

    def opened(self) -> Database:
        """The same store as theirs."""
        return open_postgres(self.url, own_time=False) if self.url else super().opened()


@dataclass
class Life:
    """What happened in a life, and the processes that lived it."""

    rig: Killed
    outside: Outside
    address: Any
    chance: random.Random
    processes: list[BaseProcess] = field(default_factory=list)
    kills: int = 0
    sleeps: int = 0
    busiest: int = 0  # saves until it rested

    def begin(self) -> None:
        """Start one more controller."""
        home = self.rig.folder / ".mlops"
        process = _FORKS.Process(target=control, args=(self.address, home, self.rig.url), daemon=True)
        process.start()
        self.processes.append(process)

    def kill(self) -> None:
        """Kill one, wherever it is, and start another."""
        process = self.processes.pop(self.chance.randrange(len(self.processes)))
        process.kill()
        process.join()
        self.kills += 1
        self.begin()

    def sleep(self) -> None:
        """Stop one until its leases are over; another takes over; then it wakes."""
        pid = self.chance.choice(self.processes).pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        self.pass_time(timedelta(hours=2))
        time.sleep(0.1)
        os.kill(pid, signal.SIGCONT)
        self.sleeps += 1

    def pass_time(self, by: timedelta) -> None:
        """Let the clock go on."""
        with self.outside.lock:
            self.rig.world.clock.advance(by)

    def check(self) -> None:
        """What must hold at every moment."""
        world = self.rig.world
        with self.outside.lock:
            assert sum(world.traffic.values()) in {0, 100}
            assert len({plan.name for plan in world.submitted}) == len(world.submitted)
        assert broken_at(self.rig.store.decisions("rain")) is None

    def settle(self, saves: int = 1000) -> None:
        """Wait until the controllers have nothing more to do, letting leases of the dead run out.

        Who saves nothing is at rest, so that only endless work is a fault: its limit is in saves, which a busy machine
        makes later, and not more of.
        """
        quiet, before = 0, -1
        first = self.rig.loop.version
        while quiet < _QUIET:
            self.pass_time(timedelta(seconds=5))
            time.sleep(0.005)
            version = self.rig.loop.version
            if version - first > saves:
                alive = [process.is_alive() for process in self.processes]
                raise AssertionError(
                    f"does not come to rest: {version - first} saves, alive {alive}: {self.rig.story()[-5:]}"
                )
            quiet = quiet + 1 if version == before else 0
            before = version
        self.busiest = max(self.busiest, before - first)


@contextmanager
def living(folder: Path, url: str, seed: int, controllers: int) -> Iterator[Life]:
    """Controllers at work on a project in a world of its own."""
    (folder / ".mlops").mkdir(parents=True)
    rig = Killed(folder=folder, text=QUICK, url=url, state=None if url else folder / ".mlops" / STATE_FILE)
    rig.world.looks, rig.world.holdout = 1, 200
    rig.world.readings["accuracy"] = lambda q: Measurement(monitor=q.monitor.name, value=0.7, samples=50)
    outside = Outside(rig.world)
    _Meeting.register("outside", callable=lambda: outside, exposed=("call", "now"))
    meeting = _Meeting(address=("127.0.0.1", 0), authkey=b"killing")
    _FORKS.set_forkserver_preload([__name__])
    served = meeting.get_server()
    thread = _serve(served)
    life = Life(rig, outside, served.address, random.Random(seed))  # noqa: S311 - chance, no secret
    try:
        for _ in range(controllers):
            life.begin()
        yield life
    finally:
        for process in life.processes:
            process.kill()
            process.join()
        served.stop_event.set()  # type: ignore[attr-defined]
        thread.join()
        rig.store.close()


def _serve(served: Any) -> Any:  # noqa: ANN401 - the manager's own
    from threading import Thread  # noqa: PLC0415

    def until_stopped() -> None:
        with suppress(SystemExit):
            served.serve_forever()

    thread = Thread(target=until_stopped, daemon=True)
    thread.start()
    return thread
