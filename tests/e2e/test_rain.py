"""Half a year of the demo on a real local environment, the controller killed on the way."""

import json
import signal
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil
import pytest

from examples.rain.replay import Cursor
from mlops.domain.loop import Attempt, Loop, Outcome
from mlops.domain.records.decision import Subject, broken_at
from mlops.wiring import open_loop
from tests.e2e.local import Local
from tests.e2e.short_demo import PLAN

_LONGEST = 900


@dataclass(frozen=True)
class Played:
    """What is left when the demo has ended."""

    folder: Path
    local: Local
    killed_at: date
    log: str

    @property
    def loop(self) -> Loop:
        return open_loop(self.folder / "mlops").state()

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        return open_loop(self.folder / "mlops").attempts()


@pytest.fixture(scope="module")
def played(local: Local, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play; kill the controller with -9 once the second attempt is under way; play on with the same command."""
    folder = tmp_path_factory.mktemp("demo")
    local.up()
    (folder / "outputs.json").write_text(json.dumps(local.outputs()))
    command = ("run", "--", "python", "-m", "tests.e2e.short_demo", str(folder), str(local.home))
    first = local.start(*command)
    cursor = folder / "cursor.json"
    deadline = time.monotonic() + _LONGEST / 2
    while Cursor.load(cursor, PLAN.start).next_day < date(1976, 7, 1):
        assert first.poll() is None, first.communicate()[0]
        assert time.monotonic() < deadline, "the replay did not come to July in time"
        time.sleep(0.2)
    for each in [*psutil.Process(first.pid).children(recursive=True), psutil.Process(first.pid)]:
        each.send_signal(signal.SIGKILL)
    first.communicate()
    killed_at = Cursor.load(cursor, PLAN.start).next_day
    second = local.start(*command)
    said, _ = second.communicate(timeout=_LONGEST)
    assert second.returncode == 0, said
    return Played(folder, local, killed_at, said)


pytestmark = pytest.mark.timeout(2 * _LONGEST)


def test_after_a_kill_it_goes_on_where_it_was(played: Played) -> None:
    assert f"going on at {played.killed_at}" in played.log
    loop = open_loop(played.folder / "mlops")
    assert broken_at(loop.decisions()) is None
    numbers = [attempt.number for attempt in played.attempts]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_faulty_days_were_set_aside_and_no_training_used_them(played: Played) -> None:
    [quarantine] = played.loop.quarantines
    fault = PLAN.fault
    assert quarantine.window.start.date() <= fault.start
    assert quarantine.window.end.date() >= fault.end
    used = json.loads((played.folder / "keys.json").read_text())
    assert set(used) == {str(attempt.number) for attempt in played.attempts}
    assert any(max(days) > fault.end.isoformat() for days in used.values())
    for days in used.values():
        assert not [day for day in days if fault.start.isoformat() <= day < fault.end.isoformat()]


def test_the_candidate_with_the_bug_was_rolled_back_and_a_good_one_promoted_after_it(played: Played) -> None:
    [broken] = [attempt for attempt in played.attempts if attempt.outcome is Outcome.ROLLED_BACK]
    assert broken.why.startswith("error_rate")
    assert broken.started.date() >= PLAN.bug
    promoted = [attempt.number for attempt in played.attempts if attempt.outcome is Outcome.PROMOTED]
    assert promoted[0] == 1
    assert promoted[-1] > broken.number
    assert played.loop.champion is not None
    assert played.loop.champion.attempt == promoted[-1]


def test_each_day_was_answered_once_whatever_happened(played: Played) -> None:
    decided = [row.decision for row in open_loop(played.folder / "mlops").decisions()]
    assert sum(1 for each in decided if (each.subject, each.what) == (Subject.CHAMPION, "promoted")) >= 2
    assert Cursor.load(played.folder / "cursor.json", PLAN.start).next_day == PLAN.end


def test_the_report_says_what_the_loop_bought(played: Played) -> None:
    text = (played.folder / "report.html").read_text()
    assert "What did the loop buy?" in text
    assert "of skill" in text or "nothing that chance does not explain" in text
    assert "rolled back" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
