"""`status --watch`: what wants a person stands first, and nothing that happens to the state ends it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from mlops.__main__ import main
from mlops.domain.loop import Hold, Rollout, RolloutPhase, Word
from mlops.flows import commands
from mlops.keeping import STATE_FILE
from mlops.live import Looker, Seen, state, watch
from mlops.ports import StateError
from tests.mlops.rig import PROJECT, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path, state=tmp_path / ".mlops" / STATE_FILE)
    rig.settle()
    other = PROJECT.replace("metadata: {name: rain}", "metadata: {name: snow}")
    rig.platform = replace(rig.platform, endpoints={"rain": "snow-local"})
    rig.apply(other)
    return rig


class Broken(Looker):
    """Fails when the test says so."""

    fails: Iterator[bool] = iter(())

    def look(self) -> Seen:
        if next(self.fails, False):
            raise StateError("the state is locked")
        return super().look()


def frames(looker: Looker, count: int, between: Iterator[None] | None = None) -> list[str]:
    console = Console(file=io.StringIO(), width=160, force_terminal=True, color_system=None, legacy_windows=False)
    shown: list[str] = []

    def sleep(_: float) -> None:
        assert isinstance(console.file, io.StringIO)
        shown.append(console.file.getvalue())
        console.file.truncate(0)
        next(between or iter(()), None)
        if len(shown) == count:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(looker, console, sleep=sleep)
    return shown


def test_all_projects_stand_in_one_table_with_what_was_last_decided(rig: Rig) -> None:
    (shown,) = frames(Looker(rig.store, rig.world.clock), 1)

    assert "2 projects, 2 due, lag 0 s; 0 events wait, 0 notices wait" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert [row[:3] for row in rows if row[:1] in (["snow"], ["rain"])] == [
        ["snow", "no", "champion"],
        ["rain", "fine", "azureml:rain:1"],
    ]
    assert "rain: champion promoted" in shown


def test_it_follows_what_happens_and_reads_the_log_once(rig: Rig) -> None:
    def happens() -> Iterator[None]:
        commands.pause(rig.context, "ada", "a holiday")
        yield
        commands.resume(rig.context, "ada", "back")
        yield

    first, second, third = frames(Looker(rig.store, rig.world.clock, "rain"), 3, happens())
    assert ("project paused" in first, "project paused" in second, "a holiday" in second) == (False, True, True)
    assert third.count("project resumed") == 1
    assert third.count("project paused") == 1
    assert "snow" not in third


def test_a_look_that_fails_is_said_and_the_last_picture_stays(rig: Rig) -> None:
    looker = Broken(rig.store, rig.world.clock)
    looker.fails = iter([True, False, True, False])
    before, good, bad, again = frames(looker, 4)

    assert ("the state is locked" in before, "azureml:rain:1" in before) == (True, False)
    assert ("the state is locked" in good, "azureml:rain:1" in good) == (False, True)
    assert ("the state is locked" in bad, "azureml:rain:1" in bad) == (True, True)
    assert "the state is locked" not in again


def test_what_wants_a_person_is_said_in_a_word(rig: Rig) -> None:
    loop, now = rig.loop, rig.world.clock.now()
    rollout = Rollout(deployment="m-2", champion="m-1", phase=RolloutPhase.CANARY, position=0, entered=now)
    back = replace(rollout, phase=RolloutPhase.ROLLING_BACK)
    assert [
        state(loop),
        state(replace(loop, champion=None)),
        state(replace(loop, paused=Word(actor="ada", at=now, reason="x"))),
        state(replace(loop, breaker_until=now + timedelta(days=1))),
        state(replace(loop, rollout=replace(rollout, hold=Hold.METRICS))),
        state(replace(loop, rollout=back, drifted="m-2 10")),
        state(replace(loop, drifted="m-2 10")),
    ] == [
        ("fine", "green"),
        ("no champion", "yellow"),
        ("paused", "yellow"),
        ("breaker open", "yellow"),
        ("held: metrics", "bold red"),
        ("rolling back", "bold red"),
        ("drifted", "bold red"),
    ]


def test_status_of_several_projects_is_a_row_each_and_of_one_all_of_it(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rig.state is not None
    home = str(rig.state.parent)
    assert main(["--home", home, "status"]) == 0
    rows = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert ["rain", "rain-local", "azureml:rain:1"] in rows
    assert ["snow", "snow-local", "none"] in rows
    assert main(["--home", home, "--project", "rain", "status"]) == 0
    assert "rain, generation 1, on rain-local" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--home", home, "status", "--every", "0"])
    assert "'0' seconds cannot be: from 0.1 to 3600" in capsys.readouterr().err
