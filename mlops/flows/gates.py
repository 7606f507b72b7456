"""One look at a candidate's next gate: what it says of it, or what it still waits for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.facts import Card
from mlops.domain.declared.gate import ApprovalGate, ContractGate, EvaluationGate, LoadGate, SlicesGate
from mlops.domain.gates import judging
from mlops.domain.gates.contract import keeps_contract
from mlops.domain.gates.gate import evaluate
from mlops.domain.gates.resampling import Draws
from mlops.domain.gates.slices import judge_slices
from mlops.domain.loop import Attempt, GateResult, Loop
from mlops.domain.world import ScoredRow, Signature
from mlops.flows.context import Generation, Section, Step
from mlops.flows.load import load
from mlops.ports import RefusedError


def judge(generation: Generation, loop: Loop, attempt: Attempt, now: datetime) -> Section:
    """Let the next gate speak."""
    gate = judging.next_gate(generation.project, attempt)
    if gate is None or isinstance(gate, ApprovalGate):
        return Step(change=judging.past_gates(generation.project, loop, attempt, now))
    match gate:
        case LoadGate():
            return load(generation, gate, loop, attempt, now)
        case ContractGate():
            result = _contract(generation, gate, attempt)
        case EvaluationGate():
            rows = generation.backends.training.evaluation(attempt.job)
            result = evaluate(gate, rows, baseline=loop.champion is not None, seed=_seed(attempt), draw=drawn)
        case SlicesGate():
            rows = generation.backends.training.evaluation(attempt.job)
            result = judge_slices(
                gate,
                rows,
                baseline=loop.champion is not None,
                seed=_seed(attempt),
                fairness=between_groups,
                draw=drawn,
            )
    return Step(change=judging.judged(generation.project, loop, attempt, result, now))


def _seed(attempt: Attempt) -> str:
    return f"{attempt.candidate}|{attempt.dataset}"


def _contract(generation: Generation, gate: ContractGate, attempt: Attempt) -> GateResult:
    project = generation.project
    signature = _signature(generation, attempt) if gate.signature else None
    try:
        card = _card(generation) if gate.card else None
    except RefusedError as error:
        return GateResult(gate=gate.name, verdict=Verdict.FAIL, why=str(error))
    return keeps_contract(gate, project.data, project.facts, signature=signature, card=card)


def _signature(generation: Generation, attempt: Attempt) -> Signature | None:
    """Of what the job made; what came from elsewhere has no job here that made it."""
    registry = generation.backends.registry
    if attempt.origin is not None and attempt.candidate is not None and registry is not None:
        return registry.signature(attempt.candidate)
    return generation.backends.models.signature(attempt.job)


def _card(generation: Generation) -> Card | None:
    path = generation.project.facts.card
    return None if path is None else generation.read_card(path)


def drawn(draws: Draws) -> list[float]:
    """The same numbers as plain Python's, sooner."""
    from mlops.monitors.resampling import resampled  # noqa: PLC0415 - numpy: only who has such a gate pays for it

    return resampled(draws)


def between_groups(metric: str, groups: Mapping[str, Sequence[ScoredRow]]) -> Measurement:
    """As the fairness monitors define it."""
    from mlops.monitors import fairness  # noqa: PLC0415 - numpy: only who has such a gate pays for it
    from mlops.monitors.evidence import Evidence, Roles, Rows  # noqa: PLC0415

    rows = [(group, row) for group, members in groups.items() for row in members]
    if not rows:
        return Measurement(monitor=metric, value=None, samples=0, why="no group is large enough to compare")
    table: dict[str, list[object]] = {
        "group": [group for group, _ in rows],
        "label": [row.label for _, row in rows],
        "score": [row.candidate for _, row in rows],
    }
    kind = "prediction" if metric == "mean_absolute_error_difference" else "probability"
    roles = Roles(label="label", group="group", **{kind: "score"})
    return fairness.measure(metric, metric, Evidence(rows=Rows(current=table, roles=roles, smallest_group=1)))
