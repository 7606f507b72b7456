"""The example's own settings, the loop's own decisions, real rows: years of them in seconds, on fakes."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

import pytest

from examples.rain.plan import Plan
from examples.rain.replay import replay
from examples.rain.weather import SensorFault, read_days
from mlops.domain.loop import Attempt, Outcome
from mlops.flows.apply import Wanted, apply
from mlops.flows.report import report
from mlops.spec.read import parse_project
from mlops.wiring import OpenLoop, open_loop, open_store
from tests.examples.rain.offline import OfflineAzure
from tests.mlops.rig import PLATFORM

PROJECT = Path("examples/rain/project.yaml").resolve()
DAYS = read_days()
PLAN = Plan(
    years=0,
    start=date(1976, 1, 1),
    end=date(1978, 3, 1),
    fault=SensorFault(start=date(1977, 5, 1), end=date(1977, 11, 1)),
    bug=date(1978, 3, 1),
)


@dataclass
class Controller:
    """The loop, and a bug that is committed on a day and taken back after the first rollback."""

    loop: OpenLoop
    azure: OfflineAzure
    bug: date

    def settle(self, today: date) -> datetime | None:
        while True:
            met = any(each.outcome is Outcome.ROLLED_BACK for each in self.loop.attempts() if _after(each, self.bug))
            self.azure.buggy = today >= self.bug and not met
            done = self.loop.reconcile()
            assert done.trouble == ()
            if not done.acted:
                assert isinstance(done.waiting_for, datetime)
                return done.waiting_for


def _after(attempt: Attempt, day: date) -> bool:
    return attempt.started.date() >= day


def _play(home: Path, plan: Plan, text: str) -> tuple[OpenLoop, OfflineAzure]:
    start = datetime.combine(plan.start, clock_time(), UTC)
    azure = OfflineAzure(history=tuple(day for day in DAYS if day.day < plan.start), moment=start)
    project = parse_project(text, PROJECT)
    wanted = Wanted(project=project, text=text, path=str(PROJECT), platform=PLATFORM, actor="tests")
    apply(wanted, open_store(home), start)
    loop = open_loop(home, azure, connect=lambda *_: azure.backends)
    for _ in replay(plan, DAYS, home / "cursor.json", azure, Controller(loop, azure, plan.bug)):
        pass
    return loop, azure


def _faulty_rows(azure: OfflineAzure, attempt: Attempt) -> int:
    assert attempt.dataset is not None
    train, holdout = azure.datasets[attempt.dataset.reference]
    return sum(1 for day in (*train, *holdout) if PLAN.fault.start <= day.day < PLAN.fault.end)


@pytest.fixture(scope="module")
def text() -> str:
    return PROJECT.read_text(encoding="utf-8")


def test_the_faulty_days_are_set_aside_and_no_model_is_trained_or_judged_on_them(tmp_path: Path, text: str) -> None:
    loop, azure = _play(tmp_path, PLAN, text)

    [quarantine] = loop.state().quarantines
    assert quarantine.window.start.date() <= PLAN.fault.start
    assert quarantine.window.end.date() >= PLAN.fault.end
    assert (quarantine.window.end - quarantine.window.start).days <= 184 + 2 * 14  # nothing but the weeks it touched
    assert [_faulty_rows(azure, attempt) for attempt in loop.attempts()] == [0] * len(loop.attempts())


def test_without_the_quarantine_the_gate_prefers_a_model_that_learned_the_fault(tmp_path: Path, text: str) -> None:
    loop, azure = _play(tmp_path, PLAN, text.replace("      quarantine: true\n", ""))

    assert loop.state().quarantines == ()
    learned = [attempt for attempt in loop.attempts() if _faulty_rows(azure, attempt) > 60]
    assert any(result.verdict.word == "pass" for attempt in learned for result in attempt.gates)


def test_a_scoring_script_that_fails_after_some_requests_is_rolled_back_and_a_later_candidate_promoted(
    tmp_path: Path, text: str
) -> None:
    # What is tested is the rollout: train often, be content with any candidate.
    easy = text.replace("every: P1092D", "every: P84D").replace("minDelta: 0,", "minDelta: -1,")
    calm = replace(PLAN, end=date(1977, 3, 1), bug=date(1976, 3, 1), fault=SensorFault(start=PLAN.end, end=PLAN.end))

    loop, azure = _play(tmp_path, calm, easy)

    outcomes = [attempt.outcome for attempt in loop.attempts() if attempt.outcome is not None]
    assert outcomes[:3] == [Outcome.PROMOTED, Outcome.ROLLED_BACK, Outcome.PROMOTED]
    assert azure.failed > 0
    assert azure.deployed.keys() >= azure.traffic.keys()


def test_the_report_of_such_a_replay_tells_it_all(tmp_path: Path, text: str) -> None:
    loop, _ = _play(tmp_path / "home", replace(PLAN, end=date(1977, 8, 1)), text)
    baseline = tmp_path / "predictions.csv"
    baseline.write_text("key,label,candidate,champion\n" + "".join(f"{day.day},{day.rain},0.3,\n" for day in DAYS))

    report(loop, tmp_path / "report.html", baseline)

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for said in (
        "The loop bought",
        "skill",
        "Neither trained nor judged on",
        "azureml:rain-training:1",
        "still failing",
    ):
        assert said in page, said
    assert "<script" not in page
    assert "src=" not in page
