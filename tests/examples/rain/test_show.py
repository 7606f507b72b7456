import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from examples.rain.plan import plan
from examples.rain.replay import Cursor
from examples.rain.show import Show, doing
from mlops.domain.loop import Champion, Loop, Quarantine
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.world import DatasetVersion, ModelVersion, Window

START = datetime(1975, 1, 1, tzinfo=UTC)
EMPTY = Loop(project="rain", endpoint="rain-local", started=START, generation=1, applied=START, author="tests")
SERVING = replace(
    EMPTY,
    champion=Champion(
        model=ModelVersion(name="rain", version="3", digest="d"),
        deployment="m-3",
        dataset=DatasetVersion(name="rain-training", version="3", digest="d", train_rows=1, holdout_rows=1),
        attempt=3,
        since=START,
    ),
)


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        (EMPTY, "nothing serves yet"),
        (SERVING, "version 3 serves"),
        (
            replace(SERVING, quarantines=(Quarantine(window=Window(start=START, end=START), monitor="s", value=1),)),
            "version 3 serves, bad data is being set aside",
        ),
    ],
    ids=["empty", "serving", "quarantine"],
)
def test_what_the_loop_is_at_is_said_in_a_few_words(loop: Loop, words: str) -> None:
    assert doing(loop) == words


def test_decisions_are_lines_and_what_nobody_needs_on_a_screen_is_left_out() -> None:
    said = io.StringIO()
    show = Show(Console(file=said, soft_wrap=True), plan(15))
    gate = Decision(at=START, subject=Subject.GATE, what="rejected", why="brier [0.2] against 0.1")
    quiet = Decision(at=START, subject=Subject.TRIGGER, what="held", why="cool-down")

    show.begin(Cursor(next_day=date(1976, 1, 1), labelled_until=date(1975, 12, 20)))
    with show:
        show.decided((gate, quiet), SERVING)
        show.trouble(("the server does not answer",))
        show.trouble(("the server does not answer",))

    assert said.getvalue().splitlines()[:3] == [
        "going on at 1976-01-01, where it was left",
        "1975-01-01  gate rejected: brier [0.2] against 0.1",
        "1975-01-01  trouble, looking again: the server does not answer",
    ]
    assert said.getvalue().count("trouble") == 1
