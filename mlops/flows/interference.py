"""What somebody else did to the traffic during a rollout: set back, or left for a person, as the project says."""

from dataclasses import replace

from mlops.domain.declared.rollout import OnExternalChange
from mlops.domain.loop import Change, Hold, RolloutPhase
from mlops.domain.rollouts import rollout as rollouts
from mlops.flows.context import Section, Step, Wait
from mlops.flows.endpoint import noted, repair
from mlops.flows.sight import Sight, split

_SERVING = {RolloutPhase.SHADOWING, RolloutPhase.CANARY, RolloutPhase.BAKING}


def interference(sight: Sight) -> Section | None:
    """Deal with traffic that this rollout did not set; None when there is none, or a person was told already."""
    rollout = sight.rollout
    if rollout.hold is Hold.EXTERNAL:
        # Deploying and measuring go on; what would set traffic or send requests waits.
        goes_on = rollout.phase is RolloutPhase.DEPLOYING or rollout.applied is not None
        return None if goes_on else Wait(until=sight.now + sight.plan.measure_every)
    seen = rollouts.Desired(traffic=sight.seen.traffic, mirror=sight.seen.mirror)
    under_way = rollout.phase in _SERVING and rollout.applied is None
    expected = [sight.want]
    if under_way:  # the endpoint may still be as the step before wanted it
        expected.append(rollouts.desired_before(sight.generation.project, sight.loop))
    strange = not any(rollouts.same(seen, each) for each in expected)
    if strange and not sight.loop.drifted:
        found = f"traffic {split(seen)}, not {split(sight.want)}"
        if sight.plan.on_external_change is OnExternalChange.PAUSE:
            return _paused(sight, found)
        return Step(change=noted(sight.loop, found, "drifted", sight.now))
    if under_way:  # the step's own traffic is set next, over whatever is there
        return None
    return repair(sight.generation, sight.loop, sight.seen, sight.want, sight.now)


def _paused(sight: Sight, found: str) -> Step:
    """Left as it was found; the words stay in `drifted`, so that after `resume` it is set back without asking again."""
    why = f"somebody changed the {found}: left so; resume sets it back and goes on, abort goes back to the champion"
    rollout = replace(sight.rollout, hold=Hold.EXTERNAL, successes=0)
    loop = replace(sight.loop, rollout=rollout, drifted=found)
    return Step(change=Change(loop=loop, decisions=(sight.decided("paused", why, sight.seen.traffic),)))
