"""Values that the tests of the store keep in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.loop import (
    Attempt,
    AttemptPhase,
    GateResult,
    Loop,
    Measured,
    MetricResult,
    Quarantine,
    Reading,
    Request,
    Rollout,
    RolloutPhase,
    Tally,
    Word,
)
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.world import DatasetVersion, ModelVersion, Window
from mlops.ports import Applied
from tests.mlops.rig import PLATFORM

NOW = datetime(1975, 1, 6, tzinfo=UTC)
WINDOW = Window(start=NOW, end=NOW + timedelta(days=1))
LOOP = Loop(project="rain", endpoint="rain-local", started=NOW, generation=1, applied=NOW, author="ada")
SAID = Decision(at=NOW, subject=Subject.PROJECT, what="applied", why="x", numbers={"value": 0.1, "n": 3, "none": None})
MEASURED = Measured(
    at=NOW,
    monitor="drift",
    signal="data_drift",
    metric="psi",
    window=WINDOW,
    measurement=Measurement(monitor="drift", value=0.1, samples=3, parts=(("a", 0.1), ("b", 0.2))),
    verdict=Verdict.PASS,
)


def applied(loop: Loop = LOOP) -> Applied:
    return Applied(project=loop.project, generation=1, text="x: 1", path="/p", platform=PLATFORM, actor="ada", at=NOW)


def attempt(number: int = 1, key: str = "k1") -> Attempt:
    return Attempt(
        number=number,
        request=Request(key=key, trigger="t", why="w", asked=NOW, first=NOW),
        generation=1,
        author="ada",
        started=NOW,
        entered=NOW,
        phase=AttemptPhase.ROLLING_OUT,
        train=WINDOW,
        holdout=WINDOW,
        without=(WINDOW,),
        job=f"job-{number}",
        dataset=DatasetVersion(name="d", version="1", digest="x", train_rows=1, holdout_rows=2),
        candidate=ModelVersion(name="m", version="1", digest="y"),
        gates=(
            GateResult(
                gate="g",
                verdict=Verdict.PASS,
                metrics=(MetricResult(name="accuracy", verdict=Verdict.PASS, samples=3, candidate=0.5),),
            ),
        ),
    )


FULL = replace(
    LOOP,
    attempt=attempt(),
    attempts=1,
    rollout=Rollout(
        deployment="m-1",
        champion=None,
        phase=RolloutPhase.CANARY,
        position=1,
        entered=NOW,
        elapsed=timedelta(hours=1.5),
        traffic={"m-1": 100},
        tallies=(Tally(metric="error_rate", failures=1),),
    ),
    paused=Word(actor="ada", at=NOW, reason="r"),
    readings={"drift": Reading(end=NOW, value=None, samples=0, verdict=None)},
    quarantines=(Quarantine(window=WINDOW, monitor="sensor", value=1.0),),
)
