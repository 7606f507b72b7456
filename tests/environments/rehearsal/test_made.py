"""What a change that was really made is held against, and which changes are made where not all are."""

from __future__ import annotations

from typing import Any

import pytest

from environments.rehearsal.alternatives import Alternative
from environments.rehearsal.changed import named, summary
from environments.rehearsal.engine import Step
from environments.rehearsal.made import beside, refusal, sample, unlike
from tests.infra import touched
from tests.infra.stacks import SCENARIOS

_ROW = {"update": ["a (Vault)", "b (Registry)"]}
_ANEW = {"create": ["c (Subnet)"], "replace": ["a (Compute)"], "update": ["b (Registry)"]}


def _keys(rows: dict[str, Any], most: int) -> list[str]:
    return [each.key for each in sample([Alternative(key=key, config={}) for key in rows], rows, most)]


@pytest.mark.parametrize(
    ("found", "row", "told"),
    [
        (_ROW, _ROW, ""),
        ({}, {}, ""),
        ({"update": ["a (Vault)"]}, _ROW, "does not touch what it should: update b (Registry)"),
        ({}, _ROW, "does not touch what it should: update a (Vault), update b (Registry)"),
        (_ROW | {"delete": ["c (Key)"]}, _ROW, "touches what it should not: delete c (Key)"),
        ({"replace": ["a (Vault)"], "update": ["b (Registry)"]}, _ROW, "touches what it should not: replace a (Vault)"),
        (_ANEW, _ANEW, ""),
        ({"create": ["c (Subnet)"]}, _ANEW, ""),
        ({"replace": ["a (Compute)"]}, _ANEW, "does not touch what it should: create c (Subnet)"),
        ({"create": ["c (Key)"]}, {"create": ["c (Key)"], "delete": ["d"]}, "does not touch what it should: delete d"),
        ({}, {"replace": ["a (Compute)"]}, "does not touch what it should: replace a (Compute)"),
        ({"update": "everything"}, {"replace": "everything"}, ""),
    ],
)  # fmt: skip
def test_what_is_done_is_what_the_row_says(found: dict[str, Any], row: dict[str, Any], told: str) -> None:
    assert beside(found, row) == told


@pytest.mark.parametrize(
    ("errors", "to_be_made", "told"),
    [
        (
            "QuotaExceeded: too many",
            True,
            ("refused: QuotaExceeded: too many", "cannot be made: QuotaExceeded: too many"),
        ),
        ("maxNodes: at most 9", False, ("refused: maxNodes: at most 9", "")),
        ("ScopeLocked: x", True, ("refused by a lock that stands: ScopeLocked: x", "")),
        ("RequestDisallowedByPolicy: x", True, ("refused by a policy that stands: RequestDisallowedByPolicy: x", "")),
    ],
)
def test_only_the_stacks_own_guardrails_may_refuse_what_is_to_be_made(
    errors: str, told: tuple[str, str], *, to_be_made: bool
) -> None:
    assert refusal(errors, to_be_made=to_be_made) == told


def test_what_is_taken_back_is_what_was_touched() -> None:
    made = [Step(operation="create", type="t:T", name="a"), Step(operation="update", type="t:T", name="b")]
    back = [Step(operation="delete", type="t:T", name="a"), Step(operation="update", type="t:T", name="c")]

    assert unlike(made, [*back[:1], made[1]]) == ""
    assert unlike(made, back) == "is not taken back as it was made: b, c"


def test_few_changes_touch_many_kinds_in_many_ways() -> None:
    rows = {
        "update a vault": {"update": ["a (Vault)"]},
        "another": {"update": ["b (Vault)"]},
        "two kinds": {"create": ["c (Subnet)"], "update": ["a (Vault)"]},
        "refused": "refused: why",
        "another place": {"replace": "everything"},
        "aml-kit:location": {"replace": ["a (Vault)", "b (Workspace)"], "update": ["c (Subnet)"]},
        "nothing": {},
        "delete it": {"delete": ["a (Vault)"]},
    }

    assert _keys(rows, 9) == ["update a vault", "another", "two kinds", "delete it"]
    assert _keys(rows, 2) == ["two kinds", "delete it"]
    assert _keys(rows, 1) == ["two kinds"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_of_every_scenario_eight_changes_are_made(scenario: str) -> None:
    assert len(sample(touched.changes_of(scenario), touched.said(scenario), 8)) == 8


def test_of_settings_that_are_named_all_changes_are_asked_and_of_no_others() -> None:
    changes = [Alternative(key=f"aml-kit:{key}", config={}) for key in ("a", "a.b", "a +", "ab", "b")]

    assert [each.said for each in named(changes, ["a"])] == ["a", "a.b", "a +"]
    assert [each.said for each in named(changes, ["ab", "b"])] == ["ab", "b"]
    assert named(changes, []) == changes


def test_a_name_that_ends_in_a_digest_of_the_subscription_is_the_same_in_every_subscription() -> None:
    def step(digest: str) -> Step:
        zone = f"database-zone-psql-amlkit-private-{digest}.private.postgres.database.azure.com"
        return Step(operation="update", type="azure-native:privatedns:PrivateZone", name=zone)

    told = {"update": ["database-zone-psql-amlkit-private-*.private.postgres.database.azure.com (PrivateZone)"]}
    assert summary([step("f391d5")], 9) == summary([step("429adf")], 9) == told
    rule = Step(operation="create", type="azure-native:x:Rule", name="outbound-tag-azuremonitor-366879")
    assert summary([rule], 9) == {"create": ["outbound-tag-azuremonitor-366879 (Rule)"]}
