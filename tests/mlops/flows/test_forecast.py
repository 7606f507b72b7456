"""`plan` and `status` say what the triggers wait for, what would happen next, and why."""

from pathlib import Path

import pytest

from mlops.flows import commands
from mlops.flows.forecast import forecast
from mlops.flows.reconcile import reconcile
from mlops.show import status
from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, PROJECT, Rig

MANY = """\
    - {name: rows, when: {any: [{labelledRows: 9000}, {dataAdded: {asset: collected, atLeast: 8000}}]}}
    - {name: both, when: {all: [{not: {every: P900D}}, {any: [{dataReady: labels}, {every: P2000D}]}]}}
    - {name: year, when: {cron: "0 3 1 1 *", timezone: Europe/Berlin}}
    - {name: up, when: {assetChanged: [code, "model:embedder"]}}
    - {name: us, when: {manual: {}}}
"""


def lines(rig: Rig) -> list[str]:
    return list(forecast(rig.project, rig.loop, rig.world.clock.moment))


def following(rig: Rig) -> str:
    return lines(rig)[-1]


def test_every_trigger_is_said_in_words_with_how_it_stands(tmp_path: Path) -> None:
    text = PROJECT.replace("  triggerPolicy", f"{MANY}  triggerPolicy")
    text = text.replace("cooldown: P60D", "cooldown: PT36H, debounce: PT1H, budget: {runs: 4, per: P7D}")
    rig = Rig(folder=tmp_path, text=text)
    rig.settle()
    rig.days(1)

    assert lines(rig) == [
        (
            "trigger drift: drift > 0.25 in 2 of 3 windows, until < 0.15; now: drift not measured, > 0.25 "
            "(0 of 2 in 3 windows)"
        ),
        (
            "trigger decay: accuracy < champion - 0.1, until >= champion - 0.05; now: accuracy not measured, "
            "< champion - 0.1"
        ),
        "trigger rows: 9000 new labelled rows or 8000 new rows; now: 6 of 9000 new labelled rows or 0 of 8000 new rows",
        (
            "trigger both: not every 900 days and (90% of the labels of 7 days have come or every 2000 days); now: "
            "not (last attempt began 1975-01-07) and (0% of the labels that are due have come, 90% needed or last "
            "attempt began 1975-01-07)"
        ),
        "trigger year: '0 3 1 1 *' in Europe/Berlin; now: tick 1975-01-01 02:00 of '0 3 1 1 *'",
        "trigger up: code or model:embedder changed; now: code, model:embedder as at the last attempt",
        "trigger us: a person asks and says why; now: a person has to ask: mlops trigger",
        (
            "policy: cool-down 1 day 12 hours, debounce 1 hour, coalesce while busy, 3 failures in a row "
            "hold for 90 days, at most 4 runs in 7 days"
        ),
        "next: nothing before a measurement, an event or a person; by time alone 1976-01-01 02:00",
    ]


def test_what_comes_next_follows_the_loop(rig: Rig) -> None:
    assert list(forecast(rig.project, None, rig.world.clock.moment))[-1] == (
        "next: the first training, since there is no champion yet"
    )
    assert following(rig) == "next: nothing before a measurement, an event or a person"
    rig.world.readings["drift"] = always(0.5)
    rig.until("trigger held")
    assert following(rig).startswith("next: drift waits: cool-down until 1975-")
    commands.trigger(rig.context, "ada", "now")
    assert following(rig) == "next: an attempt for manual"
    reconcile(rig.context)
    assert following(rig).startswith("next: attempt 2 goes on: preparing since 1975-")


def test_a_trigger_that_would_fire_at_the_next_pass_is_named(rig: Rig) -> None:
    rig.apply(PROJECT.replace("  triggers:\n", "  triggers:\n    - {name: month, when: {every: P20D}}\n"))

    assert following(rig) == "next: month fires: last attempt began 1975-01-06"


def test_status_shows_what_each_part_of_a_trigger_said_and_why_a_request_waits(rig: Rig) -> None:
    rig.world.readings["drift"] = always(0.5)
    rig.until("trigger held")
    shown = " ".join(status(rig.loop).split())

    assert "trigger drift fired 1975-" in shown
    assert "✓ drift 0.5, until < 0.15 (2 of 2 in 3 windows)" in shown
    assert "trigger decay not yet; ✗ accuracy 0.7" in shown or "trigger decay not yet; ✗ accuracy not measured" in shown
    assert "held by cool-down: cool-down until 1975-03-07 00:00" in shown


def test_a_year_without_time_triggers_waits_for_nothing_by_time(rig: Rig) -> None:
    rig.world.clock.advance(DAY)

    assert "by time alone" not in following(rig)


@pytest.mark.parametrize("days", [0, 3])
def test_looking_changes_nothing(rig: Rig, days: int) -> None:
    rig.world.clock.advance(days * DAY)
    before = rig.loop
    lines(rig)

    assert rig.loop == before
