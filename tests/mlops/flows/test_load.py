"""The load gate: a candidate that does not load, or serves too slowly, gets no traffic; and how it is asked."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.backends.drive import Reply, drive
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.gate import LoadGate, LoadLimit
from mlops.domain.gates.load import judge_load
from mlops.domain.loop import Outcome
from mlops.domain.world import DeploymentPhase
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import Load, OutsideError
from tests.mlops.rig import DAY, PROJECT, Rig

TEXT = PROJECT.replace(
    "  rollout:\n",
    "    - {name: serves, type: load, requests: smoke.jsonl, profile: {rps: 20, for: PT5S},"
    " metrics: [{name: p95_ms, atMost: 100}]}\n  rollout:\n",
)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(folder=tmp_path, text=TEXT)


def test_a_candidate_that_loads_and_serves_is_rolled_out_as_it_stands(rig: Rig) -> None:
    rig.settle()

    assert rig.loop.champion is not None
    assert rig.world.created == [rig.loop.champion.deployment]
    assert rig.world.loads == [Load(requests=('{"data": [1]}',), rps=20.0, seconds=5.0)]
    (said,) = [each.decision.why for each in rig.store.decisions("rain") if each.decision.why.startswith("serves")]
    assert said == "serves: p95_ms 20 of 100 requests, 100 allowed; error_rate 0 of 100 requests, 0 allowed"


@pytest.mark.parametrize(
    ("under_load", "why"),
    [
        ({"p95_ms": 101.0, "error_rate": 0.0}, "p95_ms 101 of 100 requests, 100 allowed"),
        ({"p95_ms": 20.0, "error_rate": 0.01}, "error_rate 0.01 of 100 requests, 0 allowed"),
        ({"p95_ms": None, "error_rate": 0.0}, "p95_ms: could not be measured"),
        ({}, "p95_ms: could not be measured; error_rate: could not be measured"),
    ],
)
def test_one_that_serves_badly_gets_no_traffic(rig: Rig, under_load: dict[str, float | None], why: str) -> None:
    rig.world.under_load = under_load
    rig.settle()
    (ended,) = rig.store.attempts("rain")

    assert ended.outcome is Outcome.REJECTED
    assert why in ended.why
    assert rig.world.shifts == []
    rig.days(8)
    assert rig.world.deleted == rig.world.created  # kept to look at for a day, then collected


def test_one_that_does_not_come_up_gets_no_traffic_and_its_bytes_are_not_tried_again(rig: Rig) -> None:
    rig.world.deploy_result, rig.world.same_bytes = DeploymentPhase.FAILED, True
    rig.settle()
    (ended,) = rig.store.attempts("rain")

    assert "did not come up: it does not start" in ended.why
    assert (rig.world.shifts, rig.world.loads) == ([], [])
    assert rig.loop.failed_digests == (ended.candidate.digest if ended.candidate else "",)


def test_one_that_takes_too_long_is_given_up(rig: Rig) -> None:
    rig.world.looks = 10**6
    jobs = rig.world.jobs
    while not rig.world.created:
        reconcile(rig.context)
        jobs.update(dict.fromkeys(jobs, 1))
    rig.world.clock.advance(timedelta(minutes=31))
    for _ in range(3):
        reconcile(rig.context)

    assert "did not come up within 0:30:00" in rig.store.attempts("rain")[0].why


def test_what_is_being_looked_at_is_not_collected(rig: Rig) -> None:
    rig.world.trouble["load"] = [OutsideError("no answer")] * 3
    rig.settle()
    rig.world.clock.advance(DAY)
    rig.settle()

    assert rig.world.deleted == []
    rig.until("champion promoted")


def test_an_abort_while_it_is_looked_at_leaves_nothing(rig: Rig) -> None:
    rig.world.trouble["load"] = [OutsideError("no answer")] * 10
    rig.settle()
    commands.abort(rig.context, "ada", "enough")
    rig.settle()
    rig.days(8)

    assert rig.world.deleted == rig.world.created


GATE = LoadGate(name="serves", requests=Path("r"), metrics=(LoadLimit(name="memory_mb", at_most=512.0),))


def test_memory_is_judged_as_the_answers_say_it() -> None:
    quiet = Measurement(monitor="error_rate", value=0.0, samples=5)
    big = Measurement(monitor="memory_mb", value=600.0, samples=5)

    assert judge_load(GATE, (quiet, big)).verdict.word == "fail"
    assert judge_load(GATE, (quiet,)).verdict.word == "error"


def test_requests_go_out_at_the_asked_rate_whatever_the_answers_take() -> None:
    def slow(_: str) -> Reply:
        time.sleep(0.2)
        return Reply(wrong="", text='[{"memory_mb": 100, "p": 1}]')

    start = time.monotonic()
    p95, errors, memory = drive(slow, Load(requests=("a", "b"), rps=40, seconds=0.5))

    assert time.monotonic() - start < 3
    assert (p95.samples, errors.value, memory.value) == (20, 0.0, 100.0)
    assert 200 <= (p95.value or 0) < 1500


def test_what_is_not_answered_is_an_error_and_memory_that_nobody_says_is_none() -> None:
    replies = {"good": Reply(wrong="", text="[0.5]"), "bad": Reply(wrong="500: broken", text="")}
    p95, errors, memory = drive(lambda body: replies[body], Load(requests=("good", "bad"), rps=1000, seconds=0.01))

    assert (errors.value, errors.why, memory.value) == (0.5, "500: broken", None)
    assert p95.value is not None
    assert [each.value for each in drive(lambda body: replies[body], Load(requests=(), rps=1, seconds=1))] == [None] * 2
