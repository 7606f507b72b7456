"""From environment to environment: the same bytes with their record; each test fails when its control is gone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlops import show
from mlops.domain.loop import Change, Quarantine
from mlops.domain.rollouts.history import reigns
from mlops.domain.world import Window
from mlops.flows import commands, promote, replay, why
from mlops.flows import frozen as commands_frozen
from mlops.flows.apply import PlatformMismatchError, Wanted, plan
from mlops.flows.because import standing
from mlops.flows.commands import NotPossibleError
from mlops.flows.offered_record import record_of
from mlops.spec.read import parse_project
from tests.fakes.seams import Killed, Seams
from tests.mlops.flows.scenes import better
from tests.mlops.promotions import PROMOTION, Environments, said
from tests.mlops.rig import DAY, PROJECT, Rig


@pytest.fixture
def there(tmp_path: Path) -> Environments:
    """`dev` has a champion."""
    found = Environments(folder=tmp_path)
    assert found["dev"].loop.champion
    return found


def test_a_version_goes_through_all_environments_with_the_same_bytes(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    staging = there.arrives("staging")
    there.promote("staging", "prod", "grace")
    prod = there.arrives("prod")

    served = [there[name].loop.champion for name in ("dev", "staging", "prod")]
    assert len({each.model for each in served if each}) == 1
    assert [each.came.source if each and each.came else None for each in served] == [None, "dev", "staging"]
    assert there.shelf.copied == ["rain:1"]  # once, whatever the number of hops
    assert [plan.candidate for plan in prod.world.submitted] == [served[2].model if served[2] else None]
    assert "attempt evaluated" in staging.story()
    assert "attempt trained" not in staging.story()
    first, last = there.record("dev", "staging")["subject"], there.record("prod", "prod")["subject"]
    assert [(one["run"], one["data"], one["code"], one["author"]) for one in (first,)] == [
        (last["run"], last["data"], last["code"], last["author"])
    ]


def test_nothing_is_trained_where_models_come_from_elsewhere(there: Environments) -> None:
    staging = there.arrives("staging", 60)

    assert staging.world.submitted == []
    with pytest.raises(NotPossibleError, match="models of staging come from dev: train there"):
        commands.trigger(staging.context, "ada", "now")


def test_other_bytes_than_were_approved_are_refused_and_nothing_is_deployed(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    sound = there.shelf.models["rain:1"]
    there.shelf.models["rain:1"] = replace(sound, digest="0" * 64)

    staging = there.arrives("staging")

    assert said(staging, "promotion refused") == ["rain:1 has other bytes than were offered"]
    assert (staging.world.models, staging.world.created, staging.loop.champion) == ({}, [], None)
    assert staging.loop.failures == 0  # nobody here is to blame


def test_bytes_that_only_the_port_thinks_right_are_refused_too(there: Environments) -> None:
    """A registry that copies without looking is not believed."""
    staging = there["staging"]
    there.promote("dev", "staging", "ada")
    staging.world.taken = replace(there.shelf.models["rain:1"], digest="0" * 64)

    there.arrives("staging")

    (why,) = said(staging, "promotion refused")
    assert why == f"azureml:rain:1 has the bytes {'0' * 64}, and {there.shelf.models['rain:1'].digest} were approved"
    assert (staging.world.created, staging.loop.champion) == ([], None)


def test_no_environment_is_left_out(there: Environments) -> None:
    rig = there["dev"]
    with pytest.raises(NotPossibleError, match="from dev a version goes to staging, not to prod: dev -> staging"):
        promote.next_after(rig.project, "dev", "prod")
    with pytest.raises(NotPossibleError, match="nothing follows prod"):
        promote.next_after(rig.project, "prod", None)

    there.promote("dev", "prod", "ada")  # by a program that does not ask for the order
    prod = there.arrives("prod")

    assert said(prod, "promotion refused") == [
        "rain:1 from dev is not taken: dev may not offer to prod: models come from staging"
    ]


def test_whoever_claims_to_be_the_environment_before_must_have_got_it_from_the_one_before_that(
    tmp_path: Path,
) -> None:
    """A staging that trained by itself, its project file being another, offers to prod."""
    there = Environments(folder=tmp_path)
    alone = there.text.replace("[dev, staging, prod]", "[staging, prod]")
    other = Environments(folder=tmp_path, text=alone, clock=there.clock, shelf=there.shelf)
    other.promote("staging", "prod", "ada")

    prod = there.arrives("prod")

    assert said(prod, "promotion refused") == [
        "rain:1 from staging is not taken: rain:1 with these bytes never went from dev to staging"
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": "2"}, "is about rain:2"),
        ({"digest": "sha256:" + "0" * 64}, "is about rain:1 with the bytes 000"),
        ({"name": "snow"}, "is about snow:1"),
    ],
)
def test_a_record_about_another_version_or_other_bytes_does_not_count(
    there: Environments, changed: dict[str, str], why: str
) -> None:
    out = there.leaving("dev", "staging", "ada")
    found = json.loads(out.text)
    found["subject"]["model"] |= changed
    _offer(there, found, out)

    staging = there.arrives("staging", 5)

    assert [why in each for each in said(staging, "promotion refused")] == [True]
    assert staging.loop.attempts == 0


def test_an_approval_of_another_version_or_hash_does_not_count(there: Environments) -> None:
    """The word stands in the record of the version, yet was said of other bytes."""
    out = there.leaving("dev", "staging", "ada")
    found = json.loads(out.text)
    other = json.loads(out.text)
    other["subject"]["model"]["digest"] = "sha256:" + "1" * 64
    found["approvals"][0]["digest"] = record_of(other).subject
    _offer(there, found, out)

    staging = there.arrives("staging", 5)

    (why,) = said(staging, "promotion refused")
    assert "is not taken: 0 of 1 approvals of sha256:" in why
    assert staging.loop.attempts == 0


def test_words_added_after_the_offer_change_the_record_and_are_noticed(there: Environments) -> None:
    out = there.leaving("dev", "staging")
    found = there.record("dev", "staging", "ada")
    _put(there, out, json.dumps(found))

    staging = there.arrives("staging", 5)

    assert ["its record is another than was offered" in each for each in said(staging, "promotion refused")] == [True]


def test_without_its_approvals_a_version_does_not_leave(there: Environments) -> None:
    with pytest.raises(NotPossibleError, match="rain:1 may not leave for staging: 0 of 1 approvals of sha256:"):
        there.promote("dev", "staging")
    with pytest.raises(NotPossibleError, match="author asked for this version and cannot approve it"):
        there.record("dev", "staging", "author")

    assert (there.shelf.copied, there.shelf.offers) == ([], {})


def test_a_word_is_good_for_so_long_only(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    there.clock.advance(4 * DAY)

    staging = there.arrives("staging", 1)

    assert ["0 of 1 approvals" in each for each in said(staging, "promotion refused")] == [True]


def test_what_was_gone_back_from_does_not_leave(there: Environments) -> None:
    dev = _with_a_second(there)
    commands.roll_back(dev.context, "ada", "it is worse")
    dev.days(10)

    with pytest.raises(NotPossibleError, match="2 is no champion, nor a good one of before: 1 may be promoted"):
        there.attempt("dev", "2")
    assert there.attempt("dev").number == 1


def test_what_learned_from_data_that_is_quarantined_since_does_not_leave(there: Environments) -> None:
    dev = there["dev"]
    trained = there.attempt("dev").train
    bad = Window(start=trained.end - 10 * DAY, end=trained.end - 3 * DAY)
    quarantine = Quarantine(window=bad, monitor="sensor", value=0.5, open=False)
    loop = replace(dev.loop, quarantines=(quarantine,))

    with pytest.raises(NotPossibleError, match=r"was trained on .*, which is quarantined since"):
        promote.leaving(loop, dev.store.attempts("rain"), None)


def test_what_failed_here_is_not_taken_again(there: Environments) -> None:
    staging = there["staging"]
    digest = there.attempt("dev").candidate
    assert digest
    staging.store.save(Change(loop=replace(staging.loop, failed_digests=(digest.digest,))))
    there.promote("dev", "staging", "ada")

    there.arrives("staging", 5)

    assert said(staging, "promotion refused") == ["rain:1 from dev is not taken: these bytes failed in staging before"]


def test_a_version_in_the_registry_never_changes(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    sound = there.shelf.models["rain:1"]
    there.shelf.models["rain:1"] = replace(sound, digest="0" * 64)

    with pytest.raises(NotPossibleError, match="the registry has other bytes under rain:1"):
        there.promote("dev", "staging", "grace")


def test_promoting_twice_does_it_once_and_what_was_interrupted_goes_on(there: Environments) -> None:
    dev = there["dev"]
    out = there.leaving("dev", "staging", "ada")
    generation = dev.context.generation(1)
    registry = generation.backends.registry
    assert registry
    candidate = out.attempt.candidate
    assert candidate
    registry.publish(candidate)  # and the process dies

    assert [each.what for each in promote.promote(dev.context, generation, out, "ada")] == ["offered"]
    again = promote.about(generation, out.attempt, json.loads(out.text), there.clock.now())
    assert again.there == out.offer
    assert promote.promote(dev.context, generation, again, "ada") == ()
    assert (there.shelf.copied, list(there.shelf.offers)) == (["rain:1"], [out.offer.record])


class Dies(Seams):
    """Ends the process once, before or after that call."""

    def __init__(self, when: str, name: str) -> None:
        super().__init__()
        self._at = f"{when} {name}"

    def _moment(self, name: str) -> None:
        if name == self._at:
            self._at = ""
            raise Killed(name)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["registry.publish", "registry.offer", "registry.offers", "registry.take"])
def test_a_process_may_die_at_any_call_and_the_next_goes_on(tmp_path: Path, when: str, call: str) -> None:
    there = Environments(folder=tmp_path)
    leaves = call in {"registry.publish", "registry.offer"}
    who = there["dev" if leaves else "staging"]
    who.world.seams = Dies(when, call)

    with pytest.raises(Killed):
        _goes(there)
    if leaves:
        assert [each.what for each in there.promote("dev", "staging", "ada")] == ["offered"]
    staging = there.arrives("staging", 10)

    assert (there.shelf.copied, list(staging.world.models)) == (["rain:1"], ["rain:1"])
    assert (staging.loop.attempts, staging.loop.champion is not None) == (1, True)
    assert (len(said(there["dev"], "promotion offered")), len(said(staging, "promotion taken"))) == (1, 1)


def test_of_two_offers_the_one_that_came_last_is_taken_whatever_its_version_is_called(there: Environments) -> None:
    """Never the greatest name: `1` is offered after `2`."""
    _with_a_second(there)
    there.promote("dev", "staging", "ada")
    there.clock.advance(DAY / 24)
    there.promote("dev", "staging", "ada", version="1")

    staging = there.arrives("staging", 30)

    assert staging.loop.champion
    assert staging.loop.champion.model.version == "1"
    assert said(staging, "promotion refused") == ["rain:2 from dev is not taken: rain:1 was offered after it"]


def test_what_is_there_is_not_taken_twice(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    staging = there.arrives("staging")
    there.promote("dev", "staging", "grace")

    there.arrives("staging", 5)

    assert said(staging, "promotion refused") == ["rain:1 from dev is not taken: these bytes are in staging already"]
    assert staging.loop.attempts == 1


def test_a_candidate_that_is_worse_on_the_rows_of_its_environment_is_rejected(there: Environments) -> None:
    staging = there["staging"]
    staging.world.accuracy["1"] = 0.3
    there.promote("dev", "staging", "ada")

    there.arrives("staging")

    assert (staging.loop.champion, staging.world.created) == (None, [])
    assert ["evaluation" in each for each in said(staging, "gate rejected")] == [True]


def test_what_was_decided_of_offers_can_be_decided_again(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    staging = there.arrives("staging")

    done = replay.replay(
        staging.store, "rain", lambda at, backends: replace(staging.context.generation(at), backends=backends)
    )

    assert done.same, done.differences


def test_where_a_version_came_from_is_told(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    staging = there.arrives("staging")
    attempts, log = staging.store.attempts("rain"), staging.store.decisions("rain")

    assert [(each.model, each.came) for each in reigns(staging.loop, attempts, log)] == [("azureml:rain:1", "dev")]
    assert f"azureml:rain:1 since {staging.loop.champion.since:%Y-%m-%d}, from dev" in show.status(staging.loop)  # type: ignore[union-attr]
    stands = standing(
        staging.store, "rain", there.clock.now(), lambda at: (staging.context.generation(at).project, staging.platform)
    )
    told = [each.says for each in why.whole(stands)]
    digest = there.shelf.models["rain:1"].digest
    assert f"it came from dev with the bytes sha256:{digest}, approved by ada" in told
    assert any("because models come from dev: mlops promote there" in each for each in told)
    assert "does not fire here: models come from dev" in told
    (offered,) = said(there["dev"], "promotion offered")
    assert offered == "rain:1 to staging through shared, approved by ada"


def test_what_was_refused_stands_in_the_status(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    there.clock.advance(4 * DAY)

    assert "rain:1: 0 of 1 approvals" in show.status(there.arrives("staging", 1).loop)


def test_a_plan_says_where_models_come_from_and_who_else_is_in_the_order(there: Environments) -> None:
    staging = there["staging"]
    wanted = Wanted(project=staging.project, text="", path="project.yaml", platform=staging.platform, actor="ada")
    lines = plan(wanted, staging.store, there.clock.now())

    way = "dev -> staging -> prod through shared; models come here from dev, and are judged on the rows of staging"
    assert f"  promotion: {way}" in lines
    assert lines[-2:] == ("  triggers: none fires here, since models come from dev", "  next: what dev offers")
    elsewhere = replace(wanted, platform=replace(staging.platform, environment="test"))
    with pytest.raises(PlatformMismatchError, match=r"'test' is not in promotion.order \(dev -> staging -> prod\)"):
        plan(elsewhere, staging.store, there.clock.now())
    alone = parse_project(there.text.replace("{registry: shared}", "{}"), staging.folder / "project.yaml")
    nowhere = replace(wanted, project=alone)
    with pytest.raises(PlatformMismatchError, match="promotion needs a registry: name it"):
        plan(nowhere, staging.store, there.clock.now())


def test_while_all_is_frozen_nothing_leaves(there: Environments) -> None:
    commands_frozen.freeze(there["dev"].context, "grace", "the auditors are here")

    with pytest.raises(NotPossibleError, match="rain is frozen by grace: the auditors are here"):
        there.promote("dev", "staging", "ada")


def test_an_offer_that_is_withdrawn_while_it_waits_is_not_taken(there: Environments) -> None:
    staging = there["staging"]
    commands.pause(staging.context, "grace", "wait")
    there.promote("dev", "staging", "ada")
    waits = there.arrives("staging", 2).loop.pending
    assert waits
    there.shelf.offers.clear()
    there.arrives("staging", 2)
    commands.resume(staging.context, "grace", "go on")

    there.arrives("staging", 5)

    assert said(staging, "promotion withdrawn") == ["rain:1 is offered by dev no more"]
    assert (staging.loop.pending, staging.loop.attempts) == (None, 0)


def test_what_was_trained_elsewhere_is_no_run_of_this_budget(tmp_path: Path) -> None:
    text = PROJECT.replace("cooldown: P60D", "cooldown: P60D, budget: {runs: 1, per: P300D}") + PROMOTION
    there = Environments(folder=tmp_path, text=text)
    there.promote("dev", "staging", "ada")

    staging = there.arrives("staging", 10)

    assert (staging.loop.champion is not None, staging.loop.ledger) == (True, ())


def _goes(there: Environments) -> None:
    there.promote("dev", "staging", "ada")
    there.arrives("staging", 3)


def _with_a_second(there: Environments) -> Rig:
    """`dev`, once its second version serves."""
    dev = there["dev"]
    dev.decisions.clear()
    better(dev)
    dev.world.clock.advance(100 * DAY)
    commands.trigger(dev.context, "author", "better data")
    dev.until("champion promoted")
    return dev


def _offer(there: Environments, found: dict[str, object], out: promote.Leaving) -> None:
    """As a program does that checks nothing."""
    text = json.dumps(found)
    changed = replace(out, offer=replace(out.offer, record=record_of(found).digest))
    _put(there, changed, text)


def _put(there: Environments, out: promote.Leaving, text: str) -> None:
    registry = there["dev"].world.backends().registry
    assert registry
    assert out.attempt.candidate
    registry.publish(out.attempt.candidate)
    registry.offer(out.offer, text)
