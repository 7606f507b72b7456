"""Smoke requests: sent to a deployment by name, before it gets any traffic."""

from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.rollout import Rollout, Smoke
from mlops.flows.context import Generation
from mlops.ports import OutsideError


def smoke(generation: Generation, endpoint: str, deployment: str, step: Smoke) -> Measurement:
    """Send them; the value is the share that was not answered.  Raises OutsideError when nothing can be judged."""
    bodies = tuple(line for line in step.requests.read_text(encoding="utf-8").splitlines() if line.strip())
    said = generation.backends.endpoints.smoke(endpoint, deployment, bodies)
    if said.value is None:
        raise OutsideError(f"smoke requests to {deployment} gave nothing to judge: {said.why}")
    return said


def requests_of(plan: Rollout) -> Smoke | None:
    """The smoke requests of a project, where it has some."""
    return next((step for step in plan.steps if isinstance(step, Smoke)), None)


def unanswered(said: Measurement) -> str:
    """What to tell people of requests that were not answered; empty when all were."""
    return f"smoke: {said.value:.0%} of {said.samples} requests failed: {said.why}" if said.value else ""
