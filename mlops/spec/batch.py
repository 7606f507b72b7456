"""What a batch endpoint has and an online one has not, and the other way round."""

from collections.abc import Iterator
from pathlib import Path

from mlops.domain.project import Kind
from mlops.domain.rollouts import comparison
from mlops.spec.document import Spec
from mlops.spec.document.gate import LoadGate
from mlops.spec.document.rollout import CompareStep, ShadowStep, SmokeStep, WeightStep
from mlops.spec.meaning import analyses_of
from mlops.spec.problem import Check, Found, Problem
from mlops.spec.tree import Where

_NOT_BATCH = {
    SmokeStep: "a batch endpoint has no smoke requests: `compare` shows whether the candidate answers",
    ShadowStep: "a batch endpoint has no traffic to mirror: use `compare`, in which both score the same input",
    WeightStep: "a batch endpoint has no shares of traffic: use `compare`; after the last step the candidate becomes "
    "the default, all at once",
}
_SERVED_ONLINE = frozenset({"error_rate", "p95_ms", "prediction_disagreement"})
_SERVED_BATCH = frozenset({"error_rate"})
_ONLINE_ONLY = ("instance_type", "rolling_rate")
_BATCH_ONLY = ("compute", "mini_batch_size", "error_threshold", "columns")


def _steps(spec: Spec, _: Path) -> Found:
    steps, batch = spec.rollout.steps, spec.deployment.kind is Kind.BATCH
    for at, step in enumerate(steps):
        where: Where = ("spec", "rollout", "steps", at)
        if batch and type(step) in _NOT_BATCH:
            yield Problem(_NOT_BATCH[type(step)], where)
        if not batch and isinstance(step, CompareStep):
            what = "an online endpoint has no comparison runs: use `shadow`, or say `kind: batch` in spec.deployment"
            yield Problem(what, where)
    if batch and not any(isinstance(step, CompareStep) for step in steps):
        what = "no step `compare`: a candidate would become the default without having scored anything"
        yield Problem(what, ("spec", "rollout", "steps"))


def _metrics(spec: Spec, _: Path) -> Found:
    rollout, batch = spec.rollout, spec.deployment.kind is Kind.BATCH
    for at, step in enumerate(rollout.steps):
        known = comparison.METRICS if isinstance(step, CompareStep) else _SERVED_BATCH if batch else _SERVED_ONLINE
        yield from _unknown(spec, analyses_of(step), known, ("spec", "rollout", "steps", at))
    known = _SERVED_BATCH if batch else _SERVED_ONLINE
    yield from _unknown(spec, rollout.bake.analysis, known, ("spec", "rollout", "bake", "analysis"))


def _unknown(spec: Spec, names: tuple[str, ...], known: frozenset[str], where: Where) -> Iterator[Problem]:
    for name in names:
        for each in spec.rollout.analysis.get(name, ()):
            if each.metric not in known:
                what = f"{each.metric} of {name!r} cannot be measured here: {', '.join(sorted(known))} can"
                yield Problem(what, where)


def _gates(spec: Spec, _: Path) -> Found:
    if spec.deployment.kind is Kind.BATCH:
        for at, gate in enumerate(spec.gates):
            if isinstance(gate, LoadGate):
                what = "a batch endpoint answers no requests to load it with: leave it out, `compare` runs it"
                yield Problem(what, ("spec", "gates", at))


def _keys(spec: Spec, _: Path) -> Found:
    """A key that does nothing was meant for something."""
    part = spec.deployment
    batch = part.kind is Kind.BATCH
    for name in _ONLINE_ONLY if batch else _BATCH_ONLY:
        if name in part.model_fields_set:
            key = type(part).model_fields[name].alias
            other = Kind.ONLINE if batch else Kind.BATCH
            what = f"{key} is for `kind: {other.value}`, this is {part.kind.value}: leave it out"
            yield Problem(what, ("spec", "deployment", str(key)))
    needed = {spec.data.key, spec.data.prediction}
    if batch and part.columns and not needed <= set(part.columns):
        what = f"the rows need the key and the prediction: {', '.join(sorted(needed))}"
        yield Problem(what, ("spec", "deployment", "columns"))


CHECKS = (
    Check(("rollout", "deployment"), _steps),
    Check(("rollout", "deployment"), _metrics),
    Check(("gates", "deployment"), _gates),
    Check(("deployment", "data"), _keys),
)
