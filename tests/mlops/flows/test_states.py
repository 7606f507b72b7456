"""Whatever happens in whatever order: invariants hold, and once all faults are mended the loop converges."""

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mlops.domain.data.measurement import Measurement
from mlops.domain.records.decision import broken_at
from mlops.domain.world import DeploymentPhase, JobPhase, JobState
from mlops.flows import commands
from mlops.flows.reconcile import reconcile
from mlops.ports import ConflictError, OutsideError, StateError
from tests.fakes.seams import Killed, Seams
from tests.mlops.flows.test_kill import QUICK, DyingStore, _context
from tests.mlops.rig import DAY, Rig

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = ["observe", "ensure_deployment", "set_traffic", "delete_deployment", "submit", "job state", "evaluation",
         "models.ensure", "datasets.ensure", "measure", "served", "labelled", "smoke"]  # fmt: skip
FOLDER = Path(tempfile.mkdtemp(prefix="aml-kit-states-"))


class Life(RuleBasedStateMachine):
    """A loop, a world that misbehaves, people that interfere and processes that die."""

    @initialize()
    def begin(self) -> None:
        self.rig = Rig(folder=FOLDER, text=QUICK)
        self.world = self.rig.world
        self.world.looks, self.world.holdout = 1, 200
        self.say("accuracy", 0.7)
        self.asleep: list[Callable[[], object]] = []  # what controllers that hang are about to do
        self.live()

    def say(self, monitor: str, value: float | None) -> None:
        self.world.readings[monitor] = lambda q: Measurement(monitor=q.monitor.name, value=value, samples=50)

    def live(self, kill_at: int | None = None, hang_at: int | None = None) -> None:
        """Pass until nothing is to be done; die once on the way, if so ordered, or hang, and another goes on."""
        seams = self.world.seams = Seams(kill_at, hang_at=hang_at)
        context = _context(self.rig, self.world, self.rig.store)
        assert isinstance(context.store, DyingStore)
        for _ in range(300):
            try:
                done = reconcile(context)
            except Killed:
                if seams.late is not None:
                    self.asleep.append(seams.late)
                    seams.late = None
                continue
            self.check()
            if not done.acted and (done.waiting_for != "operation" or done.trouble):
                return
            if not done.acted and self.stuck():
                return
        raise AssertionError("does not come to rest")

    def stuck(self) -> bool:
        """An operation that will not end by itself while the clock stands."""
        return bool(self.world.pending_looks) is False and not any(left > 0 for left in self.world.jobs.values())

    @rule(days=st.integers(1, 9), kill_at=st.none() | st.integers(1, 30))
    def time_passes(self, days: int, kill_at: int | None) -> None:
        for _ in range(days):
            self.world.clock.advance(DAY)
            self.live(kill_at)

    @rule(days=st.integers(1, 3), hang_at=st.integers(1, 30))
    def a_controller_hangs_and_another_goes_on(self, days: int, hang_at: int) -> None:
        self.world.clock.advance(DAY)
        self.live(hang_at=hang_at)
        for _ in range(days):
            self.world.clock.advance(DAY)
            self.live()

    @precondition(lambda self: bool(self.asleep))
    @rule()
    def one_that_hung_wakes_and_acts_on_what_it_saw(self) -> None:
        self.world.seams = Seams()
        with suppress(ConflictError, StateError, OutsideError):
            self.asleep.pop()()

    @rule(jump=st.sampled_from([-timedelta(seconds=3000), timedelta(days=40)]))
    def the_clock_jumps(self, jump: timedelta) -> None:
        self.world.clock.advance(jump)
        self.live()

    @rule(value=st.sampled_from([0.0, 0.5, None]))
    def the_data_drifts(self, value: float | None) -> None:
        self.say("drift", value)

    @rule(value=st.sampled_from([0.0, 0.9]))
    def a_sensor_breaks(self, value: float) -> None:
        self.say("sensor", value)

    @rule(accuracy=st.sampled_from([0.5, 0.7, 0.9, 1.0]))
    def the_next_candidate_is(self, accuracy: float) -> None:
        self.world.accuracy[str(self.rig.loop.attempts + 1)] = accuracy

    @precondition(lambda self: self.rig.loop.rollout is not None)
    @rule(rate=st.sampled_from([0.0, 0.1, 1.0]))
    def the_candidate_errs(self, rate: float) -> None:
        rollout = self.rig.loop.rollout
        if rollout is not None:
            self.world.error_rate[rollout.deployment] = rate

    @rule(gone=st.booleans())
    def metrics_come_and_go(self, *, gone: bool) -> None:
        self.world.metrics_gone = gone

    @rule(phase=st.sampled_from([JobPhase.SUCCEEDED, JobPhase.FAILED]))
    def jobs_end(self, phase: JobPhase) -> None:
        self.world.job_result = JobState(phase=phase, reason="as the test says")

    @rule(phase=st.sampled_from([DeploymentPhase.READY, DeploymentPhase.FAILED]))
    def deployments_come_up(self, phase: DeploymentPhase) -> None:
        self.world.deploy_result = phase

    @rule(call=st.sampled_from(CALLS), times=st.integers(1, 3))
    def the_outside_has_trouble(self, call: str, times: int) -> None:
        self.world.trouble[call] = [OutsideError(f"{call}: no answer") for _ in range(times)]

    @rule()
    def somebody_edits_traffic(self) -> None:
        ready = [d.name for d in self.world.deployments.values() if d.phase is DeploymentPhase.READY]
        self.world.traffic = {ready[-1]: 100} if ready else {}
        self.world.mirror = {}

    @precondition(lambda self: bool(self.world.deployments))
    @rule(data=st.data())
    def somebody_deletes_a_deployment(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.world.deployments)))
        del self.world.deployments[name]
        self.world.pending_looks.pop(name, None)
        self.world.traffic = {} if name in self.world.traffic else self.world.traffic
        self.world.mirror.pop(name, None)

    @rule(order=st.sampled_from(["trigger", "abort", "pause", "resume", "rollback"]))
    def somebody_orders(self, order: str) -> None:
        context = self.rig.context
        try:
            match order:
                case "trigger":
                    commands.trigger(context, "ada", "because")
                case "abort":
                    commands.abort(context, "ada", "because")
                case "rollback":
                    commands.roll_back(context, "ada", "because")
                case "pause":
                    commands.pause(context, "ada", "because")
                case _:
                    commands.resume(context, "ada", "because")
        except commands.NotPossibleError:
            return

    def check(self) -> None:
        loop = self.rig.loop
        world = self.world
        assert sum(world.traffic.values()) in {0, 100}
        assert len({plan.name for plan in world.submitted}) == len(world.submitted)
        assert loop.rollout is None or loop.attempt is not None

    @invariant()
    def the_log_is_whole(self) -> None:
        if hasattr(self, "rig"):
            assert broken_at(self.rig.store.decisions("rain")) is None

    def teardown(self) -> None:
        """Mend everything; then the champion alone must serve, and nothing be left over."""
        if not hasattr(self, "rig"):
            return
        world = self.world
        while self.asleep:
            self.one_that_hung_wakes_and_acts_on_what_it_saw()
        world.trouble.clear()
        world.error_rate.clear()
        world.metrics_gone = False
        world.job_result = JobState(phase=JobPhase.SUCCEEDED)
        world.deploy_result = DeploymentPhase.READY
        world.deployments = {
            name: found for name, found in world.deployments.items() if found.phase is not DeploymentPhase.FAILED
        }
        world.traffic = {name: share for name, share in world.traffic.items() if name in world.deployments}
        world.traffic = world.traffic if sum(world.traffic.values()) == 100 else {}
        world.mirror = {}
        for monitor in ("drift", "sensor"):
            self.say(monitor, 0.0)
        self.somebody_orders("resume")
        for _ in range(40):
            world.clock.advance(7 * DAY)
            self.live()
        loop = self.rig.loop
        assert loop.champion is not None, self.rig.story()[-20:]
        assert loop.attempt is None, (loop.attempt, loop.rollout)
        assert loop.pending is None, loop.pending
        assert world.traffic == {loop.champion.deployment: 100}
        assert world.mirror == {}
        assert set(world.deployments) == {loop.champion.deployment}


Life.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLife = Life.TestCase
