"""The replay goes on where it was, wherever it is ended."""

import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.rain.plan import Plan
from examples.rain.replay import Cursor, replay
from examples.rain.weather import Day, SensorFault, read_days

DAYS = read_days()
PLAN = Plan(
    years=0,
    start=date(1950, 3, 1),
    end=date(1950, 4, 10),
    fault=SensorFault(start=date(1950, 3, 20), end=date(1950, 3, 25)),
    bug=date(1950, 4, 1),
)


class KilledError(Exception):
    """The process ended here."""


@dataclass
class FakeWorkplace:
    """Remembers what was done to it; ends the process before or after its n-th call."""

    kill_at: int = -1
    after: bool = False
    refuse: int = 0
    pauses: int = 0
    now: datetime = datetime(1950, 1, 1, tzinfo=UTC)
    asked: list[Day] = field(default_factory=list)
    published: dict[str, bytes] = field(default_factory=dict)
    arrived: int = -1  # days asked when the collected data was last waited for
    _calls: int = 0

    def turn_clock(self, moment: datetime) -> None:
        self._call(lambda: setattr(self, "now", moment))

    def ask(self, day: Day) -> bool:
        if self.refuse:
            self.refuse -= 1
            return False
        self._call(lambda: self.asked.append(day))
        return True

    def pause(self) -> None:
        self.pauses += 1

    def let_arrive(self) -> None:
        self.arrived = len(self.asked)

    def publish(self, name: str, content: bytes) -> None:
        self._call(lambda: self.published.__setitem__(name, content))

    def _call(self, effect: object) -> None:
        self._calls += 1
        if self._calls == self.kill_at and not self.after:
            raise KilledError
        effect()  # type: ignore[operator]
        if self._calls == self.kill_at:
            raise KilledError


@dataclass
class FakeController:
    """Wants to look every ten days."""

    looked: list[date] = field(default_factory=list)
    workplace: FakeWorkplace | None = None

    def settle(self, today: date) -> datetime | None:
        if self.workplace is not None:
            assert self.workplace.arrived == len(self.workplace.asked)
        self.looked.append(today)
        return datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=10)


def _play(folder: Path, workplace: FakeWorkplace, controller: FakeController) -> list[Cursor]:
    return list(replay(PLAN, DAYS, folder / "cursor.json", workplace, controller))


def test_each_day_is_asked_once_with_what_the_sensors_report(tmp_path: Path) -> None:
    workplace = FakeWorkplace()

    _play(tmp_path, workplace, FakeController())

    assert workplace.asked == [PLAN.fault.on(day) for day in DAYS if PLAN.start <= day.day < PLAN.end]


@given(st.integers(0, 400))
def test_a_cursor_that_was_cut_off_anywhere_is_the_one_before(cut: int) -> None:
    saved = [Cursor(next_day=date(1950, 3, day), labelled_until=date(1950, 3, 1)) for day in (2, 3, 4)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cursor.json"
        saved[0].save(path)
        saved[1].save(path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) - cut] if cut < len(whole) else b"")
        left = path.read_bytes()
        begin = Cursor(next_day=date(1950, 3, 1), labelled_until=date(1950, 3, 1))
        before = [begin, *saved[:2]][left.count(b"}")]
        assert Cursor.load(path, date(1950, 3, 1)) == before
        saved[2].save(path)
        assert Cursor.load(path, date(1950, 3, 1)) == saved[2]


def test_labels_are_published_weekly_and_none_earlier_than_five_days_after_its_day(tmp_path: Path) -> None:
    counts: dict[date, int] = {}
    workplace = FakeWorkplace()
    for _ in replay(PLAN, DAYS, tmp_path / "cursor.json", workplace, FakeController()):
        if workplace.published:
            newest = max(date.fromisoformat(line.split(",")[0]) for line in _lines(workplace.published["1950.csv"]))
            assert workplace.now.date() - newest >= timedelta(days=5)
            counts.setdefault(newest, len(_lines(workplace.published["1950.csv"])))

    assert counts == {date(1950, 3, 7): 7, date(1950, 3, 14): 14, date(1950, 3, 21): 21, date(1950, 3, 28): 28}
    assert workplace.published["1950.csv"].splitlines()[:2] == [b"day,rain", b"1950-03-01,0"]


