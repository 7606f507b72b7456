"""A comparison of a batch endpoint: candidate and champion score the same input, by name; the default stays."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.declared.rollout import HOLDOUT, Compare
from mlops.domain.loop import Change, Comparison, Loop
from mlops.domain.records.decision import Numbers
from mlops.domain.rollouts import comparison as comparisons
from mlops.domain.rollouts import looking
from mlops.domain.rollouts import rollout as rollouts
from mlops.domain.world import JobPhase, JobState, RunPlan
from mlops.flows.analysis import Ask, look
from mlops.flows.context import Generation, Section, Step, Wait
from mlops.flows.sight import Sight
from mlops.ports import OutsideError, RunQuestion

_FINISHED = frozenset({JobPhase.SUCCEEDED, JobPhase.FAILED, JobPhase.CANCELLED})
_ASSET = "azureml:"


def compare(sight: Sight) -> Section:
    """Bring the comparison on by at most one effect or one decision; when both runs ended, it is one look."""
    step = rollouts.steps_of(sight.plan, sight.rollout.champion)[sight.rollout.position]
    under_way = sight.rollout.comparison
    # People are asked, or a person decides, or it passed: each run costs money, so none begins meanwhile.
    if not isinstance(step, Compare) or (under_way is None and _rests(sight)):
        return Wait(until=sight.now + sight.plan.measure_every)
    if under_way is None:
        return _begin(sight, step)
    states = {}
    for deployment in _sides(sight):
        plan = RunPlan(
            name=comparisons.run_name(sight.attempt, sight.rollout, deployment),
            endpoint=sight.loop.endpoint,
            deployment=deployment,
            input=under_way.input,
        )
        states[deployment] = sight.generation.backends.runs.state(plan.name)
        if states[deployment].phase is JobPhase.MISSING:
            sight.generation.backends.runs.start(plan)
            return Step(did=f"{deployment} scores {plan.input} as {plan.name}")
    waits = [name for name, state in states.items() if state.phase not in _FINISHED]
    if waits and sight.now - under_way.began > step.timeout:
        stopping = stopped(sight.generation, sight.loop)
        return stopping if stopping is not None else _ended(sight, under_way, states)
    return Wait(operation=True) if waits else _ended(sight, under_way, states)


def _sides(sight: Sight) -> Iterator[str]:
    yield sight.rollout.deployment
    if sight.rollout.champion:
        yield sight.rollout.champion


def _rests(sight: Sight) -> bool:
    held = sight.rollout.hold is not None or sight.loop.paused is not None
    return held or looking.may_advance(sight.plan, sight.rollout)


def _begin(sight: Sight, step: Compare) -> Section:
    rollout = sight.rollout
    every = step.every or sight.plan.measure_every
    due = rollout.seen + every if rollout.seen else sight.now
    # A due time further off than one interval means that the clock went back: begin now.
    if sight.now < due <= sight.now + every:
        return Wait(until=due)
    found = Comparison(number=rollout.compared + 1, began=sight.now, input=_input(sight, step.input))
    beside = f" beside {rollout.champion}" if rollout.champion else ""
    why = f"comparison {found.number}: {rollout.deployment}{beside} scores {found.input}"
    return sight.moved(replace(rollout, comparison=found), sight.decided("comparing", why))


def _input(sight: Sight, wanted: str) -> str:
    """Exactly one input, so that both score the same whatever comes meanwhile."""
    if wanted == HOLDOUT:
        dataset = sight.attempt.dataset
        if dataset is None or not dataset.uri:
            raise OutsideError("it is not known where the rows held out lie: compare on an asset, or train again")
        return f"{dataset.uri.rstrip('/')}/holdout.csv"
    name = wanted.removeprefix(_ASSET)
    if not wanted.startswith(_ASSET) or ":" in name or "/" in name:
        return wanted
    version = sight.generation.backends.assets.version(f"data:{name}")
    if not version:
        raise OutsideError(f"there is no data asset {name!r} to compare on yet")
    return f"{_ASSET}{name}:{version}"


def _ended(sight: Sight, under_way: Comparison, states: Mapping[str, JobState]) -> Step:
    """Judge it as one look, and say what it showed."""
    seen = look(sight, _asks(states))
    change = seen.change or Change(loop=sight.loop)
    after = change.loop.rollout or sight.rollout
    worst = max((row.verdict for row in change.measured if row.verdict is not None), default=Verdict.PASS)
    numbers = Numbers({row.metric: row.measurement.value for row in change.measured})
    said = "; ".join(f"{row.metric}: {row.verdict.word}" for row in change.measured if row.verdict)
    why = f"comparison {under_way.number} on {under_way.input}: {worst.word} ({said})"
    done = replace(after, comparison=None, compared=under_way.number)
    decided = (sight.decided("compared", why, numbers), *change.decisions)
    return Step(change=replace(change, loop=replace(change.loop, rollout=done), decisions=decided))


def _asks(states: Mapping[str, JobState]) -> Ask:
    def ask(sight: Sight, metric: str, deployment: str) -> Measurement | None:
        other = next((name for name in states if name != deployment), "")
        if metric == comparisons.FAILED_RUNS:
            return _failed(states[deployment])
        for name in (deployment, other):
            if name and states[name].phase is not JobPhase.SUCCEEDED:
                why = f"the run of {name} did not complete"
                return Measurement(monitor=metric, value=None, samples=0, why=why)
        question = RunQuestion(
            metric=metric,
            run=comparisons.run_name(sight.attempt, sight.rollout, deployment),
            against=comparisons.run_name(sight.attempt, sight.rollout, other) if other else "",
        )
        try:
            return sight.generation.backends.runs.measure(question)
        except OutsideError:
            return None

    return ask


def _failed(state: JobState) -> Measurement:
    if state.phase is JobPhase.SUCCEEDED:
        return Measurement(monitor=comparisons.FAILED_RUNS, value=0.0, samples=1)
    why = state.reason or ("it did not end in time" if state.phase is JobPhase.RUNNING else state.phase.value)
    return Measurement(monitor=comparisons.FAILED_RUNS, value=1.0, samples=1, why=why)


def stopped(generation: Generation, loop: Loop) -> Step | None:
    """Stop one run that nobody waits for any more, each once: it costs money.  None: there is none."""
    attempt, rollout = loop.attempt, loop.rollout
    if attempt is None or rollout is None or rollout.comparison is None:
        return None
    for deployment in (rollout.deployment, rollout.champion):
        if not deployment:
            continue
        name = comparisons.run_name(attempt, rollout, deployment)
        if name in rollout.comparison.stopped or generation.backends.runs.state(name).phase is not JobPhase.RUNNING:
            continue
        generation.backends.runs.stop(name)
        noted = replace(rollout.comparison, stopped=(*rollout.comparison.stopped, name))
        after = replace(loop, rollout=replace(rollout, comparison=noted))
        return Step(did=f"stopping {name}", change=Change(loop=after))
    return None
