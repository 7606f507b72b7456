"""The bugs: what the loop promises, each promise broken in one place."""

from tests.mutants.batch import BATCH
from tests.mutants.mutant import Mutant, bugs_in
from tests.mutants.post import POST
from tests.mutants.promotions import PROMOTIONS

_ROLLOUT = ("tests/mlops/domain/test_rollout.py", "tests/mlops/flows/test_rollouts.py")
_FORWARD = ("tests/mlops/flows/test_forward.py",)
_ENDPOINT = ("tests/mlops/flows/test_endpoint.py", "tests/mlops/flows/test_rollouts.py")
_TRIGGERS = ("tests/mlops/domain/test_triggers.py", "tests/mlops/flows/test_requests.py")
_POLICY = (
    "tests/mlops/domain/test_policy.py",
    "tests/mlops/flows/test_requests.py",
    "tests/mlops/flows/test_policy.py",
)
_GATE = ("tests/mlops/domain/test_gate.py", "tests/mlops/flows/test_gates.py")
_STORE = ("tests/mlops/backends/store",)
_EVENTS = ("tests/mlops/flows/test_inbox.py", "tests/mlops/backends/store/test_inbox.py")
_SUPERSEDE = ("tests/mlops/domain/test_superseding.py", "tests/mlops/flows/test_supersede.py")
_ROLLBACK = ("tests/mlops/flows/test_rollback.py",)