def test_each_year_has_its_own_file_of_labels(tmp_path: Path) -> None:
    workplace = FakeWorkplace()
    winter = replace(PLAN, start=date(1950, 12, 20), end=date(1951, 2, 1))

    list(replay(winter, DAYS, tmp_path / "cursor.json", workplace, FakeController()))

    days = [line.split(",")[0] for name in ("1950.csv", "1951.csv") for line in _lines(workplace.published[name])]
    assert days == [day.day.isoformat() for day in DAYS if date(1950, 12, 20) <= day.day < date(1951, 1, 24)]


def test_the_loop_looks_only_when_something_is_due(tmp_path: Path) -> None:
    controller = FakeController()

    _play(tmp_path, FakeWorkplace(), controller)

    assert controller.looked == [date(1950, 3, 1), date(1950, 3, 11), date(1950, 3, 21), date(1950, 3, 31)]


@settings(deadline=None, max_examples=40)
@given(kill_at=st.integers(min_value=1, max_value=84), after=st.booleans())
def test_after_a_kill_at_any_call_the_same_command_completes_the_same_replay(
    tmp_path_factory: pytest.TempPathFactory, kill_at: int, *, after: bool
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    undisturbed = FakeWorkplace()
    _play(tmp_path_factory.mktemp("whole"), undisturbed, FakeController())
    workplace = FakeWorkplace(kill_at=kill_at, after=after)

    with pytest.raises(KilledError):
        _play(folder, workplace, FakeController())
    _play(folder, workplace, FakeController())

    assert workplace.published == undisturbed.published
    assert [
        day for number, day in enumerate(workplace.asked) if day not in workplace.asked[:number]
    ] == undisturbed.asked
    assert len(workplace.asked) - len(undisturbed.asked) <= 1  # at most the day that was being asked, once more


def test_the_loop_looks_only_after_what_was_collected_has_arrived(tmp_path: Path) -> None:
    workplace = FakeWorkplace()
    controller = FakeController(workplace=workplace)

    _play(tmp_path, workplace, controller)

    assert len(controller.looked) == 4


def test_a_request_that_fails_is_asked_again_and_counted(tmp_path: Path) -> None:
    cursors = _play(tmp_path, FakeWorkplace(refuse=3), FakeController())

    assert cursors[-1].unanswered == 3


def test_a_day_on_which_nobody_answers_is_left_behind(tmp_path: Path) -> None:
    workplace = FakeWorkplace(refuse=64)

    cursors = _play(tmp_path, workplace, FakeController())

    assert [cursor.silent for cursor in cursors[:2]] == [1, 0]
    assert cursors[-1].unanswered == 64
    assert workplace.asked[0].day == date(1950, 3, 2)


def test_an_endpoint_that_is_silent_for_two_months_ends_the_replay_with_a_reason(tmp_path: Path) -> None:
    longer = replace(PLAN, end=date(1950, 6, 1))
    played = replay(longer, DAYS, tmp_path / "cursor.json", FakeWorkplace(refuse=9999), FakeController())

    with pytest.raises(SystemExit, match="nobody answered for 60 days, last on 1950-04-30"):
        list(played)


def test_a_scoring_process_that_is_back_after_some_seconds_costs_no_day(tmp_path: Path) -> None:
    workplace = FakeWorkplace(refuse=20)

    cursors = _play(tmp_path, workplace, FakeController())

    assert len(workplace.asked) == (PLAN.end - PLAN.start).days
    assert (workplace.pauses, cursors[-1].unanswered, cursors[-1].silent) == (17, 20, 0)


def _lines(content: bytes) -> list[str]:
    return content.decode().splitlines()[1:]
