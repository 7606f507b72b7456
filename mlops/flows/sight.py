"""What one pass sees of a rollout, and the words in which it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mlops.domain.declared.rollout import Rollout as Plan
from mlops.domain.loop import Attempt, Change, Loop, Rollout
from mlops.domain.records.decision import Decision, Number, Subject
from mlops.domain.rollouts import edges
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.world import DeploymentState, EndpointState
from mlops.flows.context import Generation, Step


@dataclass(frozen=True, kw_only=True)
class Sight:
    """The rollout as the state has it, beside the endpoint as it was just seen."""

    generation: Generation
    loop: Loop
    attempt: Attempt
    rollout: Rollout
    seen: EndpointState
    now: datetime

    @property
    def plan(self) -> Plan:
        """How the project wants its rollouts."""
        return self.generation.project.rollout

    @property
    def candidate(self) -> DeploymentState | None:
        """The candidate's deployment as it is."""
        return self.seen.deployment(self.rollout.deployment)

    @property
    def want(self) -> rollouts.Desired:
        """What the endpoint should look like."""
        return rollouts.desired(self.generation.project, self.loop)

    @property
    def as_wanted(self) -> bool:
        """Whether it does."""
        return rollouts.same(rollouts.Desired(traffic=self.seen.traffic, mirror=self.seen.mirror), self.want)

    def decided(self, what: str, why: str, numbers: Mapping[str, Number] | None = None) -> Decision:
        """A decision about this rollout."""
        return Decision(
            at=self.now,
            subject=Subject.ROLLOUT,
            what=what,
            why=why,
            numbers=dict(numbers or {}),
            attempt=self.attempt.number,
        )

    def moved(self, rollout: Rollout, said: Decision) -> Step:
        """The rollout moves on, with the decision that says why."""
        edges.check(self.rollout.phase, rollout.phase)
        return Step(change=Change(loop=replace(self.loop, rollout=rollout), decisions=(said,)))

    def back(self, why: str, *, blameless: bool = False) -> Step:
        """Decide to roll back; the next pass acts."""
        back = rollouts.roll_back(self.rollout, why, self.now, blameless=blameless)
        return self.moved(back, self.decided("rolling back", why))

    def set_traffic(self, doing: str) -> Step:
        """Ask for the traffic that the state wants."""
        want = self.want
        self.generation.backends.endpoints.set_traffic(self.loop.endpoint, dict(want.traffic), dict(want.mirror))
        return Step(did=f"{doing}: {split(want)}")


def split(want: rollouts.Desired) -> str:
    """As people write it: m-1 90, m-2 10."""
    live = ", ".join(f"{name} {share}" for name, share in sorted(want.traffic.items())) or "none"
    mirrored = ", ".join(f"{name} {share}" for name, share in sorted(want.mirror.items()))
    return f"{live}; mirrored: {mirrored}" if mirrored else live