MUTANTS: tuple[Mutant, ...] = (
    *bugs_in(
        "flows/target.py",
        ("tests/mlops/flows/test_target.py", "tests/mlops/flows/test_rollouts.py"),
        (
            "rolls-back-onto-an-ill-champion",
            "    if target is None or target.phase is not DeploymentPhase.READY:\n",
            "    if False:\n",
        ),
        ("goes-back-to-what-does-not-answer", "    return said\n", '    return ""\n'),
        (
            "waits-though-the-candidate-is-no-better",
            "if not said or unanswered(smoke(sight.generation, sight.loop.endpoint, candidate.name, step)):",
            "if not said:",
        ),
    ),
    *bugs_in(
        "domain/rollouts/history.py",
        ("tests/mlops/flows/test_target.py",),
        ("every-champion-of-before-stays-warm", "over = good[: max(len(good) - warm, 0)]", "over = good[:0]"),
    ),
    *bugs_in(
        "domain/rollouts/superseding.py",
        _SUPERSEDE,
        ("gives-way-though-a-person-decides", "and rollout.hold not in _PEOPLE_DECIDE", ""),
        ("the-first-model-gives-way", "        and loop.champion is not None\n", ""),
    ),
    *bugs_in(
        "flows/supersede.py",
        _SUPERSEDE,
        (
            "gives-way-onto-a-champion-that-cannot-serve",
            " or champion is None or champion.phase is not DeploymentPhase.READY",
            "",
        ),
        ("gives-way-to-what-is-held", "    if held is not None:\n", "    if False:\n"),
    ),
    *bugs_in(
        "domain/rollouts/rollout.py",
        _ROLLOUT,
        (
            "rolling-back-leaves-the-traffic",
            "            return Desired(traffic=back)\n        case RolloutPhase.BAKING",
            "            return Desired(traffic={rollout.deployment: FULL})\n        case RolloutPhase.BAKING",
        ),
        (
            "shadow-is-not-mirrored",
            "Desired(traffic=back, mirror={rollout.deployment: step.percent})",
            "Desired(traffic=back)",
        ),
        ("a-step-keeps-the-counts-before-it", "successes=0, samples=0, tallies=()", "tallies=()"),
    ),
    *bugs_in(
        "domain/rollouts/looking.py",
        _ROLLOUT,
        ("advances-on-too-few-requests", "        and rollout.samples >= asked.min_samples\n", ""),
        ("advances-too-early", "        and rollout.elapsed >= asked.hold\n", ""),
        (
            "advances-without-passes",
            "rollout.successes >= asked.passes",
            "rollout.successes >= 0",
        ),
        ("advances-while-held", "        rollout.hold is None\n        and ", "        "),
        (
            "clock-forward-replaces-looking",
            "min(max(seen.at - before, timedelta()), 2 * plan.measure_every)",
            "max(seen.at - before, timedelta())",
        ),
        (
            "clock-backward-takes-time-away",
            "min(max(seen.at - before, timedelta()), 2 * plan.measure_every)",
            "min(seen.at - before, 2 * plan.measure_every)",
        ),
        (
            "tolerates-one-failure-more",
            "tally.failures > analysis.failure_limit",
            "tally.failures > analysis.failure_limit + 1",
        ),
        ("errors-never-pause", "tally.errors > analysis.error_limit", "False"),
        ("errors-are-not-in-a-row", "            return replace(tally, errors=0)\n", "            return tally\n"),
        (
            "what-cannot-be-measured-passes",
            "        case Verdict.INCONCLUSIVE | Verdict.ERROR:\n            return rollout\n",
            (
                "        case Verdict.INCONCLUSIVE | Verdict.ERROR:\n"
                "            return replace(rollout, successes=rollout.successes + 1)\n"
            ),
        ),
        (
            "a-failure-keeps-the-passes",
            "            return replace(rollout, successes=0)\n",
            "            return rollout\n",
        ),
        (
            "a-dry-run-is-judged",
            "for analysis, _, verdict in self.judged if not analysis.dry_run)",
            "for analysis, _, verdict in self.judged)",
        ),
    ),
    *bugs_in(
        "flows/rollout.py",
        _ROLLOUT,
        (
            "abort-comes-second",
            "    if loop.abort is not None:\n        return sight.back",
            "    if False:\n        return sight.back",
        ),
        ("another-version-may-serve", "candidate.model != expected", "False"),
        (
            "a-lost-candidate-goes-on",
            "    lost = _lost(sight)\n    if lost:\n        return sight.back(lost)\n    return _alive(sight)",
            "    return _alive(sight)",
        ),
        (
            "waits-for-a-deployment-for-ever",
            "<= sight.plan.progress_deadline:\n        return None\n    if sight.rollout.waits:\n",
            "<= sight.plan.progress_deadline * 9:\n        return None\n    if sight.rollout.waits:\n",
        ),
        (
            "measures-before-the-traffic-is-there",
            'not sight.as_wanted:\n            return _not_set(sight) or sight.set_traffic("setting traffic")\n',
            "False:\n            pass\n",
        ),
    ),
    *bugs_in(
        "flows/endpoint.py",
        _ENDPOINT,
        (
            "drift-is-not-repaired",
            "    generation.backends.endpoints.set_traffic(loop.endpoint, dict(want.traffic), dict(want.mirror))\n",
            "",
        ),
        ("collects-what-others-made", "not found.ours or found.name in kept or served", "found.name in kept or served"),
        (
            "collects-what-is-still-warm",
            "for retired in _retired(generation, loop, now)}",
            "for retired in ()}",
        ),
        (
            "a-deleted-champion-stays-gone",
            "        return bring_back(generation, loop, loop.champion)\n    if found.phase is DeploymentPhase.READY:",
            "        return None\n    if found.phase is DeploymentPhase.READY:",
        ),
    ),
    *bugs_in(
        "flows/rollback.py",
        _ROLLBACK,
        (
            "traffic-before-capacity",
            "    if found is None or found.phase is not DeploymentPhase.READY:\n",
            "    if found is None:\n",
        ),
        ("rollback-to-what-does-not-answer", "    broken = broken or _does_not_answer(generation, loop, found)\n", ""),
        ("rollback-waits-for-ever", "now - rollback.entered > deadline", "False"),
    ),
    *bugs_in(
        "domain/rollouts/history.py",
        _ROLLBACK,
        ("what-was-gone-back-from-is-good", "bad = {now, *loop.failed_digests}", "bad = {now}"),
        (
            "what-was-gone-back-from-comes-again",
            "failed_digests=tuple(dict.fromkeys((*loop.failed_digests, *failed))),",
            "failed_digests=loop.failed_digests,",
        ),
    ),
    *bugs_in(
        "domain/triggers/triggers.py",
        _TRIGGERS,
        ("one-window-is-enough", "state.inside or sum(flags) >= condition.at_least", "state.inside or past"),
        ("leaves-without-hysteresis", "    if state.inside and quiet:\n", "    if state.inside and not past:\n"),
        ("a-window-counts-twice", "    if state.end is not None and end <= state.end:\n        return state\n", ""),
        ("few-rows-trigger", " or measured.samples < monitor.min_samples:\n", ":\n"),
        ("chance-triggers", "    if past and measured.by_chance:\n        return state\n", ""),
        (
            "fires-while-it-stays-true",
            "    if not state.true or state.fired is None:\n        return True\n",
            "    return True\n",
        ),
    ),
    *bugs_in(
        "domain/triggers/policy.py",
        _POLICY,
        ("no-cool-down", "now < (until := _left(loop.last) + policy.cooldown)", "now < (until := _left(loop.last))"),
        ("no-debounce", "now < (until := quiet_at(policy, request))", "now < (until := request.asked)"),
        (
            "no-breaker",
            "loop.breaker_until is not None and now < loop.breaker_until and not _resets(policy, request)",
            "False",
        ),
        (
            "no-single-flight",
            '    if loop.attempt is not None:\n        yield Held(kind="busy"',
            '    if False:\n        yield Held(kind="busy"',
        ),
        ("no-budget", "        if not line.fits:\n", "        if False:\n"),
        (
            "debounce-waits-for-ever",
            "min(request.asked + policy.debounce, request.first + longest)",
            "request.asked + policy.debounce",
        ),
        (
            "the-oldest-request-wins",
            'return Placed(loop=replace(loop, pending=_instead(waiting, request)), what="coalesced", beside=waiting)',
            'return Placed(loop=loop, what="coalesced", beside=waiting)',
        ),
        (
            "the-loop-displaces-a-person",
            '    if _outranks(waiting, request):\n        return Placed(loop=loop, what="coalesced", beside=waiting)\n',
            "",
        ),
    ),
    *bugs_in(
        "domain/gates/gate.py",
        _GATE,
        ("as-good-is-better", "    if low > needed:\n", "    if high > needed:\n"),
        ("floors-are-not-asked", "    if floor:\n", "    if False:\n"),
        ("few-rows-are-judged", "    if len(rows) < gate.min_samples:\n", "    if not rows:\n"),
        ("rows-without-the-champion-are-left-out", "    if len(champion) < len(rows):\n", "    if not champion:\n"),
    ),
    *bugs_in(
        "domain/gates/gate.py",
        _GATE,
        (
            "a-gate-that-asks-for-a-champion-does-without",
            "if not baseline and gate.on_no_baseline is NoBaseline.INCONCLUSIVE:",
            "if False:",
        ),
    ),
    *bugs_in(
        "domain/rollouts/looking.py",
        _ROLLOUT,
        (
            "lost-metrics-never-roll-back",
            "hold is Hold.METRICS and plan.on_metric_loss is OnMetricLoss.ROLLBACK",
            "False",
        ),
        ("lost-metrics-have-no-end", "if after is None or not rollout.lost or rollout.lost < after:", "if True:"),
    ),
    *bugs_in(
        "flows/analysis.py",
        _FORWARD,
        (
            "what-both-fail-is-the-candidates",
            "verdict is Verdict.FAIL and analysis.against_champion and theirs is not None",
            "False",
        ),
    ),
    *bugs_in(
        "flows/forward.py", _FORWARD, ("a-step-waits-for-people-for-ever", "and sight.now >= until:", "and False:")
    ),
    *bugs_in(
        "domain/attempt.py",
        ("tests/mlops/flows/test_gates.py", "tests/mlops/flows/test_rollouts.py", "tests/mlops/flows/test_requests.py"),
        (
            "bytes-that-failed-are-tried-again",
            "    if model.digest in loop.failed_digests and not attempt.request.manual:\n",
            "    if False:\n",
        ),
        ("a-promotion-keeps-the-failures", "    failures = 0 if outcome is Outcome.PROMOTED else failures\n", ""),
    ),
    *bugs_in(
        "domain/gates/judging.py",
        ("tests/mlops/flows/test_gates.py",),
        (
            "only-a-failure-rejects",
            "    if result.verdict is not Verdict.PASS:\n",
            "    if result.verdict is Verdict.FAIL:\n",
        ),
    ),
    *bugs_in(
        "flows/attempt.py",
        ("tests/mlops/flows/test_gates.py", "tests/mlops/flows/test_requests.py"),
        ("an-approval-never-expires", "    if now >= until:\n", "    if False:\n"),
        (
            "a-job-may-run-for-ever",
            "    if now - attempt.entered > generation.project.pipeline.timeout:\n",
            "    if False:\n",
        ),
    ),
    *bugs_in(
        "domain/gates/approval.py",
        ("tests/mlops/flows/test_approval.py", "tests/mlops/flows/test_gates.py"),
        (
            "one-person-counts-twice",
            ".setdefault(word.actor.lower(), word.actor)",
            ".setdefault(word.at.isoformat(), word.actor)",
        ),
        ("approval-of-something-else-counts", "if word.digest == digest and not barred", "if not barred"),
        ("authors-approve-their-own", "approvers.not_author and actor.lower() == attempt.author.lower()", "False"),
        ("anybody-approves", "approvers.groups and actor.lower() not in", "False and actor.lower() not in"),
        ("a-word-outlives-the-project-file", "|{attempt.generation}|{generation}", "|{attempt.generation}"),
        (
            "a-no-is-not-heard",
            "(word for word in words if not word.granted)",
            "(word for word in () if not word.granted)",
        ),
    ),
    *bugs_in(
        "domain/records/decision.py",
        ("tests/mlops/domain/test_decision.py",),
        ("a-gap-in-the-log-is-sound", "record.sequence == expected and record.previous == previous", "True"),
        ("numbers-are-not-hashed", '        "numbers": dict(decision.numbers),\n', ""),
    ),
    *bugs_in(
        "backends/store/writing.py",
        _STORE,
        ("no-compare-and-swap", ', schema.loop.c.version == sa.bindparam("expected")', ""),
    ),
    *bugs_in(
        "backends/store/claims.py",
        _STORE,
        (
            "a-lost-lease-saves",
            "    if connection.execute(_CHECK, _mine(claim)).first() is None:\n",
            "    if connection is None:\n",
        ),
        ("a-fence-is-not-asked", '    turn.c.fence == sa.bindparam("its_fence"),\n', ""),
        ("leases-are-not-asked", "free = sa.or_(turn.c.owner.is_(None), ", "free = sa.or_(sa.true(), "),
        (
            "a-lease-from-the-future-strands",
            "turn.c.until <= moment, turn.c.until > moment + _LEASE)",
            "turn.c.until <= moment)",
        ),
        (
            "a-due-time-from-the-future-strands",
            "sa.or_(turn.c.due <= at, turn.c.due > at + _LONGEST)",
            "turn.c.due <= at",
        ),
        (
            "a-nudge-is-forgotten",
            'sa.case((turn.c.nudges == sa.bindparam("nudged"), sa.bindparam("next")), else_=0.0)',
            'sa.bindparam("next")',
        ),
        (
            "whoever-dies-in-the-middle-strands-it",
            "still_due = sa.case((turn.c.due <= at, turn.c.due), else_=0.0)",
            "still_due = at + 600.0",
        ),
    ),
    *bugs_in(
        "domain/messages/hearing.py",
        _EVENTS,
        ("old-events-are-heard", "    if event.order and newest and event.order <= newest:\n", "    if False:\n"),
        ("all-runs-are-ours", "    if job and event.about.lower() == job.lower():\n", "    if job:\n"),
    ),
    *POST,
    *PROMOTIONS,
    *BATCH,
)
