"""Measure what a candidate really served, judge it, and let the rollout count it."""

from collections.abc import Callable
from dataclasses import replace

from mlops.domain.data.measurement import Measurement, Verdict, judge_one
from mlops.domain.declared.rollout import Analysis
from mlops.domain.loop import Change, Measured, RolloutPhase
from mlops.domain.project import Kind
from mlops.domain.records.decision import Numbers
from mlops.domain.rollouts import looking
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.world import Window
from mlops.flows.context import Step
from mlops.flows.sight import Sight
from mlops.ports import OutsideError, ServedQuestion

Judged = tuple[Analysis, Measurement, Verdict]
Ask = Callable[[Sight, str, str], Measurement | None]
"""One number of one deployment.  None when the source of the numbers is gone: an error, no failure of the candidate."""


def served(sight: Sight, metric: str, deployment: str) -> Measurement | None:
    """What a deployment did with what its users really sent."""
    rollout, backends = sight.rollout, sight.generation.backends
    question = ServedQuestion(
        metric=metric,
        endpoint=sight.loop.endpoint,
        deployment=deployment,
        since=rollout.applied or rollout.entered,
        against=(rollout.champion if deployment == rollout.deployment else rollout.deployment) or "",
    )
    try:
        if sight.generation.project.deployment.kind is Kind.BATCH:
            return backends.runs.served(question)
        return backends.data.served(sight.generation.project.data, question)
    except OutsideError:
        return None


def look(sight: Sight, ask: Ask = served) -> Step:
    """One look; weights never move here."""
    judged = tuple(_judged(sight, analysis, ask) for analysis in rollouts.stage(sight.plan, sight.rollout).analyses)
    requests = ask(sight, "requests", sight.rollout.deployment)
    samples = requests.samples if requests else sight.rollout.samples
    after = looking.look(sight.plan, sight.rollout, looking.Look(at=sight.now, samples=samples, judged=judged))
    change = Change(loop=replace(sight.loop, rollout=after), measured=tuple(_row(sight, each) for each in judged))
    numbers = Numbers({analysis.metric: measured.value for analysis, measured, _ in judged})
    numbers["requests"] = samples
    if after.phase is RolloutPhase.ROLLING_BACK:
        return Step(change=replace(change, decisions=(sight.decided("rolling back", after.why, numbers),)))
    if after.hold is not sight.rollout.hold:
        what = "held" if after.hold else "resumed"
        why = f"{after.hold.value}: weights stay" if after.hold else "can be measured again: counting starts anew"
        change = replace(change, decisions=(sight.decided(what, why, numbers),))
    return Step(change=change)


def _judged(sight: Sight, analysis: Analysis, ask: Ask) -> Judged:
    measured = ask(sight, analysis.metric, sight.rollout.deployment)
    if measured is None:
        lost = Measurement(monitor=analysis.metric, value=None, samples=0, why="could not be measured")
        return analysis, lost, Verdict.ERROR
    baseline = None
    theirs = None
    if sight.rollout.champion and _relative(analysis):
        theirs = ask(sight, analysis.metric, sight.rollout.champion)
        baseline = theirs.value if theirs else None
    verdict = judge_one(measured, analysis.limit, baseline)
    if verdict is Verdict.FAIL and analysis.against_champion and theirs is not None:
        both = judge_one(theirs, analysis.limit, baseline) is Verdict.FAIL
        verdict = Verdict.INCONCLUSIVE if both else verdict  # what both fail tells nothing of the candidate
    return analysis, measured, verdict


def _relative(analysis: Analysis) -> bool:
    return analysis.against_champion or bool(analysis.success.factor or (analysis.failure and analysis.failure.factor))


def _row(sight: Sight, judged: Judged) -> Measured:
    analysis, measured, verdict = judged
    since = sight.rollout.applied or sight.now
    return Measured(
        at=sight.now,
        monitor=f"rollout {analysis.metric}",
        signal="served",
        metric=analysis.metric,
        window=Window(start=min(since, sight.now), end=sight.now),
        measurement=measured,
        verdict=verdict,
        deployment=sight.rollout.deployment,
    )
