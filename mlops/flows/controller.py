"""Many projects, many workers: each project gets a pass when it is due, in one pair of hands at a time."""

import random
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event

from mlops.domain.claim import LEASE, LONGEST_WAIT, Claim
from mlops.flows.reconcile import Pass
from mlops.ports import Clock, GoneError, OutsideError, StateError, Store

PASSES = 20
"""Passes in one turn: then others that wait longer come first."""
_LONGEST_TURN = timedelta(hours=1)
_LONGEST_BACK_OFF = timedelta(minutes=5)
_CHORE = 60.0
_RENEW = LEASE.total_seconds() / 3


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often the controller looks."""

    poll: float = 1.0  # seconds between two looks for what is due; of real time, whatever the loop's clock does
    soon: timedelta = timedelta(seconds=5)  # to the next look at an operation; zero where the clock may stand still


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What the controller works with."""

    store: Store
    clock: Clock
    work: Callable[["Hold"], Pass]
    say: Callable[[str, Pass], None]  # by project; empty: about the controller itself
    owner: str
    known: tuple[type[Exception], ...] = ()  # errors that explain themselves
    chore: Callable[[], None] | None = None  # for the store as a whole, once a minute


@dataclass
class Hold:
    """A claim in this process's hands, and until when it may act on it, by the machine's own steady clock."""

    claim: Claim
    ends: float = field(default_factory=lambda: time.monotonic() + LEASE.total_seconds())
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Called right before each effect outside: whoever slept too long must not act.  Raises StateError."""
        if time.monotonic() >= self.ends:
            raise StateError(f"{self.claim.project} was not worked on in time and may be in other hands by now")


@dataclass(frozen=True)
class _Turned:
    """How a turn ended: when to look again, and whether the loop's clock cannot be trusted to get there by itself."""

    due: datetime
    rest: bool = False


@dataclass
class Controller:
    """Claims what is due, lets workers make passes, renews leases, gives back with the time of the next look."""

    hands: Hands
    workers: int = 4
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._stop = Event()
        self._wake = Event()
        self._working: dict[Future[_Turned], Hold] = {}
        self._resting: list[tuple[float, Claim, datetime]] = []  # given back only then
        self._troubles: dict[str, int] = {}  # in a row, by project
        self._renewed = time.monotonic()
        self._failed = 0
        self._tidied = -_CHORE

    def stop(self) -> None:
        """End after the passes under way; may be called by a signal's handler."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped.  A store that does not answer is asked again, ever more slowly."""
        with ThreadPoolExecutor(self.workers, thread_name_prefix="worker") as pool:
            while not self._stop.is_set():
                self._wake.clear()
                with self._patience():
                    self._round(pool)
                    self._tidy()
                self._wake.wait(self.pace.poll * min(2**self._failed, 30))
            while self._working:
                self._wake.wait(self.pace.poll)
                self._wake.clear()
                with self._patience():
                    self._renew()
                    self._reap(at_once=True)
        with self._patience():
            self._reap(at_once=True)

    def _round(self, pool: ThreadPoolExecutor) -> None:
        if self._working or self._resting:
            self._renew()
            self._reap()
        free = self.workers - len(self._working)
        now = self.hands.clock.now()
        if not free or not self.hands.store.due(now):
            return
        for claim in self.hands.store.claim(self.hands.owner, now, most=free):
            hold = Hold(claim)
            started = pool.submit(self._turn, hold)
            self._working[started] = hold
            started.add_done_callback(lambda _: self._wake.set())

    def _tidy(self) -> None:
        if self.hands.chore is not None and time.monotonic() - self._tidied >= _CHORE:
            self.hands.chore()
            self._tidied = time.monotonic()

    def _renew(self) -> None:
        now = time.monotonic()
        if now - self._renewed < _RENEW:
            return
        holds = {  # one that hangs is given up: another may try
            hold.claim: hold for hold in self._working.values() if now - hold.began < _LONGEST_TURN.total_seconds()
        }
        resting = [claim for _, claim, _ in self._resting]
        for claim in self.hands.store.renew((*holds, *resting), self.hands.clock.now()):
            if claim in holds:
                holds[claim].ends = now + LEASE.total_seconds()
        self._renewed = now

    def _reap(self, *, at_once: bool = False) -> None:
        """Give back what is done with.  What cannot be given back now stays, and is tried again."""
        now = time.monotonic()
        for done in [future for future in self._working if future.done()]:
            hold, turned = self._working.pop(done), done.result()
            rest = self.pace.poll if turned.rest and not self.pace.soon else 0.0
            self._resting.append((now + rest, hold.claim, turned.due))
        for each in list(self._resting):
            until, claim, due = each
            if now >= until or at_once:
                self.hands.store.release(claim, due)
                self._resting.remove(each)

    def _turn(self, hold: Hold) -> _Turned:
        """Passes until nothing is to be done now."""
        project = hold.claim.project
        try:
            for _ in range(PASSES):
                done = self.hands.work(hold)
                self.hands.say(project, done)
                if not done.acted:
                    return self._next(project, done)
                if self._stop.is_set():
                    break
            self._troubles.pop(project, None)
            return self._in(timedelta())
        except GoneError as error:
            self.hands.say(project, _trouble(str(error)))
            return self._in(LONGEST_WAIT)
        except Exception as error:  # noqa: BLE001 - one project's trouble is not the others'
            known = isinstance(error, (StateError, OutsideError, *self.hands.known))
            self.hands.say(project, _trouble(str(error) if known else traceback.format_exc()))
            return self._later(project)

    def _next(self, project: str, done: Pass) -> _Turned:
        if done.trouble:
            return self._later(project)
        self._troubles.pop(project, None)
        due = next_look(done, self.hands.clock.now(), self.pace.soon)
        return _Turned(due, rest=done.waiting_for == "operation")

    def _later(self, project: str) -> _Turned:
        """Ever later, and not for all at the same moment."""
        count = self._troubles[project] = self._troubles.get(project, 0) + 1
        wait = min(self.pace.soon * 2 ** min(count - 1, 10), _LONGEST_BACK_OFF)
        return replace(self._in(wait * random.uniform(0.5, 1.0)), rest=True)  # noqa: S311 - no secret

    def _in(self, wait: timedelta) -> _Turned:
        try:
            return _Turned(self.hands.clock.now() + wait)
        except OutsideError:  # a clock that is silent
            return _Turned(datetime.fromtimestamp(0, UTC), rest=True)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Say a store's trouble once, and once that it is over."""
        try:
            yield
        except (StateError, OutsideError) as error:
            if not self._failed:
                self.hands.say("", _trouble(f"{error}; trying again until it answers"))
            self._failed += 1
            return
        if self._failed:
            self.hands.say("", Pass(acted=False, did="the store answers again"))
        self._failed = 0


def next_look(done: Pass, now: datetime, soon: timedelta) -> datetime:
    """When a project is due again after a pass."""
    if done.acted:
        return now
    if done.waiting_for == "operation":
        return now + soon
    longest = now + LONGEST_WAIT
    return longest if done.waiting_for is None else min(done.waiting_for, longest)


def sooner(done: Pass, moment: datetime) -> Pass:
    """The same, but looked at again by then."""
    if done.waiting_for == "operation":
        return done
    return replace(done, waiting_for=min(done.waiting_for or moment, moment))


def _trouble(text: str) -> Pass:
    return Pass(acted=False, waiting_for="operation", trouble=(text,))
