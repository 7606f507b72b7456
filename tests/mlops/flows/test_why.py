"""Why, and why not: told from the state and the log, with the decision where each thing is on record."""

from dataclasses import replace

import pytest

from mlops.flows import commands, frozen
from mlops.flows.because import Question, answer, standing
from mlops.flows.commands import NotPossibleError
from mlops.flows.why import Standing
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, Rig


def _stands(rig: Rig) -> Standing:
    now = rig.world.clock.now()
    return standing(rig.store, "rain", now, lambda number: (rig._generation(number).project, rig.platform))


def why(rig: Rig, *subject: str) -> list[tuple[str, str]]:
    stands = _stands(rig)
    found = answer(Question(stands=stands, inputs=lambda at: rig.store.inputs("rain", at)), subject)
    log = {row.sequence: row.decision for row in rig.store.decisions("rain")}
    assert all(each.decision is None or each.decision in log for each in found)
    return [(each.about, each.says) for each in found]


def said(rig: Rig, about: str, *subject: str) -> str:
    return next(says for name, says in why(rig, *subject) if name == about)


def number(rig: Rig, words: str) -> str:
    rows = rig.store.decisions("rain")
    return str(next(r.sequence for r in reversed(rows) if f"{r.decision.subject} {r.decision.what}" == words))


def test_nothing_is_trained_because_nothing_asks(rig: Rig) -> None:
    lines = dict(why(rig))

    assert lines["champion"].startswith(
        "azureml:rain:1 since 1975-01-06 00:00: azureml:rain:1 is the champion, the first"
    )
    assert lines["trigger drift"].startswith("does not hold: drift 0, > 0.25 (0 of 2 in 3 windows)")
    assert lines["trigger drift"].endswith("; never fired")
    assert lines["why not"].startswith("no retraining since 1975-01-06 00:00, because no trigger asks for one; only a")
    assert lines["Ready"].startswith("true: m-1-")
    assert lines["Drifted"].startswith("false: looked at 1975-0")
    assert (lines["Progressing"], lines["MetricsAvailable"]) == ("false: nothing is under way", "true")


def test_a_request_that_waits_says_what_holds_it_and_until_when(rig: Rig) -> None:
    drifts(rig)
    rig.until("trigger held")
    until = rig.loop.pending and rig.loop.pending.held_until
    assert until is not None

    assert f"held by cool-down until {until:%Y-%m-%d %H:%M}" in said(rig, "waiting")
    assert "because drift waits: cool-down until" in said(rig, "why not")
    assert said(rig, "trigger drift").startswith("holds: drift 0.5, until < 0.15")


