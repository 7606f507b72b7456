"""The endpoint is a standing obligation: what serves is compared with what should serve, and repaired, for ever."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.loop import Champion, Change, Loop, Retired
from mlops.domain.names import deployment_name
from mlops.domain.records.decision import Decision, Subject
from mlops.domain.rollouts import history
from mlops.domain.rollouts.rollout import Desired, desired, same
from mlops.domain.world import DeploymentPhase, DeploymentPlan, EndpointState
from mlops.flows.context import Generation, Section, Step, Wait
from mlops.flows.sight import split
from mlops.flows.under_way import over, under_way


def keep(generation: Generation, loop: Loop, now: datetime) -> Section:
    """One look at an endpoint without a rollout: repair the champion, its traffic, then collect what is left over."""
    due = _due(generation, loop)
    if now < due:
        return Wait(until=due)
    seen = generation.backends.endpoints.observe(loop.endpoint)
    if seen.updating:
        return _busy(generation, loop, "an operation", now)
    if loop.frozen is not None:
        return _only_noted(generation, loop, seen, now)
    return (
        _champion(generation, loop, seen, now)
        or repair(generation, loop, seen, desired(generation.project, loop), now)
        or _collect(generation, loop, seen, now)
        or over(loop, now)
        or Step(change=Change(loop=_checked(generation, loop, seen, now)))
    )


def _busy(generation: Generation, loop: Loop, what: str, now: datetime) -> Section:
    return under_way(loop, f"{what} on {loop.endpoint}", generation.project.rollout.progress_deadline, now)


def _only_noted(generation: Generation, loop: Loop, seen: EndpointState, now: datetime) -> Section:
    """Nothing is repaired or collected while all is frozen; that something is not as it should be is said once."""
    found = unlike(seen, desired(generation.project, loop))
    if loop.champion is not None and seen.deployment(loop.champion.deployment) is None:
        found = f"champion {loop.champion.deployment} is gone"
    if found and not loop.drifted:
        return Step(change=noted(loop, found, "drifted", now))
    return Wait(until=now + generation.project.deployment.check_every)


def unlike(seen: EndpointState, want: Desired) -> str:
    """How the traffic is, where it is not as it should be; else empty."""
    found = Desired(traffic=seen.traffic, mirror=seen.mirror)
    return "" if same(found, want) else f"traffic {split(found)}, not {split(want)}"


def _due(generation: Generation, loop: Loop) -> datetime:
    if loop.checked is None or loop.drifted:
        return loop.started
    every = loop.checked + generation.project.deployment.check_every
    return min([every, *(retired.until for retired in loop.retired)])


def _champion(generation: Generation, loop: Loop, seen: EndpointState, now: datetime) -> Section | None:
    """A champion that is gone is deployed again; traffic goes to it only when it is ready."""
    if loop.champion is None:
        return None
    found = seen.deployment(loop.champion.deployment)
    if found is None:
        return bring_back(generation, loop, loop.champion)
    if found.phase is DeploymentPhase.READY:
        return None
    if found.phase is DeploymentPhase.FAILED:
        text = f"champion {found.name} has failed: {found.reason}"
        if loop.drifted != text:
            return Step(change=noted(loop, text, "champion failed", now))
        return Wait(until=now + generation.project.deployment.check_every)
    return _busy(generation, loop, f"an update of {found.name}", now)


def bring_back(generation: Generation, loop: Loop, champion: Champion) -> Step:
    """Deploy a champion that is gone again; it gets its traffic once it is ready."""
    plan = DeploymentPlan(
        endpoint=loop.endpoint,
        name=champion.deployment,
        model=champion.model,
        tags={"aml-kit-project": loop.project, "aml-kit-attempt": str(champion.attempt)},
    )
    generation.backends.endpoints.ensure_deployment(plan)
    return Step(did=f"deploying the champion {plan.name} again: it was gone")


def repair(generation: Generation, loop: Loop, seen: EndpointState, want: Desired, now: datetime) -> Section | None:
    """Traffic that somebody else changed is set back, and a decision says so; None when all is as it should be."""
    if same(Desired(traffic=seen.traffic, mirror=seen.mirror), want):
        if loop.drifted:
            said = _decision(loop, "repaired", f"found {loop.drifted}: set back to {split(want)}", now)
            return Step(change=Change(loop=replace(loop, drifted=""), decisions=(said,)))
        return None
    found = f"traffic {split(Desired(traffic=seen.traffic, mirror=seen.mirror))}, not {split(want)}"
    if not loop.drifted:
        return Step(change=noted(loop, found, "drifted", now))
    generation.backends.endpoints.set_traffic(loop.endpoint, dict(want.traffic), dict(want.mirror))
    return Step(did=f"repairing: {found}")


def _collect(generation: Generation, loop: Loop, seen: EndpointState, now: datetime) -> Section | None:
    """Delete one deployment of ours that nothing needs: never one with traffic, never one of somebody else."""
    kept = {retired.deployment for retired in _retired(generation, loop, now)}
    kept |= {loop.champion.deployment} if loop.champion else set()
    if loop.attempt is not None and loop.attempt.candidate is not None:  # a gate may be looking at it
        kept.add(deployment_name(loop.attempt.candidate))
    for found in seen.deployments:
        served = seen.traffic.get(found.name) or seen.mirror.get(found.name)
        if not found.ours or found.name in kept or served:
            continue
        if found.phase is DeploymentPhase.DELETING:
            return _busy(generation, loop, f"the deletion of {found.name}", now)
        generation.backends.endpoints.delete_deployment(loop.endpoint, found.name)
        return Step(did=f"deleting the deployment {found.name}")
    return None


def _retired(generation: Generation, loop: Loop, now: datetime) -> tuple[Retired, ...]:
    return history.kept(loop.retired, generation.project.rollout.warm_previous, now)


def _checked(generation: Generation, loop: Loop, seen: EndpointState, now: datetime) -> Loop:
    left = tuple(each for each in _retired(generation, loop, now) if seen.deployment(each.deployment))
    return replace(loop, checked=now, retired=left)


def noted(loop: Loop, found: str, what: str, now: datetime) -> Change:
    """Remember how the endpoint was found, with the decision that says so."""
    return Change(loop=replace(loop, drifted=found), decisions=(_decision(loop, what, found, now),))


def _decision(loop: Loop, what: str, why: str, now: datetime) -> Decision:
    return Decision(at=now, subject=Subject.ENDPOINT, what=what, why=why, numbers={"endpoint": loop.endpoint})
