"""The log says why nothing happened: a trigger's answer is recorded when it changes, and only then."""

from collections import Counter
from pathlib import Path

import pytest

from mlops.domain.records.decision import Subject
from tests.mlops.flows.scenes import always
from tests.mlops.rig import DAY, PROJECT, Rig

NIGHTLY = PROJECT.replace("  triggers:\n", '  triggers:\n    - {name: night, when: {cron: "0 0 1 * *"}}\n')
PATIENT = PROJECT.replace("of: 3}}}", "of: 3}}, repeat: P100D}")


def rig(folder: Path, text: str = PROJECT) -> Rig:
    made = Rig(folder=folder, text=text)
    made.settle()
    made.world.default_accuracy = 0.7  # no candidate is better
    says(made, "accuracy", 0.7)
    return made


def says(made: Rig, monitor: str, value: float) -> None:
    made.world.readings[monitor] = always(value)


def answers(made: Rig, trigger: str = "drift") -> list[str]:
    """What the log says of one trigger, with the reason."""
    said = [each.decision for each in made.store.decisions("rain")]
    ours = [each for each in said if each.subject is Subject.TRIGGER and each.numbers["trigger"] == trigger]
    return [f"{each.what}: {each.why}" for each in ours]


def test_a_trigger_that_never_fired_says_once_what_it_waits_for(tmp_path: Path) -> None:
    made = rig(tmp_path)
    made.days(300)

    assert answers(made) == ["not yet: drift: drift not measured, > 0.25 (0 of 2 in 3 windows)"]


def test_fired_held_stays_and_gone_are_a_row_each(tmp_path: Path) -> None:
    made = rig(tmp_path)
    says(made, "drift", 0.5)
    made.days(200)
    says(made, "drift", 0.1)
    made.days(100)
    said = answers(made)

    assert [each.split(":")[0] for each in said] == ["not yet", "fired", "held", "stays", "gone"]
    assert "cool-down until" in said[2]
    assert (
        "still so after attempt 2 (rejected): it has no `repeat`, so it fires again only after it was gone" in said[3]
    )
    assert said[4] == "gone: drift: drift 0.1, > 0.25 (0 of 2 in 3 windows)"


def test_a_trigger_that_repeats_says_when(tmp_path: Path) -> None:
    made = rig(tmp_path, PATIENT)
    says(made, "drift", 0.5)
    made.until("trigger stays")
    ended = made.loop.last
    assert ended is not None

    assert answers(made)[-1].endswith(f"it fires again on {ended.ended + 100 * DAY:%Y-%m-%d %H:%M}")


def test_a_tick_that_fired_is_not_said_to_be_gone(tmp_path: Path) -> None:
    made = rig(tmp_path, NIGHTLY)
    made.days(100)

    said = [each.split(":")[0] for each in answers(made, "night")]
    assert said.count("fired") == 3
    assert "gone" not in said


@pytest.mark.parametrize("text", [PROJECT, NIGHTLY, PATIENT], ids=["plain", "cron", "repeat"])
def test_years_of_drift_do_not_flood_the_log(tmp_path: Path, text: str) -> None:
    made = rig(tmp_path, text)
    says(made, "drift", 0.5)
    made.days(500)
    counts = Counter(made.story())

    said = sum(counts[f"trigger {what}"] for what in ("not yet", "stays", "gone"))
    assert said <= 3 + 2 * made.loop.attempts
