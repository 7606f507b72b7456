"""The load gate: does the candidate serve, quickly and in little enough memory, before it gets any traffic?"""

import math
from collections.abc import Sequence

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.gate import LoadGate, LoadLimit
from mlops.domain.loop import GateResult, MetricResult

ERRORS = "error_rate"


def judge_load(gate: LoadGate, measured: Sequence[Measurement]) -> GateResult:
    """Judge each number; where the project does not say how many requests may fail, none may."""
    limits = gate.metrics
    if all(limit.name != ERRORS for limit in limits):
        limits = (*limits, LoadLimit(name=ERRORS, at_most=0.0))
    found = {each.monitor: each for each in measured}
    results = tuple(_judged(limit, found.get(limit.name)) for limit in limits)
    verdict = max(result.verdict for result in results)
    return GateResult(gate=gate.name, verdict=verdict, metrics=results, why="; ".join(result.why for result in results))


def _judged(limit: LoadLimit, measured: Measurement | None) -> MetricResult:
    if measured is None or not measured.judgeable or measured.value is None:
        why = (measured.why if measured else "") or "could not be measured"
        samples = measured.samples if measured else 0
        said = f"{limit.name}: {why}"
        return MetricResult(name=limit.name, verdict=Verdict.ERROR, samples=samples, candidate=math.nan, why=said)
    verdict = Verdict.PASS if measured.value <= limit.at_most else Verdict.FAIL
    why = f"{limit.name} {measured.value:.4g} of {measured.samples} requests, {limit.at_most:g} allowed"
    why += f": {measured.why}" if verdict is Verdict.FAIL and measured.why else ""
    return MetricResult(name=limit.name, verdict=verdict, samples=measured.samples, candidate=measured.value, why=why)
