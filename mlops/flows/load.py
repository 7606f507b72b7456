"""One look at a candidate that must load: deployed without traffic, asked by name, judged."""

from datetime import datetime

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.gate import LoadGate
from mlops.domain.gates import judging
from mlops.domain.gates.load import judge_load
from mlops.domain.loop import Attempt, GateResult, Loop
from mlops.domain.names import deployment_name
from mlops.domain.world import DeploymentPhase, DeploymentPlan, DeploymentState, ModelVersion
from mlops.flows.context import Generation, Section, Step, Wait
from mlops.ports import Load, OutsideError, RefusedError


def load(generation: Generation, gate: LoadGate, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    """Bring it up, ask it, judge it.  The rollout finds it as it was left."""
    if attempt.candidate is None:
        raise ValueError(f"attempt {attempt.number} has no candidate to load")
    name = deployment_name(attempt.candidate)
    found = generation.backends.endpoints.observe(loop.endpoint).deployment(name)
    broken = _broken(generation, loop, found, attempt.candidate)
    deadline = generation.project.rollout.progress_deadline
    is_ready = found is not None and found.phase is DeploymentPhase.READY
    if not broken and not is_ready and now - attempt.entered > deadline:
        broken = f"{name} did not come up within {deadline}"
    if not broken and found is None:
        broken = _deploy(generation, loop, attempt, attempt.candidate)
        if not broken:
            return Step(did=f"deploying {attempt.candidate.reference} as {name}, without traffic, to see it load")
    if broken:
        result = GateResult(gate=gate.name, verdict=Verdict.FAIL, why=broken)
        return Step(change=judging.judged(generation.project, loop, attempt, result, now))
    if not is_ready:
        return Wait(operation=True)
    lines = gate.requests.read_text(encoding="utf-8").splitlines()
    bodies = tuple(line for line in lines if line.strip())
    asked = Load(requests=bodies, rps=gate.rps, seconds=gate.hold.total_seconds())
    result = judge_load(gate, generation.backends.endpoints.load(loop.endpoint, name, asked))
    return Step(change=judging.judged(generation.project, loop, attempt, result, now))


def _broken(generation: Generation, loop: Loop, found: DeploymentState | None, model: ModelVersion) -> str:
    if found is None or found.phase is DeploymentPhase.CREATING:
        return ""
    if found.phase is DeploymentPhase.FAILED:
        return f"{found.name} did not come up: {found.reason or _log(generation, loop, found.name)}"
    if found.phase is DeploymentPhase.READY and found.model != model.reference:
        return f"{found.name} serves {found.model}, not {model.reference}"
    return ""


def _log(generation: Generation, loop: Loop, name: str) -> str:
    try:
        return generation.backends.endpoints.logs(loop.endpoint, name)[-500:]
    except OutsideError as error:
        return f"(no log: {error})"


def _deploy(generation: Generation, loop: Loop, attempt: Attempt, model: ModelVersion) -> str:
    """Ask for it; gives why it was refused, or nothing."""
    plan = DeploymentPlan(
        endpoint=loop.endpoint,
        name=deployment_name(model),
        model=model,
        tags={"aml-kit-project": loop.project, "aml-kit-attempt": str(attempt.number)},
    )
    try:
        generation.backends.endpoints.ensure_deployment(plan)
    except RefusedError as error:
        return f"{plan.name} was refused: {error}"
    return ""
