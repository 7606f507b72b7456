"""What was decided on is on record: decided again it comes out the same, and where code changed, the change shows."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, cast, get_args, get_type_hints

import pytest

from mlops.backends.store import inputs as stored
from mlops.backends.store.database import in_memory
from mlops.domain.declared.gate import EvaluationGate
from mlops.domain.loop import Change
from mlops.domain.project import Project
from mlops.domain.records.decision import Recorded, broken_at, canonical
from mlops.domain.records.inputs import Answer, Asked, Inputs, Recording
from mlops.domain.world import JobPhase, JobState, ScoredRow
from mlops.flows import commands
from mlops.flows.context import Generation
from mlops.flows.reconcile import reconcile
from mlops.flows.replay import Replayed, replay
from mlops.flows.replaying import Open
from mlops.ports import Backends, OutsideError, RefusedError, Training
from tests.mlops.backends.store.kept import LOOP, NOW, SAID, applied
from tests.mlops.flows.scenes import better, drifts
from tests.mlops.rig import DAY, Rig

Changed = Callable[[Project], Project]


def onto(rig: Rig, changed: Changed = lambda project: project) -> Open:
    """Today's project, changed as a change of the code would change it."""

    def opened(number: int, backends: Backends) -> Generation:
        return replace(
            rig.context.generation(number), project=changed(rig._generation(number).project), backends=backends
        )

    return opened


def again(rig: Rig, changed: Changed = lambda project: project, **which: int) -> Replayed:
    """Decide again."""
    return replay(rig.store, "rain", onto(rig, changed), **which)


def story(rig: Rig) -> None:
    """Drift, a rejected candidate, a better one that rolls back, orders of people between."""
    drifts(rig)
    better(rig, "2", 0.6)
    rig.until("attempt rejected")
    commands.trigger(rig.context, "ada", "try again")
    better(rig, "3", 0.9)
    rig.until("rollout serving")
    commands.pause(rig.context, "bob", "let me look")
    commands.resume(rig.context, "bob", "fine")
    rig.world.error_rate = {name: 0.5 for name in rig.world.deployments if name.startswith("m-3")}
    rig.until("attempt rolled back")


@pytest.fixture
def told(rig: Rig) -> Rig:
    story(rig)
    return rig


def test_a_whole_story_decided_again_comes_out_the_same_and_nothing_is_left_out(told: Rig) -> None:
    done, log = again(told), told.store.decisions("rain")
    orders = [row.sequence for row in log if row.decision.what in {"applied", "paused", "resumed"}]
    orders += [row.sequence for row in log if row.decision.what == "fired" and row.decision.actor == "ada"]

    assert (done.differences, done.unrecorded, done.too_large, done.unreadable) == ([], [], [], [])
    assert done.orders == sorted(orders)
    assert done.decisions + len(done.orders) == len(log)
    assert done.passes > 20
    assert broken_at(log) is None


def test_a_changed_threshold_shows_where_it_would_have_decided_otherwise(told: Rig) -> None:
    def stricter(project: Project) -> Project:
        gate = project.gates[0]
        assert isinstance(gate, EvaluationGate)
        metric = replace(gate.metrics[0], at_least=0.95)
        return replace(project, gates=(replace(gate, metrics=(metric,)),))

    done = again(told, stricter)
    lines = [line for each in done.differences for line in each.lines]

    assert not done.same
    assert any(
        line.then.startswith("gate passed: evaluation") and line.now.startswith("gate rejected: evaluation")
        for line in lines
    )
    assert any(line.then.startswith("rollout started") and line.now.startswith("attempt rejected") for line in lines)


def test_a_changed_rule_shows_and_what_it_would_have_to_ask_is_named(told: Rig) -> None:
    def impatient(project: Project) -> Project:
        return replace(project, policy=replace(project.policy, cooldown=timedelta()))

    lines = [line for each in again(told, impatient).differences for line in each.lines]
    held = [line for line in lines if "cool-down" in line.then]

    assert held
    assert all(line.now.startswith("(today's code asks for more: data.labelled (") for line in held)


def test_code_that_asks_for_more_is_told_so(told: Rig) -> None:
    def other(project: Project) -> Project:
        wider = tuple(replace(each, window=each.window * 2) for each in project.monitors)
        return replace(project, monitors=wider)

    lines = [line for each in again(told, other).differences for line in each.lines]

    assert any("today's code asks for more: data.measure (sensor" in line.now for line in lines)


