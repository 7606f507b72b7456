"""The demo within the environment of `local-azure run`: history, project, the years, the report."""

import logging
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

from azure.ai.ml import MLClient
from azure.ai.ml.entities import Data
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from rich.console import Console

from environments.local import supervisor
from environments.local.home import Home, default_home
from environments.local.processes import SERVER
from examples.rain import backtest
from examples.rain.bug import set_bug
from examples.rain.plan import Plan
from examples.rain.replay import Cursor, replay
from examples.rain.show import Show
from examples.rain.stage import GOES_ON, DemoError, Stage
from examples.rain.weather import Day, read_days, write_labelled
from examples.rain.workplace import AzureWorkplace, Outputs
from mlops.domain.loop import Outcome
from mlops.wiring import OpenLoop, open_loop

_HISTORY = "rain-history"
_SOUND = (Path(__file__).parent / "score" / "score.py").read_text(encoding="utf-8")
_OPERATION_SECONDS = 0.1  # between two looks at something that Azure is doing
_PATIENCE = 600.0  # seconds that one operation may take
_TROUBLE_SECONDS = 60.0  # without a break; then something has ended that the same command starts again


class DemoController:
    """The loop, and whoever commits to the project's folder in between."""

    def __init__(self, loop: OpenLoop, stage: Stage, bug: date, show: Show) -> None:
        self._loop, self._script, self._bug, self._show = loop, stage.project / "score" / "score.py", bug, show

    def settle(self, today: date) -> datetime | None:
        """Reconcile until nothing is left to do; the replay's clock stands still meanwhile."""
        moved = sound = time.monotonic()
        while True:
            buggy = today >= self._bug and not self._rolled_back()
            if set_bug(self._script, sound=_SOUND, present=buggy):
                self._show.committed(today, buggy=buggy)
            done = self._loop.reconcile()
            if done.decisions:
                self._show.decided(done.decisions, self._loop.state())
            self._show.trouble(done.trouble)
            now = time.monotonic()
            moved, sound = now if done.acted else moved, sound if done.trouble else now
            if now - moved > _PATIENCE or now - sound > _TROUBLE_SECONDS:
                raise DemoError(f"no progress: {'; '.join(done.trouble) or 'an operation hangs'}\n{GOES_ON}")
            if done.acted:
                continue
            if done.waiting_for != "operation":
                return done.waiting_for
            time.sleep(_OPERATION_SECONDS)

    def _rolled_back(self) -> bool:
        """Whether the bug has been met; then somebody takes it back."""
        since = (attempt for attempt in self._loop.attempts() if attempt.started.date() >= self._bug)
        return any(attempt.outcome is Outcome.ROLLED_BACK for attempt in since)


def perform(stage: Stage, plan: Plan, console: Console) -> int:
    """Play to the end.  Returns the exit code."""
    logging.getLogger("azure.ai.ml").setLevel(logging.ERROR)  # it announces each of its experimental classes
    outputs = Outputs.read(stage.outputs)
    clock = _clock(stage)
    days = read_days()
    workplace = AzureWorkplace(outputs, clock)
    client = MLClient(
        DefaultAzureCredential(), outputs.subscription, outputs.resource_group, outputs.workspace, show_progress=False
    )
    if not stage.cursor.exists():
        workplace.turn_clock(datetime.combine(plan.start, clock_time(), UTC))
        with console.status("uploading the history and applying the project …"):
            _upload_history(client, stage, tuple(day for day in days if day.day < plan.start))
            _apply(stage, clock)
    loop = open_loop(stage.loop, clock)
    show = Show(console, plan)
    show.begin(Cursor.load(stage.cursor, plan.start))
    with show:
        for cursor in replay(plan, days, stage.cursor, workplace, DemoController(loop, stage, plan.bug, show)):
            show.day(cursor)
    with console.status("asking the first model what it would have answered …"):
        baseline = _first_alone(client, stage, plan, days, loop)
        _mlops(stage, clock, "report", "--out", str(stage.report), "--baseline", str(baseline))
    console.print(f"what the loop did and bought: [bold]{stage.report}[/bold]", highlight=False)
    return 0


def _clock(stage: Stage) -> str:
    """The local environment's clock, on its plain-http port."""
    server = supervisor.find(Home(stage.home or default_home()), SERVER)
    if server is None:
        raise DemoError("the local environment does not run; `local-azure status` says more")
    return f"http://127.0.0.1:{server.ports['plain']}/clock"


def _upload_history(client: MLClient, stage: Stage, days: tuple[Day, ...]) -> None:
    """Register the labelled days before the replay, once."""
    try:
        client.data.get(_HISTORY, "1")
    except ResourceNotFoundError:
        path = stage.folder / "history.csv"
        write_labelled(days, path)
        client.data.create_or_update(Data(name=_HISTORY, version="1", type="uri_file", path=str(path)))


def _apply(stage: Stage, clock: str) -> None:
    _mlops(stage, clock, "apply", "-f", str(stage.project / "project.yaml"), "--platform", str(stage.outputs))


def _mlops(stage: Stage, clock: str, *rest: str) -> None:
    """Run our own command line, as a user would."""
    command = [sys.executable, "-m", "mlops", "--home", str(stage.loop), "--clock", clock, *rest]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"mlops {rest[0]}: {(done.stderr or done.stdout).strip()}")


def _first_alone(client: MLClient, stage: Stage, plan: Plan, days: tuple[Day, ...], loop: OpenLoop) -> Path:
    """Let an Azure ML job score every record, as it was sent, with the first model that was promoted."""
    first = next(attempt for attempt in loop.attempts() if attempt.outcome is Outcome.PROMOTED)
    if first.candidate is None:
        raise DemoError("the first champion has no model version: the log is damaged")
    data = stage.folder / "backtest"
    backtest.write_data(tuple(plan.fault.on(day) for day in days if plan.start <= day.day < plan.end), data)
    return backtest.score(client, first.candidate.reference, data, stage.folder / "first-alone", "rain-first-alone")
