"""The bugs: what the rollout of a batch endpoint promises, each promise broken in one place."""

from tests.mutants.mutant import Mutant, bugs_in

_BATCH = ("tests/mlops/flows/test_batch.py",)
_KEYS = ("tests/mlops/spec/test_batch_keys.py",)
_PORTS = ("tests/mlops/backends/test_batch.py",)

BATCH: tuple[Mutant, ...] = (
    *bugs_in(
        "flows/comparison.py",
        _BATCH,
        ("default-before-both-runs-ended", "return Wait(operation=True) if waits else _ended(", "return _ended("),
        (
            "compares-without-the-champion",
            "    if sight.rollout.champion:\n        yield sight.rollout.champion\n",
            "",
        ),
        ("newest-is-not-pinned", '    return f"{_ASSET}{name}:{version}"', "    return wanted"),
        (
            "a-run-that-failed-is-no-fault",
            "Measurement(monitor=comparisons.FAILED_RUNS, value=1.0, samples=1, why=why)",
            "Measurement(monitor=comparisons.FAILED_RUNS, value=0.0, samples=1, why=why)",
        ),
        ("runs-go-on-when-held", "held = sight.rollout.hold is not None or ", "held = "),
        ("runs-while-people-are-asked", "held or looking.may_advance(sight.plan, sight.rollout)", "held"),
        (
            "runs-are-never-stopped",
            "    for deployment in (rollout.deployment, rollout.champion):",
            "    for deployment in ():",
        ),
        ("waits-for-ever-for-a-run", "sight.now - under_way.began > step.timeout", "False"),
    ),
    *bugs_in(
        "flows/rollback.py",
        _BATCH,
        ("a-rollback-leaves-runs", "return stopped(generation, loop) or Step(", "return Step("),
    ),
    *bugs_in(
        "domain/rollouts/comparison.py",
        _BATCH,
        ("rows-need-not-match", "value=1 - len(both) / len(every)", "value=0.0"),
        ("rows-without-a-number-are-fine", "value=len(bad) / len(ours.rows)", "value=0.0"),
        (
            "the-champions-fault-is-the-candidates",
            'Analysis(metric=FAILED_RUNS, success=Bound(comparison="<=", offset=0.0), against_champion=True)',
            'Analysis(metric=FAILED_RUNS, success=Bound(comparison="<=", offset=0.0))',
        ),
    ),
    *bugs_in(
        "domain/rollouts/rollout.py",
        _BATCH,
        ("one-comparison-is-enough", "passes=step.runs if rollout.champion else 1", "passes=1"),
        (
            "the-candidate-is-the-default-while-compared",
            "Smoke() | Approve() | Compare():\n            return Desired(traffic=back)",
            "Smoke() | Approve() | Compare():\n            return Desired(traffic={rollout.deployment: FULL})",
        ),
    ),
    *bugs_in(
        "flows/rollout.py",
        _BATCH,
        (
            "rolled-back-before-the-default-is",
            "    if not sight.as_wanted:\n        return _not_back(sight)",
            "    if False:\n        return _not_back(sight)",
        ),
        ("a-default-changed-by-hand-is-not-seen", "interfered = interference(sight)", "interfered = None"),
    ),
    *bugs_in(
        "spec/batch.py",
        _KEYS,
        ("weights-for-batch", "if batch and type(step) in _NOT_BATCH:", "if False:"),
        ("no-comparison-for-batch", "if batch and not any(", "if False and not any("),
    ),
    *bugs_in(
        "backends/azure_ml/batch.py",
        _PORTS,
        ("the-default-is-deleted", "if name == _default(self._get(endpoint)):", "if False:"),
        ("a-split-of-batch-is-sent", "if mirror or len(traffic) > 1 or", "if False and"),
    ),
    *bugs_in(
        "backends/azure_ml/runs.py",
        _PORTS,
        ("the-default-is-asked-for-both", "                deployment_name=plan.deployment,\n", ""),
        (
            "a-lost-answer-starts-it-twice",
            "        if jobs.find(self._client, plan.name) is not None:\n            return\n",
            "",
        ),
    ),
)