class NothingIsCancelled:
    """Training as code would use it that forgot to cancel."""

    def __init__(self, training: Training) -> None:
        self._training = training

    def cancel(self, name: str) -> None:
        """Never asked for."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._training, name)


def test_an_effect_that_is_not_made_any_more_is_a_difference(rig: Rig) -> None:
    drifts(rig)
    rig.world.looks = 10_000
    rig.world.clock.advance(90 * DAY)
    for _ in range(60):
        reconcile(rig.context)
    assert rig.loop.attempt is not None
    job = rig.loop.attempt.job
    commands.abort(rig.context, "ada", "too dear")
    reconcile(rig.context)
    assert rig.story()[-1] == "attempt aborted"
    assert again(rig).same

    def forgetful(number: int, backends: Backends) -> Generation:
        training = cast("Training", NothingIsCancelled(backends.training))
        return replace(rig.context.generation(number), backends=replace(backends, training=training))

    ((line,),) = [each.lines for each in replay(rig.store, "rain", forgetful).differences]
    assert line.then.startswith("attempt aborted: ")
    assert line.now == f"(training.cancel ({job}) is not done)"


def test_what_went_wrong_outside_is_recorded_and_goes_wrong_again(rig: Rig) -> None:
    drifts(rig)
    better(rig)
    rig.world.trouble["evaluation"] = [OutsideError("throttled")] * 2
    rig.world.trouble["ensure_deployment"] = [RefusedError("no quota")]
    rig.until("attempt rolled back")

    assert again(rig).same
    kinds = {each.error for row in rig.store.decisions("rain") for each in asked(rig, row.sequence)}
    assert "RefusedError" in kinds


def asked(rig: Rig, sequence: int) -> Iterator[Any]:
    found = rig.store.inputs("rain", sequence)
    yield from found.asked if found else ()


def test_a_pass_without_decisions_records_nothing(rig: Rig) -> None:
    before = len(rows(rig))
    rig.days(3)
    said = {row.decision.inputs for row in rig.store.decisions("rain")}

    assert len(rows(rig)) == before == len(said)
    assert rig.loop.version > before


def rows(rig: Rig) -> list[Any]:
    with rig.store._engine.connect() as connection:
        return list(connection.exec_driver_sql("select digest from inputs").all())


class Forgetful:
    """A store whose evaluations were too large to keep."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def decisions(self, project: str, after: int = 0) -> tuple[Recorded, ...]:
        return self._rig.store.decisions(project, after)

    def inputs(self, project: str, sequence: int) -> Recording | None:
        found = self._rig.store.inputs(project, sequence)
        return found and replace(found, asked=tuple(_too_large(each) for each in found.asked))


def _too_large(answer: Answer) -> Answer:
    return replace(answer, answer=None, size=5_000_000) if answer.name == "training.evaluation" else answer


def test_decisions_whose_answers_were_too_large_are_named_and_not_guessed(told: Rig) -> None:
    done = replay(Forgetful(told), "rain", onto(told))

    assert len(done.too_large) == 3
    assert done.too_large[0].why.startswith("the answer of training.evaluation (rain-")
    assert done.too_large[0].why.endswith("was too large to keep: 5000000 characters")
    assert done.same
    counted = [number for each in done.too_large for number in each.decisions]
    assert done.decisions + len(done.orders) + len(counted) == len(told.store.decisions("rain"))


def test_an_answer_that_is_too_large_leaves_its_size_and_its_digest() -> None:
    rows = tuple(ScoredRow(key=str(at), label=1.0, candidate=0.123456789, champion=0.987654321) for at in range(60_000))
    evaluation = Asked(port="training", method="evaluation", arguments=("job-1",), answer=rows)
    state = Asked(port="training", method="state", arguments=("job-1",), answer=JobState(phase=JobPhase.RUNNING))
    store = in_memory()
    store.apply(applied(), Change(loop=LOOP))
    heard = Inputs(loop=LOOP, at=NOW, asked=(evaluation, state))
    store.save(Change(loop=replace(LOOP, version=1), decisions=(SAID,), inputs=heard))
    found = store.inputs("rain", 1)

    assert found is not None
    assert (found.loop, found.at) == (LOOP, NOW)
    large, small = found.asked
    assert (large.answer, large.size > stored.MOST, len(large.digest)) == (None, True, 64)
    assert (small.answer, small.size) == (JobState(phase=JobPhase.RUNNING), 0)
    assert large.about == "job-1"
    store.close()


def test_the_newest_so_many_and_from_there_on(told: Rig) -> None:
    count = len(told.store.decisions("rain"))
    few, rest = again(told, last=3), again(told, start=count - 4)

    assert 3 <= few.decisions + len(few.orders) <= 6  # a pass is decided again whole
    assert 5 <= rest.decisions + len(rest.orders) <= 8


def test_inputs_that_somebody_changed_are_not_believed(told: Rig) -> None:
    with told.store._engine.begin() as connection:
        connection.exec_driver_sql(
            "update inputs set body = (select body from inputs where version = 3) where version = 4"
        )
    done = again(told)

    assert len(done.unreadable) == 1
    assert "they were changed" in done.unreadable[0].why
    assert not done.same


def test_inputs_that_somebody_exchanged_whole_break_the_chain(told: Rig) -> None:
    with told.store._engine.begin() as connection:
        for column in ("body", "digest"):
            connection.exec_driver_sql(
                f"update inputs set {column} = (select {column} from inputs where version = 3) where version = 4"  # noqa: S608
            )

    assert broken_at(told.store.decisions("rain")) is not None


def test_rows_from_before_verify_as_they_did_and_are_counted(rig: Rig) -> None:
    row = rig.store.decisions("rain")[-1]
    old = replace(row.decision, inputs="")

    assert '"inputs"' not in canonical(old, 1, "")
    assert canonical(row.decision, 1, "") != canonical(old, 1, "")
    with rig.store._engine.begin() as connection:
        connection.exec_driver_sql("delete from inputs")
    done = again(rig)
    assert len(done.unrecorded) == len(rig.store.decisions("rain"))
    assert broken_at(rig.store.decisions("rain")) == 1  # what the rows name is gone


def test_every_answer_of_a_port_can_be_kept_and_read_again() -> None:
    for each in fields(Backends):
        port = get_type_hints(Backends)[each.name]
        protocol = next((one for one in get_args(port) if one is not type(None)), port)  # one may be missing
        for name in (name for name in vars(protocol) if not name.startswith("_")):
            assert stored.returned(each.name, name) is not None, f"{each.name}.{name} does not say what it answers"