def test_a_rollout_says_what_it_waits_for_and_what_comes_then(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rig.until("rollout serving")
    rig.world.requests_a_day = 1.0
    rig.days(1)
    lines = [says for _, says in why(rig, "rollout")]

    assert "is canary since" in lines[0]
    open_points = ["1 day, 0:00:00 of 2 days, 0:00:00 have passed", "0 of 10 requests have come"]
    assert lines[1] == f"waits: {'; '.join(open_points)}; 0 of 2 looks in a row found it well"
    assert lines[2] == "then: 50 % of the traffic"
    assert any("rollout started: azureml:rain:2" in line for line in lines)
    frozen.freeze(rig.context, "ada", "incident")
    assert "; the project is frozen" in why(rig, "rollout")[1][1]
    assert said(rig, "project").startswith("frozen by ada since ")
    commands.abort(rig.context, "bob", "enough")
    rig.settle()
    assert said(rig, "rollout", "rollout") == "none under way; the last was that of attempt 2"


def test_a_rollout_that_is_held_says_what_sets_it_going(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("rollout serving")
    rig.world.metrics_gone = True
    rig.until("rollout held")
    lines = why(rig)

    assert ("", "held: metrics; weights stay; goes on by itself") in lines
    assert ("MetricsAvailable", "false: the rollout cannot be measured") in lines


def test_the_last_candidate_was_rejected_because(rig: Rig) -> None:
    drifts(rig)
    better(rig, "2", 0.6)
    rig.until("attempt rejected")
    assert said(rig, "last attempt").startswith("2 was rejected ")
    assert "evaluation fail: " in said(rig, "last attempt")
    lines = why(rig, "attempt", "2")

    assert lines[0][0] == "asked for by"
    assert lines[0][1].startswith("drift (controller): drift 0.5")
    words = [says.split(" ", 2)[2].split(":")[0] for about, says in lines[2:-1]]
    assert words == [
        "trigger fired",
        "trigger held",
        "attempt started",
        "attempt training set built",
        "attempt trained",
        "attempt candidate",
        "gate rejected",
        "attempt rejected",
    ]
    assert lines[-1][1].startswith("rejected: evaluation fail")
    assert any("holds, yet does not fire: drift: " in says for _, says in why(rig))


def test_a_decision_says_what_it_was_made_on_and_what_led_to_it(rig: Rig) -> None:
    drifts(rig)
    better(rig, "2", 0.6)
    rig.until("attempt rejected")
    lines = why(rig, number(rig, "gate rejected"))
    by = dict(lines)

    assert by["decision"].split(" ", 2)[2].startswith("gate rejected: evaluation: ")
    assert by["decided by"] == "controller"
    assert ("number", "verdict = fail") in lines
    assert by["state before"] == "champion azureml:rain:1, attempt 2 judging"
    assert [says for about, says in lines if about == "asked" and says.startswith("training.evaluation (rain-")]
    assert any(says.endswith(": 300 rows") for _, says in lines)
    led = [says.split(" ", 2)[2] for about, says in lines if about == "led to it"]
    assert led[0].startswith("trigger fired: drift: ")
    assert led[-1].startswith("attempt candidate: ")


def test_an_order_and_a_row_from_before_say_so(rig: Rig) -> None:
    commands.pause(rig.context, "ada", "let me look")
    paused = number(rig, "project paused")
    assert said(rig, "made on", paused) == "an order of ada"
    assert said(rig, "project").startswith("paused by ada since")
    with rig.store._engine.begin() as connection:
        connection.exec_driver_sql("delete from inputs")

    assert said(rig, "made on", paused) == "not recorded: it is from before inputs were kept"


def test_a_champion_and_a_trigger_have_their_story(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.until("champion promoted")
    lines = [says for _, says in why(rig, "champion")]

    assert lines[0].startswith("azureml:rain:2 since ")
    assert "trigger fired: drift: " in lines[1]
    assert "attempt promoted: " in lines[-1]
    story = [says for _, says in why(rig, "trigger", "drift")]
    assert any("trigger fired: drift: drift 0.5" in says for says in story)
    rig.world.clock.advance(DAY)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (("9999",), r"there is no decision 9999: there are \d+, mlops decisions list shows them"),
        (("attempt", "7"), "there is no attempt 7; there are: 1 to 1"),
        (("trigger", "dirft"), "there is no trigger dirft; there are: drift, decay"),
        (("life",), "nobody knows why 'life': ask for a decision's number, `attempt N`"),
    ],
)
def test_what_is_not_known_is_told_with_what_is(rig: Rig, subject: tuple[str, ...], words: str) -> None:
    with pytest.raises(NotPossibleError, match=words):
        why(rig, *subject)


def test_before_there_is_a_champion(rig: Rig) -> None:
    stands = _stands(rig)
    empty = replace(stands, loop=replace(stands.loop, champion=None, attempt=None, pending=None), log=(), attempts=())
    lines = {each.about: each.says for each in answer(Question(stands=empty, inputs=lambda _: None), ())}

    assert lines["champion"] == "none yet: the first model that passes its gates will be"
    assert lines["trigger drift"] == "not looked at before there is a champion"
    assert lines["Ready"] == "false: no champion yet"
